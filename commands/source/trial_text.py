"""What `source try` says: the first rows and what they become, the words, the people, the times, the counts."""

import json
from typing import Any, Final

from rich.text import Text

from commands.console import screen
from commands.console.formatting import count
from commands.console.tables import Column, show_table
from commands.source.trial import ShownRow, Trial
from shared.errors import Place
from shared.printable import printable
from shared.sources.profile_model import Mapping, Profile
from shared.sources.source import Source
from shared.sources.values import names_in
from shared.sources.warning_texts import warning_text

MAX_WORDS: Final = 60
_MAX_KEYS: Final = 10
_MAX_CELL: Final = 60

IGNORED: Final = {
    "rule": "an [[ignore]] rule",
    "no-person": "no person",
    "outcome": "an outcome word to ignore",
    "person-without-account": "a person without an account",
    "person-unknown": "a person whom no people file knows",
    "outcome-unknown": "an outcome word that no list has",
    "before-start": "an event before not_before",
    "repeated": "the same event stands earlier in the file",
}
"""Why a row is no record and no mistake, by code."""

_GOES_TO: Final = {"success": "success", "failed": "failed", "ignore": "ignore"}


def say_trial(trial: Trial, source: Source, mapping: Mapping) -> None:
    """Say everything but the result and the reasons."""
    _say_first(trial.first, mapping)
    if trial.words or trial.alone:
        _say_words(trial, source.profile)
    _say_people(trial)
    _say_times(trial, mapping)
    _say_counts(trial, source)


def say_reasons_of(trial: Trial) -> None:
    """Each reason for rejecting rows, how many it hit, and where the first of them stands."""
    if not trial.counts.rejections:
        return
    screen.say()
    rows = [
        (f"{number:,}", _at(trial.examples.get(one)), f"{one.name or 'the row'} {one.reason}")
        for one, number in sorted(trial.counts.rejections.items(), key=lambda item: (-item[1], item[0].code))
    ]
    columns = [Column("Rows", number=True), Column("First at"), Column("Reason", gives_way=True)]
    show_table(columns, rows)


def _say_first(rows: list[ShownRow], mapping: Mapping) -> None:
    if not rows:
        return
    used = {name for value in mapping.values for name in names_in(value)}
    lines = [
        (_at(row.place), Text("\n".join(_cells(row, used))), Text("\n".join(_becomes(row)))) for row in rows
    ]
    columns = [
        Column("Row"),
        Column("What it says", gives_way=True),
        Column("What it becomes", gives_way=True),
    ]
    show_table(columns, lines)
    screen.say()


def _at(place: Place | None) -> str:
    if place is None:
        return ""
    return f"line {place.line:,}" if place.line else f"{place.record or 0:,}"


def _cells(row: ShownRow, used: set[str]) -> list[str]:
    shown = [
        f"{printable(name)}: {_cell(text)}"
        for name, text in row.cells.items()
        if name in used and text.strip()
    ]
    return shown or ["nothing"]


def _cell(text: str) -> str:
    plain = printable(" ".join(text.replace("\0", " ").split()))
    return plain if len(plain) <= _MAX_CELL else plain[: _MAX_CELL - 3] + "..."


def _becomes(row: ShownRow) -> list[str]:
    if row.record:
        record: dict[str, Any] = json.loads(row.record)
        return [f"{name}: {_cell(str(value))}" for name, value in record.items()]
    if row.ignored:
        return [f"ignored: {IGNORED.get(row.ignored, row.ignored)}"]
    return [f"rejected: {_reason(one.name, one.reason)}" for one in row.violations]


def _reason(name: str, reason: str) -> str:
    return f"{name}: {reason}" if name else reason


def _say_words(trial: Trial, profile: Profile) -> None:
    unknown = "no list: ignored" if profile.policy.unknown_outcome == "ignore" else "no list: rejected"
    rows = [
        (f"{number:,}", _cell(word), _GOES_TO.get(trial.meanings[word], unknown))
        for word, number in trial.words.most_common(MAX_WORDS)
    ]
    rows += [
        (f"{number:,}", _cell(word), "ignored: never with a person")
        for word, number in trial.alone.most_common(MAX_WORDS)
        if word not in trial.words
    ]
    columns = [
        Column("Rows", number=True),
        Column("Outcome word", gives_way=True),
        Column("Goes to", gives_way=True),
    ]
    show_table(columns, rows)
    more = len(trial.words) - MAX_WORDS
    if more > 0:
        screen.say(f"... and {count(more, 'other word')}.")
    screen.say()


def _say_people(trial: Trial) -> None:
    people = trial.people
    parts = [f"{len(people.found):,} found", f"{len(people.without_account):,} without an account"]
    screen.say(f"People: {', '.join(parts)}, {len(people.unknown):,} unknown.")
    if people.unknown:
        most = people.unknown.most_common(_MAX_KEYS)
        keys = ", ".join(f"{_cell(key)} ({count(number, 'row')})" for key, number in most)
        rest = len(people.unknown) - len(most)
        screen.say(f"  In no people file: {keys}" + (f", and {rest:,} more." if rest else "."), "yellow")


def _say_times(trial: Trial, mapping: Mapping) -> None:
    if not trial.earliest[1]:
        if trial.counts.read and not (mapping.time.zone or mapping.time.zones):
            screen.say(
                "Times: none could be told. Does [time] lack its zone, or is its format another?", "yellow"
            )
        return
    for what, (text, utc) in (("Earliest", trial.earliest), ("Latest", trial.latest)):
        screen.say(f"{what} event: {_cell(text)} in the file, {utc} in UTC.")
    if mapping.time.zone or mapping.time.zones:
        zone = f"in {mapping.time.zone}" if mapping.time.zone else "in the zones of the map"
        screen.say(f"  Clocks {zone}: compare one event with the clock on the wall.")


def _say_counts(trial: Trial, source: Source) -> None:
    counts = trial.counts
    parts = [f"{counts.read:,} read", f"{counts.valid:,} would be sent", f"{counts.rejected:,} rejected"]
    ignored = counts.ignored
    if ignored:
        why = ", ".join(
            f"{number:,} {IGNORED.get(code, code)}"
            for code, number in sorted(ignored.items(), key=lambda item: (-item[1], item[0]))
        )
        parts.append(f"{sum(ignored.values()):,} ignored ({why})")
    parts.append(f"{counts.repeated:,} repeated")
    screen.say(f"Rows: {'; '.join(parts)}.")
    for code, number in counts.warnings.items():
        screen.say(f"  Warning: {warning_text(code, number, source)}", "yellow")
