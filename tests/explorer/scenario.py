"""What a schedule begins with, made from its number: exports, settings, and how the connector is disposed."""

import json
import random
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from shared.read_settings import read_settings
from shared.settings import Settings
from tests.support.world import ENVIRONMENT

_KINDS: Final = "ppppiabx"


@dataclass(frozen=True, slots=True)
class Scenario:
    """The beginning.

    Attributes:
        workers: how many.
        contents: the exports; a letter a record: `p` plain, `i` invalid, `a`, `b` rejected by some rules, `x` refused by
            some connectors.
        batch_records: of a request, at most.
        refuses_marked: how the connector takes records with an `x`: empty (it stores them), `207`, `413`.
        retry_seconds: how long a batch is retried within an invocation.
        max_invalid_percent: above it an export is rejected.
        rules: which records are rejected beside invalid ones, at the beginning.
        actions: what people may do, by their names.
        offsets: how far the workers' clocks are off, in seconds.
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

    @property
    def settings(self) -> Settings:
        """As the product reads them."""
        return settings_of(self.batch_records, self.max_invalid_percent, self.retry_seconds, sending=True)


@cache
def settings_of(
    batch_records: int, max_invalid_percent: int, retry_seconds: int, *, sending: bool
) -> Settings:
    """App settings.

    Args:
        batch_records: of a request, at most.
        max_invalid_percent: above it an export is rejected.
        retry_seconds: how long a batch is retried within an invocation.
        sending: whether requests are made.
    """
    settings = read_settings(
        ENVIRONMENT
        | {
            "BATCH_MAX_RECORDS": str(batch_records),
            "MAX_INVALID_PERCENT": str(max_invalid_percent),
            "CONNECTOR_SENDING": "on" if sending else "off",
        }
    )
    return replace(settings, retry_max_seconds=retry_seconds, invocation_seconds=600)


@cache
def scenario_of(number: int) -> Scenario:
    """The scenario with this number, always the same; the first ones are small and plain."""
    chance = random.Random(f"scenario {number}")
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
    )


def export_of(content: str, kinds: str) -> bytes:
    """The bytes of an export; its records are named after its content."""
    return b"[" + b",\n".join(record_of(content, number, kind) for number, kind in enumerate(kinds, 1)) + b"]"


def record_of(content: str, number: int, kind: str) -> bytes:
    """One record of it."""
    return json.dumps(
        {
            "UserId": f"person{number}@example.com",
            "AssetId": f"{content}-{number}",
            "AssetName": f"Door {kind}",
            "EventTime": "2026-11-21T08:00:00",
            "AccessStatus": "Granted" if kind == "i" else "Success",
        }
    ).encode()


_CHANGES: Final = ("again", "overwrite", "delete", "copy", "again", "settings", "off", "on")
_PEOPLE: Final = ("resend", "retry", "give-up", "resend", "asked-again", "overwrite", "again")
_RULES: Final = ("rules=", "rules=a", "rules=b", "rules=ab", "again", "settings", "retry")
_SWEEPS: Final = ("sweep", "sweep-again", "unannounced", "lose", "overwrite", "delete")
_LEASES: Final = ("break", "steal", "again", "again")
_PLAIN: Final = (
    Scenario(2, ("ppp",), 1, "", 10, 50, "", ("again",), (0.0, 0.0)),
    Scenario(2, ("ppip",), 2, "", 10, 50, "", ("again",), (0.0, 0.0)),
    Scenario(2, ("pxpa",), 2, "207", 10, 90, "a", ("again", "rules="), (0.0, 0.0)),
    Scenario(2, ("ppxp",), 2, "413", 10, 50, "", ("again",), (0.0, 0.0)),
)
"""For the systematic search: every message is shown to two workers."""
