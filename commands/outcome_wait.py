"""Waits for an outcome, and shows how far the ledger has come."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from commands.console import screen
from commands.console.command_line import command
from commands.console.exit_codes import Exit, exit_of
from commands.console.formatting import count, local_minute
from commands.console.progress import Bar, bar
from commands.outcome_text import say_outcome
from shared.blob_names import outcome_path
from shared.clock import Clock
from shared.delivery.ledger import Ledger
from shared.delivery.outcome import Outcome
from shared.delivery.outcome_listing import read_outcome
from shared.delivery.ports import Container
from shared.error_codes import Status
from shared.printable import printable

type Watch = Callable[[Ledger], None]

POLL_SECONDS: Final = 1.0
_SAID_AFTER_SECONDS: Final = 10.0
"""What takes no longer needs no explanation."""


@dataclass(frozen=True, slots=True)
class Awaited:
    """The version of an export that is waited for."""

    name: str
    etag: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """Where and how long to wait: the container with outcomes, a clock, minutes."""

    results: Container
    clock: Clock
    minutes: int


def show_outcome(waiting: Waiting, wanted: Awaited) -> Exit:
    """Wait for an outcome and show it; gives its exit code.

    Raises:
        StorageError: the results container cannot be read.
    """
    outcome = wait_for(waiting, wanted)
    if outcome is None:
        shown = printable(wanted.name)
        screen.say(f"{shown}: no outcome within {count(waiting.minutes, 'minute')}. See later:", "yellow")
        screen.say_commands([command("show", wanted.name)])
        screen.say("If there never is one, find the cause:")
        screen.say_commands([command("check")])
        return Exit.LATER
    say_outcome(outcome)
    return exit_of(outcome.status)


def wait_for(waiting: Waiting, wanted: Awaited) -> Outcome | None:
    """Wait, with a progress bar, until the function has written an outcome; `None` if there is none in time.

    Raises:
        StorageError: the results container cannot be read.
    """

    def is_ended(outcome: Outcome) -> bool:
        return outcome.status is not Status.IN_PROGRESS

    return wait_until(waiting, wanted.name, wanted.etag, is_ended)


def wait_until(waiting: Waiting, name: str, etag: str, is_over: Callable[[Outcome], bool]) -> Outcome | None:
    """Wait, with a progress bar, until an outcome is as it is wanted; `None` if it is not in time.

    Args:
        waiting: where and how long.
        name: of the export.
        etag: of its version.
        is_over: whether an outcome is as it is wanted.

    Raises:
        StorageError: the results container cannot be read.
    """
    begun = waiting.clock.monotonic()
    ends = begun + waiting.minutes * 60
    said = ""
    with bar(f"Waiting for {name}", None) as shown:
        while True:
            outcome = read_outcome(waiting.results, outcome_path(name, etag))
            if outcome and is_over(outcome):
                return outcome
            now = waiting.clock.monotonic()
            if now >= ends:
                return None
            if now - begun >= _SAID_AFTER_SECONDS and (state := _state(outcome)) != said:
                said = state
                until = waiting.clock.now() + timedelta(seconds=ends - now)
                shown.note(
                    f"{printable(name)}: {state}; waiting until {local_minute(until, waiting.clock.now())}"
                )
            waiting.clock.sleep(POLL_SECONDS)


def _state(outcome: Outcome | None) -> str:
    """How far the app has come with an export that is waited for."""
    if outcome is None:
        return "the app has not begun with it yet"
    if outcome.status is Status.IN_PROGRESS:
        return f"in progress since {outcome.started_at}, attempt {outcome.attempts}"
    return f"{outcome.status.value}, the request has not been carried out yet"


def progress_on(shown: Bar) -> Watch:
    """Shows a ledger on a progress bar, in records."""

    def watch(ledger: Ledger) -> None:
        total = sum(entry.records for entry in ledger.entries)
        shown.reach(sum(entry.records for entry in ledger.entries if not entry.open), total)

    return watch
