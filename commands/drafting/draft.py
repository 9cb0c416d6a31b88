"""What a file is and what its columns mean: everything that the draft of a profile is made of."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from commands.drafting.columns import ColumnFacts
from commands.drafting.encodings import Encoding, decode, guess_encoding
from commands.drafting.events import EventsLayout, read_events
from commands.drafting.roles import Roles, guess_roles, is_card
from commands.drafting.tables import TableLayout, read_table
from commands.drafting.words import meaning_of
from shared.error_codes import RejectedCode
from shared.errors import ExportError
from shared.sources.foreign import refuse_binary, refuse_text
from shared.sources.texts import SPACE
from shared.sources.words import Meaning

MAX_BYTES: Final = 64_000_000
"""So much of a file, unpacked, is read for a draft."""


@dataclass(frozen=True)
class Draft:
    """What was found in a file.

    Attributes:
        layout: how its table or its events are written.
        encoding: of its text.
        rows: its rows, one text for each column.
        roles: what the columns mean.
        facts: of each column that has something in it.
    """

    layout: TableLayout | EventsLayout
    encoding: Encoding
    rows: list[list[str]]
    roles: Roles
    facts: list[ColumnFacts]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns, or the paths."""
        return self.layout.columns if isinstance(self.layout, TableLayout) else self.layout.paths

    @property
    def nulls(self) -> list[str]:
        """Words for nothing that occur in the columns that matter."""
        found = {word for one in self.facts for word in one.nulls}
        return sorted(found)

    @cached_property
    def words(self) -> dict[str, Meaning]:
        """Each outcome word with the list that it probably belongs to, most frequent first."""
        outcome = self.roles.outcome
        return {word: meaning_of(word) for word, _ in outcome.counts.most_common()} if outcome else {}

    @cached_property
    def without_person(self) -> Mapping[str, bool]:
        """Which outcome words never stand in a row that says who it was."""
        if self.roles.outcome is None or not self.roles.persons:
            return dict.fromkeys(self.words, False)
        at = self.columns.index(self.roles.outcome.name)
        who = [self.columns.index(one.name) for one in self.roles.persons[:_ACTIVE_PERSONS]]
        nothing = {"", "0", *self.nulls}
        named = {row[at] for row in self.rows if any(row[one] not in nothing for one in who)}
        return {word: word not in named for word in self.words}

    @property
    def open_words(self) -> list[str]:
        """Words that a person must put into a list."""
        return [word for word, meaning in self.words.items() if not meaning and not self.without_person[word]]


_ACTIVE_PERSONS: Final = 2
_LOOKED_AT: Final = 4096
_CONTROLS: Final = re.compile(r"[\x01-\x08\x0b\x0e-\x19\x1b-\x1f]")
_FEW_CONTROLS: Final = 0.01
"""The share that a text may have; what is no text has ten times as many."""


def make_draft(data: bytes) -> Draft:
    """Find out what a file is.

    Args:
        data: its bytes, unpacked; no more than `MAX_BYTES` of them.

    Raises:
        ExportError: it is nothing that a profile could read; the message says what it is instead.
    """
    refuse_binary(data[:8])
    encoding = guess_encoding(data)
    text = decode(data, encoding)
    if not text.strip(SPACE):
        raise ExportError(RejectedCode.EMPTY_EXPORT, "The export is empty.")
    refuse_text(text[:_LOOKED_AT])
    _refuse_controls(text[:_LOOKED_AT])
    layout: TableLayout | EventsLayout
    if text.lstrip(SPACE)[:1] in {"{", "["}:
        layout, rows = read_events(text.lstrip(SPACE))
        columns = layout.paths
    else:
        layout, rows = read_table(text)
        columns = layout.columns
    if not rows:
        message = "The file has no row but its first line. A draft needs a file with some events in it."
        raise ExportError(RejectedCode.NOT_A_TABLE, message)
    roles, facts = guess_roles(columns, rows)
    return Draft(layout, encoding, rows, _with_two_persons(roles), facts)


def _refuse_controls(text: str) -> None:
    """Some encoding fits every file; what is no text has control characters in it.

    Raises:
        ExportError: it is none.
    """
    if len(_CONTROLS.findall(text)) > max(_FEW_CONTROLS * len(text), 4):
        message = "The export is no text: it holds control characters, as a program's own format does."
        raise ExportError(RejectedCode.NOT_A_TABLE, message)


def _with_two_persons(roles: Roles) -> Roles:
    """The best person column first, behind it the best one of the other kind: a card beside a number of the person."""
    if not roles.persons:
        return roles
    first, *rest = roles.persons
    rest.sort(key=lambda one: is_card(one) == is_card(first))
    return replace(roles, persons=(first, *rest))
