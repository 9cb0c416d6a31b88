"""Two ways to map a badging system's export: this product's, and the script that a competent engineer would write."""

import csv
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from benchmarks.sources_made import CSV_PROFILE, JSON_PROFILE
from shared.exports.batches import Limits, cut
from shared.exports.items import RecordRun
from shared.exports.unpacking import Unpacked
from shared.sources.profile import read_profile
from shared.sources.reader import SourceReader
from shared.sources.source import Source, make_source

_CHUNK: Final = 1 << 20
_BATCH: Final = 5_000
_STATUS: Final = {"Access Granted": "Success", "Access Denied": "Failed", "Invalid Access Level": "Failed"}


def our_source(people: Path, *, tables: bool) -> Source:
    """Profile and people file, loaded once a version."""
    return make_source(
        "bench", read_profile(CSV_PROFILE if tables else JSON_PROFILE), {"people.csv": people.read_bytes()}
    )


def ours(export: Path, source: Source) -> int:
    """The records that come out, in request bodies."""
    reader = SourceReader(Unpacked(_chunks(export), 1 << 40), source, export.name)
    record_runs = (item for item in reader if isinstance(item, RecordRun))
    return sum(body.batch.records for body in cut(record_runs, Limits(_BATCH, 10_000_000)))


def script_people(people: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Dicts by employee number and by badge."""
    with people.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return {row["EMPID"]: row["UPN"] for row in rows}, {row["BADGE"].lstrip("0"): row["UPN"] for row in rows}


def script_csv(export: Path, known: tuple[dict[str, str], dict[str, str]]) -> int:
    """The table by csv.DictReader."""
    zone = ZoneInfo("America/Chicago")
    by_number, by_badge = known

    def records() -> Iterator[dict[str, str]]:
        with export.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.DictReader(file):
                status = _STATUS.get(row["EVDESCR"].strip())
                upn = by_number.get(row["EMPID"].strip()) or by_badge.get(row["CARDNUM"].strip().lstrip("0"))
                if not status or not upn:
                    continue
                local = datetime.strptime(row["EVENT_LOCAL_TIME"].split(".")[0], "%Y-%m-%d %H:%M:%S")
                yield _record(upn, row["READERDESC"], local.replace(tzinfo=zone), status)

    return _bodies(records())


def script_json(export: Path, known: tuple[dict[str, str], dict[str, str]]) -> int:
    """The events, one a line."""
    by_number, _ = known

    def records() -> Iterator[dict[str, str]]:
        with export.open(encoding="utf-8-sig") as file:
            for line in file:
                event = json.loads(line)
                group, word = event["group"]["id"], event["type"]["name"]
                if group not in {"18", "23"}:
                    continue
                status = "Failed" if group == "18" else _STATUS.get(word)
                upn = by_number.get(event.get("cardholder", {}).get("id", ""))
                if not status or not upn:
                    continue
                yield _record(upn, event["source"]["id"], datetime.fromisoformat(event["time"]), status)

    return _bodies(records())


def _record(upn: str, door: str, moment: datetime, status: str) -> dict[str, str]:
    shown = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return {"UserId": upn, "AssetId": door, "AssetName": door, "EventTime": shown, "AccessStatus": status}


def _bodies(records: Iterator[dict[str, str]]) -> int:
    """What the script would post: each event once, 5,000 a request."""
    seen: set[tuple[str, ...]] = set()
    sent, batch = 0, list[dict[str, str]]()
    for record in records:
        event = (record["UserId"].lower(), record["AssetId"], record["EventTime"], record["AccessStatus"])
        if event in seen:
            continue
        seen.add(event)
        batch.append(record)
        sent += 1
        if len(batch) == _BATCH:
            json.dumps(batch).encode()
            batch.clear()
    json.dumps(batch).encode()
    return sent


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


SCRIPTS: Final[dict[str, Callable[..., int]]] = {"csv": script_csv, "json": script_json}
