"""Time and memory stay bounded whatever an export of a source holds."""

import gzip
import tracemalloc
from collections.abc import Iterator

import pytest

from shared.delivery import selection, validate_export
from shared.delivery.rejected_file import RejectedFile
from shared.errors import ExportError
from shared.exports.batches import Limits
from shared.exports.unpacking import Unpacked
from shared.sources.reader import SourceReader
from tests.support.sources import EVENTS, HEADER, PEOPLE, TABLE, source

PAGED = EVENTS.replace('"json"', '"json"\nrecords = "data.hits"')
BY_PATH = EVENTS.replace('"json"', '"json"\nrecords = "data.hits[*]"')


class Nowhere:
    """A writer that keeps nothing."""

    def add(self, data: bytes) -> None:
        """Drop the data."""

    def mark(self) -> None:
        """Nothing to remember."""

    def commit(self, *, marked_only: bool = False) -> None:
        """Nothing to show."""


def filled(before: bytes, filling: bytes, megabytes: int) -> Iterator[bytes]:
    """A file that begins somehow and goes on with one filling, made as it is read."""
    yield before
    block = filling * (1_000_000 // len(filling))
    for _ in range(megabytes):
        yield block


def reader(profile: str, pieces: Iterator[bytes] | list[bytes], max_bytes: int = 30_000_000) -> SourceReader:
    """A pass over an export of a source."""
    return SourceReader(Unpacked(pieces, max_bytes), source(profile, people=PEOPLE), "day")


@pytest.mark.unmeasured
@pytest.mark.parametrize(
    ("profile", "before", "filling", "code"),
    [
        pytest.param(TABLE, HEADER.encode(), b"x", "record-too-large", id="a long cell"),
        pytest.param(TABLE, HEADER.encode() + b'"', b"x", "record-too-large", id="a long cell in quotes"),
        pytest.param(TABLE, HEADER.encode() + b'"', b"x\n", "record-too-large", id="a cell of many lines"),
        pytest.param(TABLE, b"", b"a,", "record-too-large", id="a header without end"),
        pytest.param(TABLE, HEADER.encode(), b",", "record-too-large", id="a row of many cells"),
        pytest.param(EVENTS, b"[", b"[", "broken-json", id="lists in lists"),
        pytest.param(EVENTS, b'[{"a":', b"[", "nested-too-deep", id="lists in an event"),
        pytest.param(EVENTS, b'[{"a":"', b"x", "record-too-large", id="a long text in an event"),
        pytest.param(EVENTS, b'[{"a":[', b"{},", "record-too-large", id="objects in an event"),
        pytest.param(EVENTS, b"[", b" ", "too-large", id="white space"),
    ],
)
def test_what_an_export_is_full_of_is_not_held(
    profile: str, before: bytes, filling: bytes, code: str
) -> None:
    """30 MB of anything end in an error that says so, in a few megabytes of memory."""
    tracemalloc.start()
    with pytest.raises(ExportError) as caught:
        for _ in reader(profile, filled(before, filling, 40)):
            pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert caught.value.code == code
    assert peak < 48_000_000


@pytest.mark.parametrize("profile", [TABLE, EVENTS, PAGED])
def test_a_gzip_bomb_ends_at_the_limit(profile: str) -> None:
    """`too-large`, whatever the format of the source."""
    with pytest.raises(ExportError) as caught:
        for _ in reader(profile, [gzip.compress(b"\n" * 20_000_000, 1)], 3_000_000):
            pass
    assert caught.value.code in {"too-large", "empty-export"}


@pytest.mark.parametrize("profile", [PAGED, BY_PATH])
@pytest.mark.parametrize("filling", ["{},", "[],", "1,"])
def test_a_page_of_very_many_values_is_not_taken_apart(
    profile: str, filling: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In memory they would be many times as large as in the file."""
    monkeypatch.setattr("shared.sources.pages.MAX_PAGE_VALUES", 10_000)
    page = b'{"data":{"hits":[%b{}]}}' % (filling.encode() * 1_000_000)
    tracemalloc.start()
    with pytest.raises(ExportError) as caught:
        for _ in reader(profile, [page]):
            pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert caught.value.code == "page-too-large"
    assert peak < 8 * len(page)


@pytest.mark.parametrize("before", [b'{"data":{"hits":[{"a":', b'{"data":', b"["])
def test_a_deep_page_is_refused(before: bytes) -> None:
    """It does not exhaust the stack."""
    with pytest.raises(ExportError) as caught:
        for _ in reader(PAGED, [before + b"[" * 200_000 + b"]" * 200_000]):
            pass
    assert caught.value.code in {"nested-too-deep", "broken-json", "truncated", "records-missing"}


@pytest.mark.parametrize("profile", [TABLE, EVENTS])
def test_rows_that_are_all_wrong_are_read_no_further(profile: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once very many were rejected, the rest of the file is not read."""
    monkeypatch.setattr(selection, "MAX_INVALID_RECORDS", 2_000)
    lines = (
        [b"x,1,d,n,Granted\n"]
        if profile == TABLE
        else [b'{"Time":"x","Id":"1","Door":"d","Event":"Granted"}\n']
    )
    made = reader(profile, [HEADER.encode() if profile == TABLE else b"", *lines * 50_000])
    found = validate_export.validate_export(
        made, RejectedFile(Nowhere()), Limits(100, 100_000), max_invalid_percent=50
    )
    assert found.stopped
    assert 2_000 <= found.read < 10_000
