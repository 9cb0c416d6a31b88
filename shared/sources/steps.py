"""The steps from a row to a record or a reason, in the order of the contract: the one place where they are decided."""

import json
from dataclasses import dataclass
from typing import Final

from shared.exports.decoding import Decoded
from shared.exports.validate import Invalid, Violation, validate_record
from shared.sources.doors import Door, Doors, event_text, rule
from shared.sources.getters import Row, Sight
from shared.sources.paths import NOT_TEXT
from shared.sources.persons import Persons
from shared.sources.profile_model import Mapping, Policed, Policy
from shared.sources.reasons import VIOLATIONS
from shared.sources.source import Source
from shared.sources.tally import Tally
from shared.sources.whens import Whens

_NO_TIME: Final = "1999-12-31T23:59:59"  # stands for a time in a year that no record may have


@dataclass(frozen=True, slots=True)
class Ended:
    """A row that is no record: ignored under a code, or rejected for what is wrong with it."""

    ignored: str
    violations: tuple[Violation, ...] = ()


type Whole = tuple[str, str, str, str]
"""A row that is a record: its text; and what makes its event: account, time, door and status."""

_REJECTED: Final = {code: Ended("", (violation,)) for code, violation in VIOLATIONS.items()}


class Steps:
    """What becomes of a single row, step by step; nothing is remembered."""

    def __init__(self, source: Source, mapping: Mapping, sight: Sight, tally: Tally) -> None:
        self._policy: Policy = source.profile.policy
        self._tally = tally
        self.persons = Persons(mapping.persons, sight, source.indexes)
        self.doors = Doors(mapping, sight)
        self.whens = Whens(mapping.time, sight)
        self._rule = rule(mapping.ignores, sight)

    def settle(self, row: Row, door: Door, misfit: str) -> Whole | Ended:
        """Map a row.

        Args:
            row: a text for each column or path.
            door: what it says besides its person and time.
            misfit: the code for a row that had more or fewer cells, else empty.
        """
        left_out = self._rule(row)
        if left_out:
            return Ended("rule")
        if left_out is None:
            return _REJECTED["value-not-text"]
        if misfit:
            return _REJECTED[misfit]
        keys = self.persons.keys(row)
        if NOT_TEXT in keys:
            return _REJECTED["value-not-text"]
        if not any(keys):
            self._tally.without_person(granted=door.meaning == "success")
            return _by(self._policy.no_person, "no-person")
        return self._outcome(door, keys) or self._person(row, door, keys)

    def _outcome(self, door: Door, keys: list[str]) -> Ended | None:
        if door.word == NOT_TEXT:
            return _REJECTED["value-not-text"]
        if door.meaning == "ignore":
            return Ended("outcome")
        if door.meaning:
            return None
        found = None if self.persons.dated else self.persons.find(keys, "")
        who = found.lower() if isinstance(found, str) and found else tuple(keys)
        self._tally.unknown_word(door.word, hash(who))
        return _by(self._policy.unknown_outcome, "outcome-unknown")

    def _person(self, row: Row, door: Door, keys: list[str]) -> Whole | Ended:
        time = self.whens.at(row) if self.persons.dated else ""
        if self.persons.dated and not time and (code := self.whens.why(row)):
            return self._no_time(code)
        found = self.persons.find(keys, time[:10])
        if found is None:
            self._tally.unknown_key(next(filter(None, keys)))
            return _by(self._policy.unknown_person, "person-unknown")
        if not isinstance(found, str):
            return _REJECTED["person-ambiguous"]
        if not found:
            return Ended("person-without-account")
        return self._record(row, door, found, time or self.whens.at(row))

    def _record(self, row: Row, door: Door, upn: str, time: str) -> Whole | Ended:
        if not time and (code := self.whens.why(row)):
            return self._no_time(code)
        if NOT_TEXT in {door.asset_id, door.asset_name}:
            return _REJECTED["value-not-text"]
        if not door.asset_id:
            return _REJECTED["asset-missing"]
        value = {"UserId": upn} | door.properties
        value |= {"EventTime": time or _NO_TIME, "AccessStatus": door.status}
        found = validate_record(Decoded(value, json.dumps(value).encode(), repeated=False, inexact=False))
        if isinstance(found, Invalid):
            return Ended("", found.violations)
        whole = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return whole, upn, time, event_text(door.asset_id, door.status)

    def _no_time(self, code: str) -> Ended:
        if code == "time-does-not-exist":
            self._tally.warnings["zone-doubtful"] += 1
        return _REJECTED[code]


def _by(policy: Policed, code: str) -> Ended:
    return Ended(code) if policy == "ignore" else _REJECTED[code]
