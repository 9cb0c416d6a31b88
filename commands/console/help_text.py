"""What `--help` prints: plain text, no names of types, and examples that can be pasted at any width."""

import inspect
from typing import Any, Final

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup

from commands.console import garbage
from commands.console.command_line import CARRIED, program, typed_options
from commands.console.shells import current_shell, quoted
from commands.console.values import read_plainly

EXAMPLE: Final = "Example: "
_WRITTEN: Final = "python gatepost.py"
"""How examples begin in the code; people see what they typed."""


class HelpCommand(TyperCommand):
    """A command whose help is written for people, and which knows the options that were typed."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Arguments and options, which read their values themselves."""
        return _plain(super().get_params(ctx))

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        typed = {
            name: str(ctx.params[name])
            for name in CARRIED
            if ctx.params.get(name) and _source(ctx, name) == "COMMANDLINE"
        }
        garbage.collected()
        typed |= _choose_environment(ctx)
        with typed_options(typed):
            return super().invoke(ctx)

    def collect_usage_pieces(self, _ctx: Any) -> list[str]:
        """Options last, arguments by their names; brackets around what may be left out."""
        arguments = [_argument(one) for one in self.params if isinstance(one, TyperArgument)]
        return [*arguments, "[OPTIONS]"]

    def format_help_text(self, _ctx: Any, formatter: Any) -> None:
        """The docstring; its example stands on a line of its own."""
        text, _, example = inspect.cleandoc(self.help or "").partition(EXAMPLE)
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(text.strip())
        if example:
            _write_example(formatter, example.strip())

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Arguments and options, without the names of Python's types."""
        rows: dict[bool, list[tuple[str, str]]] = {True: [], False: []}
        for one in self.get_params(ctx):
            if isinstance(one, TyperArgument):
                rows[True].append((one.metavar or one.name or "", one.help or ""))
            elif record := one.get_help_record(ctx):
                rows[False].append(record)
        for is_argument, title in ((True, "Arguments"), (False, "Options")):
            if rows[is_argument]:
                with formatter.section(title):
                    formatter.write_dl(rows[is_argument])


class HelpGroup(TyperGroup):
    """The program, with an example below its commands."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Options, which read their values themselves."""
        return _plain(super().get_params(ctx))

    def format_epilog(self, _ctx: Any, formatter: Any) -> None:
        """The example on a line of its own."""
        _write_example(formatter, (self.epilog or "").removeprefix(EXAMPLE))


def command_group(help_text: str, example: str, kind: type[HelpGroup] = HelpGroup) -> typer.Typer:
    """A command with commands below it.

    Args:
        help_text: one sentence.
        example: a command line of one of them.
        kind: of group.
    """
    return typer.Typer(
        cls=kind,
        no_args_is_help=True,
        rich_markup_mode=None,
        help=help_text,
        epilog=f"{EXAMPLE}{example}",
    )


def _choose_environment(ctx: Any) -> dict[str, str]:
    """Let a command that takes settings use those of `--env`: what was typed wins over variables of the environment.

    Returns:
        The option, if it was typed.

    Raises:
        CommandError: settings were given in both ways, or there is no such environment.
    """
    root = ctx.find_root()
    name, how = root.params.get("env"), _source(root, "env")
    if not name or "settings" not in ctx.params:
        return {}
    from commands.console import environments

    if ctx.params["settings"] and _source(ctx, "settings") == how:
        raise environments.given_twice(typed=how == "COMMANDLINE")
    if not ctx.params["settings"] or how == "COMMANDLINE":
        ctx.params["settings"] = environments.file_of(name)
    return {"env": name} if how == "COMMANDLINE" else {}


def _plain(params: list[Any]) -> list[Any]:
    for one in params:
        read_plainly(one)
    return params


def _argument(one: TyperArgument) -> str:
    name = one.metavar or one.name or ""
    return name if one.required else f"[{name}]"


def _write_example(formatter: Any, example: str) -> None:
    typed = quoted(program(), current_shell())
    formatter.write(f"\nExample:\n  {example.replace(_WRITTEN, typed, 1)}\n")


def _source(ctx: typer.Context, name: str) -> str:
    source = ctx.get_parameter_source(name)
    return source.name if source else ""
