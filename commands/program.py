"""The program: every command by its name, and the one place where expected failures become sentences and exit codes."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from commands.check import check
from commands.console import screen
from commands.console.errors import tell_error
from commands.console.exit_codes import Exit
from commands.console.help_text import HelpCommand, HelpGroup
from commands.console.streams import ended_by_stream, flush_streams, is_of_a_stream, prepare_streams
from commands.day import day
from commands.explain import explain
from commands.give_up import give_up
from commands.list import list_outcomes
from commands.people.program import people_app
from commands.person import person_app
from commands.poison import poison
from commands.push import push
from commands.rejected import rejected
from commands.report import report
from commands.restore import restore
from commands.retry import resend, retry
from commands.sample import sample, schema
from commands.show import show
from commands.source.program import source_app
from commands.sweep import sweep
from commands.upload import upload
from commands.validate import validate
from shared import __version__
from shared.errors import GatepostError
from shared.printable import escaped

PROGRAM = "python gatepost.py"


class _Group(HelpGroup):
    """Says an expected failure in words, without a stack trace."""

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
    try:
        yield
    except GatepostError as error:
        raise typer.Exit(tell_error(error)) from None
    except (
        typer.TyperException
    ) as error:  # a wrong command line: it quotes what was typed, or what a pattern became
        error.message = "\n".join(map(escaped, error.message.split("\n")))
        raise
    except typer.Abort:
        screen.tell("Stopped; nothing was done. In a script, add --yes.")
        raise typer.Exit(Exit.INTERRUPTED) from None
    except KeyboardInterrupt:
        screen.tell("Stopped. Run the same command again to continue.")
        raise typer.Exit(Exit.INTERRUPTED) from None
    except OSError as error:
        if not is_of_a_stream(error):
            raise
        raise typer.Exit(ended_by_stream(error)) from None


app = typer.Typer(
    name="gatepost",
    cls=_Group,
    no_args_is_help=True,
    invoke_without_command=True,
    add_completion=False,  # shells complete programs, and this one is typed as an argument of python
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["--help", "-h"]},
    help="Checks badge exports, sends them to Microsoft Purview, and shows what happened to them.",
    epilog="Example: python gatepost.py validate badging.json",
)


app.command(cls=HelpCommand)(validate)
app.command(cls=HelpCommand)(push)
app.command(cls=HelpCommand)(upload)
app.command("list", cls=HelpCommand)(list_outcomes)
app.command(cls=HelpCommand)(day)
app.command(cls=HelpCommand)(show)
app.command(cls=HelpCommand)(rejected)
app.command(cls=HelpCommand)(retry)
app.command(cls=HelpCommand)(resend)
app.command(cls=HelpCommand)(sweep)
app.command("give-up", cls=HelpCommand)(give_up)
app.command(cls=HelpCommand)(restore)
app.command(cls=HelpCommand)(poison)
app.command(cls=HelpCommand)(explain)
app.command(cls=HelpCommand)(check)
app.command(cls=HelpCommand)(report)
app.command(cls=HelpCommand)(sample)
app.command(cls=HelpCommand)(schema)
app.add_typer(source_app, name="source")
app.add_typer(people_app, name="people")
app.add_typer(person_app, name="person")
app.command("drop", cls=HelpCommand, hidden=True)(upload)  # what 1.0 called it


@app.callback()
def _program(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", is_eager=True)
    ] = False,
) -> None:
    if version:
        typer.echo(f"gatepost {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the program."""
    logging.getLogger().addHandler(logging.NullHandler())  # libraries do not write to the terminal
    prepare_streams()
    try:
        app(prog_name=PROGRAM)
    finally:
        code = flush_streams()
        if code:
            sys.exit(code)
