"""Registers the commands below `env`."""

import typer

from commands.console.help_text import HelpCommand, HelpGroup
from commands.env.add import add
from commands.env.list import list_environments
from commands.env.remove import remove

env_app = typer.Typer(
    cls=HelpGroup,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Keep settings under a name, for --env.",
    epilog="Example: python gatepost.py env add prod settings.json",
)
env_app.command(cls=HelpCommand)(add)
env_app.command("list", cls=HelpCommand)(list_environments)
env_app.command(cls=HelpCommand)(remove)
