"""Reads pages of an API: events inside other objects, found by the profile's `records`.

A page is held whole, so it has a limit of its own; pages may follow each other, one a line.
"""

import json
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from typing import Any, Final

import msgspec

from shared.error_codes import RejectedCode
from shared.errors import ExportError, Place
from shared.exports import messages
from shared.exports.decoding import RecordDecoder
from shared.exports.encodings import Utf8
from shared.exports.joined_records import in_brackets
from shared.exports.rules import RULES
from shared.exports.window import Window
from shared.sources.event_columns import EventColumns
from shared.sources.events import Events
from shared.sources.outline import outline
from shared.sources.paths import Getter, Number, compiled_path, plain_names

MAX_PAGE_BYTES: Final = 64_000_000

MAX_PAGE_VALUES: Final = 5_000_000
"""In memory a value is many times as large as its bytes: 64 MB of {} would be gigabytes."""

_TOGETHER: Final = 128
_SPACE: Final = b" \t\r\n"
_OBJECT: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_LIST: Final = msgspec.json.Decoder(list[msgspec.Raw])
_ANY: Final = msgspec.json.Decoder(Any, float_hook=Number)
_RAW: Final = msgspec.json.Decoder(msgspec.Raw)
_PLAIN: Final = json.JSONDecoder()


class PageReader:
    """One pass over an export of pages."""

    def __init__(self, unpacked: Iterable[bytes], columns: EventColumns, records: str) -> None:
        self._columns = columns
        self._pieces = iter(Utf8(unpacked))
        self._names = plain_names(records)
        self._path: Getter = compiled_path(records)
        self._records = records
        self.read = 0

    def batches(self) -> Iterator[Events]:
        """Yield every event, in order, some at a time.

        Raises:
            ExportError: if a page cannot be read, is too large or has no list of events.
        """
        pages = 0
        for pages, page in enumerate(self._bounded(), 1):
            yield from self._events(iter(self._found(page, pages)))
        if not pages:
            raise ExportError(RejectedCode.EMPTY_EXPORT, "The export is empty.")

    def _bounded(self) -> Iterator[bytes]:
        """The pages, none with more values than can be held."""
        for text in self._texts():
            if sum(map(text.count, (b",", b"{", b"["))) > MAX_PAGE_VALUES:
                raise _too_large()
            yield from _pages_of(text)

    def _texts(self) -> Iterator[bytes]:
        """What holds top-level values: a line, if the first line is one by itself; else everything."""
        held = b""
        by_line: bool | None = None
        for piece in self._pieces:
            held += piece
            if by_line is None and b"\n" in held.lstrip(_SPACE):
                by_line = _is_value(held.lstrip(_SPACE).split(b"\n", 1)[0])
            if by_line:
                *lines, held = held.split(b"\n")
                yield from (line for line in lines if line.strip(_SPACE))
            if len(held) > MAX_PAGE_BYTES:
                raise _too_large()
        yield held

    def _found(self, page: bytes, number: int) -> list[bytes]:
        """The events of a page, each as its bytes."""
        try:
            found = self._by_names(page, self._names) if self._names else self._by_path(_ANY.decode(page))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            found = self._by_path(_exactly(page))
        if found is None:
            message = (
                f'Page {number} has no list of events under "{self._records}"; the profile\'s records may be wrong, '
                "or the answer is an error message."
            )
            raise ExportError(RejectedCode.RECORDS_MISSING, message, place=Place(record=self.read + 1))
        return found

    def _by_names(self, page: bytes, names: tuple[str, ...]) -> list[bytes] | None:
        inner = page
        for name in names:
            if not inner.lstrip(_SPACE).startswith(b"{"):
                return None
            value = _OBJECT.decode(inner).get(name)
            if value is None:
                return None
            inner = bytes(value)
        return [bytes(raw) for raw in _LIST.decode(inner)] if inner.startswith(b"[") else None

    def _by_path(self, page: Any) -> list[bytes] | None:
        found = self._path(page)
        return [_encoded(event) for event in found] if isinstance(found, list) else None

    def _events(self, raws: Iterator[bytes]) -> Iterator[Events]:
        while some := list(islice(raws, _TOGETHER)):
            place = partial(Place, record=self.read + 1)
            self._check(some)
            self.read += len(some)
            found = self._columns.of_events(in_brackets(b",".join(some)), lines=False)
            columns = found.columns if found else list(zip(*map(self._columns.of_one, some), strict=True))
            yield Events(columns, len(some), some.__getitem__, place)

    def _check(self, raws: list[bytes]) -> None:
        """Hold events against the limits of a record."""
        for number, raw in enumerate(raws, self.read + 1):
            if not raw.startswith(b"{"):
                message = f'"{self._records}" leads to a list that holds something else than objects.'
                raise ExportError(RejectedCode.WRONG_TOP_LEVEL, message, place=Place(record=number))
            if len(raw) > RULES.max_record_bytes or not outline(raw).is_shallow:
                RecordDecoder().read(Window([raw]), number)


def _pages_of(data: bytes) -> Iterator[bytes]:
    """Top-level values that stand one behind the other."""
    if not data.strip(_SPACE):
        return
    if _is_value(data):
        yield data
        return
    text, at = data.decode(), 0
    while at < len(text):
        try:
            _, end = _PLAIN.raw_decode(text, at)
        except (json.JSONDecodeError, RecursionError):
            _exactly(text[at:].encode())
            raise AssertionError("what cannot be decoded has raised") from None
        yield text[at:end].encode()
        at = len(text) - len(text[end:].lstrip(" \t\r\n"))


def _is_value(data: bytes) -> bool:
    try:
        _RAW.decode(data)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _exactly(page: bytes) -> Any:
    """A page that the quick decoder did not take.

    Raises:
        ExportError: `broken-json` or `truncated` with the place, or `nested-too-deep`.
    """
    text = page.decode()
    window = Window([page])
    window.ensure(len(page))
    try:
        return json.loads(text, parse_float=Number, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        if not text.lstrip().startswith(("{", "[")):
            window.skip_space()
            raise messages.not_json(window) from None
        raise messages.broken(window, 1, text, error, ends=True) from None
    except RecursionError:
        raise messages.too_deep(window, 1, RULES.max_depth) from None
    except _NoNumberError:
        raise messages.no_number(window, 1, text) from None


class _NoNumberError(Exception):
    """NaN or an infinity stands in a page."""


def _no_constant(_: str) -> Any:
    raise _NoNumberError


def _encoded(event: Any) -> bytes:
    """An event as bytes again, numbers as they were written."""
    try:
        return msgspec.json.encode(event, enc_hook=_number)
    except UnicodeEncodeError:
        return json.dumps(event).encode()


def _number(value: Any) -> msgspec.Raw:
    if isinstance(value, Number):
        return msgspec.Raw(value.text.encode())
    raise TypeError


def _too_large() -> ExportError:
    message = (
        f"A page has more than {MAX_PAGE_BYTES // 1_000_000} MB or {MAX_PAGE_VALUES:,} values; have the exporter write "
        "smaller pages, or the events themselves, one a line."
    )
    return ExportError(RejectedCode.PAGE_TOO_LARGE, message)
