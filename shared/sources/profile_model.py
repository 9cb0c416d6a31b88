"""What a profile says, as frozen values: one class a table, every default filled in."""

from dataclasses import dataclass
from typing import Literal

from shared.sources.people_index import Compare
from shared.sources.schedule import Schedule
from shared.sources.times import Ambiguous
from shared.sources.values import Value
from shared.sources.words import Meaning

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
