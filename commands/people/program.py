"""The commands below `people`."""

import typer

from commands.console.help_text import HelpCommand, HelpGroup
from commands.people.pull import pull
from commands.people.unknown import unknown

people_app = typer.Typer(
    cls=HelpGroup,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="People files: who is missing, and from Entra ID.",
    epilog="Example: python gatepost.py people unknown --source munich",
)
people_app.command(cls=HelpCommand)(unknown)
people_app.command(cls=HelpCommand)(pull)
