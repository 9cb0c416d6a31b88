"""`poison`: messages that failed five times: what they are about, back to the queue, or away."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.console import screen
from commands.console.command_line import command
from commands.console.errors import CommandError
from commands.console.exit_codes import Exit
from commands.console.formatting import count, utc_minute
from commands.context import CONNECTOR, VAULT, command_context
from commands.deployment import PoisonQueue
from commands.options import AsJson, DryRun, SettingsFile, Yes
from shared.clock import utc_text
from shared.delivery.ports import Queue
from shared.errors import BadMessageError
from shared.messages import Message, read_messages
from shared.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.services.poison_messages import PoisonMessage


@dataclass(frozen=True, slots=True)
class _Listed:
    """A message and what it is about; `about` is a sentence's beginning, empty `export` for what is no export."""

    message: "PoisonMessage"
    export: str
    about: str


def poison(
    context: typer.Context,
    *,
    requeue: Annotated[
        bool, typer.Option("--requeue", help="Put them back on the queue, once the cause is fixed.")
    ] = False,
    delete: Annotated[bool, typer.Option("--delete", help="Delete them.")] = False,
    export: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only messages about this export.")
    ] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
    settings: SettingsFile = None,
) -> None:
    """Show, put back or delete messages that failed.

    A message comes here after five tries. The cause is a bug, a bad message, or storage that could not be written; the log says which.

    Example: python gatepost.py poison --requeue
    """
    if requeue and delete:
        raise CommandError("--requeue and --delete exclude each other.", "Choose one.")
    given = command_context(context)
    azure = given.deployment(settings, CONNECTOR, VAULT)
    queue = given.poison(azure.settings)
    listed = _chosen(queue.peek(), azure.settings.exports_container, export)
    if as_json and not (requeue or delete):
        screen.show_json([_document(one) for one in listed])
        return
    _show(listed, queue.waiting())
    if not listed or not (requeue or delete):
        return
    what = "Put back" if requeue else "Delete"
    if dry_run:
        screen.say(f"{what}: {count(len(listed), 'message')}. Nothing was done (--dry-run).")
        return
    if not yes:
        typer.confirm(f"{what} {count(len(listed), 'message')}?", abort=True)
    done = _clear(queue, azure.queue if requeue else None, {one.message.id for one in listed})
    screen.say(f"{count(done, 'message')} {'put back' if requeue else 'deleted'}.")
    if done < len(listed):
        screen.say("Others hold the rest at the moment. Try again in a minute.", "yellow")
        raise typer.Exit(Exit.LATER)


def _chosen(messages: "Iterable[PoisonMessage]", container: str, export: str | None) -> list[_Listed]:
    listed = [_read(one, container) for one in messages]
    return [one for one in listed if export is None or one.export == export]


def _read(message: "PoisonMessage", container: str) -> _Listed:
    try:
        first = read_messages(message.text, container)[0]
    except BadMessageError as error:
        return _Listed(message, "", f"a message that cannot be read: {error}")
    if isinstance(first, Message):
        return _Listed(message, first.name, printable(first.name))
    return _Listed(message, "", f"the app's own task {first.task}")


def _clear(queue: PoisonQueue, target: Queue | None, wanted: set[str]) -> int:
    """Put back or delete those that are wanted; a message is on the other queue before it leaves this one."""
    done, others = 0, []
    for message in queue.take(queue.waiting()):
        if message.id not in wanted:
            others.append(message)
        else:
            if target:
                target.put(message.text, 0)
            queue.delete(message)
            done += 1
    for message in others:
        queue.release(message)
    return done


def _show(listed: list[_Listed], waiting: int) -> None:
    if not listed:
        screen.say("No such message is in the poison queue." if waiting else "The poison queue is empty.")
        return
    for one in listed:
        when = utc_minute(one.message.inserted_at) if one.message.inserted_at else "unknown"
        screen.say(f"{when}  {one.about}")
    if waiting > len(listed):
        screen.say(f"There are {waiting:,} messages in all.")
    screen.say()
    screen.say("The log says why: docs/operate.md, A message in the poison queue. When the cause is fixed:")
    screen.say_commands([command("poison", requeue=True)])


def _document(one: _Listed) -> dict[str, Any]:
    return {
        "insertedAt": utc_text(one.message.inserted_at) if one.message.inserted_at else None,
        "export": one.export or None,
        "about": one.about,
    }
