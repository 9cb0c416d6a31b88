"""The table that `make run` prints, at a terminal of any width."""

import io

import pytest
from rich.console import Console

from local.outcomes import table
from tests.support.exports import export
from tests.support.world import World


@pytest.mark.parametrize("width", [60, 80, 100])
def test_nothing_is_cut_off_at_a_narrow_terminal(width: int) -> None:
    """Every name, status and figure is there, whole."""
    world = World().with_settings(BATCH_MAX_RECORDS="5000")
    world.upload("2026/11/22/bad-records.json", export(12_345, bad=(3,)))
    world.upload("2026/11/22/broken.json", b"[{")
    world.run()
    printed = io.StringIO()
    console = Console(file=printed, width=width)
    outcomes = [world.outcome(f"2026/11/22/{name}.json") for name in ("bad-records", "broken")]
    console.print(table(outcomes, console.width))
    text = printed.getvalue()
    head = text.partition("\n\n")[0]
    for word in ("bad-records.json", "PartiallySucceeded", "12,345", "12,344", "broken.json", "Rejected"):
        assert word in head
    assert "\N{HORIZONTAL ELLIPSIS}" not in head
    assert max(map(len, text.splitlines())) <= width
