"""Which hashes were seen, in how little memory."""

import tracemalloc

import pytest

from shared.events.once import Once


def test_once_knows_what_it_saw(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when one set is full and the next one begun."""
    monkeypatch.setattr("shared.events.once._SET", 10)
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
