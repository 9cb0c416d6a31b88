"""Made-up badge records that look like a working day in a building; the same seed makes the same records."""

import json
import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final

_FIRST: Final = (
    "ada",
    "ben",
    "chloe",
    "dara",
    "emil",
    "fatima",
    "george",
    "hana",
    "ivan",
    "jo",
    "karim",
    "lena",
)
_LAST: Final = (
    "almeida",
    "berg",
    "chen",
    "dubois",
    "eriksen",
    "fischer",
    "garcia",
    "haddad",
    "ito",
    "jones",
    "kumar",
)
_DOORS: Final = (
    ("HQ-GATE-01", "Main gate"),
    ("HQ-LOBBY-02", "Lobby turnstile"),
    ("HQ-F2-EAST", "Second floor, east"),
    ("HQ-F3-LAB", "Laboratory"),
    ("HQ-SRV-01", "Server room"),
    ("HQ-PARK-03", "Car park"),
)
_REFUSED_SHARE: Final = 0.03
_PEOPLE_NUMBERS: Final = 40

type Record = dict[str, Any]


def records(count: int, bad_percent: float, seed: int, day: datetime) -> Iterator[Record]:
    """Records of one day, in the order of their times.

    Args:
        count: how many.
        bad_percent: which share of them breaks a rule, 0 to 100; their number is exact, rounded.
        seed: of the random choices.
        day: midnight, in UTC.
    """
    chance = random.Random(seed)  # noqa: S311  (made-up data guards nothing)
    bad = set(chance.sample(range(count), round(count * bad_percent / 100)))
    for number in range(count):
        record = _record(chance, day + timedelta(seconds=_second(number, count)))
        yield chance.choice(_MISTAKES)(record) if number in bad else record


def as_array(made: Iterator[Record]) -> Iterator[bytes]:
    """One array, a record a line; empty if there are none."""
    separator = b"[\n"
    for record in made:
        yield separator + _encoded(record)
        separator = b",\n"
    yield b"[]\n" if separator == b"[\n" else b"\n]\n"


def as_lines(made: Iterator[Record]) -> Iterator[bytes]:
    """One record a line."""
    for record in made:
        yield _encoded(record) + b"\n"


def _encoded(record: Record) -> bytes:
    return json.dumps(record, ensure_ascii=False).encode()


def _second(number: int, count: int) -> int:
    """From six in the morning to eight in the evening, evenly."""
    return 6 * 3_600 + number * 14 * 3_600 // max(count, 1)


def _record(chance: random.Random, moment: datetime) -> Record:
    door = chance.choice(_DOORS)
    person = f"{chance.choice(_FIRST)}.{chance.choice(_LAST)}{chance.randrange(_PEOPLE_NUMBERS) or ''}"
    return {
        "UserId": f"{person}@example.com",
        "AssetId": door[0],
        "AssetName": door[1],
        "EventTime": moment.strftime("%Y-%m-%dT%H:%M:%S"),
        "AccessStatus": "Failed" if chance.random() < _REFUSED_SHARE else "Success",
    }


def _without(name: str) -> Callable[[Record], Record]:
    return lambda record: {key: value for key, value in record.items() if key != name}


def _local_time(record: Record) -> Record:
    moment = datetime.fromisoformat(record["EventTime"])
    return record | {"EventTime": moment.strftime("%d.%m.%Y %H:%M")}


_MISTAKES: Final[tuple[Callable[[Record], Record], ...]] = (
    lambda record: record | {"AccessStatus": "Access Granted"},
    lambda record: record | {"UserId": record["UserId"].partition("@")[0]},
    lambda record: record | {"AssetId": f"{record['AssetId']}  "},
    _without("UserId"),
    _local_time,
)
"""What badging systems really get wrong: their own words, badge names, padded columns, gaps, local formats."""
