"""`env add`: keeps the settings of a file under a name."""

from pathlib import Path
from typing import Annotated

import typer

from commands.console import environments, screen
from commands.console.command_line import command
from commands.console.formatting import count
from commands.context import IDENTITY
from commands.local_files import writing
from commands.local_store.private_files import make_folder, new_file
from commands.options import Overwrite
from commands.settings_file import read_settings_file
from shared.errors import SettingsError
from shared.printable import printable
from shared.settings import SETTINGS
from shared.storage_connection import storage_connection

EnvironmentName = Annotated[str, typer.Argument(metavar="NAME", help="Of the environment, such as prod.")]


def add(
    name: EnvironmentName,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="The app settings: a local.settings.json, the Azure CLI's JSON, or NAME=value lines.",
        ),
    ],
    *,
    overwrite: Overwrite = False,
) -> None:
    """Keep the settings of a file under a name.

    Only Gatepost's own settings are kept, and not the app's identity: you work with your own login. None of them is a
    secret, and the file can be read by you alone.

    Example: python gatepost.py env add prod settings.json
    """
    place = environments.place_of(name)
    found = {
        setting: value.strip()
        for setting, value in read_settings_file(file, SETTINGS).items()
        if setting in SETTINGS and setting not in IDENTITY and value.strip()
    }
    _check(found)
    lines = "".join(f"{setting}={value}\n" for setting, value in found.items())
    with writing(place, "Choose another name"):
        make_folder(place.parent)
        with new_file(place, overwrite=overwrite) as written:
            written.write(lines.encode())
    screen.say(f"{count(len(found), 'setting')} of {printable(str(file))} kept as {name}. To use them:")
    screen.say_commands([command("list", env=name)])


def _check(found: dict[str, str]) -> None:
    """Make sure that what is kept can be used, and is no secret.

    Raises:
        SettingsError: a setting is malformed, or a connection string is one of Azure, with the account's key.
    """
    problems = []
    for name, value in found.items():
        try:
            SETTINGS[name].read(value)
        except ValueError as error:
            problems.append(f"{name} {error}")
    if "ExportStorage" in found:
        storage_connection(found, problems)
    if problems:
        raise SettingsError(problems)
