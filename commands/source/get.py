"""`source get`: fetches a source's profile and people files into a folder."""

from pathlib import Path
from typing import Annotated

import typer

from commands.console import screen
from commands.console.command_line import command
from commands.console.errors import CommandError
from commands.context import CONNECTOR, VAULT, command_context
from commands.local_files import writing
from commands.options import Overwrite, SettingsFile
from commands.source.container import StoredFile, no_source, source_names, stored_people
from commands.source.local_source import people_path
from commands.source.seen import note_versions
from shared.blob_names import PROFILE_NAME, profile_path
from shared.delivery.ports import Container
from shared.printable import printable
from shared.sources.file_names import is_source_name
from shared.sources.problems import SourceUnusableError
from shared.sources.profile import read_profile


def get(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The source's name, as `source list` shows it.")
    ],
    *,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FOLDER", help="Where to. Default: a folder of the source's name."),
    ] = None,
    overwrite: Overwrite = False,
    settings: SettingsFile = None,
) -> None:
    """Fetch a source's profile and people files, to change them.

    People files are personal data. A people file that several sources share is written beside the folder.

    Example: python gatepost.py source get munich
    """
    command_parts = command_context(context)
    sources = command_parts.sources(command_parts.deployment(settings, CONNECTOR, VAULT).settings)
    files = _files(sources, name)
    folder = to or Path(name)
    places = {file: _place(folder, directory) for directory, file in files.items()}
    _refuse_to_replace([] if overwrite else list(places.values()))
    for file, place in places.items():
        with writing(place, "Name another folder with --to"):
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(file.data)
        screen.say(f"Written: {place}")
    note_versions(folder, {file.path: file.etag for file in files.values()})
    screen.say("Change what is to be changed, try it with an export, and put it back:")
    screen.say_commands(
        [command("source try", str(folder), "FILE"), command("source put", name, str(folder))]
    )


def _files(sources: Container, name: str) -> dict[str, StoredFile]:
    """A source's files by the names that its profile uses; one whose profile cannot be used comes alone.

    Raises:
        CommandError: there is no such source.
    """
    document = sources.read(profile_path(name)) if is_source_name(name) else None
    if document is None:
        raise no_source(printable(name), source_names(sources))
    files = {PROFILE_NAME: StoredFile(profile_path(name), document.data, document.etag)}
    try:
        return files | stored_people(sources, name, read_profile(document.data))
    except SourceUnusableError as error:
        screen.say(
            f"The profile cannot be used, so its people files are not fetched: {error.problems[0]}.", "yellow"
        )
        return files


def _place(folder: Path, directory: str) -> Path:
    return people_path(folder / PROFILE_NAME, directory)


def _refuse_to_replace(places: list[Path]) -> None:
    """Refuse to overwrite files on this computer.

    Raises:
        CommandError: one of them is there.
    """
    there = [str(place) for place in places if place.exists()]
    if there:
        raise CommandError(
            f"{', '.join(there)} already exists.", "Name another folder with --to, or add --overwrite."
        )
