"""Runs are whole or not used at all."""

import random
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.events.date_index import HashIndex
from shared.events.once import Once
from shared.events.run_names import RunName, parse_run_name
from shared.events.runs import DamagedRunError, Run, decode_run, encode_run, name_of, run_of, union

KEY_ID = b"key-id-8"
HASHES = st.sets(st.integers(0, 2**64 - 1))


@settings(deadline=None)
@given(HASHES)
def test_a_run_comes_back_as_it_was(hashes: set[int]) -> None:
    """Sorted, each once, 8 bytes an event and 40 beside them."""
    run = run_of(KEY_ID, [*hashes, *hashes])
    data = encode_run(run)
    assert decode_run(data) == run
    assert [*run.hashes] == sorted(hashes)
    assert len(data) == 40 + 8 * len(hashes)


def test_no_byte_of_a_run_may_change() -> None:
    """Cut, longer, or with any byte changed it is not used."""
    data = encode_run(run_of(KEY_ID, [7, 5, 2**64 - 1]))
    for at in range(len(data)):
        with pytest.raises(DamagedRunError):
            decode_run(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        with pytest.raises(DamagedRunError):
            decode_run(data[:at])
    with pytest.raises(DamagedRunError):
        decode_run(data + b"\0")


def test_a_run_out_of_order_is_not_used() -> None:
    """A lookup relies on the order, whatever the checksum says."""
    wrong = Run(KEY_ID, run_of(KEY_ID, [1, 2]).hashes[::-1])
    with pytest.raises(DamagedRunError):
        decode_run(encode_run(wrong))


@settings(deadline=None)
@given(st.lists(HASHES, min_size=1, max_size=4))
def test_a_union_holds_everything_once(several: list[set[int]]) -> None:
    """The union of runs is the run of all their events, so it has its name."""
    together = union([run_of(KEY_ID, hashes) for hashes in several])
    assert together == run_of(KEY_ID, set().union(*several))
    assert name_of(encode_run(together)) == name_of(encode_run(run_of(KEY_ID, set().union(*several))))


def test_runs_of_two_keys_have_no_union() -> None:
    """Their hashes say nothing about each other."""
    with pytest.raises(ValueError, match="too many values"):
        union([run_of(KEY_ID, [1]), run_of(b"8-di-yek", [2])])


@settings(deadline=None)
@given(st.lists(HASHES, max_size=4), HASHES)
def test_an_index_knows_what_is_in_any_of_its_parts(parts: list[set[int]], asked: set[int]) -> None:
    """Every hash is looked up exactly, the lowest and the highest too."""
    index = HashIndex(run_of(KEY_ID, part).hashes for part in parts)
    everything = set().union(*parts)
    questions = [*asked, *everything, 0, 2**64 - 1]
    assert index.known(questions) == [one for one in questions if one in everything]
    assert len(index) == len(everything)


def test_many_small_runs_become_few_parts_and_large_ones_stay() -> None:
    """A lookup goes to few places, however many exports a day had."""
    chance = random.Random(1)
    numbers = [chance.getrandbits(64) for _ in range(300_000)]
    small = [run_of(KEY_ID, numbers[at : at + 1_000]).hashes for at in range(0, 150_000, 1_000)]
    large = run_of(KEY_ID, numbers[150_000:]).hashes
    index = HashIndex([*small, large])
    assert len(index._parts) == 3
    assert len(index.known(numbers[::1_000])) == 300
    assert index.known([chance.getrandbits(64) for _ in range(1_000)]) == []


def test_names_of_runs_are_read_back() -> None:
    """Event date, acceptance date, kind, content; anything else is no run."""
    name = RunName("2026-11-20", "2026-11-21", "doubt", "ab" * 32)
    assert parse_run_name(str(name)) == name
    assert parse_run_name(str(name).replace("doubt", "run")) == RunName(
        "2026-11-20", "2026-11-21", "run", "ab" * 32
    )
    for other in ("", "2026-11-20/x.run", f"{name}x", str(name).replace("-20", "-\u0662\u0660")):
        assert parse_run_name(other) is None


@pytest.mark.parametrize(("accepted", "counts"), [("2026-11-01", True), ("2026-10-31", False)])
def test_a_run_counts_for_so_many_days_after_its_acceptance(accepted: str, *, counts: bool) -> None:
    """Whatever date its events have."""
    run = RunName("2020-01-01", accepted, "run", "ab" * 32)
    assert run.counts(date(2026, 11, 30), 29) is counts


@settings(deadline=None)
@given(st.lists(st.integers(0, 40)))
def test_once_tells_the_first_from_the_others(hashes: list[int]) -> None:
    """One by one or many at a time, each hash is new once."""
    once, seen = Once(), set[int]()
    for one in hashes:
        assert once.again(one) is (one in seen)
        seen.add(one)
    assert len(once) == len(seen)
    assert once.all_new(hashes) is (not hashes)
    assert once.all_new([100, 101])
    assert not once.all_new([102, 102])
    assert not once.all_new([101, 103])
    assert not once.again(103)
