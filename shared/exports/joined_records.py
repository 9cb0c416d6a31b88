"""Records with commas between them, cut only when one is asked for: most go into a request together."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import compress
from typing import Final, overload

RECORD_HEAD: Final = rb'\{[ \t\r\n]*"(?:[^"\\]|\\.)*+"'
"""How a record begins, up to its first name: a pattern."""


def in_brackets(joined: bytes) -> bytes:
    """A list of records that have commas between them."""
    return b"".join((b"[", joined, b"]"))  # of a segment of 128 kB quicker than formatting it


class JoinedRecords(Sequence[bytes]):
    """Records that all begin alike.

    Attributes:
        joined: their bytes.
    """

    def __init__(self, joined: bytes, head: bytes, count: int) -> None:
        """Join nothing: they are joined.

        Args:
            joined: their bytes, with a comma between two and nothing else.
            head: what each begins with; behind a brace and a comma it stands nowhere else.
            count: how many there are.
        """
        self.joined = joined
        self._head = head
        self._count = count

    def __len__(self) -> int:
        """How many there are."""
        return self._count

    def __iter__(self) -> Iterator[bytes]:
        """One after another."""
        head = self._head
        return (b"%b%b}" % (head, one) for one in self._inner)

    @overload
    def __getitem__(self, which: int) -> bytes: ...

    @overload
    def __getitem__(self, which: slice) -> "JoinedRecords": ...

    def __getitem__(self, which: int | slice) -> "bytes | JoinedRecords":
        """One of them, or some."""
        if isinstance(which, int):
            return b"%b%b}" % (self._head, self._inner[which])
        return self._of(self._inner[which])

    def where(self, wanted: Iterable[object]) -> "JoinedRecords":
        """Some of them.

        Args:
            wanted: for each whether it is.
        """
        return self._of(list(compress(self._inner, wanted)))

    def with_bytes(self, joined: bytes) -> "JoinedRecords":
        """As many records that begin and end alike, of other bytes."""
        return JoinedRecords(joined, self._head, self._count)

    @cached_property
    def _inner(self) -> list[bytes]:
        """Each without what it begins with, and without the brace at its end."""
        return self.joined[len(self._head) : -1].split(b"}," + self._head)

    def _of(self, inner: list[bytes]) -> "JoinedRecords":
        joined = b"%b%b}" % (self._head, (b"}," + self._head).join(inner)) if inner else b""
        return JoinedRecords(joined, self._head, len(inner))
