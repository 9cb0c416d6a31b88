"""What of a mapping decides an event's values: its time, its door and its outcome. A person is looked up, and may change."""

from hashlib import sha256
from typing import Final

import msgspec

from shared.sources.profile_model import Mapping

TABLES: Final = ("[time]", "[asset]", "[outcome]")


def changed_tables(before: Mapping, after: Mapping) -> list[str]:
    """The tables of a profile that say something new about the values of an event.

    Args:
        before: of the profile that was in force.
        after: of the one that is.
    """
    pairs = zip(TABLES, _parts(before), _parts(after), strict=True)
    return [table for table, one, other in pairs if one != other]


def values_digest(mapping: Mapping) -> str:
    """Names what decides the values (SHA-256, hexadecimal), the same in every process."""
    return sha256(msgspec.json.encode(_parts(mapping), order="sorted")).hexdigest()


def _parts(mapping: Mapping) -> list[object]:
    return [mapping.time, (mapping.asset_id, mapping.asset_name), mapping.outcome]
