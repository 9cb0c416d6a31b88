"""Commands that are imported when they are used, so that help and small commands begin at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar

import typer
from typer.main import get_command

from commands.console.help_text import HelpCommand, HelpGroup


@dataclass(frozen=True, slots=True)
class LazyCommand:
    """A command by the place of its function (or of its group), and what the list of commands says about it."""

    where: str
    summary: str
    is_hidden: bool = False

    def load(self, name: str) -> Any:
        """Import it; `where` is `module:name`."""
        module, _, attribute = self.where.partition(":")
        found = getattr(import_module(module), attribute)
        if not isinstance(found, typer.Typer):
            alone = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
            alone.command(name, cls=HelpCommand, hidden=self.is_hidden)(found)
            found = alone
        command = get_command(found)
        command.name = name
        return command


class LazyGroup(HelpGroup):
    """A group of such commands.

    Attributes:
        table: the commands by their names, in the order of the help.
    """

    table: ClassVar[Mapping[str, LazyCommand]] = {}

    @property
    def commands(self) -> dict[str, Any]:
        """All of them, imported."""
        return {name: one.load(name) for name, one in self.table.items()}

    @commands.setter
    def commands(self, _given: Mapping[str, Any]) -> None:
        """Typer knows of none; the table does."""

    def list_commands(self, _ctx: Any) -> list[str]:
        """The names, those that are hidden as well."""
        return list(self.table)

    def get_command(self, _ctx: Any, cmd_name: str) -> Any:
        """One command; `None` if there is none of that name."""
        found = self.table.get(cmd_name)
        return found.load(cmd_name) if found else None

    def format_commands(self, _ctx: Any, formatter: Any) -> None:
        """The list of commands, without importing one."""
        shown = [(name, one.summary) for name, one in self.table.items() if not one.is_hidden]
        with formatter.section("Commands"):
            formatter.write_dl(shown)
