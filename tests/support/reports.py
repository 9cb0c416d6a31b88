"""A results container after some weeks of ordinary life, for the report."""

import random
from datetime import datetime, timedelta
from typing import Any

import msgspec

from shared.blob_names import outcome_path
from shared.clock import Clock, utc_text
from shared.delivery import outcome as outcomes
from shared.delivery import outcome_texts
from shared.delivery.event_days import DayRecords, Events
from shared.delivery.outcome import Error, Export, ExportVersion, Outcome, Reason, Records, Rejections
from shared.delivery.outcome_metadata import metadata
from shared.delivery.source_store import SourceStore
from shared.error_codes import ERROR_CODES, Status
from tests.support.fake_storage import FakeContainer

HOSTILE_NAME = "<script>alert(1)</script>\"' onload=x&amp;.json"
_NOT_AN_ADDRESS = Reason(
    property="UserId",
    code="not-an-address",
    reason="must be a UPN or e-mail address: text with one @, without spaces, at most 320 characters",
    records=0,
)
_NOT_ALLOWED = Reason(
    property="AccessStatus", code="not-allowed", reason="must be Success or Failed", records=0
)
_NO_TIME = Reason(
    property="EventTime",
    code="not-a-time",
    reason="must be a date and time like 2026-11-22T05:00:00, years 2000 to 2099, with Z or an offset like +01:00 "
    "where it is not UTC",
    records=0,
)


def no_sources(clock: Clock) -> SourceStore:
    """Sources of a deployment that has none."""
    return SourceStore(
        FakeContainer("gatepost-sources", clock), FakeContainer("gatepost-state", clock), clock
    )


def written(
    results: FakeContainer, name: str, status: Status, finished: datetime | None, **parts: Any
) -> Outcome:
    """Write one outcome as Gatepost does, and give it."""
    code = parts.pop("code", "")
    etag = f"0x{len(results.names()) + 1:08X}"
    known_code = ERROR_CODES[code] if code else None
    outcome = Outcome(
        status=status,
        retry=known_code.retry if known_code else None,
        export=Export(container="badging-exports", name=name, etag=etag),
        error=Error(code=code, message=parts.pop("message", "It did not come through."), help=known_code.help)
        if known_code
        else None,
        job_id="33333333-3333-3333-3333-333333333333",
        invocation_id="00000000-0000-0000-0000-000000000000",
        version="2.0.0",
        started_at=utc_text(finished or datetime.fromtimestamp(0).astimezone()),
        finished_at=utc_text(finished) if finished else None,
        **parts,
    )
    outcome = outcomes.decode(outcomes.encode(outcome))
    known = outcomes.encode(_with_summary(outcome))
    results.put(outcome_path(name, etag), known, metadata=metadata(outcome))
    return _with_summary(outcome)


def _with_summary(outcome: Outcome) -> Outcome:
    return msgspec.structs.replace(outcome, summary=outcome_texts.summary(outcome))


def rejections(**counts: int) -> Rejections:
    """Reasons with so many records each: `users`, `statuses`, `times`."""
    known = {"users": _NOT_AN_ADDRESS, "statuses": _NOT_ALLOWED, "times": _NO_TIME}
    return Rejections(
        by_reason=[
            msgspec.structs.replace(known[name], records=count) for name, count in counts.items() if count
        ]
    )


def ordinary_weeks(results: FakeContainer, now: datetime, *, days: int = 40) -> None:
    """One export a building in the night after each working day, now and then something that goes wrong."""
    chance = random.Random(7)
    for back in range(days, -1, -1):
        day = (now - timedelta(days=back)).replace(hour=5, minute=0, second=0)
        if day.weekday() in {6, 0} or back in {9, 10}:
            continue
        for building, size in (("munich", 9_000), ("lisbon", 4_200), ("hq-oslo", 14_000)):
            finished = day + timedelta(minutes=chance.randrange(2, 40), seconds=chance.randrange(60))
            name = f"{building}/{day:%Y-%m-%d}-lenel.json"
            read = int(size * chance.uniform(0.8, 1.2))
            if finished < now:
                _ordinary(results, name, finished, read, chance)
    _troubles(results, now)


def _ordinary(
    results: FakeContainer, name: str, finished: datetime, read: int, chance: random.Random
) -> None:
    bad = int(read * chance.uniform(0.001, 0.04)) if chance.random() < 0.22 else 0
    events = Events(by_day={f"{finished - timedelta(days=1):%Y-%m-%d}": DayRecords(sent=read - bad)})
    if bad:
        users = int(bad * chance.uniform(0.5, 0.9))
        records = Records(read=read, sent=read - bad, rejected=bad)
        why = rejections(users=users, statuses=bad - users)
        written(
            results,
            name,
            Status.PARTIALLY_SUCCEEDED,
            finished,
            records=records,
            events=events,
            rejections=why,
        )
    else:
        written(
            results, name, Status.SUCCEEDED, finished, events=events, records=Records(read=read, sent=read)
        )


def _troubles(results: FakeContainer, now: datetime) -> None:
    hour = timedelta(hours=1)
    written(
        results, "2026/11/19/oslo-gallagher.csv", Status.REJECTED, now - 5 * 24 * hour, code="not-an-export",
        message="The file's name does not end in .json, .jsonl or .ndjson.",
    )  # fmt: skip
    records = Records(read=3_812, rejected=3_640, unsent=172)
    written(
        results, "2026/11/17/lisbon-ccure.jsonl", Status.REJECTED, now - 7 * 24 * hour, code="too-many-invalid",
        message="3,640 of 3,812 records are invalid.", records=records, rejections=rejections(times=3_640, statuses=212),
    )  # fmt: skip
    written(
        results, "2026/11/23/munich-lenel (1).json", Status.DUPLICATE, now - 26 * hour,
        records=Records(read=9_120, unsent=9_120),
        duplicate_of=ExportVersion(name="2026/11/23/munich-lenel.json", etag="0x00000051"),
    )  # fmt: skip
    written(
        results, "2026/11/24/cafeteria.json", Status.BLOCKED, now - 3 * hour, code="job-mismatch",
        message="The connector says that the job and the app do not match (HTTP 403).",
        records=Records(read=640, unsent=640),
    )  # fmt: skip
    written(
        results, "2026/11/24/warehouse.jsonl.gz", Status.FAILED, now - hour, code="connector-unavailable",
        message="The connector answers 503.", records=Records(read=12_000, sent=5_000, unsent=7_000),
        next_attempt_at=utc_text(now + hour),
    )  # fmt: skip
    written(results, "2026/11/24/" + "a-rather-long-name-" * 9 + ".json", Status.IN_PROGRESS, None)
    written(results, HOSTILE_NAME, Status.SUCCEEDED, now - 2 * hour, records=Records(read=3, sent=3))
