"""Places: line, column, byte and record, whatever the encoding and wherever a piece ends."""

import gzip

import pytest

from shared.errors import ExportError, Place
from shared.exports.unpacking import PIECE_BYTES, Unpacked
from shared.exports.window import Window
from tests.support.exports import export
from tests.support.read_export import chunked, error_of

ENCODINGS = [
    ("utf-8", b""),
    ("utf-8", b"\xef\xbb\xbf"),
    ("utf-16-le", b"\xff\xfe"),
    ("utf-16-be", b"\xfe\xff"),
]


def broken(before: str, encoding: str, mark: bytes) -> tuple[bytes, Place]:
    """An export that breaks right behind `before`, and the place counted the slow way."""
    data = mark + (before + "!").encode(encoding)
    lines = before.split("\n")
    return data, Place(len(lines), len(lines[-1]) + 1, len(mark + before.encode(encoding)), None)


@pytest.mark.parametrize("chunk", [1, 7, 1 << 20])
@pytest.mark.parametrize(("encoding", "mark"), ENCODINGS)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("name", ["plain", "Zoë", "東京🚪"])
def test_the_place_of_a_break_is_exact(
    chunk: int, encoding: str, mark: bytes, newline: str, name: str
) -> None:
    """Lines end with a line feed, columns count characters, offsets count bytes of the file."""
    before = newline.join(["[", f'  {{"AssetName": "{name}"}},', f'  {{"AssetName": "{name}", '])
    data, place = broken(before, encoding, mark)
    found = error_of(data, chunk=chunk).place
    assert (found.line, found.column, found.offset, found.record) == (
        place.line,
        place.column,
        place.offset,
        2,
    )


@pytest.mark.parametrize(
    ("passed", "counted"),
    [
        (b"", (1, 1, 0)),
        (b"ab", (1, 3, 2)),
        (b"\n", (2, 1, 1)),
        (b"\nab", (2, 3, 3)),
        (b"a\n\nb", (3, 2, 4)),
        ("\u00fc\n\u00fc".encode(), (2, 2, 5)),
    ],
)
def test_lines_and_columns_are_counted_wherever_the_line_feeds_are(
    passed: bytes, counted: tuple[int, int, int]
) -> None:
    """Also where a piece begins with one."""
    assert Window([b""])._counted(passed) == counted


@pytest.mark.parametrize(("encoding", "mark"), ENCODINGS)
@pytest.mark.parametrize("newline", ["\n", "\r\n", " "])
def test_the_place_is_exact_far_into_a_file(encoding: str, mark: bytes, newline: str) -> None:
    """Counting goes on across pieces, through records that were proven in one sweep, on one line or many."""
    records = export(14_000).decode().replace("entrance", "Öffnung 🚪").replace("\n", newline)
    before = records.rstrip().removesuffix("]").rstrip() + "," + newline + "{"
    data, place = broken(before, encoding, mark)
    assert len(data) > 4 * PIECE_BYTES
    found = error_of(data).place
    assert found == Place(place.line, place.column, place.offset, 14_001)


def test_the_place_is_in_unpacked_bytes() -> None:
    """Of a packed export the offset is the one an editor shows after unpacking."""
    plain = error_of(b"[\n{]").place
    assert error_of(gzip.compress(b"[\n{]")).place == plain == Place(2, 2, 3, 1)


def test_a_wrong_byte_has_line_and_column() -> None:
    """Another encoding is found by its byte, and shown as a line and a column as well."""
    data = b'[\n{"UserId": "Zo' + "ë".encode("cp1252") + b'"}]'
    assert error_of(data).place == Place(2, 15, 16, None)
    assert error_of(data, chunk=1).place == Place(2, 15, 16, None)


def test_white_space_of_any_length_is_passed_over() -> None:
    """Nothing of it is kept."""
    window = Window(chunked(b" \t\r\n" * PIECE_BYTES + b"x", 1 << 20))
    assert window.skip_space() == b"x"
    assert len(window.data) <= PIECE_BYTES
    assert window.read_bytes == 4 * PIECE_BYTES
    assert window.place() == Place(PIECE_BYTES + 1, 1, 4 * PIECE_BYTES, None)


def test_the_end_is_the_end() -> None:
    """Behind the last byte there is nothing, however often one asks."""
    window = Window([b"ab"])
    assert window.ensure(2)
    assert not window.ensure(3)
    window.at = 2
    assert window.skip_space() == b""
    assert not window.more()


def test_an_error_about_the_whole_file_gets_no_place() -> None:
    """What breaks while unpacking has no line."""
    packed = gzip.compress(b"[\n  {")
    window = Window(Unpacked([packed[:-3]], 1 << 20))
    assert window.more()
    with pytest.raises(ExportError) as raised:
        window.more()
    assert raised.value.code == "broken-gzip"
    assert raised.value.place == Place()


@pytest.mark.parametrize(
    ("pieces", "offset", "says"),
    [
        ([b'["ab\xc3', b'"]'], 4, "may be Windows-1252"),
        ([b'["\xc3\xa9"', b',"\xe9"]'], 7, "begins as UTF-8, but does not go on as UTF-8"),
    ],
)
def test_what_pieces_before_it_held_counts_for_a_wrong_byte(
    pieces: list[bytes], offset: int, says: str
) -> None:
    """Half a character at the end of one, or one beyond ASCII in it."""
    window = Window(pieces)
    with pytest.raises(ExportError, match=says) as raised:
        window.ensure(1_000)
    assert raised.value.code == "wrong-encoding"
    assert raised.value.place == Place(1, len(b"".join(pieces)[:offset].decode()) + 1, offset)


@pytest.mark.parametrize(("encoding", "mark"), ENCODINGS)
@pytest.mark.parametrize("text", ["", "a", "a\n", "\na", "ab\n\nc\u00fc", "\n\u00fc\n", "ab"])
@pytest.mark.parametrize("before", ["", "x", "x\n", "x\ny"])
def test_what_is_passed_over_changes_no_place(before: str, text: str, encoding: str, mark: bytes) -> None:
    """Line breaks that the caller has counted count like others, also after what is passed over was let go of."""
    window = Window([mark + f"{before}{text}end\n".encode(encoding), "z".encode(encoding)])
    window.ensure(1)
    window.at = len(before.encode())
    window.pass_over(text.encode(), text.count("\n"))
    passed = before + text
    for seen in (passed, f"{passed}en", f"{passed}end\n", f"{passed}end\nz"):
        window.at = len(seen.encode()) - window.passed_bytes
        last = seen.rsplit("\n", 1)[-1]
        place = Place(1 + seen.count("\n"), len(last) + 1, len(mark + seen.encode(encoding)), None)
        assert window.place() == place
        if seen.endswith("en"):
            assert window.more()
            assert window.place() == place
