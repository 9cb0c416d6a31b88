"""The program: every command by its name, and the one place where expected failures become sentences and exit codes."""

import logging
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from commands.check import check
from commands.console import screen
from commands.console.errors import explained
from commands.console.exit_codes import Exit
from commands.explain import explain
from commands.list import list_outcomes
from commands.push import push
from commands.rejected import rejected
from commands.report import report
from commands.retry import resend, retry
from commands.sample import sample, schema
from commands.show import show
from commands.sweep import give_up, sweep
from commands.upload import upload
from commands.validate import validate
from shared import __version__
from shared.errors import GatepostError


class _Group(TyperGroup):
    """Says an expected failure in words, without a stack trace."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except GatepostError as error:
            said = explained(error)
            screen.tell(f"Error: {said.message}", "red")
            if said.help:
                screen.tell(said.help)
            raise typer.Exit(said.exit) from None
        except typer.Abort:
            screen.tell("Stopped; nothing was done. Where nobody can answer, say --yes.")
            raise typer.Exit(Exit.INTERRUPTED) from None
        except KeyboardInterrupt:
            screen.tell("Stopped. Run the same command again to go on.")
            raise typer.Exit(Exit.INTERRUPTED) from None


app = typer.Typer(
    name="gatepost",
    cls=_Group,
    no_args_is_help=True,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Checks badge exports, posts them to Microsoft Purview, and tells what became of them.",
    epilog="Example: python gatepost.py validate badging.json",
)


app.command()(validate)
app.command()(push)
app.command()(upload)
app.command("drop", hidden=True)(upload)  # what 1.0 called it
app.command("list")(list_outcomes)
app.command()(show)
app.command()(rejected)
app.command()(retry)
app.command()(resend)
app.command()(sweep)
app.command()(give_up)
app.command()(explain)
app.command()(check)
app.command()(report)
app.command()(sample)
app.command()(schema)


@app.callback()
def _program(
    *,
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and end.", is_eager=True)
    ] = False,
) -> None:
    if version:
        typer.echo(f"gatepost {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the program."""
    logging.getLogger().addHandler(logging.NullHandler())  # libraries keep their talk to themselves
    screen.be_printable()
    app(prog_name="gatepost.py")
