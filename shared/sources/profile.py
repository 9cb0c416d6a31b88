"""A source's profile: how one kind of export of a badging system is read. `profile.toml` becomes one frozen object."""

import hashlib
import tomllib
from datetime import datetime
from typing import Any

from shared.sources.limits import MAX_PROFILE_BYTES
from shared.sources.problems import SourceUnusableError
from shared.sources.profile_check import doubts
from shared.sources.profile_model import (
    Ignore,
    Input,
    Lookup,
    Mapping,
    Outcome,
    Person,
    Policy,
    Profile,
    Time,
)
from shared.sources.profile_schema import broken_rules
from shared.sources.schedule import as_schedule, as_start
from shared.sources.values import FirstOf, Join, Value, as_value, words


def read_profile(data: bytes, *, now: datetime | None = None) -> Profile:
    """Read a profile.

    Args:
        data: the bytes of `profile.toml`.
        now: with it, a `not_before` in the future is a problem too.

    Raises:
        SourceUnusableError: with everything that is wrong with it, each naming table and key.
    """
    if len(data) > MAX_PROFILE_BYTES:
        raise SourceUnusableError([f"the profile: is larger than {MAX_PROFILE_BYTES // 1000} kB"])
    try:
        said = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise SourceUnusableError(["the profile: is not UTF-8; save it as UTF-8"]) from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SourceUnusableError([f"the profile: is no TOML: {error}"]) from None
    problems = broken_rules(said)
    problems += [problem for problem in doubts(said, now) if problem not in problems]
    if problems:
        raise SourceUnusableError(problems)
    return _profile(said, hashlib.sha256(data).hexdigest())


def _profile(said: dict[str, Any], sha256: str) -> Profile:
    schedule = said.get("schedule")
    mapped = said["input"]["format"] != "connector"
    zone = said["time"].get("zone") if mapped else None
    return Profile(
        name=said["name"],
        input=_input(said["input"]),
        mapping=_mapping(said) if mapped else None,
        policy=_policy(said.get("policy", {})),
        schedule=as_schedule(schedule, zone if isinstance(zone, str) else None) if schedule else None,
        sha256=sha256,
    )


def _input(said: dict[str, Any]) -> Input:
    lists = {"columns": tuple(said.get("columns", ())), "missing": words(said.get("missing", ()))}
    return Input(**said | lists)


def _policy(said: dict[str, Any]) -> Policy:
    start = {"not_before": as_start(said["not_before"])} if "not_before" in said else {}
    return Policy(**said | start)


def _mapping(said: dict[str, Any]) -> Mapping:
    asset, outcome = said["asset"], said["outcome"]
    return Mapping(
        time=_time(said["time"]),
        persons=tuple(map(_person, said["person"])),
        asset_id=as_value(asset["id"]),
        asset_name=as_value(asset["name"]) if "name" in asset else None,
        outcome=Outcome(
            value=as_value(outcome["from"]) if "from" in outcome else None,
            always=outcome.get("always"),
            lists={
                "success": tuple(outcome.get("success", ())),
                "failed": tuple(outcome.get("failed", ())),
                "ignore": tuple(outcome.get("ignore", ())),
            },
        ),
        ignores=tuple(map(_ignore, said.get("ignore", ()))),
    )


def _time(said: dict[str, Any]) -> Time:
    zone = said.get("zone")
    by_value = zone if isinstance(zone, dict) else {}
    return Time(
        value=as_value(said["from"]),
        format=said["format"],
        zone=zone if isinstance(zone, str) else None,
        zone_value=as_value(by_value["from"]) if by_value else None,
        zones=by_value.get("map", {}),
        ambiguous=said.get("ambiguous", "earlier"),
    )


def _person(said: dict[str, Any]) -> Person:
    value = as_value(said["from"])
    if "directory" not in said:
        return Person(value, None)
    key = said["key"]
    columns = (key,) if isinstance(key, str) else tuple(key)
    lookup = Lookup(
        said["directory"], columns, _between(value), said.get("upn", "UPN"), said.get("compare", "exact")
    )
    return Person(value, lookup)


def _between(value: Value) -> str:
    """What joins a value's parts, and so those of the keys that it is looked up among."""
    match value:
        case Join(_, between):
            return between
        case FirstOf(values):
            return next(filter(None, map(_between, values)), "")
        case _:
            return ""


def _ignore(said: dict[str, Any]) -> Ignore:
    value = as_value(said["from"])
    return Ignore(value, tuple(said.get("is", said.get("is_not", ()))), "is_not" in said)
