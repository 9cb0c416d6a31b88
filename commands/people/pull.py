"""`people pull`: makes a people file from the directory, through Microsoft Graph."""

from pathlib import Path
from typing import Annotated, Final

import typer

from commands.console import screen
from commands.console.command_line import command
from commands.console.errors import CommandError
from commands.console.exit_codes import Exit
from commands.console.formatting import count
from commands.console.progress import bar
from commands.context import CONNECTOR, STORAGE, VAULT, command_context
from commands.local_files import writing
from commands.local_store.private_files import new_file
from commands.options import Overwrite, SettingsFile
from commands.source.shrinking import check_size
from shared.blob_names import SHARED_PEOPLE_PATH
from shared.clouds import CLOUDS
from shared.delivery.ports import ABSENT, Container
from shared.setting_checks import https
from shared.sources.directory_people import (
    DEFAULT_KEY,
    Attribute,
    PeopleTable,
    attribute_named,
    people_table,
    properties_of,
)

_GRAPH: Final = https("--graph", "", "the address of Microsoft Graph")


def pull(
    context: typer.Context,
    *,
    key: Annotated[
        list[str] | None,
        typer.Option(
            "--key",
            metavar="ATTRIBUTE",
            help="The attribute with the badge or personnel number; may be repeated. Default: employeeId.",
        ),
    ] = None,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FILE", help="Where to. Default: people.csv in this folder."),
    ] = None,
    put: Annotated[
        bool,
        typer.Option("--put", help="Into the sources container instead, as /people.csv, for all sources."),
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Also if the file in the container shrinks much.")
    ] = False,
    graph: Annotated[
        str, typer.Option("--graph", metavar="URL", help="Microsoft Graph. Default: by CONNECTOR_CLOUD.")
    ] = "",
    overwrite: Overwrite = False,
    settings: SettingsFile = None,
) -> None:
    """Make the people file from Entra ID.

    Reads the users of the tenant with your own login: the key, the UPN, and whether the account is enabled. Disabled
    accounts stay in it. Attributes are employeeId, onPremisesSamAccountName, extensionAttribute1 to 15, or any other.

    Example: python gatepost.py people pull --key employeeId --to munich/people.csv
    """
    if put and to:
        raise CommandError("Both --to and --put are given.", "Give one of them.")
    attributes = [_attribute(one) for one in key or [DEFAULT_KEY]]
    command_parts = command_context(context)
    azure = command_parts.deployment(settings, CONNECTOR, VAULT, *(() if put else (STORAGE,)))
    users = command_parts.users(azure.settings, _graph_url(graph, azure.settings.cloud))
    with bar("Reading users from Microsoft Graph", None):
        table = people_table(users.users(properties_of(attributes)), attributes)
    _say(table)
    if not table.people:
        raise CommandError(
            "No user has a key, so no people file was written.",
            "Is it another attribute? Look at a user in the Entra admin center, under Properties.",
            Exit.NOT_FOUND,
        )
    if put:
        _put(command_parts.sources(azure.settings), table, force=force)
    else:
        _write(to or Path(SHARED_PEOPLE_PATH), table, overwrite=overwrite)


def _attribute(name: str) -> Attribute:
    try:
        return attribute_named(name)
    except ValueError:
        raise CommandError(
            "--key must be the name of an attribute.",
            "Such as employeeId, extensionAttribute3 or onPremisesSamAccountName.",
        ) from None


def _graph_url(given: str, cloud: str) -> str:
    if not given:
        return CLOUDS[cloud].graph_url
    try:
        return str(_GRAPH.read(given))
    except ValueError as error:
        raise CommandError(f"--graph {error}.") from None


def _say(table: PeopleTable) -> None:
    screen.say(
        f"{count(table.people, 'person')} with a key, {table.disabled:,} of them with a disabled account."
    )
    if table.without_key:
        screen.say(
            f"  {count(table.without_key, 'user')} without a key left out, guests and rooms among them."
        )
    if table.without_account:
        screen.say(f"  {count(table.without_account, 'user')} left out, whose UPN is no address.", "yellow")
    if table.shared_keys:
        keys = count(table.shared_keys, "key")
        screen.say(f"  {keys} with two accounts: such rows will be rejected, person-ambiguous.", "yellow")


def _write(file: Path, table: PeopleTable, *, overwrite: bool) -> None:
    with writing(file, "Name another file with --to"), new_file(file, overwrite=overwrite) as target:
        target.write(table.data)
    screen.say(f"Written: {file}", "green")


def _put(sources: Container, table: PeopleTable, *, force: bool) -> None:
    stored = sources.read(SHARED_PEOPLE_PATH)
    if stored and not force:
        check_size(SHARED_PEOPLE_PATH, stored.data, table.data)
    sources.write(SHARED_PEOPLE_PATH, table.data, stored.etag if stored else ABSENT)
    screen.say(f"Put: {SHARED_PEOPLE_PATH}", "green")
    screen.say('Profiles use it as directory = "/people.csv". See the sources:')
    screen.say_commands([command("source list")])
