"""`source list`: the sources in the container."""

from dataclasses import dataclass, replace

import typer

from commands.console import screen
from commands.console.command_line import command
from commands.console.formatting import count, utc_minute
from commands.console.tables import Column, show_table
from commands.context import CONNECTOR, VAULT, command_context
from commands.options import AsJson, SettingsFile
from commands.source.container import source_names, stored_people, stored_profile
from shared.blob_names import profile_path
from shared.delivery.ports import Container
from shared.printable import printable
from shared.sources.problems import SourceUnusableError
from shared.sources.profile_model import Profile
from shared.sources.source import make_source, people_files


def list_sources(context: typer.Context, *, as_json: AsJson = False, settings: SettingsFile = None) -> None:
    """List the sources in the container.

    Each with its system, its format, whether it sends, and how many keys its people files have.

    Example: python gatepost.py source list
    """
    command_parts = command_context(context)
    sources = command_parts.sources(command_parts.deployment(settings, CONNECTOR, VAULT).settings)
    found = [_described(sources, name) for name in source_names(sources)]
    if as_json:
        screen.show_json(found)
        return
    if not found:
        screen.say("There is no source yet. Make one from a file of the badging system:")
        screen.say_commands([command("source new", "FILE")])
        return
    columns = [
        Column("Source"),
        Column("System", gives_way=True),
        Column("Format"),
        Column("State", gives_way=True),
    ]
    columns += [Column("Keys", number=True), Column("Put (UTC)")]
    rows = [
        (
            one.source,
            printable(one.name),
            one.format,
            one.state,
            f"{one.keys:,}",
            one.put.removesuffix(" UTC"),
        )
        for one in found
    ]
    show_table(columns, rows)
    screen.say()
    screen.say(f"{count(len(found), 'source')}.")


@dataclass(frozen=True, slots=True)
class _Listed:
    """A source in a list; `-` where its profile cannot be used, then with the problems."""

    source: str
    put: str
    name: str = "-"
    format: str = "-"
    state: str = "gone"
    keys: int = 0
    problems: tuple[str, ...] = ()


def _described(sources: Container, name: str) -> _Listed:
    facts = _Listed(name, utc_minute(sources.head(profile_path(name)).last_modified))
    try:
        found = stored_profile(sources, name)
        if found is None:
            return facts
        profile = found[1]
        keys = _keys(sources, name, profile)
    except SourceUnusableError as error:
        state = f"cannot be used: {printable(error.problems[0])}"
        return replace(facts, state=state, problems=error.problems)
    state = "sends" if profile.policy.send else "on trial"
    return replace(facts, name=profile.name, format=profile.input.format, state=state, keys=keys)


def _keys(sources: Container, name: str, profile: Profile) -> int:
    """How many keys the people files of a source have."""
    if not people_files(profile):
        return 0
    files = stored_people(sources, name, profile)
    source = make_source(name, profile, {directory: file.data for directory, file in files.items()})
    return sum(index.keys for index in source.indexes.values())
