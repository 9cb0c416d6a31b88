"""`person find`: where one person's data stands, for requests of access and erasure."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Annotated, Final

import typer

from commands.console import screen
from commands.console.exit_codes import Exit
from commands.console.formatting import count
from commands.console.help_text import HelpCommand, command_group
from commands.context import CONNECTOR, VAULT, command_context
from commands.options import AsJson, SettingsFile
from commands.person_search import Patterns, is_in
from shared.delivery.ports import Container
from shared.errors import ActionRequiredError, ExportChangedError, MissingBlobError
from shared.printable import printable

person_app = command_group(
    "Where one person's data stands.", "python gatepost.py person find ana@example.com"
)

_REPORTS: Final = "reports/"


@person_app.callback()
def _person() -> None:
    pass  # so that it stays a group while it has one command


@dataclass(frozen=True, slots=True)
class Place:
    """A blob that holds the person; `unread`: it could not be read to its end, so it may."""

    container: str
    name: str
    unread: bool = False


@person_app.command("find", cls=HelpCommand)
def find(
    context: typer.Context,
    user_id: Annotated[str, typer.Argument(metavar="USERID", help="The person's UPN or e-mail address.")],
    *,
    key: Annotated[
        list[str] | None,
        typer.Option(
            metavar="BADGE", help="A badge or employee number as exports write it; may be repeated."
        ),
    ] = None,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> None:
    """List every blob that holds a person's UserId or badge number.

    Reads exports, rejected records, replies in outcomes, and people files, packed ones too; nothing is changed. A number that is short may be found where it means something else.

    Example: python gatepost.py person find ana@example.com --key 4711
    """
    given = command_context(context)
    azure = given.deployment(settings, CONNECTOR, VAULT)
    patterns = Patterns.of([user_id, *(key or [])])
    containers = (azure.exports, azure.results, given.sources(azure.settings))
    places = [place for container in containers for place in _places(container, patterns)]
    if as_json:
        screen.show_json([asdict(place) for place in places])
    else:
        _show(places)
    raise typer.Exit(Exit.DONE if places else Exit.NOT_FOUND)


def _places(container: Container, patterns: Patterns) -> Iterator[Place]:
    for blob in container.blobs():
        if blob.is_folder or blob.name.startswith(_REPORTS):
            continue
        try:
            if is_in(container.chunks(blob.name, blob.etag), patterns):
                yield Place(container.name, blob.name)
        except (ExportChangedError, MissingBlobError):
            continue  # overwritten or deleted meanwhile; the newer version is in a later listing
        except (ActionRequiredError, ValueError):
            yield Place(container.name, blob.name, unread=True)


def _show(places: Iterable[Place]) -> None:
    found = list(places)
    for place in found:
        note = "  (could not be read whole; look into it yourself)" if place.unread else ""
        screen.say(f"{place.container}/{printable(place.name)}{note}")
    if found:
        screen.say()
    where = count(sum(not one.unread for one in found), "blob")
    screen.say(f"Found in {where}." if found else "Found nowhere in exports, results and sources.")
    screen.say("Older versions and deleted blobs are not searched; they are gone after 30 days.")
