"""What is in a column: how often it is filled, how many different texts it has, and what they look like."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from commands.drafting.shapes import ADDRESS, CODE, GUID, NUMBER, is_null
from shared.sources.paths import plain_names


@dataclass(frozen=True, eq=False)
class ColumnFacts:
    """A column of a table, or a path of events.

    Attributes:
        name: as a profile names it.
        rows: how many rows there are.
        counts: how often each text occurs; without the empty one and words for nothing.
        nulls: the words for nothing that occur.
    """

    name: str
    rows: int
    counts: Counter[str]
    nulls: frozenset[str]

    @cached_property
    def filled(self) -> int:
        """How many rows have a text."""
        return self.counts.total()

    @property
    def different(self) -> int:
        """How many different texts there are."""
        return len(self.counts)

    @property
    def last_name(self) -> str:
        """The name without what leads to it, in small letters: `event_info.userInfo.email` is `email`."""
        return self.short.rpartition(" ")[2].casefold() if "." in self.name else self.name.casefold()

    @cached_property
    def short(self) -> str:
        """What the column is about: the last two names of a path, a typed list by its type: `door id`."""
        plain = re.sub(r"\w+\[\?\w+=='(.*?)'\]", r"\1", self.name.removesuffix(" | [0]"))
        names = plain_names(plain) or tuple(plain.split("."))
        return " ".join(names[-2:])

    @cached_property
    def mean_length(self) -> float:
        """How many characters a text has on the average."""
        return sum(len(text) * count for text, count in self.counts.items()) / max(self.filled, 1)

    @cached_property
    def guids(self) -> float:
        """The share of texts that are GUIDs."""
        return self._share(GUID.fullmatch)

    @cached_property
    def addresses(self) -> float:
        """The share of texts that are e-mail addresses."""
        return self._share(ADDRESS.fullmatch)

    @cached_property
    def numbers(self) -> float:
        """The share of texts that are numbers."""
        return self._share(NUMBER.fullmatch)

    @cached_property
    def keys(self) -> float:
        """The share of texts that could be a person's key: a number, a code such as C-204, a GUID, one word."""
        return self._share(_is_key)

    @cached_property
    def padded(self) -> bool:
        """Whether numbers have leading zeros."""
        return any(text.isdigit() and text.startswith("0") and len(text) > 1 for text in self.counts)

    def _share(self, fits: Callable[[str], object]) -> float:
        if not self.filled:
            return 0.0
        return sum(count for text, count in self.counts.items() if fits(text)) / self.filled


def facts_of(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[ColumnFacts]:
    """The facts of each column."""
    found = []
    for at, name in enumerate(columns):
        counts = Counter(row[at] for row in rows)
        nulls = frozenset(text for text in counts if is_null(text))
        for text in ("", *nulls):
            counts.pop(text, None)
        found.append(ColumnFacts(name, len(rows), counts, nulls))
    return found


def _is_key(text: str) -> bool:
    shaped = NUMBER.fullmatch(text) or CODE.fullmatch(text) or GUID.fullmatch(text)
    return bool(shaped) or re.fullmatch(r"[A-Za-z0-9._-]{2,40}", text) is not None
