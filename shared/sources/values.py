"""What a profile's *value* says: where in a row a text comes from. Only its meaning; `getters` makes it run."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Named:
    """A column of a table, or a path in JSON, as it is named."""

    name: str


@dataclass(frozen=True, slots=True)
class FirstOf:
    """The first of several that is not missing."""

    values: tuple["Value", ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """What the one group of an RE2 expression finds in another value; without an expression that value itself.

    Attributes:
        value: where to search.
        pattern: the expression; `None`: the value as it is, with missing words of its own.
        missing: words, in lower case, that mean "nothing" here besides the profile's.
    """

    value: "Value"
    pattern: str | None
    missing: frozenset[str]


@dataclass(frozen=True, slots=True)
class Join:
    """Several values with a text between them; missing if one of them is."""

    values: tuple["Value", ...]
    between: str
    missing: frozenset[str]


@dataclass(frozen=True, slots=True)
class Text:
    """The same text for every row."""

    text: str


@dataclass(frozen=True, slots=True)
class FileName:
    """What the one group of an RE2 expression finds in the export's name below the source's folder."""

    pattern: str
    missing: frozenset[str]


type Value = Named | FirstOf | Cut | Join | Text | FileName


def as_value(said: Any) -> Value:
    """The value that a profile says; it must have passed the profile's schema."""
    match said:
        case str():
            return Named(said)
        case list():
            return FirstOf(tuple(map(as_value, said)))
        case {"value": inner}:
            return Cut(as_value(inner), said.get("pattern"), words(said.get("missing", ())))
        case {"join": parts, "with": between}:
            return Join(tuple(map(as_value, parts)), between, words(said.get("missing", ())))
        case {"text": text}:
            return Text(text)
        case {"file_name": pattern}:
            return FileName(pattern, words(said.get("missing", ())))
        case _:
            raise AssertionError("the schema lets nothing else through")


def words(said: Any) -> frozenset[str]:
    """Words that mean "nothing", ready to be compared without case."""
    return frozenset(word.strip().casefold() for word in said)


def names_in(value: Value) -> Iterator[str]:
    """Every column or path that a value may look at."""
    match value:
        case Named(name):
            yield name
        case FirstOf(values) | Join(values):
            for inner in values:
                yield from names_in(inner)
        case Cut(inner):
            yield from names_in(inner)
        case Text() | FileName():
            return


def uses_file_name(value: Value) -> bool:
    """Whether a value looks at the export's name."""
    match value:
        case FileName():
            return True
        case FirstOf(values) | Join(values):
            return any(map(uses_file_name, values))
        case Cut(inner):
            return uses_file_name(inner)
        case Named() | Text():
            return False


def searched_names(value: Value) -> Iterator[str]:
    """The columns that a pattern reads: a line break in one of them is no sign of a lost quote."""
    match value:
        case Cut(inner, str()):
            yield from names_in(inner)
        case FirstOf(values) | Join(values):
            for inner in values:
                yield from searched_names(inner)
        case Cut(inner):
            yield from searched_names(inner)
        case _:
            return


def lacking(value: Value, present: frozenset[str]) -> Iterator[str]:
    """The names without which a value can never be had, given those that are there.

    Of a first-of list only all together are lacking: systems write the same thing under several names.
    """
    match value:
        case Named(name):
            if name not in present:
                yield name
        case FirstOf(values):
            found = [tuple(lacking(inner, present)) for inner in values]
            if all(found):
                yield from (name for names in found for name in names)
        case Join(values):
            for inner in values:
                yield from lacking(inner, present)
        case Cut(inner):
            yield from lacking(inner, present)
        case Text() | FileName():
            return
