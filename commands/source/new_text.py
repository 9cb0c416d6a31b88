"""What `source new` says about a file, in the words of a badge administrator."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from commands.console import screen
from commands.console.command_line import command
from commands.console.formatting import count
from commands.console.tables import Column, show_table
from commands.drafting.columns import ColumnFacts
from commands.drafting.draft import Draft
from commands.drafting.profile_text import looked_up
from commands.drafting.roles import FEW
from commands.drafting.tables import DELIMITERS, TableLayout
from shared.printable import printable

_MOST_WORDS: Final = 12
_MOST_COLUMNS: Final = 6
_HALF: Final = 0.5
_OF_PERSONS: Final = re.compile(
    r"first|last|sur|given|vor|nach|middle|holder|(?:\b|_)[fl]?name$|person|user|actor|nom\b", re.IGNORECASE
)
_GOES_TO: Final = {"success": "success", "failed": "failed", "ignore": "ignore"}


def say_draft(file: Path, draft: Draft, *, whole: bool, words: bool) -> None:
    """Say what was found.

    Args:
        file: that was read.
        draft: what was found in it.
        whole: whether all of it was read.
        words: whether to list the outcome words and where the draft puts them.
    """
    rows = count(len(draft.rows), "row" if isinstance(draft.layout, TableLayout) else "event")
    part = "" if whole else ", in the first 64 MB; the rest was not read"
    screen.say(f"{printable(file.name)}: {_kind(draft)}, {rows}{part}.")
    screen.say()
    show_table([Column(""), Column("", gives_way=True)], list(_facts(draft)), headings=False)
    if draft.roles.outcome and words:
        screen.say()
        _say_words(draft, draft.roles.outcome)
    _say_few_valued(draft)
    screen.say()


def say_shipped(system: str, differences: list[str]) -> None:
    """Say what in the file differs from the profile that the draft was begun from."""
    if not differences:
        screen.say(f"The file has every column that the profile of {system} names.", "green")
    else:
        screen.say(
            f"The profile of {system} does not fit this file in everything; change in the profile:", "yellow"
        )
        for one in differences:
            screen.say(f"  {printable(one)}.")
    screen.say()


def say_next(written: list[Path], text: str, file: Path) -> None:
    """Say what was written, what is left to do, and the command to go on with.

    Args:
        written: the profile, and the people file if there is one.
        text: of the profile.
        file: that was read.
    """
    todos = [
        re.split(r"[:;?]|\. ", line.partition("TODO: ")[2])[0]
        for line in text.splitlines()
        if "TODO: " in line
    ]
    screen.say(f"Written: {' and '.join(map(str, written))}", "green")
    if todos:
        screen.say(f"Left to you ({count(len(todos), 'TODO')}):")
        for number, todo in enumerate(todos, 1):
            screen.say(f"  {number}. {printable(todo)}")
    screen.say("Then try it; nothing is sent:")
    screen.say_commands([command("source try", str(written[0]), str(file))])


def _kind(draft: Draft) -> str:
    layout = draft.layout
    if isinstance(layout, TableLayout):
        separated = (
            f"{DELIMITERS[layout.delimiter]}, two at a time"
            if layout.doubled
            else DELIMITERS[layout.delimiter]
        )
        return f"a table separated by {separated}"
    if layout.records:
        return f'JSON, the events in the list "{printable(layout.records)}"'
    return "JSON, events one behind the other" if layout.lines else "JSON, a list of events"


def _facts(draft: Draft) -> Iterator[tuple[str, str]]:
    layout, roles = draft.layout, draft.roles
    yield "Encoding", draft.encoding.words + ("" if draft.encoding.certain else " (guessed)")
    if isinstance(layout, TableLayout):
        where = f"named in line {layout.header:,}" if layout.header else "without names; they are numbered"
        yield "Columns", f"{len(layout.columns):,}, {where}"
    yield "Time", _time(draft)
    yield (
        "Outcome",
        printable(roles.outcome.name) if roles.outcome else "no such column: every row counts as let in",
    )
    if roles.door_id:
        name = f", named by {printable(roles.door_name.name)}" if roles.door_name else ""
        yield "Door", f"{printable(roles.door_id.name)} ({roles.door_id.different:,} different){name}"
    else:
        yield "Door", "no such column: the file's name is taken"
    yield "Person", _person(draft)


def _time(draft: Draft) -> str:
    time = draft.roles.time
    if time is None:
        return "no column with a date and a time was found"
    guess = time.guess
    said = f"{' and '.join(map(printable, time.columns))}, written like {printable(guess.example)}"
    if guess.unread:
        left = count(guess.texts - guess.fitting, "row")
        said += f"; {left} cannot be read so, such as {printable(guess.unread)}"
    if guess.other:
        said += "; whether day or month comes first, no row tells"
    if guess.carries_offset:
        return said + ". The zone is in the text"
    return said + (". The name says UTC" if time.is_utc_by_name else ". The zone is not in the text")


def _person(draft: Draft) -> str:
    persons = draft.roles.persons
    if not persons:
        return "no column looks like one"
    keys = looked_up(draft)
    if not keys:
        return f"{printable(persons[0].name)} holds e-mail addresses: no people file is needed"
    shown = [
        f"{printable(one.name)} ({one.different:,} different, such as {printable(next(iter(one.counts)))})"
        for one in keys
    ]
    more = [printable(one.name) for one in persons[len(keys) : len(keys) + 3]]
    return " or ".join(shown) + (f"; perhaps {', '.join(more)}" if more else "")


def _say_words(draft: Draft, outcome: ColumnFacts) -> None:
    """The outcome words, how often each occurs, and where the draft puts it."""
    rows = []
    for word, number in outcome.counts.most_common(_MOST_WORDS):
        goes = _GOES_TO.get(draft.words[word], "TODO")
        rows.append(
            (f"{number:,}", printable(word), "never with a person" if draft.without_person[word] else goes)
        )
    heading = f"Word in {printable(outcome.name)}"
    show_table(
        [Column("Rows", number=True), Column(heading, gives_way=True), Column("Goes to", gives_way=True)],
        rows,
    )
    if outcome.different > _MOST_WORDS:
        screen.say(f"... and {count(outcome.different - _MOST_WORDS, 'other word')}, all in the profile.")


def _say_few_valued(draft: Draft) -> None:
    """Other columns with few different words, from which rows to leave out may be told."""
    roles = draft.roles
    known = {roles.outcome, roles.door_id, roles.door_name, *roles.persons}
    few = [
        one
        for one in draft.facts
        if one not in known
        and not _OF_PERSONS.search(one.short)
        and 1 < one.different <= min(FEW, one.filled * _HALF)
        and one.numbers < _HALF
    ]
    if not few:
        return
    screen.say()
    screen.say("Other columns with few words, for [[ignore]] if some rows are no badge events:")
    for one in few[:_MOST_COLUMNS]:
        words = ", ".join(
            f"{printable(word)} {number:,}" for word, number in one.counts.most_common(_MOST_COLUMNS)
        )
        screen.say(f"  {printable(one.name)}: {words}" + (", ..." if one.different > _MOST_COLUMNS else ""))
