"""From a blob's bytes to those of the file: gzip is undone, and the unpacked bytes are hashed.

gzip is known by its first two bytes, whatever the name and headers say. Everything is streamed in pieces of at most
`PIECE_BYTES`, so that neither a large export nor a gzip bomb costs memory.
"""

import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Final

from shared.error_codes import RejectedCode
from shared.errors import ExportError

PIECE_BYTES: Final = 1 << 19
"""Small enough for a processor's cache, which is where the time of a pass is won."""

_PACKED_BYTES: Final = 1 << 16  # fed to zlib at a time: it copies what it leaves over, at every member's end
GZIP: Final = b"\x1f\x8b"
"""What a gzip file begins with."""


class Unpacked:
    """An export's unpacked bytes, in pieces, counted and hashed on their way.

    Attributes:
        unpacked_bytes: how many have passed so far.
        packed: whether it is gzip; known once the first piece is out.
    """

    def __init__(
        self,
        chunks: Iterable[bytes],
        max_bytes: int,
        *,
        hashed: bool = True,
        each_piece: Callable[[], None] | None = None,
    ) -> None:
        """Begin; nothing is read yet.

        Args:
            chunks: the blob's bytes, in pieces of any size.
            max_bytes: how many unpacked bytes are allowed.
            hashed: whether `sha256` will be asked for.
            each_piece: called before each piece is given out; may raise what ends the reading.
        """
        self._chunks = filter(None, chunks)
        self._max_bytes = max_bytes
        self._sha256 = hashlib.sha256() if hashed else None
        self._each_piece = each_piece
        self.unpacked_bytes = 0
        self.packed = False

    @property
    def sha256(self) -> str:
        """SHA-256 of what has passed so far, in hexadecimal; empty if it was not asked for."""
        return self._sha256.hexdigest() if self._sha256 else ""

    def __iter__(self) -> Iterator[bytes]:
        """Yield pieces of `PIECE_BYTES`, the last one shorter.

        Raises:
            ExportError: `broken-gzip`, or `too-large` as soon as `max_bytes` is passed.
        """
        head = b""
        while len(head) < len(GZIP) and (chunk := next(self._chunks, None)) is not None:
            head += chunk
        chunks = chain((head,), self._chunks)
        self.packed = head.startswith(GZIP)
        for piece in _even(self._gunzipped(chunks) if self.packed else chunks):
            if piece.startswith(GZIP) and not self.unpacked_bytes:
                raise _broken_gzip("The export is compressed twice; compress it once.")
            self.unpacked_bytes += len(piece)
            if self.unpacked_bytes > self._max_bytes:
                raise ExportError(
                    RejectedCode.TOO_LARGE, f"The export unpacks to more than {self._max_bytes:,} bytes."
                )
            if self._sha256:
                self._sha256.update(piece)
            if self._each_piece:
                self._each_piece()
            yield piece

    def _gunzipped(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The unpacked bytes of one gzip member after another."""
        member = zlib.decompressobj(wbits=31)
        for packed in _slices(chunks, _PACKED_BYTES):
            left = packed
            while left:
                if member.eof:
                    member = zlib.decompressobj(wbits=31)
                yield from _inflated(member, left)
                left = member.unused_data
        if not member.eof:
            raise _broken_gzip("The gzip file ends too early; the upload may have been cut short.")


def damage_or(error: ExportError, unpacked: Iterable[bytes], rest: Iterator[bytes]) -> ExportError:
    """What to say of an export that makes no sense: of a gzip that proves to be damaged further on, just that.

    A damaged gzip yields nonsense long before its checksum tells.

    Args:
        error: what was found in the unpacked bytes.
        unpacked: the export; gzip is read to its end.
        rest: its pieces that have not been read yet.
    """
    try:
        while isinstance(unpacked, Unpacked) and unpacked.packed and next(rest, None) is not None:
            pass
    except ExportError as found:
        return found if found.code is RejectedCode.BROKEN_GZIP else error
    return error


def _inflated(member: "zlib._Decompress", packed: bytes) -> Iterator[bytes]:
    """What a member makes of packed bytes, in pieces of at most `PIECE_BYTES`."""
    try:
        piece = member.decompress(packed, PIECE_BYTES)
        yield piece
        while len(piece) == PIECE_BYTES and not member.eof:
            piece = member.decompress(member.unconsumed_tail, PIECE_BYTES)
            yield piece
    except zlib.error:
        raise _broken_gzip("The gzip file is damaged, or something follows its end.") from None


def _broken_gzip(message: str) -> ExportError:
    return ExportError(RejectedCode.BROKEN_GZIP, message)


def _slices(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    for chunk in chunks:
        for start in range(0, len(chunk), size):
            yield chunk[start : start + size]


def _even(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of one size: a stream of tiny chunks must not cost more than one of large ones."""
    waiting: list[bytes] = []
    waiting_bytes = 0
    try:
        for chunk in filter(None, chunks):
            waiting.append(chunk)
            waiting_bytes += len(chunk)
            if waiting_bytes >= PIECE_BYTES:
                whole = b"".join(waiting)
                even_bytes = waiting_bytes - waiting_bytes % PIECE_BYTES
                yield from _slices((whole[:even_bytes],), PIECE_BYTES)
                waiting = list(filter(None, [whole[even_bytes:]]))  # to join a chunk alone copies nothing
                waiting_bytes -= even_bytes
    except ExportError:
        yield b"".join(waiting)  # what came before the error still has a line and a column
        raise
    if waiting_bytes:
        yield b"".join(waiting)
