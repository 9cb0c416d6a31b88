"""The commands below `source`."""

from typing import Final

from commands.console.help_text import command_group
from commands.console.lazy_group import LazyCommand, LazyGroup

_COMMANDS: Final = {
    "new": LazyCommand("commands.source.new:new", "Write a draft profile from a file of the badging system."),
    "try": LazyCommand(
        "commands.source.try_source:try_source",
        "Show what would become of files, before anything is uploaded.",
    ),
    "check": LazyCommand("commands.source.check:check", "Check a profile and its people files."),
    "schema": LazyCommand("commands.source.schema:schema", "Write the JSON Schema of a profile."),
    "put": LazyCommand("commands.source.put:put", "Upload a source's profile and people files."),
    "list": LazyCommand("commands.source.list:list_sources", "List the sources in the container."),
    "get": LazyCommand(
        "commands.source.get:get", "Fetch a source's profile and people files, to change them."
    ),
}


class _Group(LazyGroup):
    table = _COMMANDS


source_app = command_group(
    "Connect a badging system: the profile of its exports.",
    "python gatepost.py source new export.csv --name munich",
    _Group,
)


@source_app.callback()
def _source() -> None:
    pass  # so that it is a group, whose commands are in the table
