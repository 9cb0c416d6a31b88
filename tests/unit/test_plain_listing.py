"""Pages of a listing that are read by a pattern: the same as by a parser, or not at all."""

from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.services.blob_listing import parse_page, read_page
from shared.services.plain_listing import read_plain_page

_TEXTS = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x24FF, exclude_categories=["Cc"]), max_size=30
)
_PROPERTIES = (
    "<Properties>{created}<Last-Modified>Sun, 22 Nov 2026 05:00:01 GMT</Last-Modified><Etag>{etag}</Etag>"
    "<Content-Length>{bytes}</Content-Length><Content-Encoding /><Content-MD5>1B2M2Y8AsgTpgAmY7PhCfg==</Content-MD5>"
    "<BlobType>BlockBlob</BlobType><AccessTier>{tier}</AccessTier><LeaseStatus>unlocked</LeaseStatus></Properties>"
)
_CREATED = "<Creation-Time>Sat, 21 Nov 2026 05:00:01 GMT</Creation-Time>"


def _page(*blobs: str) -> bytes:
    return (
        '\ufeff<?xml version="1.0" encoding="utf-8"?><EnumerationResults ContainerName="c"><Prefix>outcomes/</Prefix><Blobs>'
        f"{''.join(blobs)}</Blobs><NextMarker>2!96!more</NextMarker></EnumerationResults>"
    ).encode()


def _blob(
    name: str = "day.json",
    described: str = "<Metadata />",
    encoded: str = "",
    created: str = _CREATED,
    **other: str,
) -> str:
    properties = _PROPERTIES.format(
        created=created, **{"etag": "0x8D", "bytes": "412", "tier": "Hot", **other}
    )
    return f"<Blob><Name{encoded}>{escape(name)}</Name>{properties}{described}<OrMetadata /></Blob>"


_METADATA = st.dictionaries(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,9}", fullmatch=True), _TEXTS, max_size=4)
_BLOBS = st.builds(
    _blob,
    name=_TEXTS,
    described=_METADATA.map(
        lambda told: (
            "<Metadata>"
            + "".join(
                f"<{key}>{escape(value)}</{key}>" if value else f"<{key} />" for key, value in told.items()
            )
            + "</Metadata>"
        )
    )
    | st.sampled_from(["", "<Metadata/>", "<Metadata />"]),
    encoded=st.sampled_from(["", ' Encoded="true"']),
    created=st.sampled_from(["", _CREATED]),
    etag=st.sampled_from(["0x8DE2A", '"0x1"', "&quot;0x2&quot;"]),
    tier=st.sampled_from(["Hot", "Archive", "Cool"]),
    bytes=st.integers(0, 1 << 43).map(str),
)


@given(st.lists(_BLOBS, max_size=4))
def test_what_storage_writes_is_read_by_the_pattern_as_by_a_parser(blobs: list[str]) -> None:
    """Names, metadata and the five references, whatever is in them."""
    page = _page(*blobs)
    plain = read_plain_page(page)
    assert plain is not None
    assert plain[0] == parse_page(page)[0]
    assert parse_page(plain[1])[0] == []
    assert b"2!96!more" in plain[1]


@pytest.mark.parametrize(
    "page",
    [
        _page(_blob("a"), "\n", _blob("b")),
        _page(_blob("a").replace("day", "d&#97;y").replace("<Name>a", "<Name>&#97;")),
        _page(_blob(described="<Metadata><status><![CDATA[Failed]]></status></Metadata>")),
        _page(_blob(described='<Metadata><status Encoded="true">a</status></Metadata>')),
        _page("<!-- none -->", _blob()),
        _page(_blob().replace("<Properties>", "<VersionId>1</VersionId><Properties>")),
        _page(_blob().replace("<OrMetadata />", "<Tags><TagSet /></Tags>")),
        _page(_blob("a\tb")),
    ],
    ids=["line ends", "numbers", "cdata", "attributes", "comments", "versions", "tags", "control characters"],
)
def test_anything_else_is_left_to_the_parser(page: bytes) -> None:
    """It is never understood in part."""
    assert read_plain_page(page) is None
    assert read_page(page) == parse_page(page)


@pytest.mark.parametrize(
    "page",
    [
        b"",
        _page(_blob())[:-200],
        _page(_blob()).replace(b"</Blobs>", b""),
        _page(_blob().replace("Nov", "Brumaire")),
        _page(_blob().replace("</Etag>", "</Tag>")),
        _page(_blob()).decode().encode("utf-16"),
        b"</Blobs><Blobs>",
        _page(_blob(), "<Blob>"),
        _page(_blob("&bogus;").replace("&amp;", "&")),
        _page(_blob("\xff")).replace(b"\xc3\xbf", b"\xff"),
    ],
)
def test_what_is_broken_is_not_taken(page: bytes) -> None:
    """The parser says what is wrong with it."""
    assert read_plain_page(page) is None
