"""Sample records are realistic, repeatable, and exactly as bad as asked for."""

import json
from datetime import UTC, datetime

import pytest

from commands import sample_records as samples
from commands.console.hints import hints
from shared.delivery.outcome import Reason
from shared.exports.items import Rejected
from shared.exports.reader import Reader

DAY = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("count", "bad", "wrong"), [(1_000, 0, 0), (1_000, 2.5, 25), (7, 100, 7), (0, 50, 0)]
)
def test_exactly_the_share_that_was_asked_for_is_bad(count: int, bad: float, wrong: int) -> None:
    """The judge of the product rejects as many records as were made wrong."""
    for written in (samples.as_array, samples.as_lines):
        items = [*Reader(iter([b"".join(written(samples.records(count, bad, 1, DAY)))]))] if count else []
        assert sum(isinstance(item, Rejected) for item in items) == wrong


def test_the_same_seed_makes_the_same_records_and_another_others() -> None:
    """Benchmarks and examples can be repeated."""
    first, again, other = (list(samples.records(100, 5, seed, DAY)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_records_are_of_one_day_in_order_with_refusals_among_them() -> None:
    """They look like what a building writes."""
    made = list(samples.records(2_000, 0, 1, DAY))
    times = [record["EventTime"] for record in made]
    assert times == sorted(times)
    assert {time[:10] for time in times} == {"2026-11-21"}
    assert {record["AccessStatus"] for record in made} == {"Success", "Failed"}
    assert all(record["UserId"].endswith("@example.com") for record in made)


def test_no_records_are_an_empty_array() -> None:
    """A closed day is an export, too."""
    assert json.loads(b"".join(samples.as_array(iter(())))) == []


def test_every_mistake_a_sample_makes_has_a_hint() -> None:
    """What badging systems get wrong, `validate` explains beyond the rule."""
    data = b"".join(samples.as_array(samples.records(200, 100, 1, DAY)))
    for item in Reader(iter([data])):
        assert isinstance(item, Rejected)
        for one in item.record.violations:
            assert hints([Reason(property=one.name, code=one.code, reason=one.reason, records=1)], {})
