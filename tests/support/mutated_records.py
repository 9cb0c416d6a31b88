"""Records as a badging system writes them, and small changes to them: to a character, an escape, a value, a member."""

import json
import random
from collections.abc import Iterator
from typing import Any, Final

from tests.support.exports import record

VALUES: Final[dict[str, list[str]]] = {
    "UserId": [
        '"a@b"', '"@"', '"a@"', '"@b"', '"a@@b"', '"a@b@c"', '"a b@c"', '"ann@example.com\\u0000"', '"ann@exa\\u200bmple.com"',
        '"Zoë@example.com"', '"東京@example.com"', '"\\u00e9@example.com"', '"a@' + "b" * 318 + '"', '"a@' + "b" * 319 + '"',
        '"ann@example.com "', '"ann\u00a0@example.com"', '"\ufeffann@example.com"', '"🚪@example.com"', '"a\\/b@example.com"',
    ],
    "AssetId": [
        '""', '" "', '"a "', '" a"', '"a\\t"', '"\\u3000a"', '"a\\u2028"', '"a\ufeff"', '"a b"', '"東京"', '"a\\"b"', '"a\\\\"', '"\\u0001"',
        '"🚪"', '"a\u2009"', '"\u0085a"', '"\\u001ca"',
    ],
    "AssetName": ['""', '"\\ud83d\\ude00"', '"\\ud83d"', '"\\ude00"', '"x\\ny"', '"},{"', '"\\":\\""', '"EventTime"', '"' + "é" * 3_000 + '"'],
    "AccessStatus": ['"success"', '"SUCCESS"', '"Granted"', '"Failed "', '"Succes\\u0073"', '"\\u0046ailed"', '"Failed\\u0000"'],
    "Extra": [
        "0", "-0", "1e5", "1E+400", "1e-400", "123456789012345", "1234567890123456789", "18446744073709551615", "18446744073709551616",
        "18446744073709551617", "0.1", "1.10", "0.1234567", "52.520000000000003", "0.12345678901234567890", "0e99999", "-1.5e-7",
        '{"EventTime": "x"}', '{"a": [1, {"b": null}]}', "[]", "[1, 2]", '{"\\ud800": 1}', '{"": ""}', "[" * 62 + "]" * 62, "[" * 64 + "]" * 64,
    ],
}  # fmt: skip
ANY_VALUE: Final[list[str]] = ["null", "true", "1", "{}", "[]", '"x"', '"2026-11-21T08:00:00"']
CHARACTERS: Final[list[str]] = [
    *map(chr, range(0x20, 0x7F)), *'"\\{}[]:,@TZ.+-0129', "\t", "\n", "\r", "\0", "\x1f", "\x7f", "\x80", "\x85", "\xa0", "\xad", "ÿ", "\u05ff",
    "\u0600", "\u0605", "\u061c", "\u06dd", "\u070f", "\u0890", "\u08e2", "\u1680", "\u180e", "\u2000", "\u200b", "\u200f", "\u2028", "\u202e",
    "\u2060", "\u2065", "\u2069", "\u3000", "\u3040", "\ucfff", "\ud7ff", "\ufeff", "\ufff9", "\uffff", "\U000110bd", "\U000110be", "\U00013430",
    "\U0001bca0", "\U0001d173", "\U000e0001", "\U000e0020", "\U0010ffff",
]  # fmt: skip
ESCAPES: Final[list[str]] = [
    r"\u0041", r"\n", r"\/", r"\"", r"\\", r"\ud83d\ude00", r"\ud83d", r"\udc00", r"\u00e9", r"\u0000", r"\u0020", r"\u200b", r"\uD7FF",
    r"\u12", r"\x", r"\u202e", r"\b", r"\u0040",
]  # fmt: skip


def template(chance: random.Random) -> list[tuple[str, str]]:
    """The members of a record as some system writes them, each name and value as JSON text."""
    zone = chance.choice(["", "", "Z", "+01:00", "-05:30"])
    fraction = chance.choice(["", ".5", ".1234567"])
    one: dict[str, Any] = record(
        7,
        EventTime=f"2026-11-21T08:00:00{fraction}{zone}",
        AssetName=chance.choice(["Tür 1", "Door", "東京"]),
    )
    if chance.random() < 0.5:
        one |= {"Extra": chance.choice([3, 0.25, None, True, "x", {"a": 1}]), "More": "y"}
    members = [(json.dumps(name), json.dumps(value, ensure_ascii=False)) for name, value in one.items()]
    if chance.random() < 0.3:
        chance.shuffle(members)
    return members


def time_text(chance: random.Random) -> str:
    """A time, often at some edge."""
    year = chance.choice(["1999", "2000", "2024", "2023", "2026", "2099", "2100", "20a6"])
    month, day = (
        chance.choice(["00", "01", "02", "04", "12", "13"]),
        chance.choice(["00", "01", "28", "29", "30", "31", "32"]),
    )
    clock = ":".join(
        (
            chance.choice(["00", "08", "23", "24"]),
            chance.choice(["00", "59", "60"]),
            chance.choice(["00", "59", "60"]),
        )
    )
    fraction = chance.choice(["", "", ".0", ".1234567", ".12345678", ".", ",5"])
    zone = chance.choice(
        [
            "",
            "",
            "Z",
            "z",
            "+00:00",
            "-00:01",
            "+05:30",
            "+23:59",
            "-23:59",
            "+24:00",
            "+01:60",
            "+0100",
            "+01",
            " ",
        ]
    )
    return f'"{year}-{month}-{day}{chance.choice("TTTTTTt ")}{clock}{fraction}{zone}"'


def mutated(members: list[tuple[str, str]], separators: tuple[str, str], chance: random.Random) -> str:
    """A record's text with one or two small changes."""
    for _ in range(chance.choice([0, 1, 1, 2])):
        members = _changed_members(members, chance)
    text = joined(members, separators)
    return _changed_text(text, chance) if chance.random() < 0.6 else text


def joined(members: list[tuple[str, str]], separators: tuple[str, str]) -> str:
    """A record's text."""
    comma, colon = separators
    return "{" + comma.join(f"{name}{colon}{value}" for name, value in members) + "}"


def _changed_members(members: list[tuple[str, str]], chance: random.Random) -> list[tuple[str, str]]:
    at = chance.randrange(len(members))
    name, value = members[at]
    match chance.randrange(8):
        case 0:
            return [*members[:at], *members[at + 1 :]] if len(members) > 1 else members
        case 1:
            return [*members, (name, _value(name, value, chance))]
        case 2:
            return [
                *members[:at],
                (chance.choice([name.lower(), '"Extra"', '"\\u0055serId"', '""', '"content"']), value),
                *members[at + 1 :],
            ]
        case _:
            return [*members[:at], (name, _value(name, value, chance)), *members[at + 1 :]]


def _value(name: str, value: str, chance: random.Random) -> str:
    if chance.random() < 0.15:
        return chance.choice(ANY_VALUE)
    if name == '"EventTime"':
        return time_text(chance)
    if value.startswith('"') and chance.random() < 0.4:
        at = chance.randrange(1, len(value))
        return value[:at] + chance.choice([*ESCAPES, chance.choice(CHARACTERS)]) + value[at:]
    return chance.choice(VALUES.get(name.strip('"'), VALUES["Extra"]))


def _changed_text(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text))
    match chance.randrange(5):
        case 0:
            return text[:at] + chance.choice(CHARACTERS) + text[at + 1 :]
        case 1:
            return text[:at] + chance.choice(CHARACTERS) + text[at:]
        case 2:
            return text[:at] + text[at + chance.randrange(1, 4) :]
        case 3:
            return text[:at] + chance.choice([" ", "\t", "\r\n", "  "]) + text[at:]
        case _:
            return text[:at] + chance.choice(ESCAPES) + text[at + 1 :]


def export_of(chance: random.Random, records: int) -> Iterator[tuple[str, bool]]:
    """Texts of records that one system may have written, the first ones good; whether each was changed."""
    members = template(chance)
    separators = chance.choice([(",", ":"), (", ", ": "), (",\n  ", ": "), (" ,\t", " : ")])
    for number in range(records):
        changed = number > 3 and chance.random() < 0.75
        yield (mutated(members, separators, chance) if changed else joined(members, separators)), changed
