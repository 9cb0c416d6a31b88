"""Decoders that prove a record's shape: that each property is there, of its type, and that there are no others.

A system writes its records alike. A decoder for just these properties, of which each must be there, fails at a record that lacks
one or has it of another type; what it passes over leaves quotes that its properties do not account for (`certainty`).
"""

from collections.abc import Mapping, Sequence
from types import NoneType
from typing import Annotated, Any, Final, Literal

import msgspec

from shared.exports.attributes import reading
from shared.exports.certainty import QUOTES, quotes
from shared.exports.decoding import exact_float
from shared.exports.record_values import RecordValues
from shared.exports.rules import PropertyRule, Rules

type Columns = Mapping[str, Sequence[Any]]
"""Values of properties by name, one of each record."""

KNOWN: Final = dict(zip(RecordValues.__struct_encode_fields__, RecordValues.__struct_fields__, strict=True))
"""The known properties, and their attributes."""

_OF_EVENTS: Final = frozenset(("UserId", "AssetId", "EventTime", "AccessStatus"))

_SAYS_NOTHING: Final = frozenset(("type", "description", "x-gatepost"))
_KINDS: Final[dict[type, Any]] = {
    str: str,
    bool: bool,
    NoneType: None,
    int: Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)],
}
"""Types that prove a value right, by the type of a sample."""


class Decoder:
    """Decodes records that follow each other into structures."""

    def __init__(self, kind: type, attributes: Mapping[str, str]) -> None:
        """Begin.

        Args:
            kind: of structure.
            attributes: of the properties that are to be seen, by name.
        """
        self._columns = {name: reading(attribute) for name, attribute in attributes.items()}
        self._array: msgspec.json.Decoder[list[Any]] = msgspec.json.Decoder(
            list[kind],  # type: ignore[valid-type]  # made at run time
            float_hook=exact_float,
        )
        self._line: msgspec.json.Decoder[Any] = msgspec.json.Decoder(kind, float_hook=exact_float)

    def values(self, text: bytes, *, in_array: bool) -> list[Any]:
        """The structures.

        Args:
            text: an array, or records one behind the other.
            in_array: which of both.

        Raises:
            msgspec.MsgspecError: it does not decode so; also `ValueError` and `RecursionError`.
        """
        return self._array.decode(text) if in_array else self._line.decode_lines(text)

    def columns(self, values: list[Any]) -> Columns:
        """Their values, property by property."""
        return {name: read(values) for name, read in self._columns.items()}


def any_shape(names: Sequence[str]) -> Decoder:
    """A decoder for whatever stands in some properties; `UNSET` where a record lacks one.

    Args:
        names: of the properties beside the known ones.
    """
    others = {f"other{number}": name for number, name in enumerate(names)}
    fields = [(field, Any, msgspec.UNSET) for field in others]
    kind = msgspec.defstruct("Record", fields, bases=(RecordValues,), rename=others, gc=False)
    return Decoder(kind, KNOWN | {name: field for field, name in others.items()})


class Shape:
    """Decodes records of one shape only.

    Attributes:
        decoder: for records that have all properties of the shape; it shows those that make an event or must be judged.
        proven: those that need not be judged, since what does not keep their rules is not decoded.
    """

    def __init__(self, types: Mapping[str, type], rules: Rules) -> None:
        """Begin.

        Args:
            types: of a valid record's properties, by name, each of `KINDS`.
            rules: by which it is valid.
        """
        fields: list[tuple[str, Any]] = []
        names: dict[str, str] = {}
        shown: dict[str, str] = {}
        proven: set[str] = set()
        for number, (name, kind) in enumerate(types.items()):
            field = KNOWN.get(name, f"other{number}")
            names[field] = name
            proof = _proof(rules.properties[name]) if name in KNOWN else _KINDS[kind]
            if name in KNOWN and proof is not None:
                proven.add(name)
            elif name in KNOWN:
                shown[name], proof = field, str
            if name in _OF_EVENTS:
                shown[name] = field
            fields.append((field, proof))
        kind = msgspec.defstruct("Record", fields, rename=names, gc=False)
        self.decoder = Decoder(kind, shown)
        self.proven = frozenset(proven)
        self._quotes = sum(map(QUOTES.__getitem__, types.values()))

    def is_all(self, segment: bytes, count: int) -> bool:
        """Whether the records of a segment, which have all properties of the shape, have no others."""
        return quotes(segment) == count * self._quotes


def types_of(record: Mapping[str, Any]) -> dict[str, type] | None:
    """The shape of a valid record; `None` if no decoder could prove it."""
    types = {name: type(value) for name, value in record.items()}
    return types if _KINDS.keys() >= set(types.values()) else None


def _proof(rule: PropertyRule) -> Any:
    """The type that proves a rule kept; `None`: there is no such type."""
    said = rule.schema.keys() - _SAYS_NOTHING
    if said == {"enum"}:
        return Literal[rule.words]
    return str if not said else None
