"""What storage lists, read without the SDK's objects."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from azure.core.exceptions import DecodeError

from shared.delivery.ports import Blob
from shared.services.blob_listing import BlobListing, read_page

PAGE = """\ufeff<?xml version="1.0" encoding="utf-8"?>
<EnumerationResults ServiceEndpoint="https://account.blob.example/" ContainerName="badging-results">
<Prefix>outcomes/</Prefix><MaxResults>5000</MaxResults><Blobs>
<Blob><Name>outcomes/Z\u00fcrich &amp; Ost/a.json</Name><Properties><Creation-Time>Sat, 21 Nov 2026 05:00:01 GMT</Creation-Time>
<Last-Modified>Sun, 22 Nov 2026 05:00:01 GMT</Last-Modified><Etag>0x8DE2A</Etag><Content-Length>412</Content-Length>
<BlobType>BlockBlob</BlobType><AccessTier>Archive</AccessTier></Properties>
<Metadata><status>Succeeded</status><code /></Metadata><OrMetadata /></Blob>
<Blob><Name Encoded="true">outcomes%2Fb%01.json</Name><Properties><Last-Modified>Fri, 01 Jan 2027 23:59:59 GMT</Last-Modified>
<Etag>"0x1"</Etag><Content-Length>0</Content-Length><AccessTier>Hot</AccessTier></Properties>
<Metadata><Hdi_isfolder>True</Hdi_isfolder><hdi_isfolder>true</hdi_isfolder></Metadata></Blob>
<Blob><Name>c</Name><Properties><Last-Modified>Sat, 28 Feb 2026 00:00:00 GMT</Last-Modified><Etag>2</Etag>
<Content-Length>5368709120</Content-Length></Properties></Blob>
</Blobs><NextMarker>2!96!more</NextMarker></EnumerationResults>
""".encode()


def test_a_page_gives_what_is_asked_of_blobs() -> None:
    """Names are decoded where storage says that it has encoded them; an empty value of metadata is empty."""
    blobs, _ = read_page(PAGE)
    assert blobs == [
        Blob(
            name="outcomes/Z\u00fcrich & Ost/a.json",
            etag="0x8DE2A",
            bytes=412,
            last_modified=datetime(2026, 11, 22, 5, 0, 1, tzinfo=UTC),
            metadata={"status": "Succeeded", "code": ""},
            is_archived=True,
        ),
        Blob(
            name="outcomes/b\x01.json",
            etag="0x1",
            bytes=0,
            last_modified=datetime(2027, 1, 1, 23, 59, 59, tzinfo=UTC),
            metadata={"Hdi_isfolder": "True", "hdi_isfolder": "true"},
            is_archived=False,
        ),
        Blob("c", "2", 5_368_709_120, datetime(2026, 2, 28, tzinfo=UTC), {}),
    ]
    assert [blob.is_folder for blob in blobs] == [False, True, False]


def test_the_rest_of_a_page_is_the_sdks() -> None:
    """The marker of the next page, and no blob."""
    blobs, rest = read_page(PAGE)
    assert b"2!96!more" in rest
    assert b"<Blob>" not in rest
    assert read_page(rest) == ([], rest)
    assert len(blobs) == 3


def _response(status: int, body: bytes) -> SimpleNamespace:
    answer = SimpleNamespace(status_code=status, body=lambda: body, text=body.decode, headers={"a": "b"})
    return SimpleNamespace(http_response=answer)


def test_a_response_is_as_it_was_but_for_its_blobs() -> None:
    """What is no listing is left alone."""
    listing = BlobListing()
    response = _response(200, PAGE)
    listing.take(response)
    assert len(listing.taken()) == 3
    assert listing.taken() == []
    assert response.http_response.headers == {"a": "b"}
    assert response.http_response.text("utf-8") == response.http_response.body().decode()
    assert "2!96!more" in response.http_response.text()
    refused = _response(503, b"busy")
    listing.take(refused)
    assert refused.http_response.body() == b"busy"


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"<a/>", PAGE.replace(b"Nov", b"Brumaire"), PAGE.replace(b"<Name>c</Name>", b"")]
)
def test_what_is_no_listing_is_said_so(body: bytes) -> None:
    """As the SDK says it."""
    with pytest.raises(DecodeError):
        BlobListing().take(_response(200, body))
