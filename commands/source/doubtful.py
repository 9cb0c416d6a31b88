"""What can be used in a profile and is probably not meant: for `source check`, which reads no export."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from shared.sources.profile_model import Mapping, Profile
from shared.sources.re2s import one_group
from shared.sources.source import Source
from shared.sources.values import Cut, FileName, FirstOf, Join, Named, Value, names_in
from shared.sources.words import matcher
from shared.sources.zones import zone

_FIXED: Final = re.compile(r"(?:Etc/.*|[A-Z]{3,4}|GMT[+-]\d+|[A-Z]{3}\d[A-Z]{3})")
_NAME: Final = re.compile(r"name\b|name$|displayname|cardholdername", re.IGNORECASE)
_LOGIN: Final = re.compile(r"user_?name|log[io]n|account", re.IGNORECASE)
_TODO: Final = re.compile(r"#.*\bTODO: *(.*)|\"(TODO)\"")


def doubtful(source: Source, text: str) -> list[str]:
    """Sentences about what is doubtful.

    Args:
        source: that can be used.
        text: of its profile, whose comments may hold a TODO.
    """
    profile = source.profile
    found = [f"a TODO is left: {(match[1] or 'a value').rstrip('.;?')}" for match in _TODO.finditer(text)]
    for file, (number, lines) in source.skipped_lines.items():
        shown = ", ".join(map(str, lines))
        found.append(
            f"{file}: {number:,} lines are left out (no UPN, or no date); the first are lines {shown}"
        )
    if not profile.policy.send:
        found.append("[policy] send = false: the function does everything but send")
    if profile.mapping:
        found += _of_mapping(profile, profile.mapping)
        found += _of_people(source, profile.mapping)
    return found


def _of_mapping(profile: Profile, mapping: Mapping) -> Iterator[str]:
    yield from _zones(mapping)
    for value in mapping.values:
        yield from _patterns(value)
    if profile.input.columns:
        known = set(profile.input.columns)
        lost = dict.fromkeys(
            name for value in mapping.values for name in names_in(value) if name not in known
        )
        yield from (
            f"[input] columns: has no {name}, which is named below; that export would be rejected"
            for name in lost
        )
    for number, person in enumerate(mapping.persons, 1):
        names = list(names_in(person.value))
        if any(_NAME.search(name) and not _LOGIN.search(name) for name in names):
            yield f"[[person]] number {number}: {', '.join(names)} looks like a person's name; two people may share one"
    yield from _words(mapping)


def _zones(mapping: Mapping) -> Iterator[str]:
    time = mapping.time
    if time.format.startswith("epoch") and (time.zone or time.zones):
        yield f"[time] zone: has no effect, {time.format} is always UTC"
        return
    needs = not time.format.startswith("epoch") and "%z" not in time.format and time.format != "iso"
    if needs and not time.zone and not time.zones:
        yield "[time] zone: is missing, and the format has no offset: every row would be rejected, time-zone-missing"
    for name in dict.fromkeys([*([time.zone] if time.zone else []), *time.zones.values()]):
        if name != "UTC" and _FIXED.fullmatch(name):
            yield f"[time] zone: {name} has no rules for summer time; a place is safer, such as Europe/Berlin"
        elif name != "UTC" and _never_changes(name):
            yield f"[time] zone: the clocks of {name} do not change this year; right, if they really do not"


def _never_changes(name: str) -> bool:
    year = datetime.now(UTC).year
    place = zone(name)
    return len({place.utcoffset(datetime(year, month, 1, tzinfo=UTC)) for month in range(1, 13)}) == 1


def _patterns(value: Value) -> Iterator[str]:
    """Expressions that can find nothing, or find nothing in any text."""
    match value:
        case Cut(inner, pattern):
            if pattern is not None and _never_matches(pattern):
                yield f"pattern '{pattern}': can never match; something must stand before its ^ or behind its $"
            yield from _patterns(inner)
        case FileName(pattern):
            if _never_matches(pattern):
                yield f"file_name '{pattern}': can never match; something must stand before its ^ or behind its $"
        case FirstOf(values) | Join(values):
            for inner in values:
                yield from _patterns(inner)
        case Named():
            return
        case _:
            return


def _never_matches(pattern: str) -> bool:
    """Whether text is wanted before the beginning, or behind the end: the usual slip. Anything else is left to `source try`."""
    one_group(pattern)
    plain = re.sub(r"\\.|\[[^\]]*\]", "x", pattern)
    return (
        re.search(r"[^(|?:x]*x[^|]*(?<![\[(|:])\^", plain) is not None
        or re.search(r"\$[^)|]*x", plain) is not None
    )


def _words(mapping: Mapping) -> Iterator[str]:
    """Words of one list that a pattern of another list covers as well: the more exact one counts."""
    lists = mapping.outcome.lists
    if not lists.get("failed") and not mapping.outcome.always:
        yield "[outcome] failed: is empty; refused entries are what is looked for later"
    for meaning, words in lists.items():
        for other, patterns in lists.items():
            for pattern in patterns:
                covered = [
                    word
                    for word in words
                    if meaning != other and "*" in pattern and matcher(pattern)(word.casefold())
                ]
                if covered and "*" not in covered[0]:
                    yield f'[outcome] {meaning}: "{covered[0]}" is covered by "{pattern}" of {other} too; the exact word counts'


def _of_people(source: Source, mapping: Mapping) -> Iterator[str]:
    for file in dict.fromkeys(lookup.directory for lookup in mapping.lookups):
        if not any(index.keys for lookup, index in source.indexes.items() if lookup.directory == file):
            yield f"{file}: names nobody yet; every row would be person-unknown"
