"""What a step of `check` is: one question to the deployment and its answer."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from commands.console.errors import Explanation, explained
from commands.console.exit_codes import Exit
from shared.errors import GatepostError


class CheckResult(StrEnum):
    """How a step ended."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "FAILED"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the result; `commands` are there to be pasted."""

    name: str
    result: CheckResult
    detail: str
    help: str = ""
    exit: Exit = Exit.DONE
    commands: tuple[str, ...] = ()


def ok(name: str, detail: str) -> Step:
    """A step without anything to do."""
    return Step(name, CheckResult.OK, detail)


def warning(name: str, detail: str, help_text: str, *commands: str) -> Step:
    """A step that needs attention, but does not keep exports from being sent now.

    Args:
        name: of the step.
        detail: what was found.
        help_text: what to do.
        commands: to paste.
    """
    return Step(name, CheckResult.WARNING, detail, help_text, commands=commands)


def failed(name: str, said: Explanation) -> Step:
    """A step that failed."""
    return Step(name, CheckResult.FAILED, said.message, said.help, said.exit, said.commands)


def tried(name: str, ask: Callable[[], Step]) -> Step:
    """A step whose failure is its answer."""
    try:
        return ask()
    except GatepostError as error:
        return failed(name, explained(error))
