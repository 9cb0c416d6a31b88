"""`people unknown`: who is missing in the people files of a source."""

import csv
import io
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

import typer

from commands.console import screen
from commands.console.errors import CommandError
from commands.console.exit_codes import Exit
from commands.console.formatting import count
from commands.context import CONNECTOR, VAULT, command_context
from commands.local_files import writing
from commands.local_store.private_files import new_file
from commands.options import Overwrite, SettingsFile, between
from commands.people.unknown_keys import UnknownKey, unknown_keys
from commands.source.container import no_source, source_names, stored_source
from commands.source.local_source import unusable
from shared.delivery.ports import Container
from shared.printable import printable
from shared.sources.file_names import is_source_name
from shared.sources.problems import SourceUnusableError
from shared.sources.source import Source

_COLUMNS: Final = ("key", "rows", "first", "last", "file")


def unknown(
    context: typer.Context,
    *,
    source: Annotated[
        str, typer.Option("--source", metavar="NAME", help="The source, as `source list` shows it.")
    ],
    days: Annotated[
        int, typer.Option("--days", callback=between(1, 400), metavar="N", help="Exports of the last N days.")
    ] = 14,
    to: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="Where to. Default: the screen.")
    ] = None,
    overwrite: Overwrite = False,
    settings: SettingsFile = None,
) -> None:
    """List the people whom no people file knows, as CSV.

    Out of the rejected files of a source's exports: each key, in how many rows, when first and last (UTC), and in which
    export. Who has been added to the people file meanwhile is left out. The keys are personal data.

    Example: python gatepost.py people unknown --source munich --to missing.csv
    """
    command_parts = command_context(context)
    azure = command_parts.deployment(settings, CONNECTOR, VAULT)
    found_source = _source(command_parts.sources(azure.settings), source)
    mapping = found_source.profile.mapping
    if mapping is None:
        raise CommandError(f'{source} has format = "connector": its records name the person themselves.')
    since = azure.clock.now() - timedelta(days=days)
    keys = unknown_keys(azure.results, found_source, mapping, since)
    if to is None:
        typer.echo(_table(keys), nl=False)
        return
    with writing(to, "Name another file with --to"), new_file(to, overwrite=overwrite) as file:
        file.write(_table(keys).encode())
    screen.say(f"{count(len(keys), 'key')} written to {to}.")


def _source(sources: Container, name: str) -> Source:
    """The source with its people files as they are now.

    Raises:
        CommandError: there is none, or it cannot be used.
    """
    try:
        found = stored_source(sources, name) if is_source_name(name) else None
    except SourceUnusableError as error:
        raise unusable(f"The source {name}", error) from None
    if found is None:
        names = source_names(sources)
        if name in names:
            raise CommandError(
                f"You may not read the source {name}.", "Ask for Storage Blob Data Reader.", Exit.BLOCKED
            )
        raise no_source(printable(name), names)
    return found


def _table(keys: Iterable[UnknownKey]) -> str:
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(_COLUMNS)
    rows.writerows((one.key, one.rows, one.first, one.last, printable(one.file)) for one in keys)
    return text.getvalue()
