"""Joins the listings of exports and outcomes, page by page, so that a sweep needs no memory and can go on anywhere.

Storage lists by name. Outcomes are named `{export name}/{etag}.json`, and ETags begin with `0x`, so they come in the order
of `name + "/0x"`, which is not quite that of the names: `day.json.gz` comes after `day.json`, and `day.json.gz/0x` before
`day.json/0x`; likewise `2026/01/day.json` and a blob `2026` that marks a folder.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

import msgspec

from shared.blob_names import OUTCOMES_PREFIX, Kind, bare, classify_name
from shared.delivery.outcome_listing import ListedOutcome
from shared.delivery.ports import Blob, Container, Page

_KEY_END: Final = "/0x"


class Cursor(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """Where a sweep goes on.

    Attributes:
        number: of the slice, from 0.
        after: the key of the last name that was handled: the name and `/0x`.
        exports: marker of the page in which the exports go on; `outcomes` likewise.
    """

    number: int = 0
    after: str = ""
    exports: str = ""
    outcomes: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """One export's name: the blob that is there now, if there is one, and the outcomes of all its versions."""

    name: str
    export: Blob | None
    outcomes: list[ListedOutcome]
    cursor: Cursor

    def has_now(self, outcome: ListedOutcome) -> bool:
        """Whether the version that an outcome is about is the one that is there."""
        return self.export is not None and bare(self.export.etag) == outcome.etag


@dataclass(slots=True)
class _Item:
    """A blob and the marker of the page it was listed on."""

    key: str
    marker: str
    blob: Blob


@dataclass(slots=True)
class _Peekable:
    """An iterator whose next item can be looked at."""

    items: Iterator[_Item]
    next: _Item | None = field(init=False)

    def __post_init__(self) -> None:
        self.advance()

    def advance(self) -> None:
        """Go on to the next item."""
        self.next = next(self.items, None)

    def take(self, key: str) -> Iterator[_Item]:
        """All items of this key, which must be next."""
        while self.next and self.next.key == key:
            yield self.next
            self.advance()


def join(
    exports: Container,
    results: Container,
    cursor: Cursor,
    listed: Callable[[Blob], ListedOutcome],
) -> Iterator[Listed]:
    """Every name that has an export or an outcome, from a cursor on.

    Args:
        exports: the exports container.
        results: the results container.
        cursor: where to go on.
        listed: makes an outcome out of its listing.

    Raises:
        StorageError: a container may not be listed.
        TransientError: storage cannot be reached.
    """
    blobs = _Peekable(_after(cursor, _in_folder_order(_exports(exports.pages("", cursor.exports)))))
    outcomes = _Peekable(_after(cursor, _outcomes(results.pages(OUTCOMES_PREFIX, cursor.outcomes))))
    exports_marker, outcomes_marker = cursor.exports, cursor.outcomes
    while blobs.next or outcomes.next:
        key = min(one.next.key for one in (blobs, outcomes) if one.next)
        exports_marker = blobs.next.marker if blobs.next else exports_marker
        outcomes_marker = outcomes.next.marker if outcomes.next else outcomes_marker
        export = next((item.blob for item in [*blobs.take(key)]), None)
        found = [listed(item.blob) for item in outcomes.take(key)]
        place = Cursor(number=cursor.number, after=key, exports=exports_marker, outcomes=outcomes_marker)
        yield Listed(key.removesuffix(_KEY_END), export, found, place)


def _exports(pages: Iterator[Page]) -> Iterator[_Item]:
    for page in pages:
        for blob in page.blobs:
            kind = classify_name(blob.name)
            if not blob.is_folder and kind is not Kind.IGNORED:
                yield _Item(blob.name + _KEY_END, page.marker, blob)


def _outcomes(pages: Iterator[Page]) -> Iterator[_Item]:
    for page in pages:
        for blob in page.blobs:
            folder = blob.name.removeprefix(OUTCOMES_PREFIX).rpartition("/")[0]
            yield _Item(folder + _KEY_END, page.marker, blob)


def _in_folder_order(items: Iterator[_Item]) -> Iterator[_Item]:
    """Items in the order of their names, held back until they are in the order of their keys."""
    held: list[_Item] = []
    for item in items:
        while held and item.key > held[-1].key:
            yield _with_marker(held)
        held.append(item)
    while held:
        yield _with_marker(held)


def _with_marker(held: list[_Item]) -> _Item:
    """The last one that is held, with the marker of the first: going on there lists them all once more."""
    marker = held[0].marker
    item = held.pop()
    return _Item(item.key, marker, item.blob)


def _after(cursor: Cursor, items: Iterator[_Item]) -> Iterator[_Item]:
    return (item for item in items if item.key > cursor.after)
