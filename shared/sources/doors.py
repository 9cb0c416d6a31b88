"""What a row says besides its person and time: whether it is left out by a rule, its outcome, its door."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from shared.sources.ends import Ended
from shared.sources.getters import Get, Row, Sight
from shared.sources.paths import NOT_TEXT
from shared.sources.profile_model import Mapping
from shared.sources.rules import Rule, Ruling, ruling
from shared.sources.texts import is_whole, quoted
from shared.sources.words import Meaning, Outcomes

_STATUS: Final[dict[str, Meaning]] = {"Success": "success", "Failed": "failed"}


@dataclass(frozen=True, slots=True)
class Door:
    """The part of a row that many rows share.

    Attributes:
        word: the outcome's word; empty if it is missing or declared.
        meaning: the list it is in.
        asset_id: empty if it is missing.
        asset_name: likewise; `None` if the profile names none.
        ruling: of the rules that look at nothing of the person.
    """

    word: str
    meaning: Meaning
    asset_id: str
    asset_name: str | None
    ruling: Ruling

    @property
    def status(self) -> str:
        """The AccessStatus of a record."""
        return "Success" if self.meaning == "success" else "Failed"

    @property
    def properties(self) -> dict[str, str]:
        """The record's properties that the door gives."""
        name = {"AssetName": self.asset_name} if self.asset_name else {}
        return {"AssetId": self.asset_id} | name


type GoodPart = tuple[str, str, str, str]
"""What a door gives to its records: the JSON before and behind the time, and its AssetId and AccessStatus. Behind the time stands
the beginning of the next record, too."""

type Part = GoodPart | Ended | None
"""The same, or how the door ends every row, or nothing if there is more to say."""

BEGIN: Final = '{"UserId":"'
"""What records begin with."""

_AFTER: Final = {status: f'","AccessStatus":"{status}"}},{BEGIN}' for status in _STATUS}


class Doors:
    """`[outcome]` and `[asset]` of a profile, and rules."""

    def __init__(self, mapping: Mapping, sight: Sight, rules: Sequence[Rule] = ()) -> None:
        outcome = mapping.outcome
        self._word: Get = sight.getter(outcome.value) if outcome.value else lambda _: ""
        self._always: Meaning = _STATUS[outcome.always] if outcome.always else ""
        self._outcomes = Outcomes(outcome.lists)
        self._id = sight.getter(mapping.asset_id)
        self._name = sight.getter(mapping.asset_name) if mapping.asset_name else None
        self._ruling = ruling(rules, sight)

    def door(self, row: Row) -> Door:
        """What the row says."""
        word = self._word(row)
        meaning = self._always or (self._outcomes.meaning(word) if word else "")
        name = self._name(row) if self._name else None
        return Door(word, meaning, self._id(row), name, self._ruling(row))


def part_of(door: Door) -> GoodPart | None:
    """The door's part of a record."""
    texts = (door.asset_id, door.asset_name or "")
    good = door.meaning in _STATUS.values() and door.word != NOT_TEXT and door.asset_id
    if door.ruling.code or not good or NOT_TEXT in texts or not all(map(is_whole, texts)):
        return None
    return part_of_good(door)


def part_of_good(door: Door) -> GoodPart:
    """The same for a door of which nothing else is to be said."""
    name = f'"AssetName":{quoted(door.asset_name)},' if door.asset_name else ""
    before = f'","AssetId":{quoted(door.asset_id)},{name}"EventTime":"'
    return before, _AFTER[door.status], door.asset_id, door.status
