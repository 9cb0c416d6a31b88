"""`source put`: uploads a source's profile and people files, checked before; nothing newer is replaced unseen."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from commands.console import screen
from commands.console.command_line import command
from commands.console.errors import CommandError
from commands.console.exit_codes import Exit
from commands.context import CONNECTOR, VAULT, command_context
from commands.options import SettingsFile
from commands.source.already_sent import say_what_stays
from commands.source.container import StoredFile
from commands.source.doubtful import doubtful
from commands.source.local_source import load_source, people_path, profile_path
from commands.source.seen import note_versions, seen_versions
from commands.source.shrinking import check_size
from shared.blob_names import people_path as people_blob
from shared.blob_names import profile_path as profile_blob
from shared.delivery.ports import ABSENT, Container
from shared.printable import printable
from shared.sources.file_names import is_source_name
from shared.sources.source import Source, people_files


@dataclass(frozen=True, slots=True)
class _Upload:
    """A file to put: where to, its bytes, what is there now, and whether it is a people file."""

    path: str
    data: bytes
    stored: StoredFile | None
    people: bool


def put(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The source's name: the first folder of its exports.")
    ],
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="The folder with profile.toml and people files.")
    ],
    *,
    force: Annotated[
        bool,
        typer.Option(
            "--force", help="Also replace versions that were not seen here, and people files that shrink."
        ),
    ] = False,
    settings: SettingsFile = None,
) -> None:
    """Upload a source's profile and people files.

    They are checked first. A version that another person has put meanwhile is not replaced, and a people file that has
    lost more than 20 % of its lines is not put. If another zone, door or outcome word is put, it says first how many
    exports were sent with the old ones.

    Example: python gatepost.py source put munich munich
    """
    if not is_source_name(name):
        raise CommandError(
            f"{printable(name)} cannot be the name of a source.",
            "Use at most 60 letters, digits, '-', '_' and '.', a letter or digit first.",
        )
    source = load_source(folder)
    path = profile_path(folder)
    command_parts = command_context(context)
    azure = command_parts.deployment(settings, CONNECTOR, VAULT)
    sources = command_parts.sources(azure.settings)
    uploads = [
        *_people(sources, name, source, path),
        _upload(sources, profile_blob(name), path, people=False),
    ]
    changed = [one for one in uploads if one.stored is None or one.stored.data != one.data]
    if not force:
        _check_seen(name, changed, seen_versions(path.parent))
        for one in changed:
            if one.people and one.stored:
                check_size(one.path, one.stored.data, one.data)
    for one in changed:
        if not one.people and one.stored:
            say_what_stays(azure.results, name, one.stored.data, source.profile)
    etags = {one.path: one.stored.etag for one in uploads if one.stored and one not in changed}
    for one in changed:
        etags[one.path] = sources.write(one.path, one.data, one.stored.etag if one.stored else ABSENT)
    note_versions(path.parent, etags)
    _say(name, source, changed, path)


def _people(sources: Container, name: str, source: Source, profile: Path) -> Iterator[_Upload]:
    """The people files first: a profile never names one that is not there."""
    for directory in people_files(source.profile):
        yield _upload(sources, people_blob(name, directory), people_path(profile, directory), people=True)


def _upload(sources: Container, path: str, file: Path, *, people: bool) -> _Upload:
    document = sources.read(path)
    stored = StoredFile(path, document.data, document.etag) if document else None
    return _Upload(path, file.read_bytes(), stored, people)


def _check_seen(name: str, changed: list[_Upload], seen: dict[str, str]) -> None:
    """Refuse to replace what was not seen on this computer.

    Raises:
        CommandError: a file in the container is another version than the one that was fetched or put from here.
    """
    unseen = [one.path for one in changed if one.stored and seen.get(one.path) != one.stored.etag]
    if unseen:
        raise CommandError(
            f"Nothing was put: the container has a version that was not seen here, of {', '.join(map(printable, unseen))}.",
            "Fetch it into another folder, bring both together there, and put that folder. --force replaces it unseen.",
            Exit.BLOCKED,
            (command("source get", name, to=f"{name}-stored"),),
        )


def _say(name: str, source: Source, changed: list[_Upload], path: Path) -> None:
    if not changed:
        screen.say(f"{printable(name)}: the container has the same files already.", "green")
    for one in changed:
        screen.say(f"{'Replaced' if one.stored else 'Put'}: {printable(one.path)}", "green")
    text = path.read_text(encoding="utf-8-sig")
    for doubt in doubtful(source, text):
        screen.say(f"  Doubtful: {printable(doubt)}.", "yellow")
    screen.say(f"Exports whose first folder is {printable(name)} are read by it from now on:")
    screen.say_commands([command("upload", "FILE", folder=name)])
