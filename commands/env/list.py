"""`env list`: the names under which settings are kept."""

from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from commands.console import environments, screen
from commands.console.command_line import command
from commands.console.tables import Column, show_table
from commands.options import AsJson
from commands.settings_file import read_settings_file
from shared.printable import printable
from shared.settings import SETTINGS


@dataclass(frozen=True, slots=True)
class Environment:
    """One of them: its name, its file, and the host of its storage account; empty for Azurite on this computer."""

    name: str
    file: str
    storage: str


def list_environments(*, as_json: AsJson = False) -> None:
    """List the names under which settings are kept.

    Example: python gatepost.py env list
    """
    found = [_environment(name) for name in environments.names()]
    if as_json:
        screen.show_json([asdict(one) for one in found])
    elif found:
        columns = [Column("Name"), Column("Storage account", gives_way=True), Column("File", gives_way=True)]
        show_table(columns, [(one.name, printable(one.storage or "-"), printable(one.file)) for one in found])
    else:
        screen.say("No settings are kept yet. To keep those of a file:")
        screen.say_commands([command("env add", "NAME", "FILE")])


def _environment(name: str) -> Environment:
    path = environments.place_of(name)
    uri = read_settings_file(path, SETTINGS).get("ExportStorage__blobServiceUri", "")
    return Environment(name, str(path), urlsplit(uri).netloc)
