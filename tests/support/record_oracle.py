"""What becomes of a record, written anew from the rules that people read; it shares no code with the product.

No schema, no regular expressions, no `datetime`: plain loops over characters and plain arithmetic on days.
"""

import json
import unicodedata
from fractions import Fraction
from typing import Any, Final

DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
MAX_DEPTH: Final = 64
MAX_BYTES: Final = 1 << 20
DIGITS: Final = "0123456789"


class Inexact:
    """Stands for a number that neither a double nor a 64-bit integer can hold."""


def judged(text: str) -> dict[str, Any] | None:
    """The record as it must be sent, with its time in UTC; `None` if it must be set aside.

    Raises:
        ValueError: the text is no JSON object, or one beyond the limits.
    """
    text = text.strip(" \t\r\n")
    value, end = json.JSONDecoder(parse_float=_number, parse_int=_number, parse_constant=_no_word).raw_decode(
        text
    )
    if end != len(text) or not isinstance(value, dict):
        raise ValueError("not one object")
    if set(value) == {"record", "errors", "content"} and isinstance(value["content"], dict):
        value = value["content"]
    if _depth(text) > MAX_DEPTH or len(text.encode()) > MAX_BYTES:
        raise ValueError("beyond the limits")
    return value | {"EventTime": utc(value["EventTime"])} if _is_valid(value) else None


def canonical(value: Any) -> str:
    """A value as text, the same for the same JSON value however it was written."""
    return json.dumps(_plain(value), sort_keys=True)


def utc(text: str) -> str:
    """A time in UTC without a suffix; empty if there is no such time."""
    parts = _parts(text)
    if parts is None:
        return ""
    (year, month, day, hour, minute, second), fraction, shift = parts
    length = (
        DAYS[month - 1] + (month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0))
        if 1 <= month <= 12
        else 0
    )
    if not (1 <= day <= length and hour < 24 and minute < 60 and second < 60 and 2000 <= year <= 2099):
        return ""
    if shift is None:
        return text
    minute += hour * 60 - shift
    days, minute = divmod(minute, 1_440)
    year, month, day = _moved(year, month, day, days)
    if not 2000 <= year <= 2099:
        return ""
    return f"{year:04}-{month:02}-{day:02}T{minute // 60:02}:{minute % 60:02}:{second:02}{fraction}"


def _is_valid(value: dict[str, Any]) -> bool:
    return (
        (
            _is_address(value.get("UserId"))
            and _is_asset(value.get("AssetId"))
            and isinstance(value.get("AssetName", ""), str)
            and isinstance(value.get("EventTime"), str)
            and utc(value["EventTime"]) != ""
            and value.get("AccessStatus") in {"Success", "Failed"}
            and _is_whole(value)
        )
        if isinstance(value.get("AccessStatus"), str)
        else False
    )


def _is_address(text: Any) -> bool:
    if not isinstance(text, str) or len(text) > 320 or text.count("@") != 1:
        return False
    before, _, behind = text.partition("@")
    odd = any(
        one.isspace() or unicodedata.category(one) in {"Cc", "Cf", "Zs", "Zl", "Zp"} for one in set(text)
    )
    return bool(before and behind) and not odd


def _is_asset(text: Any) -> bool:
    if not isinstance(text, str) or not text:
        return False
    return not any(one.isspace() or one == "\ufeff" for one in (text[0], text[-1]))


def _parts(text: str) -> tuple[list[int], str, int | None] | None:
    """Six numbers, the fraction as it stands, and the offset in minutes; `None` if the form is another one."""
    form = "dddd-dd-ddTdd:dd:dd"
    if len(text) < len(form) or any(
        (c not in DIGITS) if f == "d" else c != f for c, f in zip(text, form, strict=False)
    ):
        return None
    numbers = [int(text[start:end]) for start, end in ((0, 4), (5, 7), (8, 10), (11, 13), (14, 16), (17, 19))]
    rest, fraction = text[len(form) :], ""
    if rest.startswith("."):
        length = 1
        while length < len(rest) and rest[length] in DIGITS:
            length += 1
        fraction, rest = rest[:length], rest[length:]
        if not 2 <= len(fraction) <= 8:
            return None
    if len(rest) <= 1:
        return (numbers, fraction, None if rest == "" else 0) if rest in {"", "Z"} else None
    if (
        len(rest) != 6
        or rest[0] not in "+-"
        or rest[3] != ":"
        or any(one not in DIGITS for one in rest[1:3] + rest[4:])
    ):
        return None
    hours, minutes = int(rest[1:3]), int(rest[4:])
    shift = (hours * 60 + minutes) * (1 if rest[0] == "+" else -1)
    return (numbers, fraction, shift) if hours < 24 and minutes < 60 else None


def _moved(year: int, month: int, day: int, days: int) -> tuple[int, int, int]:
    """A day so many days later or earlier, at most one."""
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    day += days
    if day > DAYS[month - 1] + (month == 2 and leap):
        month, day = month + 1, 1
    elif day < 1:
        month -= 1
        day = (DAYS[month - 1] + (month == 2 and leap)) if month else 31
    if month > 12:
        return year + 1, 1, day
    return (year, month, day) if month else (year - 1, 12, day)


def _number(text: str) -> Any:
    """The number, if a 64-bit integer or a double gives it back."""
    whole = not any(one in text for one in ".eE")
    if whole and len(text) <= 20 and -(2**63) <= int(text) < 2**64:
        return int(text)
    mantissa, _, exponent = text.lower().partition("e")
    if not mantissa.strip("-0."):
        return 0.0
    if len(exponent.lstrip("+-0")) > 3 or abs(int(exponent or 0)) > 400 or len(mantissa) > 800:
        return Inexact()
    exact, value = Fraction(text), float(text)
    if value in {float("inf"), float("-inf")}:
        return Inexact()
    return (
        value if exact in {Fraction(repr(value)), Fraction(f"{value:.17g}"), Fraction(value)} else Inexact()
    )


def _no_word(word: str) -> Any:
    raise ValueError(word)


def _is_whole(value: Any) -> bool:
    """Whether no inexact number and no half of a character stands in a value, at any depth."""
    if isinstance(value, dict):
        return all(_is_whole(name) and _is_whole(inner) for name, inner in value.items())
    if isinstance(value, list):
        return all(map(_is_whole, value))
    if isinstance(value, str):
        return value.isascii() or not any("\ud800" <= one <= "\udfff" for one in set(value))
    return not isinstance(value, Inexact)


def _depth(text: str) -> int:
    """How many brackets are open at once; also in a member that a later one of the same name replaces."""
    open_brackets = deepest = 0
    inside = escaped = False
    for one in text if text.count("[") + text.count("{") > MAX_DEPTH else "":
        if inside:
            inside, escaped = escaped or one != '"', one == "\\" and not escaped
        elif one == '"':
            inside = True
        else:
            open_brackets += (one in "[{") - (one in "]}")
            deepest = max(deepest, open_brackets)
    return deepest


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    beyond = isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**64
    return float(value) if beyond else value
