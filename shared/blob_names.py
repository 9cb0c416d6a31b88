"""Names of blobs: which are safe to touch, which are exports, and where an export's documents live.

The checks run before any storage client is built: with a token credential the SDK resolves `..` in a blob's name and
writes into another container, and a storage URL drops dots at the end of a segment.
"""

import hashlib
import re
from enum import Enum, auto
from typing import Final
from urllib.parse import quote

MAX_NAME_BYTES: Final = 900
"""Encoded. Azure takes 1,024 characters; an outcome's path adds a folder and an ETag to the name."""

_EXPORT: Final = re.compile(r"\.(?:json|jsonl|ndjson)(?:\.gz)?\Z", re.IGNORECASE)
_UNFINISHED: Final = re.compile(r"\.(?:tmp|part|filepart)\Z", re.IGNORECASE)
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\\]|[\ud800-\udfff]")

_DECEIVING: Final = re.compile(_CONTROL.pattern + r"|[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
"""Also what no name may be refused for, and no reader of a log would see: it turns or hides what follows."""


class Kind(Enum):
    """What a blob's name says about it."""

    EXPORT = auto()
    IGNORED = auto()
    NOT_AN_EXPORT = auto()
    UNSAFE = auto()


def is_safe(name: str) -> bool:
    """Whether a blob's name can stand in a path, a log line and a URL without doing harm."""
    if not name or _CONTROL.search(name) or len(quote(name).encode()) > MAX_NAME_BYTES:
        return False
    return not any(segment == "" or segment.endswith(".") for segment in name.split("/"))


def classify_name(name: str) -> Kind:
    """Sort a blob by its name; `IGNORED` are uploads on their way (`.tmp`, `.part`, `.filepart`) and folders."""
    if _UNFINISHED.search(name) or name.endswith("/"):
        return Kind.IGNORED
    if not is_safe(name):
        return Kind.UNSAFE
    return Kind.EXPORT if _EXPORT.search(name) else Kind.NOT_AN_EXPORT


def printable(name: str) -> str:
    """A blob's name for a log line or a message: what controls or turns text is escaped; at most 200 characters."""
    text = name.encode("unicode_escape").decode("ascii") if _DECEIVING.search(name) else name
    return text if len(text) <= 200 else text[:197] + "..."  # noqa: PLR2004  (the figure stands in the docstring)


def bare(etag: str) -> str:
    """An ETag without its quotes; events, headers and listings disagree about them."""
    return etag.strip('"')


def outcome_path(name: str, etag: str) -> str:
    """Where the outcome of this version of an export is written, in the results container."""
    return f"outcomes/{_folder(name)}/{bare(etag)}.json"


def rejected_path(name: str, etag: str) -> str:
    """Where the rejected records of this version of an export are written, in the results container."""
    return f"rejected/{_folder(name)}/{bare(etag)}.jsonl"


def ledger_path(job_id: str, sha256: str, resend: str | None) -> str:
    """Where the ledger of these unpacked bytes is kept, in the state container; a resend has its own."""
    return f"ledger/{job_id.lower()}/{sha256}{f'~{resend}' if resend else ''}.json"


def _folder(name: str) -> str:
    if is_safe(name):
        return name
    return "_/" + hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()
