"""From the users of a directory to a people file: keys, account, and whether the account is enabled. Pure."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from shared.sources.accounts import is_account

DEFAULT_KEY: Final = "employeeId"
"""The attribute whose value is the key, where none is named."""
UPN: Final = "UPN"
ENABLED: Final = "Enabled"
_ATTRIBUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,119}(?:[./][A-Za-z][A-Za-z0-9_]{0,119})?")
_EXTENSION: Final = re.compile(r"extensionAttribute(?:[1-9]|1[0-5])", re.IGNORECASE)
_EXTENSIONS: Final = "onPremisesExtensionAttributes"


@dataclass(frozen=True, slots=True)
class Attribute:
    """A user's attribute that holds a key.

    Attributes:
        column: of the people file.
        path: where it stands in a user: one name or two.
    """

    column: str
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PeopleTable:
    """A people file made of users.

    Attributes:
        data: CSV, UTF-8.
        people: lines in it.
        disabled: how many of them have an account that is disabled.
        without_key: users that were left out, since they have none of the keys.
        without_account: users that were left out, since their UPN cannot be a UserId.
        shared_keys: keys that several accounts have.
    """

    data: bytes
    people: int
    disabled: int
    without_key: int
    without_account: int
    shared_keys: int


def attribute_named(name: str) -> Attribute:
    """An attribute by its name: `employeeId`, `extensionAttribute3`, `extension_..._badge`, or a path of two names.

    Raises:
        ValueError: it is no name of an attribute.
    """
    if not _ATTRIBUTE.fullmatch(name):
        raise ValueError("no name of an attribute")
    if _EXTENSION.fullmatch(name):
        return Attribute(name, (_EXTENSIONS, name[0].lower() + name[1:]))
    path = tuple(re.split(r"[./]", name))
    return Attribute(path[-1], path)


def properties_of(attributes: Iterable[Attribute]) -> list[str]:
    """What a request must select."""
    needed = dict.fromkeys(attribute.path[0] for attribute in attributes)
    return list(dict.fromkeys(["userPrincipalName", "accountEnabled", *needed]))


def people_table(users: Iterable[dict[str, Any]], attributes: Sequence[Attribute]) -> PeopleTable:
    """Make a people file; disabled accounts stay in it, since a badge that is still used is what one wants to see.

    Args:
        users: of the directory.
        attributes: the keys, a column each.
    """
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([*(attribute.column for attribute in attributes), UPN, ENABLED])
    lines: list[tuple[str, ...]] = []
    counts: Counter[str] = Counter()
    owners: dict[tuple[int, str], set[str]] = {}
    for user in users:
        upn = _text(user.get("userPrincipalName"))
        keys = [_text(_at(user, attribute.path)) for attribute in attributes]
        kind = "without key" if not any(keys) else "people" if is_account(upn) else "without account"
        counts[kind] += 1
        if kind != "people":
            continue
        enabled = user.get("accountEnabled") is not False
        counts["disabled"] += not enabled
        lines.append((*keys, upn, "true" if enabled else "false"))
        for at, key in enumerate(keys):
            if key:
                owners.setdefault((at, key), set()).add(upn.lower())
    rows.writerows(sorted(lines))
    return PeopleTable(
        text.getvalue().encode(),
        counts["people"],
        counts["disabled"],
        counts["without key"],
        counts["without account"],
        sum(len(upns) > 1 for upns in owners.values()),
    )


def _at(user: Any, path: Sequence[str]) -> Any:
    for name in path:
        user = user.get(name) if isinstance(user, dict) else None
    return user


def _text(value: Any) -> str:
    """A value as one line of text; lists, objects and nothing are empty."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return " ".join(str(value).split())
