"""What a row says besides its person and time: whether it is left out by a rule, its outcome, its door."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from shared.sources.getters import Get, Row, Sight
from shared.sources.paths import NOT_TEXT
from shared.sources.profile_model import Ignore, Mapping
from shared.sources.texts import is_whole, quoted
from shared.sources.words import Meaning, Outcomes, any_of

_STATUS: Final[dict[str, Meaning]] = {"Success": "success", "Failed": "failed"}


@dataclass(frozen=True, slots=True)
class Door:
    """The part of a row that many rows share.

    Attributes:
        word: the outcome's word; empty if it is missing or declared.
        meaning: the list it is in.
        asset_id: empty if it is missing.
        asset_name: likewise; `None` if the profile names none.
    """

    word: str
    meaning: Meaning
    asset_id: str
    asset_name: str | None

    @property
    def status(self) -> str:
        """The AccessStatus of a record."""
        return "Success" if self.meaning == "success" else "Failed"

    @property
    def properties(self) -> dict[str, str]:
        """The record's properties that the door gives."""
        name = {"AssetName": self.asset_name} if self.asset_name else {}
        return {"AssetId": self.asset_id} | name


type Part = tuple[str, str, str]
"""What a door gives to its records before and behind the time, and to its events."""


class Doors:
    """`[outcome]` and `[asset]` of a profile."""

    def __init__(self, mapping: Mapping, sight: Sight) -> None:
        outcome = mapping.outcome
        self._word: Get = sight.getter(outcome.value) if outcome.value else lambda _: ""
        self._always: Meaning = _STATUS[outcome.always] if outcome.always else ""
        self._outcomes = Outcomes(outcome.lists)
        self._id = sight.getter(mapping.asset_id)
        self._name = sight.getter(mapping.asset_name) if mapping.asset_name else None

    def door(self, row: Row) -> Door:
        """What the row says."""
        word = self._word(row)
        meaning = self._always or (self._outcomes.meaning(word) if word else "")
        return Door(word, meaning, self._id(row), self._name(row) if self._name else None)


def part_of(door: Door) -> Part | None:
    """The door's part of a record; `None` if there is something to say about it."""
    texts = (door.asset_id, door.asset_name or "")
    good = door.meaning in _STATUS.values() and door.word != NOT_TEXT and door.asset_id
    if not good or NOT_TEXT in texts or not all(map(is_whole, texts)):
        return None
    name = f'"AssetName":{quoted(door.asset_name)},' if door.asset_name else ""
    return (
        f'"AssetId":{quoted(door.asset_id)},{name}"EventTime":"',
        f'","AccessStatus":"{door.status}"}}',
        event_text(door.asset_id, door.status),
    )


def event_text(asset_id: str, status: str) -> str:
    """What a door gives to the hash of its events, by whichever way a record comes."""
    return f"{asset_id}\n{status}"


def rule(ignores: tuple[Ignore, ...], sight: Sight) -> Callable[[Row], bool | None]:
    """Whether a row is left out by one of the rules; `None` if one of their values is an object or a list."""
    tests = [(sight.getter(one.value), any_of(one.words), one.negated) for one in ignores]

    def left_out(row: Row) -> bool | None:
        for get, fits, negated in tests:
            text = get(row)
            if text == NOT_TEXT:
                return None
            if (bool(text) and fits(text)) != negated:
                return True
        return False

    return left_out
