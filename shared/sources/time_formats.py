"""Time formats: a strptime pattern becomes a regular expression that takes exactly what it says.

Python's own strptime takes more: one digit for two, any white space for a blank, digits of other scripts. Here digits have
their full width unless the pattern has a dash (`%-d`), and only ASCII counts. A fraction of a second is always cut.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

_MONTHS: Final = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_DAYS: Final = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_OFFSET: Final = "Z|[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9]"
_ONE_OR_TWO: Final = {
    "d": "3[01]|[12][0-9]|0?[1-9]",
    "m": "1[0-2]|0?[1-9]",
    "H": "2[0-3]|[01]?[0-9]",
    "I": "1[0-2]|0?[1-9]",
}
_PARTS: Final = {
    "Y": "[0-9]{4}",
    "y": "[0-9]{2}",
    "m": "0[1-9]|1[0-2]",
    "d": "0[1-9]|[12][0-9]|3[01]",
    "j": "[0-9]{3}",
    "H": "[01][0-9]|2[0-3]",
    "I": "0[1-9]|1[0-2]",
    "M": "[0-5][0-9]",
    "S": "[0-5][0-9]",
    "f": "[0-9]{1,9}",
    "p": "(?i:am|pm)",
    "b": f"(?i:{'|'.join(name[:3] for name in _MONTHS)})",
    "B": f"(?i:{'|'.join(_MONTHS)})",
    "a": f"(?i:{'|'.join(name[:3] for name in _DAYS)})",
    "A": f"(?i:{'|'.join(_DAYS)})",
    "z": _OFFSET,
} | {f"-{letter}": pattern for letter, pattern in _ONE_OR_TWO.items()}
_WIDTHS: Final = {
    "Y": 4,
    "y": 2,
    "m": 2,
    "d": 2,
    "j": 3,
    "H": 2,
    "I": 2,
    "M": 2,
    "S": 2,
    "p": 2,
    "b": 3,
    "a": 3,
}
_TOKEN: Final = re.compile(r"%(-?[A-Za-z%])|([^%]+)|(%)", re.DOTALL)
_FRACTION: Final = r"(?:\.(?P<f>[0-9]+))?"
_ISO: Final = re.compile(
    r"(?P<Y>[0-9]{4})-(?P<m>0[1-9]|1[0-2])-(?P<d>0[1-9]|[12][0-9]|3[01])[T ]"
    r"(?P<H>[01][0-9]|2[0-3]):(?P<M>[0-5][0-9]):(?P<S>[0-5][0-9])(?:\.(?P<f>[0-9]{1,7}))?"
    r"(?P<z>Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])?"
)
_PIVOT: Final = 69  # of years with two digits: 69 to 99 are 1969 to 1999, as Python has it


class FormatError(ValueError):
    """A pattern that no time can be read by; the text says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Written:
    """A time as it was written.

    Attributes:
        local: to the second, without a zone.
        offset: from UTC, if the text has one.
        head: the text before its seconds; `None` where it has none.
        tail: the text behind its seconds and their fraction.
    """

    local: datetime
    offset: timedelta | None
    head: str | None
    tail: str


@dataclass(frozen=True, slots=True)
class TimeFormat:
    """How a time is written.

    Attributes:
        expression: matches a whole time.
        seconds_at: how many characters stand before the seconds; `None` if that differs from time to time.
        seconds_from_end: how many stand behind them when there is no fraction; `None` likewise.
    """

    expression: re.Pattern[str]
    seconds_at: int | None
    seconds_from_end: int | None

    def parse(self, text: str) -> Written | None:
        """What a text says; `None` if it is not written so, or is no real date."""
        match = self.expression.fullmatch(text)
        if not match:
            return None
        parts = match.groupdict()
        try:
            local = _local(parts)
        except ValueError:
            return None
        if parts.get("S") is None:
            return Written(local, _offset(parts.get("z")), None, "")
        start, end = match.span("S")
        behind = match.end("f") if parts.get("f") else end
        return Written(local, _offset(parts.get("z")), text[:start], text[behind:])


ISO: Final = TimeFormat(_ISO, 17, None)


def strptime_format(pattern: str) -> TimeFormat:
    """Compile a strptime pattern.

    Raises:
        FormatError: if it has a part that is not supported, or lacks one without which there is no time.
    """
    tokens = list(_tokens(pattern))
    parts = [part for part, _ in tokens if part]
    problem = _problem(parts)
    if problem:
        raise FormatError(problem)
    pieces = [f"(?P<{part[-1]}>{_PARTS[part]})" if part else re.escape(text) for part, text in tokens]
    at = parts_at = next((index for index, (part, _) in enumerate(tokens) if part == "S"), None)
    if parts_at is not None and "f" not in parts:
        pieces[parts_at] += _FRACTION
    expression = re.compile("".join(pieces), re.ASCII)
    if at is None:
        return TimeFormat(expression, None, None)
    return TimeFormat(expression, _width(tokens[:at]), _width(tokens[at + 1 :]))


def _tokens(pattern: str) -> Iterator[tuple[str, str]]:
    """Parts (`Y`, `-d`) and the plain texts between them, one of the two empty."""
    for match in _TOKEN.finditer(pattern):
        part, text, stray = match.groups()
        if stray:
            raise FormatError("ends in a lone %")
        if part == "%":
            yield "", "%"
        elif part and part not in _PARTS:
            known = " ".join(f"%{name}" for name in _PARTS)
            raise FormatError(f"has %{part}, which is not supported; there are {known}")
        else:
            yield part or "", text or ""


def _problem(parts: list[str]) -> str:
    """What makes a pattern useless, or nothing."""
    plain = [part[-1] for part in parts]
    has = set(plain)
    if len(has) < len(plain):
        return "has the same part twice"
    if not (has & {"Y", "y"}) or not ("j" in has or ("d" in has and has & {"m", "b", "B"})):
        return "must have a year, a month and a day, such as %Y-%m-%d"
    if "M" not in has or not has & {"H", "I"}:
        return "must have hours and minutes, such as %H:%M"
    if "I" in has and "p" not in has and "H" not in has:
        return "has %I (hours to 12) without %p (AM or PM)"
    return ""


def _width(tokens: list[tuple[str, str]]) -> int | None:
    """How many characters these tokens always take; `None` if that differs."""
    widths = [_WIDTHS.get(part) if part else len(text) for part, text in tokens]
    return None if None in widths else sum(width for width in widths if width is not None)


def _local(parts: dict[str, str | None]) -> datetime:
    """The date and time of a match.

    Raises:
        ValueError: there is no such date.
    """
    year = int(parts.get("Y") or 0)
    if two_digits := parts.get("y"):
        year = int(two_digits) + (1900 if int(two_digits) >= _PIVOT else 2000)
    if days := parts.get("j"):
        day = date(year, 1, 1) + timedelta(days=int(days) - 1)
        if day.year != year:
            raise ValueError("no such day of the year")
    else:
        day = date(year, _month(parts), int(parts["d"] or 0))
    seconds = int(parts.get("S") or 0)
    return datetime(day.year, day.month, day.day, _hour(parts), int(parts["M"] or 0), seconds)  # noqa: DTZ001  (the zone comes later)


def _month(parts: dict[str, str | None]) -> int:
    if number := parts.get("m"):
        return int(number)
    name = (parts.get("b") or parts.get("B") or "")[:3].lower()
    return 1 + next(index for index, month in enumerate(_MONTHS) if month.startswith(name))


def _hour(parts: dict[str, str | None]) -> int:
    if hour := parts.get("H"):
        return int(hour)
    return int(parts["I"] or 0) % 12 + (12 if (parts["p"] or "").lower() == "pm" else 0)


def _offset(text: str | None) -> timedelta | None:
    if text is None:
        return None
    if text == "Z":
        return timedelta()
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return -offset if text[0] == "-" else offset
