"""A plain reference of the mapping: a table held in lists, every step as the contract says it, nothing remembered.

It reads the profile's TOML by itself and shares no code with the product.
"""

import fnmatch
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

type Row = dict[str, str]


def cell(row: Row, value: Any, missing: set[str]) -> str:
    """The text of a value: a name, a list of names, or a join."""
    if isinstance(value, list):
        return next(filter(None, (cell(row, one, missing) for one in value)), "")
    if isinstance(value, dict):
        parts = [cell(row, one, missing) for one in value["join"]]
        text = value["with"].join(parts) if all(parts) else ""
    else:
        text = row.get(value, "")
    text = text.strip(" \t\r\n\0")
    return "" if text.lower() in missing else text


def fits(text: str, words: list[str]) -> list[int]:
    """How good each fitting word is: exact words beat all patterns, longer patterns shorter ones."""
    found = [word for word in words if fnmatch.fnmatchcase(text.lower(), word.lower().replace("[", "[[]"))]
    return [len(word) - word.count("*") + (0 if "*" in word else 1_000) for word in found]


def meaning(text: str, outcome: dict[str, Any]) -> str:
    """The list that a word belongs to."""
    best = {
        name: max(fits(text, outcome.get(name, [])), default=-1) for name in ("success", "failed", "ignore")
    }
    top = [name for name, score in best.items() if score == max(best.values()) and score >= 0]
    return top[0] if len(top) == 1 and text else ""


def in_utc(text: str, said: dict[str, Any]) -> str:
    """The time, or the code of what is wrong with it."""
    whole, dot, fraction = text.partition(".")
    try:
        local = datetime.strptime(whole, said["format"])
    except ValueError:
        return "time-unreadable"
    if local.strftime(said["format"]) != whole or (dot and not (fraction.isascii() and fraction.isdigit())):
        return "time-unreadable"
    zone = ZoneInfo(said["zone"])
    found = {local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    real = sorted(one for one in found if one.astimezone(zone).replace(tzinfo=None) == local)
    return real[0].strftime("%Y-%m-%dT%H:%M:%S") if real else "time-does-not-exist"


def mapped(rows: list[Row], profile: dict[str, Any], people: list[Row]) -> Iterator[str | dict[str, str]]:
    """For each row its record, or what becomes of it."""
    missing = {""} | {word.lower() for word in profile["input"].get("missing", [])}
    seen: set[tuple[str, ...]] = set()
    for row in rows:
        if any(
            (fits(cell(row, one["from"], missing), one["is"]) if cell(row, one["from"], missing) else [])
            for one in profile.get("ignore", [])
        ):
            yield "rule"
            continue
        yield _settled(row, profile, people, missing, seen)


def _settled(  # noqa: C901, PLR0911  (a step is an `if`, as the contract has them)
    row: Row, profile: dict[str, Any], people: list[Row], missing: set[str], seen: set[tuple[str, ...]]
) -> str | dict[str, str]:
    keys = [(cell(row, person["from"], missing), person) for person in profile["person"]]
    if not any(key for key, _ in keys):
        return "no-person"
    status = meaning(cell(row, profile["outcome"]["from"], missing), profile["outcome"])
    if status in {"", "ignore"}:
        return "outcome" if status else "outcome-unknown"
    upn = None
    for key, person in keys:
        plain = (
            (lambda text: text.lstrip("0") or "0")
            if person.get("compare") == "number" and key.isdigit()
            else str
        )
        upns = {
            one["UPN"] for one in people if one[person["key"]] and plain(one[person["key"]]) == plain(key)
        }
        if key and upns:
            upn = upns.pop()
            break
    if upn is None:
        return "person-unknown"
    if not upn:
        return "person-without-account"
    time = in_utc(cell(row, profile["time"]["from"], missing), profile["time"])
    if not time.startswith("20"):
        return time
    door = cell(row, profile["asset"]["id"], missing)
    if not door:
        return "asset-missing"
    record = {"UserId": upn, "AssetId": door}
    if name := cell(row, profile["asset"]["name"], missing):
        record["AssetName"] = name
    record |= {"EventTime": time, "AccessStatus": "Success" if status == "success" else "Failed"}
    event = (upn.lower(), door, time, record["AccessStatus"])
    if event in seen:
        return "repeated"
    seen.add(event)
    return record
