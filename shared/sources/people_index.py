"""An index from keys to accounts, in few bytes a person.

Entries stand one behind the other in a block (`key FF upn FF first day FF last day FE`; neither byte occurs in UTF-8), and a table
of their places is searched by the key's hash, going on to the next place while one is taken: about 50 bytes a person. An
index that is asked for every row has numbers in a list (`numbered`), about 90 bytes a person and a sixth of the time, and other
keys in a dict, about 170 bytes a person and a third of the time.
"""

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import repeat
from sys import getsizeof
from typing import Final, Literal

from shared.sources.numbered import Numbered, parted
from shared.sources.texts import empty_of, quoted

type Compare = Literal["exact", "number", "ignore-case"]
"""How keys are compared; `number`: ASCII digits without leading zeros, anything else exactly."""

_BETWEEN: Final = b"\xff"
_END: Final = b"\xfe"
_SMALLEST: Final = 8
_MOST_OF_A_KEY: Final = 100  # a column that says "0" for everybody must not cost the square of the file


@dataclass(frozen=True, slots=True)
class Account:
    """Whose key it is: the UPN (empty: known, without an account) and the first and last day, empty if unbounded."""

    upn: str
    begins: str = ""
    ends: str = ""


class Ambiguous:
    """Stands where a key belongs to two accounts at the same time."""


AMBIGUOUS: Final = Ambiguous()


class PeopleIndex:
    """From keys to accounts.

    Attributes:
        dated: whether an account may depend on the event's day.
    """

    def __init__(self, *, dated: bool, quick: bool = False) -> None:
        """Begin.

        Args:
            dated: whether entries have days.
            quick: whether it is asked for every row.
        """
        self.dated = dated
        # Each key's UPN; empty for one about which there is more to say, which is in the block.
        self._quick: dict[str, str] = {}
        self._numbered = Numbered(1, ())
        self._is_quick = quick and not dated
        self._entries = 0
        self._block = b""
        self._growing = bytearray()
        self._places = array("I")
        self._mask = 0
        self._several = False
        self._find = self._finder()

    @property
    def keys(self) -> int:
        """How many different entries there are."""
        return self._entries + len(self._numbered) + sum(map(bool, self._quick.values()))

    @property
    def held_bytes(self) -> int:
        """What the index occupies."""
        texts = sum(map(getsizeof, self._quick)) + sum(map(getsizeof, self._quick.values()))
        searched = len(self._block) + self._places.itemsize * len(self._places)
        return searched + getsizeof(self._quick) + texts + self._numbered.held_bytes

    def add(self, key: str, account: Account) -> None:
        """Take an entry in; the same one may come again."""
        if not self._is_quick:
            self._append(key, account)
            return
        known = self._quick.get(key)
        if known is None and account.upn and quoted(account.upn) == f'"{account.upn}"':
            self._quick[key] = account.upn
        elif not known:
            self._quick[key] = ""
            self._append(key, account)
        elif known.lower() != account.upn.lower():
            self._quick[key] = ""
            self._append(key, Account(known))
            self._append(key, account)

    def close(self) -> None:
        """Make the entries searchable; none can be added any more."""
        self._numbered, self._quick = parted(self._quick)
        added, self._block = self._places, bytes(self._growing)
        self._growing = bytearray()
        size = _SMALLEST
        while size < 2 * len(added):
            size *= 2
        self._places, self._mask = array("I", bytes(4 * size)), size - 1
        for place in added:
            self._settle(place)
        self._find = self._finder()

    def knows_one_of(self, words: frozenset[str]) -> bool:
        """Whether one of these words, which are in folded case, is a key of which `upns` gives the account."""
        return any(self._numbered.upns([*words])) or not words.isdisjoint(map(str.casefold, self._quick))

    def upns(self, texts: Sequence[str]) -> list[str]:
        """The UPNs of many keys at once.

        A UPN is empty if there is more to say about its key: nobody, a person without an account, two persons, or one whose
        UPN JSON writes otherwise. In an index that is not asked for every row it always is.
        """
        find = self._quick.get
        if not self._numbered:
            return list(map(find, texts, repeat("")))
        upns = self._numbered.upns(texts)
        for index in empty_of(upns) if self._quick else ():
            upns[index] = find(texts[index], "")
        return upns

    def find(self, key: str) -> str | Ambiguous | None:
        """The UPN of a key, empty for a person without an account; `None` if the file does not know the key.

        For an index that is not dated.
        """
        if upn := self.upns([key])[0]:
            return upn
        return self.find_at(key, "") if self._several else self._find(key)

    def _finder(self) -> Callable[[str], str | None]:
        """The search for the first entry of a key, with everything that it needs at hand."""
        places, mask, block = self._places, self._mask, self._block
        begins, index = block.startswith, block.index

        def find(key: str) -> str | None:
            sought = key.encode("utf-8", "surrogatepass") + _BETWEEN
            slot = hash(sought) & mask
            while place := places[slot]:
                if begins(sought, place - 1):
                    start = place - 1 + len(sought)
                    return block[start : index(_BETWEEN, start)].decode()
                slot = (slot + 1) & mask
            return None

        return find

    def find_at(self, key: str, day: str) -> str | Ambiguous | None:
        """The same for an event on that day (UTC, ISO text)."""
        sought = _coded(key) + _BETWEEN
        found: dict[str, str] = {}
        slot = hash(sought) & self._mask
        while place := self._places[slot]:
            if self._block.startswith(sought, place - 1):
                upn, begins, ends = _parts(self._block, place - 1 + len(sought))
                if begins <= day and (not ends or day <= ends):
                    found.setdefault(upn.lower(), upn)
            slot = (slot + 1) & self._mask
        if len(found) > 1:
            return AMBIGUOUS
        return next(iter(found.values()), None)

    def _append(self, key: str, account: Account) -> None:
        """Put an entry at the block's end."""
        self._places.append(len(self._growing) + 1)
        parts = (key, account.upn, account.begins, account.ends)
        self._growing += _BETWEEN.join(map(_coded, parts)) + _END

    def _settle(self, place: int) -> None:
        """Put an entry's place into the table, unless the same entry is there already."""
        block, places = self._block, self._places
        start = place - 1
        entry = block[start : block.index(_END, start) + 1]
        key = entry[: entry.index(_BETWEEN) + 1]
        slot = hash(key) & self._mask
        same = 0
        while other := places[slot]:
            if block.startswith(key, other - 1):
                same += 1
                if block.startswith(entry, other - 1) or same > _MOST_OF_A_KEY:
                    return
                self._several = True
            slot = (slot + 1) & self._mask
        places[slot] = place
        self._entries += 1


def comparable(key: str, compare: Compare) -> str:
    """A key in the form in which keys of that kind are compared."""
    if compare == "number" and key.isascii() and key.isdigit():
        return key.lstrip("0") or "0"
    return key.casefold() if compare == "ignore-case" else key


def _coded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _parts(block: bytes, start: int) -> tuple[str, str, str]:
    """UPN, first and last day of the entry whose UPN begins there."""
    upn, begins, ends = block[start : block.index(_END, start)].split(_BETWEEN)
    return upn.decode(), begins.decode(), ends.decode()
