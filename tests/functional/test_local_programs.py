"""`make run` and `make serve` for people: at a terminal of any width, and ended in any way."""

import io
import os
import signal
from collections.abc import Iterator

import pytest
from rich.console import Console

from local import __main__ as program
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


@pytest.fixture
def handlers() -> Iterator[None]:
    """This process's own ways to end, afterwards as they were."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda one: one.name)
def test_a_closed_terminal_ends_it_as_ctrl_c_does(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In good order, so that no emulator and no functions host stays behind."""
    ended: list[str] = []

    def serve(_console: Console) -> None:
        try:
            os.kill(os.getpid(), number)
        finally:
            ended.append("in good order")

    monkeypatch.setattr(program, "serve", serve)
    assert program.main(["serve"]) == 0
    assert ended == ["in good order"]
