"""Names of files on this computer: which can be the name of an export, and what a new file is called."""

import hashlib
import ntpath
from typing import Final

from shared.blob_names import Kind, classify_name
from shared.error_codes import RejectedCode
from shared.errors import ExportError
from shared.printable import is_shown

_NOT_ON_WINDOWS: Final = frozenset('<>:"/\\|?*')
_MAX_STEM_BYTES: Final = 120


def check_name(name: str) -> None:
    """Refuse what the function would not read because of its name.

    Raises:
        ExportError: it is not the name of an export.
    """
    check_utf8(name)
    match classify_name(name):
        case Kind.EXPORT:
            return
        case Kind.IGNORED:
            message = "The file name says that it is not complete yet (.tmp, .part, .filepart): skipped. Rename it when it is complete."
            raise ExportError(RejectedCode.NOT_AN_EXPORT, message)
        case Kind.UNSAFE:
            message = "The file name has characters or folders that cannot be used safely; it was not read."
            raise ExportError(RejectedCode.UNSAFE_NAME, message)
        case Kind.NOT_AN_EXPORT:
            raise ExportError(
                RejectedCode.NOT_AN_EXPORT, "The file name must end in .json, .jsonl or .ndjson."
            )


def check_utf8(name: str) -> None:
    """Refuse a name that is no text; on Linux it may be any bytes.

    Raises:
        ExportError: it is not UTF-8.
    """
    if any("\ud800" <= one <= "\udfff" for one in name):
        message = "The file name is not valid UTF-8, so it cannot be the name of an export."
        raise ExportError(RejectedCode.UNSAFE_NAME, message)


def portable_name(name: str) -> str:
    """A name for a new file that every system takes, Windows included; a long one keeps a hash."""
    shown = "".join("_" if one in _NOT_ON_WINDOWS or not is_shown(one) else one for one in name)
    stem = shown.rstrip(". ") or "_"
    if len(stem.encode()) > _MAX_STEM_BYTES:
        digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
        stem = stem.encode()[:_MAX_STEM_BYTES].decode(errors="ignore") + f"~{digest}"
    return f"_{stem}" if ntpath.isreserved(stem) else stem
