"""How the data account is reached: with the app's identity in Azure, or Azurite's connection string on one machine."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from shared.setting_checks import Setting, guid, https, matching

AZURITE_PATH: Final = "/devstoreaccount1"
"""Azurite has its account in the path; in Azure it is in the host's name, and a path is a container's, pasted by mistake."""


@dataclass(frozen=True, slots=True)
class StorageConnection:
    """How to reach the data account: two service URIs with the app's identity, or Azurite's connection string."""

    blob_uri: str = ""
    queue_uri: str = ""
    connection_string: str = field(default="", repr=False)


STORAGE_SETTINGS: Final = (
    https(
        "ExportStorage__blobServiceUri",
        "",
        "Required in Azure: the data account's blob service.",
        path=AZURITE_PATH,
    ),
    https(
        "ExportStorage__queueServiceUri",
        "",
        "Required in Azure: the data account's queue service.",
        path=AZURITE_PATH,
    ),
    matching(
        "ExportStorage__credential",
        "",
        "managedidentity",
        "managedidentity",
        "Required in Azure: how the host logs in.",
    ),
    guid("ExportStorage__clientId", "", "Required in Azure: the same as AZURE_CLIENT_ID."),
    Setting(
        "ExportStorage", "", "a connection string", "A connection string instead, for Azurite only.", str
    ),
)
"""The app settings of the host's own connection, which ours shares."""


def storage_connection(values: Mapping[str, Any], problems: list[str]) -> StorageConnection:
    """The connection that the app settings describe.

    Args:
        values: of all app settings, by name; empty for what is not set or malformed.
        problems: a line is added for everything that is missing or does not fit together.
    """
    text: str = values["ExportStorage"]
    if text:
        if not _is_azurite(text):
            problems.append(
                "ExportStorage may hold a connection string for Azurite only; use ExportStorage__blobServiceUri"
            )
        return StorageConnection(connection_string=text)
    for part in ("blobServiceUri", "queueServiceUri"):
        name = f"ExportStorage__{part}"
        if not values[name] and not _told(name, problems):
            problems.append(f"{name} is missing: the data account's https address")
    _check_identity(values, problems)
    return StorageConnection(
        values["ExportStorage__blobServiceUri"], values["ExportStorage__queueServiceUri"]
    )


def _check_identity(values: Mapping[str, Any], problems: list[str]) -> None:
    host_uses, we_use = values["ExportStorage__clientId"], values["AZURE_CLIENT_ID"]
    if _told("ExportStorage__clientId", problems) or _told("AZURE_CLIENT_ID", problems):
        return
    if values["ExportStorage__credential"] and not we_use:
        problems.append("AZURE_CLIENT_ID is missing: the client id of the app's identity")
    elif (values["ExportStorage__credential"] or host_uses) and host_uses.lower() != we_use.lower():
        problems.append("ExportStorage__clientId must be the same identity as AZURE_CLIENT_ID")


def _told(name: str, problems: list[str]) -> bool:
    return any(problem.startswith(f"{name} ") for problem in problems)


def _is_azurite(connection_string: str) -> bool:
    """Whether it leads to this machine, or to a host without a domain (a container beside us) and Azurite's account."""
    pairs = {
        key.lower(): value for key, _, value in (part.partition("=") for part in connection_string.split(";"))
    }
    if pairs.get("usedevelopmentstorage") == "true" and "developmentstorageproxyuri" not in pairs:
        return True
    try:
        hosts = {urlsplit(uri).hostname or "" for key, uri in pairs.items() if key.endswith("endpoint")}
    except ValueError:
        return False
    if hosts and hosts <= {"127.0.0.1", "localhost", "::1"}:
        return True
    beside_us = all(re.fullmatch(r"[0-9a-z_-]+", host) for host in hosts)
    return bool(hosts) and beside_us and pairs.get("accountname") == "devstoreaccount1"
