"""What a schedule begins with, made from its number: exports, settings, and how the connector is disposed."""

import json
import random
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from shared.read_settings import read_settings
from shared.settings import Settings
from tests.explorer.schedule import EVENTS, PARALLEL, PASSES, SOURCES
from tests.explorer.sources import key_of
from tests.support.world import ENVIRONMENT

_KINDS: Final = "ppppiabx"
_KINDS_OF_EVENTS: Final = "pppppriabx"
_KINDS_OF_SOURCES: Final = "ppiaabbxr"
_FILE_RECORDS: Final = (1, 2, 4, 50_000)
_FOLD_AFTER: Final = (1, 2, 3, 100)


@dataclass(frozen=True, slots=True)
class Scenario:
    """The beginning.

    Attributes:
        workers: how many.
        contents: the exports; a letter a record: `p` plain, `i` invalid, `a`, `b` rejected by some rules, `x` refused by
            some connectors, `r` the event of the record before.
        batch_records: of a request, at most.
        refuses_marked: how the connector takes records with an `x`: empty (it stores them), `207`, `413`.
        retry_seconds: how long a batch is retried within an invocation.
        max_invalid_percent: above it an export is rejected.
        rules: which records are rejected beside invalid ones, at the beginning.
        actions: what people may do, by their names.
        offsets: how far the workers' clocks are off, in seconds.
        shared: whether exports hold the same events.
        parallel: how many requests are on their way at the same time.
        source: whether they belong to a source; `rules` and `a`, `b` are then about its people file.
        holds_exports: whether an export is read once an attempt, as small ones are.
        file_records: of batches whose events share an open file, at most.
        fold_after: so many batches what was accepted is folded.
    """

    workers: int
    contents: tuple[str, ...]
    batch_records: int
    refuses_marked: str
    retry_seconds: int
    max_invalid_percent: int
    rules: str
    actions: tuple[str, ...]
    offsets: tuple[float, ...]
    shared: bool = False
    parallel: int = 1
    source: bool = False
    holds_exports: bool = False
    file_records: int = 50_000
    fold_after: int = 100

    @property
    def settings(self) -> Settings:
        """As the product reads them."""
        settings = settings_of(self.batch_records, self.max_invalid_percent, self.retry_seconds, sending=True)
        return replace(settings, connector_parallel_requests=self.parallel)


@cache
def settings_of(
    batch_records: int, max_invalid_percent: int, retry_seconds: int, *, sending: bool, repeat_days: int = 35
) -> Settings:
    """App settings.

    Args:
        batch_records: of a request, at most.
        max_invalid_percent: above it an export is rejected.
        retry_seconds: how long a batch is retried within an invocation.
        sending: whether requests are made.
        repeat_days: how long an event that was sent is not sent again.
    """
    settings = read_settings(
        ENVIRONMENT
        | {
            "BATCH_MAX_RECORDS": str(batch_records),
            "MAX_INVALID_PERCENT": str(max_invalid_percent),
            "CONNECTOR_SENDING": "on" if sending else "off",
            "REPEAT_DAYS": str(repeat_days),
        }
    )
    return replace(settings, retry_max_seconds=retry_seconds, invocation_seconds=600)


@cache
def scenario_of(number: int) -> Scenario:
    """The scenario with this number, always the same; the first ones are small and plain."""
    chance = random.Random(f"scenario {number}")
    if number >= PASSES:
        return _with_passes(chance)
    if number >= SOURCES:
        return _with_source(number - SOURCES, chance)
    if number >= PARALLEL:
        return _with_several_requests(scenario_of(number - PARALLEL), chance)
    if number >= EVENTS:
        return _with_events(number - EVENTS, chance)
    if number < len(_PLAIN):
        return _PLAIN[number]
    exports = chance.choice((1, 1, 1, 2))
    contents = tuple("p" + "".join(chance.choices(_KINDS, k=chance.randrange(2, 7))) for _ in range(exports))
    theme = chance.choice(
        (_CHANGES, _PEOPLE, _RULES, _SWEEPS, _LEASES, _CHANGES + _PEOPLE + _RULES + _SWEEPS + _LEASES)
    )
    return Scenario(
        workers=chance.choice((2, 2, 3)),
        contents=contents,
        batch_records=chance.choice((1, 2, 2, 3)),
        refuses_marked=chance.choice(("", "207", "413")),
        retry_seconds=chance.choice((0, 10, 300)),
        max_invalid_percent=chance.choice((50, 50, 90, 20)),
        rules=chance.choice(("", "", "a", "ab")),
        actions=theme,
        offsets=tuple(chance.choice((0.0, 0.0, -20.0, 20.0)) for _ in range(3)),
        file_records=chance.choice(_FILE_RECORDS),
        fold_after=chance.choice(_FOLD_AFTER),
    )


def _with_several_requests(scenario: Scenario, chance: random.Random) -> Scenario:
    """A scenario with more requests, of which some are on their way at the same time."""
    longer = chance.randrange(5)
    return replace(
        scenario,
        contents=tuple(kinds + "p" * longer for kinds in scenario.contents),
        batch_records=min(scenario.batch_records, chance.choice((1, 1, 2))),
        parallel=chance.choice((2, 3, 4, 4)),
        holds_exports=chance.random() < 0.5,
        file_records=chance.choice(_FILE_RECORDS),
        fold_after=chance.choice(_FOLD_AFTER),
    )


def _with_events(number: int, chance: random.Random) -> Scenario:
    """Exports that overlap; the first ones are small and plain, for the systematic search."""
    if number < len(_PLAIN_EVENTS):
        return _PLAIN_EVENTS[number]
    kinds = _KINDS_OF_EVENTS if chance.random() < 0.7 else "pppr"
    exports = chance.choice((2, 2, 3, 4))
    actions = (_OVERLAPS, _OVERLAPS, _OVERLAPS + _PEOPLE, _OVERLAPS + _RULES, _OVERLAPS + _SWEEPS, _INDEX)
    return Scenario(
        workers=chance.choice((2, 2, 3)),
        contents=tuple(
            "p" + "".join(chance.choices(kinds, k=chance.randrange(1, 5))) for _ in range(exports)
        ),
        batch_records=chance.choice((1, 2, 2, 3)),
        refuses_marked=chance.choice(("", "207", "413")),
        retry_seconds=chance.choice((0, 10, 300)),
        max_invalid_percent=chance.choice((50, 90, 90)),
        rules=chance.choice(("", "", "a", "ab")),
        actions=chance.choice(actions),
        offsets=tuple(chance.choice((0.0, 0.0, -20.0, 20.0)) for _ in range(3)),
        shared=True,
        holds_exports=chance.random() < 0.5,
        file_records=chance.choice(_FILE_RECORDS),
        fold_after=chance.choice(_FOLD_AFTER),
    )


def _with_source(number: int, chance: random.Random) -> Scenario:
    """Exports of a source whose people file and profile change; the first ones are small and plain."""
    if number < len(_PLAIN_SOURCES):
        return _PLAIN_SOURCES[number]
    actions = (_MAPPINGS, _MAPPINGS, _MAPPINGS + _OVERLAPS, _MAPPINGS + _PEOPLE, _MAPPINGS + _SWEEPS)
    return Scenario(
        workers=chance.choice((2, 2, 3)),
        contents=tuple(
            "p" + "".join(chance.choices(_KINDS_OF_SOURCES, k=chance.randrange(1, 6)))
            for _ in range(chance.choice((1, 1, 2)))
        ),
        batch_records=chance.choice((1, 2, 2, 3)),
        refuses_marked=chance.choice(("", "207", "413")),
        retry_seconds=chance.choice((0, 10, 300)),
        max_invalid_percent=chance.choice((50, 90, 90)),
        rules=chance.choice(("a", "b", "ab", "ab")),
        actions=chance.choice(actions),
        offsets=tuple(chance.choice((0.0, 0.0, -20.0, 20.0)) for _ in range(3)),
        shared=chance.random() < 0.7,
        source=True,
        holds_exports=chance.random() < 0.5,
        file_records=chance.choice(_FILE_RECORDS),
        fold_after=chance.choice(_FOLD_AFTER),
    )


def _with_passes(chance: random.Random) -> Scenario:
    """Of each half of the rejected records another people file knows the persons."""
    return Scenario(
        workers=2,
        contents=(f"p{''.join(chance.choices('aab', k=chance.randrange(2, 5)))}b",),
        batch_records=1,
        refuses_marked="",
        retry_seconds=chance.choice((0, 10)),
        max_invalid_percent=90,
        rules="ab",
        actions=("people=a", "people=b", "remap"),
        offsets=(0.0, 0.0, 0.0),
        shared=True,
        source=True,
    )


def content_name(number: int, shift: int) -> str:
    """Names a content; `shift` says by how many its events lie later than those of the first."""
    return f"c{number}.{shift}"


def events_in(content: str, kinds: str, *, shared: bool) -> list[str]:
    """The event of each record of a content.

    Args:
        content: its name.
        kinds: a letter a record.
        shared: whether other contents hold the same events.
    """
    events: list[str] = []
    for number, kind in enumerate(kinds, 1):
        own = f"e{number + int(content.partition('.')[2])}" if shared else f"{content}-{number}"
        events.append(events[-1] if kind == "r" and events else own)
    return events


def export_of(content: str, kinds: str, *, shared: bool, source: bool = False) -> bytes:
    """The bytes of an export; its records are named after its content.

    Args:
        content: its name.
        kinds: a letter a record.
        shared: whether other contents hold the same events.
        source: whether it is one of a source.
    """
    events = events_in(content, kinds, shared=shared)
    records = (
        _record(f"{content}-{number}", kind, event, source=source)
        for number, (kind, event) in enumerate(zip(kinds, events, strict=True), 1)
    )
    return b"[" + b",\n".join(records) + b"]"


def event_record(event: str) -> bytes:
    """A record of an event, as it is sent.

    Args:
        event: its name.
    """
    return _record("", "p", event, source=False)


def _record(name: str, kind: str, event: str, *, source: bool) -> bytes:
    """A record; its event is the same wherever it stands, its name is its own."""
    day = 20 + int(event.rpartition("e")[2]) % 3 if event.startswith("e") else 21
    return json.dumps(
        {
            **({"Key": key_of(kind)} if source else {"UserId": "person@example.com"}),
            "AssetId": event,
            "AssetName": f"Door {kind} {name}",
            "EventTime": f"2026-11-{day}T08:00:00",
            "AccessStatus": "Granted" if kind == "i" else "Success",
        }
    ).encode()


_CHANGES: Final = ("again", "overwrite", "delete", "copy", "again", "settings", "off", "on")
_PEOPLE: Final = ("resend", "retry", "give-up", "resend", "asked-again", "overwrite", "again")
_RULES: Final = ("rules=", "rules=a", "rules=b", "rules=ab", "again", "settings", "retry")
_SWEEPS: Final = ("sweep", "sweep-again", "unannounced", "lose", "overwrite", "delete")
_LEASES: Final = ("break", "steal", "again", "again")
_OVERLAPS: Final = (
    "overlap",
    "correct",
    "overlap",
    "correct",
    "copy",
    "again",
    "overwrite",
    "sweep",
    "settings",
)
_INDEX: Final = (
    "overlap",
    "correct",
    "lose-run",
    "damage-run",
    "damage-open",
    "repeat-days",
    "sweep",
    "again",
)
_MAPPINGS: Final = (
    "people=",
    "people=",
    "people=a",
    "people=b",
    "people=ab",
    "profile",
    "remap",
    "remap",
    "retry-remap",
    "sweep",
    "again",
    "copy",
)
_PLAIN: Final = (
    Scenario(2, ("ppp",), 1, "", 10, 50, "", ("again",), (0.0, 0.0)),
    Scenario(2, ("ppip",), 2, "", 10, 50, "", ("again",), (0.0, 0.0)),
    Scenario(2, ("pxpa",), 2, "207", 10, 90, "a", ("again", "rules="), (0.0, 0.0)),
    Scenario(2, ("ppxp",), 2, "413", 10, 50, "", ("again",), (0.0, 0.0)),
)
"""For the systematic search: every message is shown to two workers."""
_PLAIN_EVENTS: Final = (
    Scenario(2, ("ppp", "ppp"), 1, "", 10, 50, "", ("again",), (0.0, 0.0), shared=True),
    Scenario(2, ("ppip", "pppp"), 2, "", 10, 50, "", ("correct",), (0.0, 0.0), shared=True),
    Scenario(2, ("pprp", "pp"), 3, "413", 10, 50, "", ("sweep",), (0.0, 0.0), shared=True),
)
"""Likewise, with events that stand in several exports."""
_PLAIN_SOURCES: Final = (
    Scenario(2, ("paap",), 1, "", 10, 90, "a", ("people=", "remap"), (0.0, 0.0), source=True),
    Scenario(
        2,
        ("pabp", "pap"),
        2,
        "413",
        10,
        90,
        "ab",
        ("people=a", "sweep"),
        (0.0, 0.0),
        shared=True,
        source=True,
    ),
)
"""Likewise, of a source whose people file is completed."""
