"""How JSON events are laid out: where the list of events is, and the path of every text in them."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from shared.error_codes import RejectedCode
from shared.errors import ExportError
from shared.sources.paths import Number, compiled_path, plain_names, text_of

_PLAIN_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DEEPEST: Final = 4
_MOST_PATHS: Final = 300
_KINDS: Final = ("type", "kind", "category")
_SPACE: Final = " \t\r\n"


@dataclass(frozen=True, slots=True)
class EventsLayout:
    """How events are laid out.

    Attributes:
        records: the path to the list of events; `None` if they stand at the top.
        paths: of every text in them, in the order in which they occur.
        lines: whether they stand one behind the other, such as one a line.
    """

    records: str | None
    paths: tuple[str, ...]
    lines: bool


def read_events(text: str) -> tuple[EventsLayout, list[list[str]]]:
    """Find out how events are laid out; gives also a row of texts for each, by its paths.

    Raises:
        ExportError: `not-json`: this is no JSON, or holds no objects.
    """
    values = list(_values(text))
    lines = len(values) > 1 and all(isinstance(value, dict) for value in values)
    records, events = _found(values)
    paths = _paths(events)
    getters = [compiled_path(path) for path in paths]
    rows = [["" if path_is_list(text) else text for text in _texts(event, getters)] for event in events]
    return EventsLayout(records, tuple(paths), lines), rows


def path_is_list(text: str) -> bool:
    """Whether a text stands for an object or a list."""
    return "\udfff" in text


def _texts(event: Any, getters: Iterable[Any]) -> list[str]:
    return [text_of(get(event)).strip() for get in getters]


def _values(text: str) -> Iterator[Any]:
    """The top-level values of a text; what is cut at the end is left out if something stands before it."""
    decoder = json.JSONDecoder(parse_float=Number)
    at, found = 0, False
    while (at := _skipped(text, at)) < len(text):
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            if found:
                return
            message = "The file begins like JSON, but is none that can be read: it may be cut, or have an extra comma."
            raise ExportError(RejectedCode.BROKEN_JSON, message) from None
        found = True
        yield value


def _skipped(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def _found(values: list[Any]) -> tuple[str | None, list[dict[str, Any]]]:
    """The events, and the path that leads to them."""
    if len(values) == 1 and isinstance(values[0], list):
        return None, _objects(values[0])
    votes: Counter[str] = Counter()
    for value in values:
        votes.update({path: len(events) for path, events in _lists(value, ()) if events})
    pages = [value for value in values if isinstance(value, dict)]
    if not votes or not pages:
        return None, _objects(values)
    path, events = max(votes.items(), key=lambda item: (item[1], -item[0].count(".")))
    get = compiled_path(path)
    if len(pages) > 1 and events <= len(pages):  # a small list in each event, not events in a page
        return None, _objects(values)
    return path, [event for page in pages for event in _objects(get(page) or [])]


def _objects(values: Iterable[Any]) -> list[dict[str, Any]]:
    found = [value for value in values if isinstance(value, dict)]
    if not found:
        raise ExportError(
            RejectedCode.NOT_JSON, "The file holds no events: there is no object { ... } in it."
        )
    return found


def _lists(value: Any, above: tuple[str, ...]) -> Iterator[tuple[str, list[Any]]]:
    """Every list of objects below an object."""
    if not isinstance(value, dict) or len(above) >= _DEEPEST:
        return
    for name, inner in value.items():
        place = (*above, _named(name))
        if isinstance(inner, list) and any(isinstance(one, dict) for one in inner):
            yield ".".join(place), inner
        yield from _lists(inner, place)


def _paths(events: Iterable[dict[str, Any]]) -> list[str]:
    found: dict[str, None] = {}
    for event in events:
        for path in _leaves(event, ""):
            found.setdefault(path)
        if len(found) >= _MOST_PATHS:
            break
    plain = [path for path in found if plain_names(path)]
    return [*plain, *(path for path in found if path not in plain)][:_MOST_PATHS]


def _leaves(event: dict[str, Any], above: str) -> Iterator[str]:
    """The path of every text, number and truth below an object; of typed lists the first of each type."""
    for name, value in event.items():
        path = f"{above}{_named(name)}"
        if isinstance(value, dict):
            yield from _leaves(value, f"{path}.")
        elif isinstance(value, list):
            yield from _typed(value, path)
        elif value is not None:
            yield path


def _typed(values: list[Any], path: str) -> Iterator[str]:
    """Paths into a list whose objects say what they are, such as `target[?type=='door'].id | [0]`."""
    for value in values:
        kind = next((name for name in _KINDS if isinstance(value, dict) and name in value), None)
        if kind is None or not isinstance(value[kind], str) or "'" in value[kind]:
            continue
        for name, inner in value.items():
            if name != kind and isinstance(inner, str | int):
                yield f"{path}[?{kind}=='{value[kind]}'].{_named(name)} | [0]"


def _named(name: str) -> str:
    """A name as a path says it."""
    return name if _PLAIN_NAME.fullmatch(name) else json.dumps(name, ensure_ascii=False)
