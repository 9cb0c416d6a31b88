"""The steps from a row to a record or a reason, in the order of the contract: the one place where they are decided."""

from dataclasses import dataclass
from typing import Final

from shared.exports.decoding import Decoded
from shared.exports.validate import Invalid, validate_record
from shared.sources.compiled import Compiled
from shared.sources.doors import Door, GoodPart, part_of_good
from shared.sources.ends import LEFT_OUT, REJECTED, WITHOUT_ACCOUNT, Ended, by_policy, ended_by
from shared.sources.getters import Row
from shared.sources.paths import NOT_TEXT
from shared.sources.persons import Upn, Who, upn_in_json
from shared.sources.profile_model import Policy
from shared.sources.tally import Tally

_NO_TIME: Final = "1999-12-31T23:59:59"  # stands for a time in a year that no record may have


@dataclass(frozen=True, slots=True)
class Whole:
    """A row that is a record: its account as it stands in JSON, what its door gives, and its time in UTC."""

    upn: Upn
    door: GoodPart
    time: str


class Steps:
    """What becomes of a single row, step by step."""

    def __init__(self, policy: Policy, compiled: Compiled, tally: Tally) -> None:
        self._policy = policy
        self._tally = tally
        self._whens = compiled.whens
        self._dated = compiled.dated

    def settle(self, door: Door, who: Who, time: Row, misfit: str) -> Whole | Ended:
        """Decide what becomes of a row.

        Args:
            door: its door and outcome.
            who: its person.
            time: the texts from which its time is read.
            misfit: the code for a row that had more or fewer cells, else empty.
        """
        if ruled := _ruled(door, who):
            return ruled
        if misfit:
            return REJECTED[misfit]
        return self.common(door, who) or self._outcome(door, who) or self._person(door, who, time)

    def common(self, door: Door, who: Who) -> Ended | None:
        """The end of a row that fits, if nothing but its door and its person decides it, and it is not counted by them."""
        if ruled := _ruled(door, who):
            return ruled
        if NOT_TEXT in who.keys:
            return REJECTED["value-not-text"]
        if not any(who.keys):
            self._tally.without_person(granted=door.meaning == "success")
            return by_policy(self._policy.no_person, "no-person")
        if door.word == NOT_TEXT:
            return REJECTED["value-not-text"]
        return LEFT_OUT if door.meaning == "ignore" else None

    def _outcome(self, door: Door, who: Who) -> Ended | None:
        if door.meaning:
            return None
        upn = who.found.lower() if isinstance(who.found, str) else ""
        self._tally.unknown_word(door.word, hash((not self._dated and upn) or who.keys))
        return by_policy(self._policy.unknown_outcome, "outcome-unknown")

    def _person(self, door: Door, who: Who, row: Row) -> Whole | Ended:
        time = self._whens.at(row) if self._dated else ""
        if self._dated and not time and (code := self._whens.why(row)):
            return self._no_time(code)
        if who.found is None:
            self._tally.unknown_key(next(filter(None, who.keys)))
            return by_policy(self._policy.unknown_person, "person-unknown")
        if not isinstance(who.found, str):
            return REJECTED["person-ambiguous"]
        if not who.found:
            return WITHOUT_ACCOUNT
        time = time or self._whens.at(row)
        if not time and (code := self._whens.why(row)):
            return self._no_time(code)
        return self._record(door, who.found, time or _NO_TIME)

    def _record(self, door: Door, upn: str, time: str) -> Whole | Ended:
        if NOT_TEXT in {door.asset_id, door.asset_name}:
            return REJECTED["value-not-text"]
        if not door.asset_id:
            return REJECTED["asset-missing"]
        value = {"UserId": upn} | door.properties
        value |= {"EventTime": time, "AccessStatus": door.status}
        found = validate_record(Decoded(value, b"", repeated=False, inexact=False))
        if isinstance(found, Invalid):
            return Ended("", found.violations)
        return Whole(upn_in_json(upn), part_of_good(door), time)

    def _no_time(self, code: str) -> Ended:
        if code == "time-does-not-exist":
            self._tally.warnings["zone-doubtful"] += 1
        return REJECTED[code]


def _ruled(door: Door, who: Who) -> Ended | None:
    return ended_by(min(door.ruling, who.ruling))
