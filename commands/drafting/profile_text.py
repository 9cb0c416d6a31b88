"""The draft of a profile as text: what was found, and a TODO where only a person knows."""

from collections.abc import Iterator
from typing import Final

from commands.drafting.columns import ColumnFacts
from commands.drafting.draft import Draft
from commands.drafting.roles import TimeRole, is_card
from commands.drafting.tables import TableLayout
from commands.drafting.toml_text import comment, listed, quoted
from commands.drafting.words import as_pattern

_MOST: Final = 0.8
_ACTIVE: Final = 2
PEOPLE: Final = "people.csv"
UPN: Final = "UPN"


def profile_text(draft: Draft, name: str) -> str:
    """The draft of a profile.

    Args:
        draft: what was found in a file.
        name: of the source, for people.
    """
    parts = [
        _head(name),
        _input(draft),
        _time(draft.roles.time),
        _persons(draft),
        _asset(draft),
        _outcome(draft),
        _policy(),
    ]
    return "\n".join(line for part in parts for line in (*part, ""))


def people_header(draft: Draft) -> str:
    """The first line of a people file for the draft; empty if the file itself says who it was."""
    keys = [key_column(one) for one in looked_up(draft)] if draft.roles.persons else ["Key"]
    return ",".join([*keys, UPN]) + "\n" if keys else ""


def looked_up(draft: Draft) -> list[ColumnFacts]:
    """The person columns whose texts are looked up in a people file."""
    if not draft.roles.persons or draft.roles.persons[0].addresses > _MOST:
        return []
    return list(draft.roles.persons[:_ACTIVE])


def key_column(one: ColumnFacts) -> str:
    """The column of the people file in which the keys of a person column stand."""
    name = one.short.replace(" ", "_") if "." in one.name else one.name
    return "".join(character for character in name if character.isalnum() or character in " _-") or "Key"


def _head(name: str) -> Iterator[str]:
    yield "# A draft by `source new`. Search for TODO; the rest was found in the file, and is worth a check."
    yield "version = 1"
    yield f"name = {quoted(name)}"


def _input(draft: Draft) -> Iterator[str]:
    layout = draft.layout
    yield "[input]"
    yield f"format = {quoted('csv' if isinstance(layout, TableLayout) else 'json')}"
    if not draft.encoding.certain:
        yield "# Guessed: check a name with an umlaut or accent in `source try`."
    if draft.encoding.name != "utf-8":
        yield f"encoding = {quoted(draft.encoding.name)}"
    if isinstance(layout, TableLayout):
        yield from _dialect(layout)
    elif layout.records:
        yield f"records = {quoted(layout.records)}"
    if draft.nulls:
        yield f"missing = {listed(draft.nulls)}"


def _dialect(layout: TableLayout) -> Iterator[str]:
    if layout.delimiter != ",":
        yield f"delimiter = {quoted(layout.delimiter)}"
    if layout.doubled:
        yield comment(
            f"The separator is {layout.delimiter * 2}: with one character, every other column is empty."
        )
    if not layout.quote:
        yield 'quote = ""'
    if not layout.header:
        yield "# There is no line with names. Give the columns better ones if you like, here and below."
        yield f"columns = {listed(layout.columns)}"
    elif layout.header > 1:
        yield f"header = {layout.header}"


def _time(time: TimeRole | None) -> Iterator[str]:
    yield "[time]"
    if time is None:
        yield "# TODO: no column holds a date and a time that could be read. Name the one that does, and how it is written."
        yield 'from = { text = "TODO" }'
        yield 'format = "%Y-%m-%d %H:%M:%S"'
        return
    guess = time.guess
    yield comment(f"Written like {guess.example}: {guess.fitting:,} of {guess.texts:,} can be read so.")
    named = [quoted(one) for one in time.columns]
    yield f"from = {named[0]}" if len(named) == 1 else f'from = {{ join = [{", ".join(named)}], with = " " }}'
    yield f"format = {quoted(guess.format)}"
    if guess.other:
        yield f"# TODO: is the day first or the month? No row of this file tells. The other way is {quoted(guess.other)}"
    if guess.carries_offset:
        return
    if time.is_utc_by_name:
        yield "# The column's name says UTC. Compare one event with the clock on the wall."
        yield 'zone = "UTC"'
        return
    mark = "Also" if guess.other else "TODO"
    yield f"# {mark}: the time zone of the doors' clocks: a name of the IANA list, such as Europe/Berlin or America/Chicago;"
    yield "# UTC if the system writes UTC. Remove the # and compare one event with the clock on the wall."
    yield '# zone = "Europe/Berlin"'


def _persons(draft: Draft) -> Iterator[str]:
    persons = draft.roles.persons
    if not persons:
        yield "# TODO: no column looks like a person. Name the one with a badge number, personnel number or address."
        yield "[[person]]"
        yield 'from = { text = "TODO" }'
        yield f"directory = {quoted(PEOPLE)}"
        yield 'key = "Key"'
        return
    keys = looked_up(draft)
    if not keys:
        yield f"# {persons[0].filled:,} of {persons[0].rows:,} rows have an e-mail address here."
        yield "[[person]]"
        yield f"from = {quoted(persons[0].name)}"
        return
    yield "# TODO: fill in the people file, people.csv: who has which number. `source try` tells which ones it does not know."
    for one in keys:
        yield from _person(one)
    others = [one.name for one in persons[len(keys) :]]
    if others:
        yield comment(f"Might also say who it was: {', '.join(others)}")


def _person(one: ColumnFacts) -> Iterator[str]:
    yield "[[person]]"
    example = next(iter(one.counts))
    yield comment(f"{one.different:,} different, such as {example}, in {one.filled:,} of {one.rows:,} rows")
    yield f"from = {quoted(one.name)}"
    yield f"directory = {quoted(PEOPLE)}"
    yield f"key = {quoted(key_column(one))}"
    if is_card(one) and one.numbers > _MOST:
        yield 'compare = "number"'


def _asset(draft: Draft) -> Iterator[str]:
    door, name = draft.roles.door_id, draft.roles.door_name
    yield "[asset]"
    if door is None:
        yield "# No column looks like a door: the file's name is taken. Name a column if there is one."
        yield r"id = { file_name = '([^/]+?)(?:\.[^./]*)?$' }"
        return
    yield comment(f"{door.different:,} different doors")
    yield f"id = {quoted(door.name)}"
    yield f"name = {quoted((name or door).name)}"


def _outcome(draft: Draft) -> Iterator[str]:
    yield "[outcome]"
    outcome = draft.roles.outcome
    if outcome is None:
        yield "# No column says whether a door opened: every row counts as a person who was let in. Check that."
        yield 'always = "Success"'
        return
    lists: dict[str, list[str]] = {"success": [], "failed": []}
    for word, meaning in draft.words.items():
        if meaning in lists and as_pattern(word) not in lists[meaning]:
            lists[meaning].append(as_pattern(word))
    yield f"from = {quoted(outcome.name)}"
    yield f"success = {listed(lists['success'] or ['TODO'])}"
    yield f"failed = {listed(lists['failed'])}"
    if draft.open_words:
        yield "# TODO: put each of these words into a list: success (the door opened), failed (it stayed shut), or ignore."
        for word in draft.open_words:
            yield comment(
                f"  {quoted(as_pattern(word))} (in {outcome.counts[word]:,} of {outcome.rows:,} rows)"
            )
    yield "ignore = []"
    alone = [quoted(as_pattern(word)) for word in draft.words if draft.without_person[word]]
    if alone:
        yield comment(f"Never with a person, so ignored by themselves: {', '.join(alone)}")


def _policy() -> Iterator[str]:
    yield "[policy]"
    yield "# false: everything is done but sending. Say true when `source try` shows what you expect."
    yield "send = false"
