"""Reads what storage lists, a page at a time.

The SDK makes some forty objects of each blob, which takes it three times as long as storage and network need for the page. Here the
page is read by a pattern, and where that is not enough by expat, into what is asked of it; the SDK, which still does the asking, finds
it empty.
"""

from typing import Any, Final
from urllib.parse import unquote
from xml.etree import ElementTree as ET

from azure.core.exceptions import DecodeError

from shared.blob_names import bare
from shared.delivery.ports import Blob
from shared.services.plain_listing import moment, read_plain_page

_OK: Final = 200


class BlobListing:
    """Takes the blobs out of a listing's pages; `take` is the SDK's `raw_response_hook`."""

    def __init__(self) -> None:
        self._blobs: list[Blob] = []

    def taken(self) -> list[Blob]:
        """The blobs of the page that was listed last, once."""
        blobs, self._blobs = self._blobs, []
        return blobs

    def take(self, response: Any) -> None:
        """Keep the blobs of a page, and leave the rest of it (the next page's marker) to the SDK.

        Raises:
            DecodeError: it is no listing.
        """
        answer = response.http_response
        if answer.status_code != _OK:
            return
        try:
            self._blobs, rest = read_page(answer.body())
        except (ET.ParseError, ValueError, KeyError):
            raise DecodeError("a page of a listing cannot be read") from None
        response.http_response = _Rest(answer, rest)


class _Rest:
    """A response with another body."""

    def __init__(self, whole: Any, body: bytes) -> None:
        self._whole = whole
        self._body = body

    def body(self) -> bytes:
        """The other body."""
        return self._body

    def text(self, _encoding: str | None = None) -> str:
        """The other body as text."""
        return self._body.decode()

    def __getattr__(self, name: str) -> Any:
        """Everything else is as it was."""
        return getattr(self._whole, name)


def read_page(data: bytes) -> tuple[list[Blob], bytes]:
    """Read a page of List Blobs.

    Args:
        data: the XML.

    Returns:
        Its blobs, and the page without them.

    Raises:
        ParseError: it is no XML.
        ValueError, KeyError: it is no listing.
    """
    return read_plain_page(data) or parse_page(data)


def parse_page(data: bytes) -> tuple[list[Blob], bytes]:
    """The same by a parser of XML, whatever is in it.

    Args:
        data: the XML.

    Raises:
        ParseError: it is no XML.
        ValueError, KeyError: it is no listing.
    """
    root = ET.fromstring(data)
    listed = root.find("Blobs")
    if listed is None:
        raise ValueError("no listing")
    blobs = [_blob(one) for one in listed.iter("Blob")]
    listed.clear()
    return blobs, ET.tostring(root)


def _blob(element: ET.Element) -> Blob:
    named, properties = element.find("Name"), element.find("Properties")
    if named is None or properties is None:
        raise ValueError("a blob without name or properties")
    name = named.text or ""
    described = element.find("Metadata")
    metadata = {one.tag: one.text or "" for one in ([] if described is None else described)}
    return Blob(
        name=unquote(name) if named.get("Encoded") == "true" else name,
        etag=bare(properties.findtext("Etag", "")),
        bytes=int(properties.findtext("Content-Length", "0")),
        last_modified=moment(properties.findtext("Last-Modified", "")),
        metadata=metadata,
        is_archived=properties.findtext("AccessTier") == "Archive",
    )
