"""How a column of times is written: every pattern that fits, thinned out by all rows."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Final

from commands.drafting.time_shapes import formats_of
from shared.sources.time_formats import ISO, TimeFormat, strptime_format

_TRIED: Final = 40
_FEW: Final = 0.5
_MOST: Final = 0.75
_EPOCHS: Final = {10: ("epoch-s", 1), 13: ("epoch-ms", 1000)}
_EPOCH: Final = re.compile(r"([0-9]{10}|[0-9]{13})(?:\.[0-9]+)?")
_EPOCH_SECONDS: Final = range(1_420_070_400, 2_051_222_400)  # 2015 to 2034: a card number is seldom in there
_EPOCH_DAYS: Final = 400
_TOKEN: Final = re.compile(r"%(-?[A-Za-z])")
_LENIENT: Final = ("-d", "-m", "-H", "-I")


@dataclass(frozen=True, slots=True)
class TimeGuess:
    """How the times of a column are written.

    Attributes:
        format: as a profile says it.
        fitting: how many of the texts it reads.
        texts: how many there are.
        example: one of them.
        unread: one that it does not read; empty if it reads all.
        other: another order of day and month that reads as many; empty if the rows leave no doubt.
        carries_offset: whether the text says its distance from UTC (or is a number, which is UTC).
        different: how many different times there are.
    """

    format: str
    fitting: int
    texts: int
    example: str
    unread: str
    other: str
    carries_offset: bool
    different: int


def guess_time(counts: Mapping[str, int]) -> TimeGuess | None:
    """The format of a column's texts, given how often each occurs; `None` if they are no times."""
    if not counts:
        return None
    return _epoch(counts) or _written(counts)


def _epoch(counts: Mapping[str, int]) -> TimeGuess | None:
    matches = [match for text in counts if (match := _EPOCH.fullmatch(text))]
    lengths = {len(match[1]) for match in matches}
    if len(matches) < len(counts) or len(lengths) != 1:
        return None
    name, per_second = _EPOCHS[lengths.pop()]
    seconds = [int(match[1]) // per_second for match in matches]
    if min(seconds) not in _EPOCH_SECONDS or max(seconds) - min(seconds) > _EPOCH_DAYS * 86_400:
        return None
    total = sum(counts.values())
    return TimeGuess(
        name, total, total, next(iter(counts)), "", "", carries_offset=True, different=len(counts)
    )


def _written(counts: Mapping[str, int]) -> TimeGuess | None:
    """Thin out the patterns of the first texts by all of them."""
    tried = list(islice(counts, _TRIED))
    votes = Counter(pattern for text in tried for pattern in formats_of(text))
    left = [pattern for pattern, count in votes.items() if count > len(tried) * _FEW]
    if not left:
        return None
    fitting = {pattern: _fitting(pattern, counts) for pattern in left}
    most = max(fitting.values())
    total = sum(counts.values())
    if most < total * _MOST:
        return None
    best = [pattern for pattern in left if fitting[pattern] == most]
    best.sort(key=lambda pattern: _doubt(pattern, counts))
    chosen, others = best[0], [other for other in best[1:] if _order(other) != _order(best[0])]
    form = _compiled(chosen)
    return TimeGuess(
        format=_tightened(chosen, form, counts),
        fitting=most,
        texts=total,
        example=next(text for text in counts if form.parse(text)),
        unread=next((text for text in counts if not form.parse(text)), ""),
        other=_tightened(others[0], _compiled(others[0]), counts) if others else "",
        carries_offset=_always_offset(form, counts),
        different=len(counts),
    )


def _compiled(pattern: str) -> TimeFormat:
    return ISO if pattern == "iso" else strptime_format(pattern)


def _fitting(pattern: str, counts: Mapping[str, int]) -> int:
    parse = _compiled(pattern).parse
    return sum(count for text, count in counts.items() if parse(text))


def _always_offset(form: TimeFormat, counts: Mapping[str, int]) -> bool:
    """Whether most texts carry an offset; the few that do not will be rejected, not guessed at."""
    offsets = [written.offset is not None for text in counts if (written := form.parse(text))]
    return sum(offsets) > len(offsets) * _MOST


def _order(pattern: str) -> str:
    return "".join(part[-1] for part in _TOKEN.findall(pattern) if part[-1] in "Yymd")


def _doubt(pattern: str, counts: Mapping[str, int]) -> tuple[bool, int, int]:
    """What speaks against a pattern: days to come, days far apart (an export is of a few days), an order seldom used."""
    parse = _compiled(pattern).parse
    days = [written.local.date() for text in counts if (written := parse(text))]
    today = datetime.now().astimezone().date()
    seldom = ("dm", "md") if "p" not in pattern else ("md", "dm")
    order = _order(pattern).replace("Y", "").replace("y", "")
    return max(days, default=date.min) > today, _span(days), order != seldom[0]


def _span(days: Sequence[date]) -> int:
    return (max(days) - min(days)).days if days else 0


def _tightened(pattern: str, form: TimeFormat, counts: Mapping[str, int]) -> str:
    """The pattern without the dashes that its texts do not need.

    A part is always written with two digits if a zero stands before one; where no text tells, it is taken to be written as the
    others are.
    """
    lenient = [part for part in _TOKEN.findall(pattern) if part in _LENIENT]
    seen = {part: _digits(part[-1], form, counts) for part in lenient}
    any_short = any("short" in kinds for kinds in seen.values())
    any_padded = any("padded" in kinds for kinds in seen.values())
    year_first = _order(pattern).lower().startswith("y")
    for part, kinds in seen.items():
        undecided_short = any_short and not (year_first and part in {"-d", "-m"})
        clock_of_12 = "%p" in pattern and not any_padded
        if "padded" in kinds or not ("short" in kinds or undecided_short or clock_of_12):
            pattern = pattern.replace(f"%{part}", f"%{part[-1]}") if "short" not in kinds else pattern
    return pattern


def _digits(part: str, form: TimeFormat, counts: Mapping[str, int]) -> set[str]:
    """Whether a part of the texts has one digit, or a zero before it; neither where it is always above nine."""
    kinds = set()
    for text in counts:
        if match := form.expression.fullmatch(text):
            digits = match[part]
            kinds |= {"short"} if len(digits) == 1 else {"padded"} if digits.startswith("0") else set()
    return kinds
