"""Registers the commands below `env`."""

from commands.console.help_text import HelpCommand, command_group
from commands.env.add import add
from commands.env.list import list_environments
from commands.env.remove import remove

env_app = command_group(
    "Keep settings under a name, for --env.", "python gatepost.py env add prod settings.json"
)
env_app.command(cls=HelpCommand)(add)
env_app.command("list", cls=HelpCommand)(list_environments)
env_app.command(cls=HelpCommand)(remove)
