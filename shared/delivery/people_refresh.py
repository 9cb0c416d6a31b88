"""The daily refresh of `/people.csv` from Entra ID, where `PEOPLE_FROM_ENTRA` says so; it never stops the sweep."""

import csv
import logging
from collections.abc import Iterator, Sequence
from typing import Any, Final, Protocol

from shared.blob_names import SHARED_PEOPLE_PATH
from shared.counted import counted
from shared.delivery.ports import ABSENT, Container
from shared.delivery.sweep_events import PEOPLE_NOT_REFRESHED, PEOPLE_REFRESHED
from shared.errors import ConditionError, DirectoryError, GatepostError
from shared.log import say
from shared.sources.directory_people import (
    DEFAULT_KEY,
    ENABLED,
    UPN,
    Attribute,
    PeopleTable,
    attribute_named,
    people_table,
    properties_of,
)
from shared.sources.shrinking import MOST_LOST_PERCENT, lost

_BY_HAND: Final = (
    "/people.csv was not made from Entra ID: its last two columns are not UPN and Enabled. Delete it, or make it with "
    "`python gatepost.py people pull --put`"
)


class Users(Protocol):
    """The users of the tenant; see `shared.services.graph`."""

    def users(self, properties: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Every user with these properties.

        Raises:
            DirectoryError: the directory refuses, or is away for too long.
        """
        ...


def refresh_people(sources: Container, users: Users | None) -> None:
    """Make `/people.csv` anew, with the keys that it has; one that would lose much is left as it is.

    Whatever goes wrong is a warning: the file of yesterday is better than no sweep.

    Args:
        sources: the sources container; the app's identity may write there.
        users: of the tenant; `None`: nothing is refreshed.
    """
    if users is None:
        return
    try:
        table = _refreshed(sources, users)
    except ConditionError:
        _not_refreshed("another /people.csv was put meanwhile; it stays")
    except GatepostError as error:
        _not_refreshed(str(error).rstrip("."))
    except (AttributeError, LookupError, OSError, TypeError, ValueError) as error:  # a bug of ours
        _not_refreshed(f"{type(error).__name__}; please report this")
    else:
        text = f"{counted(table.people, 'line')}, {table.disabled:,} of them with a disabled account"
        say(logging.INFO, PEOPLE_REFRESHED, text, people=table.people, disabled=table.disabled)


def _refreshed(sources: Container, users: Users) -> PeopleTable:
    """Write the file if it has changed.

    Raises:
        DirectoryError: there is nothing to be written, or it must not be.
        ConditionError: the file has changed meanwhile.
        StorageError: the container may not be read or written.
        TransientError: storage cannot be reached.
    """
    stored = sources.read(SHARED_PEOPLE_PATH)
    attributes = _keys(stored.data) if stored else [attribute_named(DEFAULT_KEY)]
    table = people_table(users.users(properties_of(attributes)), attributes)
    if not table.people:
        raise DirectoryError("no user has a key, so /people.csv stays as it is")
    if stored and (fewer := lost(stored.data, table.data)):
        raise DirectoryError(
            f"/people.csv would have {fewer[1]:,} lines instead of {fewer[0]:,}, which is over {MOST_LOST_PERCENT} % fewer; "
            "if so many people have really left: python gatepost.py people pull --put --force"
        )
    if stored is None or stored.data != table.data:
        sources.write(SHARED_PEOPLE_PATH, table.data, stored.etag if stored else ABSENT)
    return table


def _keys(data: bytes) -> list[Attribute]:
    """The key columns of a file that was made from the directory.

    Raises:
        DirectoryError: it was not.
    """
    first = data.partition(b"\n")[0].decode("utf-8", "replace")
    *keys, upn, enabled = ["", "", *next(csv.reader([first.strip("\ufeff\r")]), [])]
    keys = [key for key in keys if key]
    if (upn, enabled) != (UPN, ENABLED) or not keys:
        raise DirectoryError(_BY_HAND)
    try:
        return [attribute_named(key) for key in keys]
    except ValueError:
        raise DirectoryError(_BY_HAND) from None


def _not_refreshed(why: str) -> None:
    say(logging.WARNING, PEOPLE_NOT_REFRESHED, f"/people.csv is that of the last refresh: {why}")
