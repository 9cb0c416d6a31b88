"""Which column is the time, the outcome, the door, the person: by its name and by what is in it."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Final

from commands.drafting.columns import ColumnFacts, facts_of
from commands.drafting.time_guess import TimeGuess, guess_time
from commands.drafting.words import clarity

FEW: Final = 60
"""A column with at most so many different texts has words, not values."""

_TIME_ELSE: Final = re.compile(
    r"rec(?:eiv|ept|v|date|time)|process|last|end|creat|updat|modif|expir|valid|export", re.IGNORECASE
)
_UTC: Final = re.compile(r"utc|gmt|zulu", re.IGNORECASE)
_OUTCOME: Final = re.compile(
    r"ev(?:n?t)?_?desc|event|result|outcome|decision|access|status|type|message|allowed|accepted|granted|action|cond|ereignis|desc",
    re.IGNORECASE,
)
_DOOR: Final = re.compile(
    r"door|reader|access.?point|portal|turnstile|\bgate|where|term_?name|object_?name_?2|t(?:ü|ue)r\b|leser|porte|puerta|lecteur",
    re.IGNORECASE,
)
_DOOR_PERHAPS: Final = re.compile(
    r"device|source|entrance|object|location|lock|link|terminal|gerät|point", re.IGNORECASE
)
_NO_DOOR: Final = re.compile(
    r"type|href|panel|controller|time|date|user|actor|card|count|code|reason|direction|credential|detail|serial|level|event_?id|cn$",
    re.IGNORECASE,
)
_PERSON: Final = re.compile(
    r"emp|staff|pers(?:on)?[._ ]?(?:id|n[or])|badge|card|karte|user|login|account|cardholder|holder|actor|token|credential|pin\b"
    r"|registration|ausweis|matric|mitarbeiter|benutzer|alternate|param3|ntid|upn|e?mail",
    re.IGNORECASE,
)
_NO_OUTCOME: Final = re.compile(r"exception|error|alarm|duress|priority", re.IGNORECASE)
_CARD: Final = re.compile(r"badge|card(?!holder)|karte|token|credential|ausweis|param3", re.IGNORECASE)
_NO_PERSON: Final = re.compile(
    r"name\b|name$|first|phone|serial|seq|device|door|reader|panel|controller|txn|trans|index|uuid|href|priority|segment|company"
    r"|division|type|method|entered|issue|status|group|site|level|last|customer|provider|fac_?(?:ility)?_?code|_code|category", re.IGNORECASE
)  # fmt: skip
_NAMED_WITH_NUMBER: Final = re.compile(r"column \d+")
_CLEAR: Final = 0.3
_SENTENCE: Final = 40
_ALWAYS: Final = 0.99
_HALF: Final = 0.5
_MOST: Final = 0.8


@dataclass(frozen=True, slots=True)
class TimeRole:
    """The columns that hold the time (several are joined with a blank), and how it is written there."""

    columns: tuple[str, ...]
    guess: TimeGuess

    @property
    def is_utc_by_name(self) -> bool:
        """Whether the column's name says UTC."""
        return any(map(_UTC.search, self.columns))


@dataclass(frozen=True, slots=True)
class Roles:
    """What each column probably is; `None` or nothing where none fits.

    Attributes:
        time: the time.
        outcome: the column of words.
        door_id: the door as the record's AssetId.
        door_name: its name, if that is another column.
        persons: columns that may say who it was, best first.
    """

    time: TimeRole | None
    outcome: ColumnFacts | None
    door_id: ColumnFacts | None
    door_name: ColumnFacts | None
    persons: tuple[ColumnFacts, ...]


def guess_roles(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[Roles, list[ColumnFacts]]:
    """The roles of columns, given every row; and the facts of each column."""
    facts = [one for one in facts_of(columns, rows) if one.filled]
    guesses = {one.name: guess for one in facts if (guess := guess_time(one.counts))}
    time = _time(facts, guesses) or _joined_time(facts, columns, rows)
    taken = {*guesses, *(time.columns if time else ())}
    left = [one for one in facts if one.name not in taken]
    outcome = _outcome(left)
    left = [one for one in left if one is not outcome]
    door_id, door_name = _door(left)
    persons = _persons([one for one in left if one not in {door_id, door_name}])
    return Roles(time, outcome, door_id, door_name, persons), facts


def _best(columns: Iterable[ColumnFacts], score: Callable[[ColumnFacts], float]) -> ColumnFacts | None:
    """The column with the highest score above zero; the first of several."""
    scored = [(score(one), one) for one in columns]
    best = max((points for points, _ in scored), default=0.0)
    return next((one for points, one in scored if points == best), None) if best > 0 else None


def _time(facts: Sequence[ColumnFacts], guesses: dict[str, TimeGuess]) -> TimeRole | None:
    def score(one: ColumnFacts) -> float:
        guess = guesses.get(one.name)
        if guess is None:
            return 0.0
        points = 2.0 * one.filled / one.rows
        points += 1 if guess.different > 1 or one.rows == 1 else 0
        points += 0.5 if guess.carries_offset or _UTC.search(one.name) else 0
        return points - (1 if _TIME_ELSE.search(one.last_name) else 0)

    best = _best(facts, score)
    return TimeRole((best.name,), guesses[best.name]) if best else None


def _joined_time(
    facts: Sequence[ColumnFacts], columns: Sequence[str], rows: Sequence[Sequence[str]]
) -> TimeRole | None:
    """A date in one column and a time in another."""
    digits = [
        one for one in facts if re.search(r"\d{2}", next(iter(one.counts))) and one.filled > one.rows * _MOST
    ]
    pairs = sorted(permutations(digits, 2), key=lambda pair: abs(facts.index(pair[0]) - facts.index(pair[1])))
    for first, second in pairs:
        at, behind = columns.index(first.name), columns.index(second.name)
        joined = facts_of(["both"], [[f"{row[at]} {row[behind]}".strip()] for row in rows])[0]
        if guess := guess_time(joined.counts):
            return TimeRole((first.name, second.name), guess)
    return None


def _outcome(facts: Iterable[ColumnFacts]) -> ColumnFacts | None:
    def score(one: ColumnFacts) -> float:
        if one.different > FEW or one.addresses > _CLEAR or _NO_OUTCOME.search(one.last_name):
            return 0.0
        clear = clarity(one)
        named = 0.3 if _OUTCOME.search(one.last_name) else 0.0
        if clear < _CLEAR and not (named and one.numbers < _CLEAR and one.different > 1):
            return 0.0
        sentence = 0.3 if one.mean_length > _SENTENCE else 0.0
        return clear + named - sentence + 0.2 * (one.filled - one.different) / one.rows

    return _best(facts, score)


def _door(facts: Sequence[ColumnFacts]) -> tuple[ColumnFacts | None, ColumnFacts | None]:
    def score(one: ColumnFacts) -> float:
        if one.addresses or one.filled < one.rows * _HALF or _NO_DOOR.search(one.short):
            return 0.0
        named = 3.0 if _DOOR.search(one.short) else 2.0 if _DOOR_PERHAPS.search(one.short) else 0.0
        if _NAMED_WITH_NUMBER.fullmatch(one.name) and one.different > 1 and one.numbers < _CLEAR:
            named = 1.0 + one.different / one.rows if one.filled > one.rows * _ALWAYS else 0.0
        return named - one.different / one.rows if one.different <= max(FEW, one.rows * _CLEAR) else 0.0

    best = _best(facts, score)
    if best is None:
        return None, None
    beside = [one for one in facts if one is not best and one.different == best.different and score(one) > 0]
    for one in beside:
        if _pairs(best, one):
            return (one, best) if _says_id(one) else (best, one)
    return best, None


def _pairs(one: ColumnFacts, other: ColumnFacts) -> bool:
    """Whether one column is the other's id or name."""
    return _says_id(one) != _says_id(other)


def _says_id(one: ColumnFacts) -> bool:
    return (
        one.guids > _MOST
        or re.search(r"(?:\bid|[a-z]Id|_id|\bno\.?|nummer|kennung)\W*(?:\| \[0\])?$", one.name) is not None
    )


def _persons(facts: Iterable[ColumnFacts]) -> tuple[ColumnFacts, ...]:
    scored = [(_person_score(one), one) for one in facts]
    found = [(points, one) for points, one in scored if points > 0]
    return tuple(one for _, one in sorted(found, key=lambda pair: -pair[0]))


def _person_score(one: ColumnFacts) -> float:
    if one.addresses > _MOST:
        return 5.0
    varied = one.different / max(one.filled, 1)
    if one.keys < _MOST or one.different < 2 or (varied == 1 and one.filled == one.rows > FEW):  # noqa: PLR2004  (one is nobody)
        return 0.0
    if _NAMED_WITH_NUMBER.fullmatch(one.name):
        longest = max(map(len, one.counts))
        return 1.0 + one.numbers / 2 - abs(varied - 0.5) if longest > 1 and one.different > 2 else 0.0  # noqa: PLR2004
    if _NO_PERSON.search(one.last_name) or not _PERSON.search(one.short):
        return 0.0
    return 3.0 + (0.5 if not _CARD.search(one.short) else 0.0) + 0.4 * one.filled / one.rows


def is_card(one: ColumnFacts) -> bool:
    """Whether a person column holds the number of a card or badge, by its name or by its zeros."""
    return _CARD.search(one.short) is not None or one.padded
