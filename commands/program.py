"""The program: every command by its name, and the one place where expected failures become sentences and exit codes."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Final

import typer

from commands.console.command_line import program
from commands.console.exit_codes import Exit
from commands.console.lazy_group import LazyCommand, LazyGroup
from commands.console.streams import ended_by_stream, flush_streams, is_of_a_stream, prepare_streams
from shared import __version__
from shared.errors import GatepostError
from shared.printable import escaped

_COMMANDS: Final = {
    "validate": LazyCommand(
        "commands.validate:validate", "Check exports for mistakes, without sending anything."
    ),
    "push": LazyCommand("commands.push:push", "Send exports from this computer, without the function app."),
    "upload": LazyCommand("commands.upload:upload", "Upload exports, and wait for their outcomes."),
    "list": LazyCommand("commands.list:list_outcomes", "List what happened to exports, newest first."),
    "day": LazyCommand(
        "commands.day:day", "Tell whether a day of events arrived, and whether it is complete."
    ),
    "show": LazyCommand("commands.show:show", "Show what happened to one export, and what to do about it."),
    "rejected": LazyCommand("commands.rejected:rejected", "Fetch the rejected records of an export."),
    "retry": LazyCommand("commands.retry:retry", "Retry exports after the problem is fixed."),
    "resend": LazyCommand("commands.retry:resend", "Send an export again although it was sent; asks first."),
    "sweep": LazyCommand("commands.sweep:sweep", "Start the daily sweep now."),
    "give-up": LazyCommand("commands.give_up:give_up", "Stop trying to send an export; asks first."),
    "restore": LazyCommand(
        "commands.restore:restore", "Bring back an export that was overwritten or deleted."
    ),
    "poison": LazyCommand("commands.poison:poison", "Show, put back or delete messages that failed."),
    "explain": LazyCommand("commands.explain:explain", "Explain an error code."),
    "check": LazyCommand("commands.check:check", "Check a deployment from settings to last export."),
    "report": LazyCommand("commands.report:report", "Write a page about the last days, to read or to print."),
    "sample": LazyCommand(
        "commands.sample:sample", "Write an export with made-up records, to try things out."
    ),
    "schema": LazyCommand("commands.sample:schema", "Write the JSON Schema of a record."),
    "source": LazyCommand(
        "commands.source.program:source_app", "Connect a badging system: the profile of its exports."
    ),
    "people": LazyCommand(
        "commands.people.program:people_app", "People files: who is missing, and from Entra ID."
    ),
    "person": LazyCommand("commands.person:person_app", "Where one person's data stands."),
    "env": LazyCommand("commands.env.program:env_app", "Keep settings under a name, for --env."),
    "drop": LazyCommand("commands.upload:upload", "", is_hidden=True),  # what 1.0 called it
}


class _Group(LazyGroup):
    """Says an expected failure in words, without a stack trace."""

    table = _COMMANDS

    def make_context(self, info_name: Any, args: Any, parent: Any = None, **extra: Any) -> Any:
        """Read the options before the command; some of them print."""
        with _said_in_words():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        with _said_in_words():
            return super().invoke(ctx)


@contextmanager
def _said_in_words() -> Iterator[None]:
    """Nothing of the terminal is imported before there is something to say."""
    try:
        yield
    except GatepostError as error:
        from commands.console.errors import tell_error

        raise typer.Exit(tell_error(error)) from None
    except ModuleNotFoundError as error:
        from commands.console.errors import tell_error
        from commands.console.missing import missing_library

        raise typer.Exit(tell_error(missing_library(error))) from None
    except typer.TyperException as error:  # it quotes what was typed, or what a pattern of the shell became
        if getattr(error, "option_name", "") == "--env":
            error.message = "Write --env before the command: --env NAME COMMAND."
        error.message = "\n".join(map(escaped, error.message.split("\n")))
        raise
    except typer.Abort:
        raise _interrupted("Stopped; nothing was done. In a script, add --yes.") from None
    except KeyboardInterrupt:
        raise _interrupted("Stopped. Run the same command again to continue.") from None
    except OSError as error:
        if not is_of_a_stream(error):
            raise
        raise typer.Exit(ended_by_stream(error)) from None


def _interrupted(text: str) -> typer.Exit:
    from commands.console import screen

    screen.tell(text)
    return typer.Exit(Exit.INTERRUPTED)


app = typer.Typer(
    name="gatepost",
    cls=_Group,
    no_args_is_help=True,
    invoke_without_command=True,
    add_completion=program() == ["gatepost"],  # shells complete programs, and others are arguments of python
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["--help", "-h"]},
    help="Checks badge exports, sends them to Microsoft Purview, and shows what happened to them.",
    epilog="Example: python gatepost.py validate badging.json",
)


def _environments_like(incomplete: str) -> list[str]:
    from commands.console.environments import named_like

    return named_like(incomplete)


@app.callback()
def _program(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", is_eager=True)
    ] = False,
    env: Annotated[
        str | None,
        typer.Option(
            "--env",
            metavar="NAME",
            envvar="GATEPOST_ENV",
            autocompletion=_environments_like,
            help="Use the settings kept under this name (`env add`); before the command.",
        ),
    ] = None,
) -> None:
    if version:
        typer.echo(f"gatepost {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the program."""
    logging.getLogger().addHandler(logging.NullHandler())  # libraries do not write to the terminal
    prepare_streams()
    try:
        app(prog_name=" ".join(program()))
    finally:
        code = flush_streams()
        if code:
            sys.exit(code)
