"""What is counted, and in how little memory."""

import tracemalloc

import pytest

from shared.sources.reader import SourceReader
from shared.sources.tally import Once
from tests.support.sources import PEOPLE, TABLE, source

CONNECTOR = 'version = 1\nname = "x"\n[input]\nformat = "connector"\n'


def test_once_knows_what_it_saw(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when one set is full and the next one begun."""
    monkeypatch.setattr("shared.sources.tally._SET", 10)
    once = Once()
    assert once.all_new(list(range(8)))
    assert once.all_new(list(range(8, 16)))
    assert not once.all_new([100, 100])
    assert not once.all_new([100, 3])
    assert not once.all_new([9])
    assert (once.again(3), once.again(15), once.again(100), once.again(100)) == (True, True, False, True)
    assert len(once) == 17


def test_once_takes_at_most_eighty_bytes_each_where_there_are_many() -> None:
    """Above half a million records, the memory of all of them together."""
    once = Once()
    tracemalloc.start()
    for begin in range(0, 700_000, 1_000):
        assert once.all_new([hash((begin, number)) for number in range(1_000)])
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held <= 80 * len(once)


def test_connector_format_has_nothing_to_map() -> None:
    """Such a source's exports go to the reader of records."""
    with pytest.raises(ValueError, match="nothing to map"):
        SourceReader([], source(CONNECTOR), "x")


def test_nothing_is_counted_before_reading() -> None:
    """Counts can be asked at any time."""
    reader = SourceReader([], source(TABLE, people=PEOPLE), "x")
    assert (reader.read, reader.latest_event, reader.earliest_event, reader.counts.judged) == (0, "", "", 0)
