"""The commands below `source`."""

import typer

from commands.console.help_text import HelpCommand, HelpGroup
from commands.source.check import check
from commands.source.get import get
from commands.source.list import list_sources
from commands.source.new import new
from commands.source.put import put
from commands.source.schema import schema
from commands.source.try_source import try_source

source_app = typer.Typer(
    cls=HelpGroup,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Connect a badging system: the profile of its exports.",
    epilog="Example: python gatepost.py source new export.csv --name munich",
)
source_app.command(cls=HelpCommand)(new)
source_app.command("try", cls=HelpCommand)(try_source)
source_app.command(cls=HelpCommand)(check)
source_app.command(cls=HelpCommand)(schema)
source_app.command(cls=HelpCommand)(put)
source_app.command("list", cls=HelpCommand)(list_sources)
source_app.command(cls=HelpCommand)(get)
