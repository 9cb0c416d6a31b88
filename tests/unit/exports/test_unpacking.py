"""Bytes to UTF-8: gzip, encodings, and what is no longer either."""

import gzip
import hashlib
import itertools
import random
import tracemalloc
import zlib

import pytest

from shared.errors import ExportError, Place
from shared.exports.encodings import Utf8
from shared.exports.unpacking import PIECE_BYTES, Unpacked
from tests.support.exports import export
from tests.support.read_export import chunked, error_of, read

GOOD = export(40)


def unpacked(data: bytes, *, chunk: int = 7, max_bytes: int = 1 << 30) -> bytes:
    """All the bytes that come out."""
    return b"".join(Unpacked(chunked(data, chunk), max_bytes))


@pytest.mark.parametrize("chunk", [1, 7, 1 << 20])
def test_gzip_is_known_by_its_first_two_bytes(chunk: int) -> None:
    """Packed bytes come out unpacked, whatever the chunks are; others come out as they are."""
    assert unpacked(gzip.compress(GOOD), chunk=chunk) == GOOD
    assert unpacked(GOOD, chunk=chunk) == GOOD


@pytest.mark.parametrize("chunk", [1, 7, 1 << 20])
def test_several_gzip_members_are_one_export(chunk: int) -> None:
    """Members are joined, empty ones among them, wherever the chunks are cut."""
    parts = [GOOD[:1], b"", GOOD[1:500], b"", b"", GOOD[500:]]
    assert unpacked(b"".join(map(gzip.compress, parts)), chunk=chunk) == GOOD


def test_every_member_may_refer_back_as_far_as_gzip_allows() -> None:
    """32 kB, in the first member and in each one after it."""
    block = random.Random(1).randbytes(30_000)
    packed = gzip.compress(block + block)
    assert len(packed) < 40_000
    assert unpacked(packed + packed, chunk=1 << 16) == block * 4


def test_the_hash_and_the_count_are_of_the_unpacked_bytes() -> None:
    """The same content has the same hash, packed or not."""
    packed = Unpacked(chunked(gzip.compress(GOOD), 7), 1 << 30)
    for _ in packed:
        pass
    assert packed.sha256 == hashlib.sha256(GOOD).hexdigest()
    assert packed.unpacked_bytes == len(GOOD)


def test_a_pass_that_asks_for_no_hash_gets_none() -> None:
    """The second pass need not hash what the first has hashed."""
    plain = Unpacked([GOOD], 1 << 30, hashed=False)
    assert b"".join(plain) == GOOD
    assert plain.sha256 == ""


def test_reading_can_be_stopped_before_each_piece() -> None:
    """A deadline ends the reading although one chunk of gzip holds everything."""
    pieces = 0

    def after_three() -> None:
        nonlocal pieces
        pieces += 1
        if pieces > 3:
            raise TimeoutError

    packed = gzip.compress(b" " * 100 * PIECE_BYTES)
    reading = iter(Unpacked([packed], 1 << 30, each_piece=after_three))
    assert len(b"".join(itertools.islice(reading, 3))) == 3 * PIECE_BYTES
    with pytest.raises(TimeoutError):
        next(reading)


def test_an_empty_chunk_is_not_the_end() -> None:
    """A stream that yields nothing for once is not taken for a shorter export."""
    packed = gzip.compress(GOOD)
    for data in (GOOD, packed, packed + packed):
        middle = len(data) // 2
        whole = unpacked(data)
        assert b"".join(Unpacked([b"", data[:middle], b"", data[middle:], b""], 1 << 30)) == whole


@pytest.mark.parametrize(
    ("data", "says"),
    [
        pytest.param(gzip.compress(GOOD)[:-1], "ends too early", id="cut in the trailer"),
        pytest.param(gzip.compress(GOOD)[:300], "ends too early", id="cut in the middle"),
        pytest.param(b"\x1f\x8b", "ends too early", id="two bytes"),
        pytest.param(gzip.compress(GOOD) + b"x\n", "follows its end", id="a line too many"),
        pytest.param(gzip.compress(GOOD) + zlib.compress(b"[]"), "follows its end", id="zlib behind it"),
        pytest.param(gzip.compress(GOOD) + b"\0" * 100, "follows its end", id="padded with zeros"),
        pytest.param(gzip.compress(GOOD) + gzip.compress(GOOD)[:9], "ends too early", id="half a member"),
        pytest.param(b"\x1f\x8bnothing at all", "damaged", id="not gzip behind its first bytes"),
        pytest.param(gzip.compress(gzip.compress(GOOD)), "compressed twice", id="compressed twice"),
    ],
)
@pytest.mark.parametrize("chunk", [1, 1 << 20])
def test_broken_gzip_is_an_error(data: bytes, says: str, chunk: int) -> None:
    """Whatever is cut short, damaged, or goes on after its end is refused as a whole."""
    error = error_of(data, chunk=chunk)
    assert error.code == "broken-gzip"
    assert says in error.message


@pytest.mark.parametrize("offset", [12, 200, -6, -2])
def test_a_flipped_bit_in_gzip_is_an_error(offset: int) -> None:
    """The checksum and the length at the end of gzip are compared."""
    packed = bytearray(gzip.compress(GOOD))
    packed[offset] ^= 0x10
    assert read(bytes(packed)).error is not None


def test_an_export_is_refused_as_soon_as_it_unpacks_beyond_the_limit() -> None:
    """A gzip bomb of 200 MB is left after its first megabyte, and costs no memory."""
    bomb = gzip.compress(b"[" + b" " * 200_000_000)
    stream = Unpacked(chunked(bomb, 1 << 22), 1_000_000)
    tracemalloc.start()
    with pytest.raises(ExportError) as raised:
        for _ in stream:
            pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert raised.value.code == "too-large"
    assert "1,000,000 bytes" in raised.value.message
    assert stream.unpacked_bytes <= 1_000_000 + PIECE_BYTES
    assert peak < 4_000_000


def test_the_limit_itself_is_allowed() -> None:
    """An export of exactly the limit passes, one byte more does not; packed or not."""
    assert read(GOOD, max_bytes=len(GOOD)).error is None
    assert error_of(GOOD, max_bytes=len(GOOD) - 1).code == "too-large"
    assert error_of(gzip.compress(GOOD), max_bytes=len(GOOD) - 1).code == "too-large"


def test_tiny_chunks_are_gathered() -> None:
    """A stream of single bytes comes out in pieces of full size, so it costs no more than another."""
    pieces = [len(piece) for piece in Unpacked(itertools.repeat(b" ", 2 * PIECE_BYTES + 5), 1 << 30)]
    assert pieces == [PIECE_BYTES, PIECE_BYTES, 5]


@pytest.mark.parametrize("chunk", [100_000, PIECE_BYTES - 1, PIECE_BYTES + 1, 700_000])
def test_chunks_of_any_size_come_out_in_even_pieces(chunk: int) -> None:
    """Nothing is lost, doubled or moved, and each piece but the last is full."""
    data = random.Random(1).randbytes(4 * PIECE_BYTES + 5)
    pieces = list(Unpacked(chunked(data, chunk), 1 << 30))
    assert [len(piece) for piece in pieces] == [PIECE_BYTES] * 4 + [5]
    assert b"".join(pieces) == data


@pytest.mark.parametrize("chunk", [1, 2, 3, 5, 1 << 20])
@pytest.mark.parametrize(
    ("mark", "encoding", "name"),
    [
        (b"", "utf-8", "utf-8"),
        (b"\xef\xbb\xbf", "utf-8", "utf-8"),
        (b"\xff\xfe", "utf-16-le", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be", "utf-16-be"),
    ],
)
def test_every_accepted_encoding_comes_out_as_utf8(mark: bytes, encoding: str, name: str, chunk: int) -> None:
    """UTF-8 with or without a byte order mark, UTF-16 with one; characters cut by a chunk are put together."""
    text = '["Zoë", "Łódź", "東京", "🚪"]'
    stream = Utf8(chunked(mark + text.encode(encoding), chunk))
    assert b"".join(stream).decode() == text
    assert stream.encoding == name
    assert stream.bom_bytes == len(mark)


@pytest.mark.parametrize(
    ("data", "column", "says"),
    [
        pytest.param('[{"UserId": "Zoë"}]'.encode("cp1252"), 16, "Windows-1252", id="Windows-1252"),
        pytest.param(b'[{"a":"\xed\xa0\x80"}]', 8, "Windows-1252", id="a surrogate as UTF-8"),
        pytest.param(b'[{"a":"\xc0\x80"}]', 8, "Windows-1252", id="an overlong form"),
        pytest.param("[]".encode("utf-16-le"), None, "UTF-16 without", id="UTF-16 without a mark"),
        pytest.param("[]".encode("utf-16-be"), None, "UTF-16 without", id="UTF-16 big endian without a mark"),
        pytest.param("[]".encode("utf-32"), None, "UTF-32", id="UTF-32"),
        pytest.param(b"\xff\xfe[\0\x00\xdc]\0", 2, "UTF-16, but", id="half a pair in UTF-16"),
    ],
)
@pytest.mark.parametrize("chunk", [1, 1 << 20])
def test_another_encoding_is_an_error_with_its_place(
    data: bytes, column: int | None, says: str, chunk: int
) -> None:
    """What is neither says so, and where the first character stands that makes no sense, unless it is the whole file."""
    error = error_of(data, chunk=chunk)
    assert error.code == "wrong-encoding"
    assert says in error.message
    assert error.place.column == column
    if column:
        assert error.message.endswith(
            f"First such character: line 1, column {column} (byte {error.place.offset})."
        )


@pytest.mark.parametrize("data", [b"\0", b"\0\0", b"\0" * 9, b"\0\0\0\0[]"])
@pytest.mark.parametrize("chunk", [1, 1 << 20])
def test_a_file_of_nul_bytes_is_no_encoding(data: bytes, chunk: int) -> None:
    """That is what a disk that was full, or a crash, leaves."""
    error = error_of(data, chunk=chunk)
    assert error.code == "truncated"
    assert "NUL bytes" in error.message


@pytest.mark.parametrize("before", ["x", "é"])
def test_the_place_of_a_wrong_byte_is_exact_far_into_a_file(before: str) -> None:
    """Whether or not the pieces before it are plain ASCII."""
    data = (before * (3 * PIECE_BYTES)).encode() + b"\xe9 "
    with pytest.raises(ExportError) as caught:
        list(Utf8(Unpacked(chunked(data, 1 << 20), 1 << 30)))
    assert caught.value.place == Place(offset=len(data) - 2)


def test_broken_gzip_has_no_place() -> None:
    """A line and a column of what was unpacked so far would help nobody."""
    assert error_of(gzip.compress(GOOD)[:300]).place == Place()


@pytest.mark.parametrize("data", ["[🚪".encode()[:-1], b"\xff\xfe[\0]", "[🚪".encode("utf-16")[:-2]])
def test_an_end_in_the_middle_of_a_character_is_truncation(data: bytes) -> None:
    """A half-written character is a half-written file."""
    error = error_of(data)
    assert error.code == "truncated"
    assert error.place.offset is not None
    assert error.message == f"The file ends in the middle of a character: {error.place}."
