"""What one app setting is: its name, its default, its meaning, and the check that turns its text into a value."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv6Address
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

_MAX_HOST: Final = 253
_LABEL: Final = r"[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?"

_MOMENT: Final = re.compile(
    r"20[0-9]{2}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})"
)

REQUIRED: Final = None
"""The default of a setting that must be set."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One app setting, declared once for the code, the reference page and the tests of the stacks.

    Attributes:
        name: of the app setting.
        default: as text; `REQUIRED`, or empty if it may be left out.
        should_be: what it must be, as the end of a sentence that begins with its name and `must be`.
        meaning: for the reference page.
        parse: turns a text into a value; raises `ValueError` for a text that is not what it should be.
    """

    name: str
    default: str | None
    should_be: str
    meaning: str
    parse: Callable[[str], Any]

    def read(self, text: str) -> Any:
        """Turn the text into a value.

        Raises:
            ValueError: with what it must be; without the text, which might be a secret in the wrong place.
        """
        try:
            return self.parse(text)
        except ValueError:
            raise ValueError(f"must be {self.should_be}") from None


def matching(name: str, default: str | None, pattern: str, should_be: str, meaning: str) -> Setting:
    """A setting whose whole text matches a pattern.

    Args:
        name: see `Setting`.
        default: see `Setting`.
        pattern: a regular expression.
        should_be: see `Setting`.
        meaning: see `Setting`.
    """

    def parse(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError
        return text

    return Setting(name, default, should_be, meaning, parse)


def choice(name: str, words: Sequence[str], meaning: str) -> Setting:
    """A setting that is one of some words, of which the first is its default."""
    return matching(name, words[0], "|".join(words), "one of " + ", ".join(words), meaning)


def guid(name: str, default: str | None, meaning: str) -> Setting:
    """A setting that is a GUID."""
    return matching(name, default, r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", "a GUID", meaning)


def container(name: str, default: str | None, meaning: str) -> Setting:
    """A setting that names a blob container or a queue."""
    should_be = "3 to 63 lower-case letters, digits and single hyphens"
    return matching(name, default, r"(?=.{3,63}\Z)[a-z0-9]+(?:-[a-z0-9]+)*", should_be, meaning)


def vault_name(name: str, default: str, meaning: str) -> Setting:
    """A setting that names what lies in the vault."""
    should_be = "a name in the vault, not a value or an address"
    return matching(name, default, r"[0-9A-Za-z-]{1,127}", should_be, meaning)


def whole(name: str, default: int, low: int, high: int, meaning: str) -> Setting:
    """A setting that is a whole number.

    Args:
        name: see `Setting`.
        default: its value where it is not set.
        low: the least value.
        high: the greatest value.
        meaning: see `Setting`.
    """

    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,12}", text) or not low <= int(text) <= high:
            raise ValueError
        return int(text)

    return Setting(name, str(default), f"a whole number from {low} to {high}", meaning, parse)


def https(name: str, default: str | None, meaning: str, *, path: str = "") -> Setting:
    """A setting that is the https address of a host; a slash at its end is taken away.

    Args:
        name: see `Setting`.
        default: see `Setting`.
        meaning: see `Setting`.
        path: the one path that the address may have.
    """
    should_be = "an https address of a host, without a path, a user, a query or a fragment"

    def parse(text: str) -> str:
        if re.search(r"[\s\\@?#]", text):
            raise ValueError
        parts = urlsplit(text)
        host = parts.hostname or ""
        if parts.scheme != "https" or parts.port == 0 or not is_host(host):
            raise ValueError
        if parts.path.rstrip("/") not in {"", path}:
            raise ValueError
        return text.rstrip("/")

    return Setting(name, default, should_be, meaning, parse)


def is_host(text: str) -> bool:
    """Whether a text can be the name or the address of a host: labels of 1 to 63 letters, digits and inner hyphens."""
    if ":" in text:
        return _is_ipv6(text)
    return len(text) <= _MAX_HOST and bool(re.fullmatch(rf"{_LABEL}(?:\.{_LABEL})*\.?", text))


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def switch(name: str, *, default: bool, meaning: str) -> Setting:
    """A setting that is `on` or `off`."""
    words = {"on": True, "off": False}

    def parse(text: str) -> bool:
        if text not in words:
            raise ValueError
        return words[text]

    return Setting(name, "on" if default else "off", "on or off", meaning, parse)


def time_zone(name: str, default: str, meaning: str) -> Setting:
    """A setting that names a time zone."""
    return Setting(name, default, "an IANA time zone, such as Europe/Vienna", meaning, _zone)


def moment(name: str, meaning: str) -> Setting:
    """A setting that is a time in the past, or left out; its value is an EventTime in UTC, empty if it is left out."""
    should_be = "a date and time with an offset that is not in the future, such as 2026-11-22T00:00:00+01:00"
    return Setting(name, "", should_be, meaning, _moment)


def _moment(text: str) -> str:
    if not _MOMENT.fullmatch(text):
        raise ValueError
    said = datetime.fromisoformat(text).astimezone(UTC)
    if said > datetime.now(UTC):
        raise ValueError
    return said.isoformat()[:19]


def _zone(text: str) -> ZoneInfo:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z][A-Za-z0-9_+-]*)*", text):
        raise ValueError
    try:
        return ZoneInfo(text)
    except (KeyError, OSError):  # no such zone; a folder of zones
        raise ValueError from None
