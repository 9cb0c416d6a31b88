"""The commands below `people`."""

from commands.console.help_text import HelpCommand, command_group
from commands.people.pull import pull
from commands.people.unknown import unknown

people_app = command_group(
    "People files: who is missing, and from Entra ID.", "python gatepost.py people unknown --source munich"
)
people_app.command(cls=HelpCommand)(unknown)
people_app.command(cls=HelpCommand)(pull)
