"""What a reply's body says of its batch (figures, the items of a 207 that failed), and how it is kept. Pure."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from shared.delivery.outcome import MAX_REPLY_BYTES


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


@dataclass(frozen=True, slots=True)
class ReplyFigures:
    """What a reply says of its batch, on the top level or one below, in any case."""

    saved: int | None = None
    skipped: int | None = None
    has_error: bool = False

    @classmethod
    def of(cls, body: bytes) -> "ReplyFigures":
        """Read them from a reply's body."""
        document = _json(body)
        if not isinstance(document, dict):
            return cls()
        levels = [document, *(value for value in document.values() if isinstance(value, dict))]
        found: dict[str, int] = {}
        for level in levels:
            for key, value in level.items():
                count = _count(value)
                if count is not None:
                    found.setdefault(key.lower(), count)
        has_error = any(value for key, value in document.items() if key.lower() in {"error", "errors"})
        return cls(found.get("recordssaved"), found.get("recordsskipped"), has_error)

    def missing(self, records: int) -> int:
        """Records that are in neither figure; 0 if the reply does not say how many it saved."""
        if self.saved is None:
            return 0
        return min(records, abs(records - self.saved - (self.skipped or 0)))


def _count(value: Any) -> int | None:
    """A value that counts something, as a number or as digits; `True` and nonsense do not."""
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        value = int(value[:20])
    fits = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 53
    return value if fits else None


def failed_items(body: bytes, records: int) -> tuple[int, ...] | None:
    """Indices of the items a 207 names as failed; `None` unless some are, and every one by a good index.

    The shape of the connector's 207 is unknown. Taken at its word is only what leaves no doubt: an array, or the one
    array inside an object, of objects that each have an integer `index` and an integer `status`.
    """
    document = _json(body)
    if isinstance(document, dict):
        arrays = [value for value in document.values() if isinstance(value, list)]
        document = arrays[0] if len(arrays) == 1 else None
    if not isinstance(document, list) or not document:
        return None
    failed: set[int] = set()
    for item in document:
        fields = {key.lower(): value for key, value in item.items()} if isinstance(item, dict) else {}
        index, status = _whole(fields, "index"), _whole(fields, "status")
        if index is None or status is None or index >= records:
            return None
        if status >= HTTPStatus.MULTIPLE_CHOICES:  # anything but success
            failed.add(index)
    return tuple(sorted(failed)) or None


def _whole(fields: Mapping[str, Any], name: str) -> int | None:
    value = fields.get(name)
    return _count(value) if isinstance(value, int) else None


_TOKEN: Final = re.compile(r"(?i)(?:bearer\s+\S+|eyJ[\w-]+\.[\w-]+\.[\w-]*)")


def kept_reply(body: bytes, token: str) -> str:
    """A reply as the outcome keeps it: at most 4 kB, and nothing in it that looks like a token."""
    text = body.decode(errors="replace")
    text = _TOKEN.sub("(token)", text.replace(token, "(token)") if token else text)
    return text.encode()[:MAX_REPLY_BYTES].decode(errors="ignore")
