"""A source's profile: how one kind of export of a badging system is read. `profile.toml` becomes one frozen object."""

import hashlib
import tomllib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from shared.sources.people_index import Compare
from shared.sources.problems import SourceUnusableError
from shared.sources.profile_check import doubts
from shared.sources.profile_schema import broken_rules
from shared.sources.schedule import Schedule, as_schedule, as_start
from shared.sources.times import Ambiguous
from shared.sources.values import FirstOf, Join, Value, as_value, words
from shared.sources.words import Meaning

MAX_PROFILE_BYTES: Final = 256_000

type Format = Literal["csv", "json", "connector"]
type Policed = Literal["ignore", "reject"]


@dataclass(frozen=True, slots=True)
class Input:
    """What the export is: `[input]`, every default filled in; `quote` may be empty, `columns` none, `missing` folded."""

    format: Format
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    header: int = 1
    columns: tuple[str, ...] = ()
    records: str | None = None
    missing: frozenset[str] = frozenset()
    files: str | None = None


@dataclass(frozen=True, slots=True)
class Time:
    """`[time]`: the value, how it is written, and where the clock hangs.

    Attributes:
        value: where the text comes from.
        format: `iso`, `epoch-s`, `epoch-ms` or a strptime pattern.
        zone: an IANA name; `None`: the text must carry its offset, or `zones` decides.
        zone_value: the value by which `zones` is chosen, if there is one.
        zones: IANA names by that value's text.
        ambiguous: what becomes of a local time that happens twice.
    """

    value: Value
    format: str
    zone: str | None
    zone_value: Value | None
    zones: dict[str, str]
    ambiguous: Ambiguous


@dataclass(frozen=True, slots=True)
class Lookup:
    """How a people file is searched: its name, key columns and what joins them, its UPN column, and how keys compare."""

    directory: str
    key: tuple[str, ...]
    between: str
    upn: str
    compare: Compare


@dataclass(frozen=True, slots=True)
class Person:
    """A `[[person]]` table; without `lookup` the value is the UPN itself."""

    value: Value
    lookup: Lookup | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """`[outcome]`: a value and the words of each list, or `always` one status for every row."""

    value: Value | None
    always: str | None
    lists: dict[Meaning, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Ignore:
    """An `[[ignore]]` table: rows whose value is, or with `negated` is not, one of the words."""

    value: Value
    words: tuple[str, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Policy:
    """`[policy]`; `max_invalid_percent` and `not_before` (UTC, like an EventTime) are `None` where the app's hold."""

    no_person: Policed = "ignore"
    unknown_person: Policed = "reject"
    unknown_outcome: Policed = "reject"
    max_invalid_percent: int | None = None
    send: bool = True
    not_before: str | None = None


@dataclass(frozen=True, slots=True)
class Mapping:
    """What a csv or json profile maps, table by table."""

    time: Time
    persons: tuple[Person, ...]
    asset_id: Value
    asset_name: Value | None
    outcome: Outcome
    ignores: tuple[Ignore, ...]

    @property
    def values(self) -> list[Value]:
        """Every value that the profile names."""
        optional = (self.asset_name, self.outcome.value, self.time.zone_value)
        return [
            self.time.value,
            self.asset_id,
            *(person.value for person in self.persons),
            *(ignore.value for ignore in self.ignores),
            *(value for value in optional if value is not None),
        ]

    @property
    def lookups(self) -> list[Lookup]:
        """Every different way in which people files are searched."""
        return list(dict.fromkeys(person.lookup for person in self.persons if person.lookup))


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile; `mapping` is `None` for the connector's own format, `sha256` is of the file's bytes."""

    name: str
    input: Input
    mapping: Mapping | None
    policy: Policy
    schedule: Schedule | None
    sha256: str


def read_profile(data: bytes, *, now: datetime | None = None) -> Profile:
    """Read a profile.

    Args:
        data: the bytes of `profile.toml`.
        now: with it, a `not_before` in the future is a problem too.

    Raises:
        SourceUnusableError: with everything that is wrong with it, each naming table and key.
    """
    if len(data) > MAX_PROFILE_BYTES:
        raise SourceUnusableError([f"the profile: is larger than {MAX_PROFILE_BYTES // 1000} kB"])
    try:
        said = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise SourceUnusableError(["the profile: is not UTF-8; save it as UTF-8"]) from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise SourceUnusableError([f"the profile: is no TOML: {error}"]) from None
    problems = broken_rules(said)
    problems += [problem for problem in doubts(said, now) if problem not in problems]
    if problems:
        raise SourceUnusableError(problems)
    return _profile(said, hashlib.sha256(data).hexdigest())


def _profile(said: dict[str, Any], sha256: str) -> Profile:
    schedule = said.get("schedule")
    mapped = said["input"]["format"] != "connector"
    zone = said["time"].get("zone") if mapped else None
    return Profile(
        name=said["name"],
        input=_input(said["input"]),
        mapping=_mapping(said) if mapped else None,
        policy=_policy(said.get("policy", {})),
        schedule=as_schedule(schedule, zone if isinstance(zone, str) else None) if schedule else None,
        sha256=sha256,
    )


def _input(said: dict[str, Any]) -> Input:
    lists = {"columns": tuple(said.get("columns", ())), "missing": words(said.get("missing", ()))}
    return Input(**said | lists)


def _policy(said: dict[str, Any]) -> Policy:
    start = {"not_before": as_start(said["not_before"])} if "not_before" in said else {}
    return Policy(**said | start)


def _mapping(said: dict[str, Any]) -> Mapping:
    asset, outcome = said["asset"], said["outcome"]
    lists: dict[Meaning, tuple[str, ...]] = {
        "success": tuple(outcome.get("success", ())),
        "failed": tuple(outcome.get("failed", ())),
        "ignore": tuple(outcome.get("ignore", ())),
    }
    return Mapping(
        time=_time(said["time"]),
        persons=tuple(map(_person, said["person"])),
        asset_id=as_value(asset["id"]),
        asset_name=as_value(asset["name"]) if "name" in asset else None,
        outcome=Outcome(
            as_value(outcome["from"]) if "from" in outcome else None, outcome.get("always"), lists
        ),
        ignores=tuple(map(_ignore, said.get("ignore", ()))),
    )


def _time(said: dict[str, Any]) -> Time:
    zone = said.get("zone")
    by_value = zone if isinstance(zone, dict) else {}
    return Time(
        value=as_value(said["from"]),
        format=said["format"],
        zone=zone if isinstance(zone, str) else None,
        zone_value=as_value(by_value["from"]) if by_value else None,
        zones=by_value.get("map", {}),
        ambiguous=said.get("ambiguous", "earlier"),
    )


def _person(said: dict[str, Any]) -> Person:
    value = as_value(said["from"])
    if "directory" not in said:
        return Person(value, None)
    key = said["key"]
    columns = (key,) if isinstance(key, str) else tuple(key)
    lookup = Lookup(
        said["directory"], columns, _between(value), said.get("upn", "UPN"), said.get("compare", "exact")
    )
    return Person(value, lookup)


def _between(value: Value) -> str:
    """What joins a value's parts, and so those of the keys that it is looked up among."""
    match value:
        case Join(_, between):
            return between
        case FirstOf(values):
            return next(filter(None, map(_between, values)), "")
        case _:
            return ""


def _ignore(said: dict[str, Any]) -> Ignore:
    value = as_value(said["from"])
    return Ignore(value, tuple(said.get("is", said.get("is_not", ()))), "is_not" in said)
