"""What a ledger costs to write, in all: `python -m benchmarks.ledger_cost` has the figures for large exports."""

from benchmarks.ledger_cost import CASES, SHARE_OF_EXPORT, cost, export_of

RECORDS = 4_000


def test_a_ledger_costs_a_small_part_of_its_export() -> None:
    """With the settings as they are, and with a connector that takes 200 records at most."""
    default, small = (cost(export_of(RECORDS), RECORDS, case) for case in CASES[:2])
    assert default.share < SHARE_OF_EXPORT / 10
    assert small.requests > RECORDS // 200
    assert small.share < SHARE_OF_EXPORT
    assert (default.ended, small.ended) == ("Succeeded", "Succeeded")


def test_the_cost_does_not_grow_with_the_square_of_the_export() -> None:
    """Twice the records in batches of the same size: about twice the bytes."""
    small = CASES[3]
    once, twice = (cost(export_of(records), records, small) for records in (RECORDS, 2 * RECORDS))
    assert twice.ledger_bytes < 2.2 * once.ledger_bytes
