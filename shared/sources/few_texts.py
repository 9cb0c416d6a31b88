"""Which paths lead to the same few texts over and over, as those of doors and outcome words do.

A decoder that knows the texts gives the same object each time. So none is made anew, and where it is looked up afterwards its hash
is ready and no characters are compared: of a large export that saves about 7 % of the time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from sys import intern
from typing import Final

from shared.sources.event_structs import Path

_LARGE: Final = 5_000
"""After so many events a decoder that must be made first is worth its while."""
_MOST_TEXTS: Final = 1_000
_LONGEST: Final = 40
"""Characters of a text. `typing` keeps the last 128 types of texts, so both bound what stays in memory behind an export."""
_ENOUGH: Final = 500
"""So many events without a new text: it is likely that all are known."""
_LONGER: Final = 4
"""So many times as many are needed after each surprise, as what was decoded for nothing must be made up for."""
_MOST_SURPRISES: Final = 4


@dataclass
class _Seen:
    """What one path has led to."""

    needed: int
    texts: set[str] = field(default_factory=set)
    quiet: int = 0
    surprises: int = 0
    is_known: bool = False

    @property
    def is_hopeless(self) -> bool:
        """Whether there are too many texts, or new ones too often."""
        many = len(self.texts) > _MOST_TEXTS or self.surprises > _MOST_SURPRISES
        return many or max(map(len, self.texts), default=0) > _LONGEST

    def note(self, texts: set[str], count: int) -> None:
        """Take in the texts of so many events."""
        if texts <= self.texts:
            self.quiet += count
        else:
            self.texts |= texts
            self.quiet = 0
            if self.is_known:
                self.surprises += 1
                self.needed *= _LONGER
        self.is_known = self.quiet >= self.needed


class FewTexts:
    """Learns from an export, and gives up what does not repeat.

    Attributes:
        known: for some paths all texts that they have led to, in order.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        """Begin.

        Args:
            paths: that may lead to few texts.
        """
        self._seen = {path: _Seen(_ENOUGH) for path in paths}
        self._events = 0
        self.known: Mapping[Path, tuple[str, ...]] = {}

    def note(self, columns: Mapping[Path, Sequence[str]], count: int) -> None:
        """Take in what events held.

        Args:
            columns: by path, texts only; those that were decoded as `known` need not be among them.
            count: of events.
        """
        self._events += count
        if self._events < _LARGE:
            return
        for path, seen in [*self._seen.items()]:
            if path in columns:
                seen.note(set(columns[path]), count)
                if seen.is_hopeless:
                    del self._seen[path]
        known = [path for path, seen in self._seen.items() if seen.is_known]
        if known != [*self.known]:
            self.known = {path: tuple(sorted(map(intern, self._seen[path].texts))) for path in known}

    def give_up(self, path: Path) -> None:
        """A path leads to something else than texts."""
        self._seen.pop(path, None)
        self.known = {one: texts for one, texts in self.known.items() if one != path}
