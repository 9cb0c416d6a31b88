"""What became of an export's rows, counted while they are mapped."""

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Final

from shared.events.once import Once
from shared.exports.validate import Violation

MAX_WORDS: Final = 50
"""How many unknown words an outcome names."""

_TRACKED_WORDS: Final = 2_000
_MAX_WORD: Final = 100
_ENOUGH_PERSONS: Final = 3
_OTHER: Final = "other"
_DIGIT: Final = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class UnknownWord:
    """An outcome word that no list has, digits masked with `#`, and how many rows had it; or all others, as `other`."""

    word: str
    records: int


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the rows of an export.

    Attributes:
        read: rows, without those whose cells are all empty.
        valid: records to send; without `first_of_each` those of one event count each.
        rejected: rows set aside.
        repeated: valid records of events that stand earlier in the export, if these were looked for.
        ignored: rows left out on purpose, by code.
        rejections: what was wrong, by violation; a row with two counts in both.
        warnings: by code, how many rows gave rise to it.
        unknown_words: at most `MAX_WORDS` and one `other`.
        unknown_keys: how many different keys no people file knew.
        grant_without_person: whether a row with a `success` word had no person.
    """

    read: int = 0
    valid: int = 0
    rejected: int = 0
    repeated: int = 0
    ignored: dict[str, int] = field(default_factory=dict)
    rejections: dict[Violation, int] = field(default_factory=dict)
    warnings: dict[str, int] = field(default_factory=dict)
    unknown_words: tuple[UnknownWord, ...] = ()
    unknown_keys: int = 0
    grant_without_person: bool = False

    @property
    def judged(self) -> int:
        """The rows of which `max_invalid_percent` allows a share to be rejected."""
        return self.read - sum(self.ignored.values()) + self.ignored.get("before-start", 0)

    def first_of_each(self, repeated: int) -> "Counts":
        """The same, when so many of the valid records repeat others."""
        return replace(self, valid=self.valid - repeated, repeated=repeated)

    @property
    def nothing_mapped(self) -> bool:
        """Whether the profile, not the day, is to blame that no row became a record."""
        mapped = self.valid + self.repeated + self.ignored.get("before-start", 0)
        return mapped == 0 and self.read > 0 and (self.grant_without_person or self.rejected == self.read)


class UnknownWords:
    """Outcome words that no list has.

    One vendor prints the PIN into the word, another a name: digits are masked, and a word is named only if it occurred with
    three different persons.
    """

    def __init__(self) -> None:
        self._rows: Counter[str] = Counter()
        self._persons: dict[str, set[int]] = {}
        self._untracked = 0

    def add(self, word: str, person: int) -> None:
        """Count a row's word, and the hash of whose row it is."""
        masked = _DIGIT.sub("#", word[:_MAX_WORD])
        if masked not in self._rows and len(self._rows) >= _TRACKED_WORDS:
            self._untracked += 1
            return
        self._rows[masked] += 1
        persons = self._persons.setdefault(masked, set())
        if len(persons) < _ENOUGH_PERSONS:
            persons.add(person)

    def named(self) -> tuple[UnknownWord, ...]:
        """The words that may be named, most frequent first, and the number of rows with any other."""
        fit = [
            word
            for word, _ in self._rows.most_common()
            if len(self._persons[word]) >= _ENOUGH_PERSONS and word
        ]
        words = tuple(UnknownWord(word, self._rows[word]) for word in fit[:MAX_WORDS])
        others = self._rows.total() + self._untracked - sum(word.records for word in words)
        return (*words, UnknownWord(_OTHER, others)) if others else words


class Tally:
    """Counts while rows are mapped.

    Attributes:
        ignored: by code.
        warnings: by code.
        valid: records to send so far.
    """

    def __init__(self) -> None:
        self.ignored: Counter[str] = Counter()
        self.warnings: Counter[str] = Counter()
        self.valid = 0
        self._rejected = 0
        self._rejections: Counter[Violation] = Counter()
        self._words = UnknownWords()
        self._keys = Once()
        self._grant_without_person = False

    def reject(self, violations: tuple[Violation, ...]) -> None:
        """A row is set aside."""
        self._rejected += 1
        self._rejections.update({violation.countable for violation in violations})

    def without_person(self, *, granted: bool) -> None:
        """A row names nobody."""
        self._grant_without_person |= granted

    def unknown_word(self, word: str, person: int) -> None:
        """A row's outcome word stands in no list."""
        self._words.add(word, person)

    def unknown_key(self, key: str) -> None:
        """A row's key is in no people file."""
        self._keys.again(hash(key))

    def counts(self, read: int, warnings: dict[str, int]) -> Counts:
        """Everything counted so far, of so many rows; `warnings` come on top."""
        return Counts(
            read=read,
            valid=self.valid,
            rejected=self._rejected,
            ignored=dict(self.ignored),
            rejections=dict(self._rejections),
            warnings=dict(+(self.warnings + Counter(warnings))),
            unknown_words=self._words.named(),
            unknown_keys=len(self._keys),
            grant_without_person=self._grant_without_person,
        )
