"""Every strptime pattern that one text may be written in.

Its digits and words are given the parts of a time in all ways that make sense.
"""

import re
from collections.abc import Iterator
from typing import Final

from shared.sources.time_formats import ISO, FormatError, strptime_format

_MOST_CHARACTERS: Final = 48
_FEWEST_DIGITS: Final = 6
_PIECE: Final = re.compile(r"([0-9]+)|([A-Za-z]+)|([^0-9A-Za-z]+)")
_OFFSET: Final = re.compile(r"(?<=[0-9])( ?)(?:Z|[+-][0-9]{2}:?[0-9]{2})")
_FRACTION: Final = re.compile(r"(?:(?<=[:.][0-9]{2}[:.][0-9]{2})|(?<=[0-9]{6}))\.[0-9]+(?= |$|Z|[+-])")
_BY_LENGTH: Final[dict[int, tuple[tuple[str, ...], ...]]] = {
    1: (("-d",), ("-m",), ("-H",), ("-I",)),
    2: (("y",), ("-d",), ("-m",), ("-H",), ("-I",), ("M",), ("S",)),
    4: (("Y",), ("H", "M")),
    6: (("H", "M", "S"), ("y", "m", "d"), ("d", "m", "y"), ("m", "d", "y")),
    8: (("Y", "m", "d"), ("d", "m", "Y"), ("m", "d", "Y")),
    12: (("Y", "m", "d", "H", "M"), ("y", "m", "d", "H", "M", "S")),
    14: (("Y", "m", "d", "H", "M", "S"),),
}
_MONTHS: Final = frozenset(
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
)
_WEEKDAYS: Final = frozenset(["mon", "tue", "wed", "thu", "fri", "sat", "sun"])
_SHORT: Final = 3
_KINDS: Final = {"I": "H", "b": "m", "B": "m", "A": "a"}
_RUNS: Final = re.compile(r"a?(?P<date>[Yymd]*)a?(?P<clock>[HMS]*f?p?)z?(?:(?<=[HMSfp])(?P<late>a?[Yymd]*))?")
_CLOCK: Final = "HMSf"
_MONTH_FIRST: Final = re.compile(r"(?<![Yy]\.)%-m\.%-d\.")  # with dots the day always comes first
_ORDERS: Final = ("Ymd", "dmY", "mdY", "ymd", "dmy", "mdy")

type _Pieces = list[tuple[str, str]]
"""Parts of a time (`-d`) or plain texts (empty part) in the order of a text."""


def formats_of(text: str) -> list[str]:
    """The patterns that read a text, hours and days with one digit or two; `iso` stands alone where it does."""
    if len(text) > _MOST_CHARACTERS or sum(map(str.isdigit, text)) < _FEWEST_DIGITS:
        return []
    if "T" in text and ISO.parse(text):
        return ["iso"]
    found: list[str] = []
    for shape in _without_offset(text):
        for pieces in _filled(_PIECE.findall(shape), []):
            pattern = "".join(f"%{part}" if part else plain.replace("%", "%%") for part, plain in pieces)
            if pattern not in found and not _MONTH_FIRST.search(pattern) and _reads(pattern, text):
                found.append(pattern)
    return found


def _reads(pattern: str, text: str) -> bool:
    try:
        return strptime_format(pattern).parse(text) is not None
    except FormatError:
        return False


def _without_offset(text: str) -> Iterator[str]:
    """The text with and without a fraction, which every pattern passes over, and with and without an offset."""
    for plain in dict.fromkeys((_FRACTION.sub("", text), text)):
        match = _OFFSET.search(plain)
        while match:
            if match.end() == len(plain):
                yield plain[: match.start()] + match[1] + "\0"
            match = _OFFSET.search(plain, match.end())
        yield plain


def _filled(tokens: list[tuple[str, str, str]], done: _Pieces) -> Iterator[_Pieces]:
    """All ways to give the rest of a text's digits and words their parts."""
    if not tokens:
        yield done
        return
    (digits, letters, between), *rest = tokens
    if between:
        choices: list[_Pieces] = [_plain(between)]
    elif digits and done[-2:] == [("S", ""), ("", ",")]:
        choices = [[("f", "")]]
    elif digits:
        choices = [[(part, "") for part in parts] for parts in _BY_LENGTH.get(len(digits), ())]
    else:
        choices = [[piece] for piece in _word(letters)]
    for choice in choices:
        if _makes_sense(done + choice):
            yield from _filled(rest, done + choice)


def _plain(between: str) -> _Pieces:
    """What stands between digits and words; the sign for an offset is one."""
    text, sign, _ = between.partition("\0")
    return [*([("", text)] if text else []), *([("z", "")] if sign else [])]


def _word(letters: str) -> Iterator[tuple[str, str]]:
    begin = letters[:_SHORT].casefold()
    if letters.casefold() in {"am", "pm"}:
        yield "p", ""
    elif begin in _MONTHS and (len(letters) == _SHORT or letters.casefold() != "mar"):
        yield ("b" if len(letters) == _SHORT else "B"), ""
    elif begin in _WEEKDAYS:
        yield ("a" if len(letters) == _SHORT else "A"), ""
    elif letters == "T":
        yield "", letters


def _makes_sense(pieces: _Pieces) -> bool:
    """Whether parts stand once each, a date's together in an order that people use, a clock's one behind the other."""
    kinds = "".join(_KINDS.get(part[-1], part[-1]) for part, _ in pieces if part)
    if any(kinds.count(kind) > 1 for kind in kinds):
        return False
    runs = _RUNS.fullmatch(kinds)
    if runs is None or ("p" in kinds and any(part == "-H" for part, _ in pieces)):
        return False
    late, clock = (runs["late"] or "").lstrip("a"), runs["clock"]
    if late and runs["date"]:
        return False
    date = runs["date"] or late
    return any(order.startswith(date) for order in _ORDERS) and _CLOCK.startswith(clock.replace("p", ""))
