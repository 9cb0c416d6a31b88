"""What is wrong with a profile beyond its schema: expressions, zones, time formats, paths, and what contradicts itself.

It looks at the document as it was written, and passes over whatever the schema has already found wrong, so that every
problem is named in one go.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

from shared.sources.paths import PathError, compiled_path
from shared.sources.profile_schema import Where, placed
from shared.sources.re2s import PatternError, one_group
from shared.sources.schedule import as_start, as_time_of_day
from shared.sources.time_formats import FormatError, strptime_format
from shared.sources.words import in_two_lists
from shared.sources.zones import ZoneNameError, zone

MAX_PEOPLE_FILES: Final = 4
_OF_TABLES: Final = ("delimiter", "quote", "header", "columns")
_PLAIN_FORMATS: Final = ("iso", "epoch-s", "epoch-ms")
_LISTS: Final = ("success", "failed", "ignore")

type _Found = Iterator[str]


def doubts(said: dict[str, Any], now: datetime | None) -> list[str]:
    """Everything wrong with a profile that its schema cannot say."""
    found: list[str] = []
    tables = {name: table for name, table in said.items() if isinstance(table, dict)}
    is_json = tables.get("input", {}).get("format") == "json"
    found += _input(tables.get("input", {}))
    found += _time(tables.get("time", {}))
    for where, value in _values(said, tables):
        found += _value(where, value, is_json=is_json)
    found += _outcome(tables.get("outcome"))
    found += _people(said.get("person"))
    found += _policy(tables.get("policy", {}), now)
    found += _schedule(tables.get("schedule", {}))
    return found


def _input(said: dict[str, Any]) -> _Found:
    form = said.get("format")
    if form == "json":
        yield from (
            placed(("input", key), 'is for tables, this is format = "json"')
            for key in _OF_TABLES
            if key in said
        )
        if isinstance(said.get("records"), str):
            yield from _tried(("input", "records"), compiled_path, said["records"])
    elif form == "csv":
        if "records" in said:
            yield placed(("input", "records"), 'is for JSON, this is format = "csv"')
        if "columns" in said and "header" in said:
            yield placed(
                ("input", "header"), "does not go with columns, which means that there is no header line"
            )
        if said.get("delimiter", ",") == said.get("quote", '"'):
            yield placed(("input", "quote"), "must be another character than delimiter")


def _time(said: dict[str, Any]) -> _Found:
    form, where = said.get("format"), said.get("zone")
    if isinstance(form, str) and form not in _PLAIN_FORMATS:
        yield from _tried(("time", "format"), strptime_format, form)
    if isinstance(where, str):
        yield from _tried(("time", "zone"), zone, where)
    elif isinstance(where, dict) and isinstance(where.get("map"), dict):
        for text, name in where["map"].items():
            if isinstance(name, str):
                yield from _tried(("time", "zone", "map", text), zone, name)


def _values(said: dict[str, Any], tables: dict[str, Any]) -> Iterator[tuple[Where, Any]]:
    """Every value in the document, with its place."""
    for table, key in (("time", "from"), ("asset", "id"), ("asset", "name"), ("outcome", "from")):
        if key in tables.get(table, {}):
            yield (table, key), tables[table][key]
    by_zone = tables.get("time", {}).get("zone")
    if isinstance(by_zone, dict) and "from" in by_zone:
        yield ("time", "zone", "from"), by_zone["from"]
    for table in ("person", "ignore"):
        rows = said.get(table)
        for index, row in enumerate(rows if isinstance(rows, list) else ()):
            if isinstance(row, dict) and "from" in row:
                yield (table, index, "from"), row["from"]


def _value(where: Where, said: Any, *, is_json: bool) -> _Found:
    if isinstance(said, str):
        if is_json and said:
            yield from _tried(where, compiled_path, said)
    elif isinstance(said, list):
        for index, inner in enumerate(said):
            yield from _value((*where, index), inner, is_json=is_json)
    elif isinstance(said, dict):
        for key in ("pattern", "file_name"):
            if isinstance(said.get(key), str):
                yield from _tried((*where, key), one_group, said[key])
        if "value" in said:
            yield from _value((*where, "value"), said["value"], is_json=is_json)
        if isinstance(said.get("join"), list):
            yield from _value((*where, "join"), said["join"], is_json=is_json)


def _outcome(said: dict[str, Any] | None) -> _Found:
    if said is None:
        return
    if ("from" in said) == ("always" in said):
        yield placed(("outcome", "from"), "is missing; there must be either from or always")
        return
    lists = {key: words for key in _LISTS if isinstance(words := said.get(key), list)}
    if "always" in said and lists:
        yield placed(("outcome", "always"), "does not go with lists of words")
    if "from" in said and not any(lists.values()):
        yield placed(("outcome", "success"), "is missing; without words every row would be unknown")
    texts: Any = {key: [word for word in words if isinstance(word, str)] for key, words in lists.items()}
    for word in in_two_lists(texts):
        yield placed(("outcome",), f'the word "{word}" stands in two lists')


def _people(said: Any) -> _Found:
    tables = [table for table in said if isinstance(table, dict)] if isinstance(said, list) else []
    files = {table["directory"] for table in tables if isinstance(table.get("directory"), str)}
    if len(files) > MAX_PEOPLE_FILES:
        yield placed(("person",), f"names {len(files)} people files; at most {MAX_PEOPLE_FILES} are read")
    for index, table in enumerate(tables):
        key, value = table.get("key"), table.get("from")
        parts = value.get("join") if isinstance(value, dict) else None
        if isinstance(key, list) and len(key) > 1 and isinstance(parts, list) and len(parts) != len(key):
            yield placed(("person", index, "key"), f"has {len(key)} columns, the value joins {len(parts)}")


def _policy(said: dict[str, Any], now: datetime | None) -> _Found:
    if "not_before" not in said:
        return
    try:
        start = as_start(said["not_before"])
    except ValueError:
        sentence = "must be a date and time with an offset, such as 2026-11-22T00:00:00+01:00"
        yield placed(("policy", "not_before"), sentence)
        return
    if now is not None and start > now.astimezone(UTC).isoformat()[:19]:
        yield placed(("policy", "not_before"), "must not be in the future")


def _schedule(said: dict[str, Any]) -> _Found:
    if isinstance(said.get("zone"), str):
        yield from _tried(("schedule", "zone"), zone, said["zone"])
    if "by" in said:
        try:
            as_time_of_day(said["by"])
        except ValueError:
            yield placed(("schedule", "by"), 'must be a time of day such as "07:30"')


def _tried(where: Where, read: Callable[[str], object], text: str) -> _Found:
    try:
        read(text)
    except (PatternError, ZoneNameError, FormatError, PathError) as error:
        yield placed(where, str(error))
