"""What an operator asks for, as messages on the queue, and what the outcome says became of it.

A request needs only the rights to read results and to send messages. All messages of one command have the same id, and
each acts once, however often the queue delivers it.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from commands import outcome_lookup
from commands.console import screen
from commands.console.command_line import command
from commands.console.exit_codes import Exit, exit_of, worst
from commands.console.formatting import count
from commands.deployment import Deployment
from commands.outcome_text import say_outcome
from commands.outcome_wait import Waiting, wait_until
from shared.clock import utc_text
from shared.delivery.outcome import AnsweredRequest, Outcome
from shared.delivery.outcome_listing import ListedOutcome, list_outcomes
from shared.delivery.ports import Container
from shared.error_codes import BlockedCode, Status
from shared.messages import Message, OperatorRequest, RequestKind
from shared.printable import printable

_CLOSED_FOR_GOOD: Final = frozenset({BlockedCode.EXPORT_OVERWRITTEN, BlockedCode.EXPORT_DELETED})
_ANSWERS: Final = {
    "refused": "not possible: that version is no longer in the container, or its status allows it no more.",
    "overtaken": "not needed: a later request was carried out before it.",
}


@dataclass(frozen=True, slots=True)
class Target:
    """The version of an export that a request is about.

    Attributes:
        name: of the export.
        etag: of its version.
        status: as the operator sees it; `None`: no outcome yet.
        remap: whether only its rejected records are tried, under another mapping.
    """

    name: str
    etag: str
    status: Status | None
    remap: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was sent: its id and kind, and what it is about."""

    id: str
    kind: RequestKind
    targets: Sequence[Target]


def target_named(results: Container, name: str, version: str | None = None) -> Target:
    """The newest version of an export, or the one with this ETag.

    Raises:
        CommandError: it has no outcome.
        StorageError: the container cannot be read.
    """
    found = outcome_lookup.version_or_newest(results, name, version)
    return Target(found.outcome.export.name, found.outcome.export.etag, found.outcome.status)


def targets_of_status(results: Container, statuses: set[Status]) -> list[Target]:
    """Every version with such an outcome, without those whose bytes are gone for good.

    Raises:
        StorageError: the container cannot be read.
    """
    found = (one for one in list_outcomes(results) if one.status in statuses and can_be_tried(one))
    return [Target(one.name, one.etag, one.status) for one in found]


def ask(azure: Deployment, kind: RequestKind, targets: Sequence[Target], *, named: bool) -> Asked:
    """Send a message for each version.

    Args:
        azure: has the queue.
        kind: of the request.
        targets: what it is about.
        named: whether the operator named the export.

    Raises:
        StorageError: the queue cannot be written.
    """
    request = OperatorRequest(str(uuid.uuid4()), kind, utc_text(azure.clock.now()), named)
    for target in targets:
        message = Message(target.name, target.etag, "command", request=request, remap=target.remap)
        azure.queue.put(message.encode(), 0)
    return Asked(request.id, kind, targets)


def show_plan(kind: RequestKind, targets: Sequence[Target]) -> None:
    """Say what a request would be about, and that nothing was done."""
    for target in targets:
        status = target.status.value if target.status else "not processed yet"
        screen.say(f"{kind}: {printable(target.name)} ({status}, version {target.etag})")
    screen.say(f"{count(len(targets), 'export')}. Nothing was done (--dry-run).")


def show_answers(waiting: Waiting, asked: Asked, *, to_the_end: bool) -> Exit:
    """Wait until the outcomes show what became of a request, and say it; gives the exit code.

    Args:
        waiting: where and how long.
        asked: the request.
        to_the_end: whether to wait for the end of the attempts as well, and show their outcomes.

    Raises:
        StorageError: the results container cannot be read.
    """
    return worst([_show_answer(waiting, asked, target, to_the_end=to_the_end) for target in asked.targets])


def _show_answer(waiting: Waiting, asked: Asked, target: Target, *, to_the_end: bool) -> Exit:
    def is_answered(outcome: Outcome) -> bool:
        answer = _answer(outcome, asked.id)
        ended = outcome.status is not Status.IN_PROGRESS
        return answer is not None and (ended or not to_the_end or answer.result in _ANSWERS)

    shown = printable(target.name)
    outcome = wait_until(waiting, target.name, target.etag, is_answered)
    if outcome is None:
        screen.say(f"{shown}: not processed within {count(waiting.minutes, 'minute')}. See later:", "yellow")
        screen.say_commands([command("show", target.name)])
        return Exit.LATER
    answer = _answer(outcome, asked.id)
    if answer and answer.result in _ANSWERS:
        screen.say(f"{shown}: {asked.kind} is {_ANSWERS[answer.result]}", "yellow")
        return Exit.NOT_FOUND
    if asked.kind == "give-up":
        screen.say(
            f"Given up: {shown}." if outcome.status is Status.GIVEN_UP else f"{shown}: {outcome.status}."
        )
        return Exit.DONE
    if target.remap:
        screen.say(f"{shown}: {outcome.summary}")
        return exit_of(outcome.status)
    if not to_the_end:
        screen.say(f"{shown}: {asked.kind} has begun.")
        return Exit.DONE
    say_outcome(outcome)
    return exit_of(outcome.status)


def _answer(outcome: Outcome, request_id: str) -> AnsweredRequest | None:
    return next((one for one in outcome.requests if one.id == request_id), None)


def can_be_tried(listed: ListedOutcome) -> bool:
    """Whether a version's bytes may still be there, and its name may be touched."""
    return listed.code not in _CLOSED_FOR_GOOD and not listed.has_unsafe_name
