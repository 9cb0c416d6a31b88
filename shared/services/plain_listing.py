"""Reads a page of a listing by one pattern, three times as fast as by a parser of XML.

It takes a page only if every blob in it is written the way storage writes them, without anything that needs to be understood; of any
other page it says nothing, and the parser reads it.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final
from urllib.parse import unquote

from shared.blob_names import bare
from shared.delivery.ports import Blob

_TEXT: Final = r"[^<\x00-\x1f]*"
_BLOB: Final = re.compile(
    rf"<Blob><Name( Encoded=\"true\")?>({_TEXT})</Name><Properties>(?:<Creation-Time>{_TEXT}</Creation-Time>)?"
    rf"<Last-Modified>({_TEXT})</Last-Modified><Etag>({_TEXT})</Etag>((?:<([\w-]+)(?:>{_TEXT}</\6>| ?/>))*)</Properties>"
    rf"(?:<Metadata>((?:<(\w+)(?:>{_TEXT}</\8>| ?/>))*)</Metadata>|<Metadata ?/>)?(?:<OrMetadata ?/>)?</Blob>"
)
_ENTRY: Final = re.compile(rf"<(\w+)(?:>({_TEXT})</\1>| ?/>)")
_LENGTH: Final = re.compile(r"<Content-Length>([0-9]+)</Content-Length>")
_ARCHIVED: Final = "<AccessTier>Archive</AccessTier>"
_REFERENCES: Final = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'"}
_REFERENCE: Final = re.compile("&[^;]*;?")
_NAMES: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS: Final = {name: f"{number:02}" for number, name in enumerate(_NAMES, 1)}
_BEGIN: Final = b"<Blobs>"
_END: Final = b"</Blobs>"


def read_plain_page(data: bytes) -> tuple[list[Blob], bytes] | None:
    """Read a page of List Blobs.

    Args:
        data: the XML, in UTF-8.

    Returns:
        Its blobs, and the page without them; `None` if anything in it is not plain.
    """
    begin, end = data.find(_BEGIN) + len(_BEGIN), data.rfind(_END)
    if not len(_BEGIN) <= begin <= end:
        return None
    try:
        blobs = [*_blobs(data[begin:end].decode())]
    except (ValueError, KeyError):  # what follows them says what it is
        return None
    return blobs, data[:begin] + data[end:]


def moment(text: str) -> datetime:
    """`Sun, 22 Nov 2026 05:00:01 GMT`, always in this form (RFC 1123).

    Raises:
        KeyError, ValueError: it is not.
    """
    return datetime.fromisoformat(f"{text[12:16]}-{_MONTHS[text[8:11]]}-{text[5:7]}T{text[17:25]}").replace(
        tzinfo=UTC
    )


def _blobs(text: str) -> Iterator[Blob]:
    place = 0
    match = _BLOB.match
    while place < len(text):
        found = match(text, place)
        if found is None:
            raise ValueError("a blob that is not plain")
        place = found.end()
        encoded, name, modified, etag, properties, _, described, _ = found.groups()
        length = _LENGTH.search(properties)
        metadata = (
            {key: _understood(value or "") for key, value in _ENTRY.findall(described)} if described else {}
        )
        name = _understood(name)
        yield Blob(
            unquote(name) if encoded else name,
            bare(_understood(etag)),
            int(length[1]) if length else 0,
            moment(modified),
            metadata,
            _ARCHIVED in properties,
        )


def _understood(text: str) -> str:
    """A text with what stands for the five special characters put back."""
    return _REFERENCE.sub(lambda found: _REFERENCES[found[0]], text) if "&" in text else text
