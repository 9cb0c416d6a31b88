"""`explain`: what an error code means and what to do, without looking at any export."""

from difflib import get_close_matches
from typing import Annotated, Final

import typer

from commands.console import screen
from commands.console.command_line import command, commands_in, without_commands
from commands.console.errors import CommandError
from commands.console.exit_codes import Exit
from shared.error_codes import ERROR_CODES, ErrorCode, Retry, Status, Who, error_code
from shared.printable import printable

_RETRY: Final[dict[Retry, str]] = {
    None: "final; nothing was sent",
    "auto": "Gatepost tries again once a day",
    "person": "retried only when asked",
}
_WHO: Final[dict[Who, str]] = {
    "exporter": "the people who make the export",
    "operator": "the people who run Gatepost in Azure",
    "nobody": "nobody",
}


def explain(
    code: Annotated[
        str,
        typer.Argument(metavar="CODE", help="An error code, as an outcome shows it."),
    ],
) -> None:
    """Explain an error code.

    Says what happened, who acts, and what to do. Needs no settings and no login.

    Example: python gatepost.py explain job-mismatch
    """
    known = error_code(code.strip().lower())
    if known is None:
        raise CommandError(f"Unknown error code: {printable(code)}", _nearest(code), Exit.NOT_FOUND)
    screen.say(f"{known}: {known.status}, {_next_try(known)}")
    for heading, text in (
        ("What happened  ", known.text),
        ("Who acts       ", _WHO[known.who]),
        ("What to do     ", without_commands(known.help)),
    ):
        screen.say_aside(heading, text)
    screen.say_commands([command(one, "NAME") for one in commands_in(known.help)])


def _next_try(code: ErrorCode) -> str:
    return "Gatepost retries automatically" if code.status is Status.FAILED else _RETRY[code.retry]


def _nearest(code: str) -> str:
    near = get_close_matches(code.strip().lower(), ERROR_CODES, n=3, cutoff=0.5)
    if near:
        *first, last = near
        return f"Did you mean {', '.join(first)} or {last}?" if first else f"Did you mean {last}?"
    return "All codes are in docs/error-codes.md."
