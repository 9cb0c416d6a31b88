"""`restore`: an export that was overwritten or deleted, brought back where the account still has it."""

from typing import TYPE_CHECKING, Annotated

import typer

from commands.console import screen
from commands.console.command_line import command
from commands.console.errors import CommandError
from commands.console.exit_codes import Exit
from commands.console.formatting import count, utc_minute
from commands.context import CONNECTOR, VAULT, command_context
from commands.options import DryRun, ExportName, SettingsFile, Yes
from shared.blob_names import bare
from shared.printable import printable

if TYPE_CHECKING:
    from shared.services.blob_versions import BlobVersion


def restore(
    context: typer.Context,
    name: ExportName,
    *,
    version: Annotated[
        str | None,
        typer.Option("--version", metavar="ETAG", help="Which one. Default: the newest that is not current."),
    ] = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    settings: SettingsFile = None,
) -> None:
    """Bring back an export that was overwritten or deleted.

    The storage account must still have it: by its versions, or by soft delete. What was current is kept as a version too. What was sent already is not sent again.

    Example: python gatepost.py restore 2026/11/22/lenel.json
    """
    given = command_context(context)
    versions = given.versions(given.deployment(settings, CONNECTOR, VAULT).settings)
    shown = printable(name)
    chosen = _chosen(versions.of(name), shown, version)
    what = f"{shown} of {utc_minute(chosen.last_modified)}, {count(chosen.bytes, 'byte')}"
    if dry_run:
        screen.say(f"Would bring back {what}. Nothing was done (--dry-run).")
        return
    if not yes:
        typer.confirm(f"Bring back {what}?", abort=True)
    if chosen.version_id:
        versions.write_anew(name, chosen)
        screen.say(f"Brought back: {what}. The function app takes it as an upload. To see its outcome:")
        screen.say_commands([command("show", name)])
    else:
        versions.undelete(name)
        screen.say(f"Brought back: {what}. Nothing announces it; to have it processed now:")
        screen.say_commands([command("retry", name)])


def _chosen(found: "list[BlobVersion]", shown: str, version: str | None) -> "BlobVersion":
    """The version that is wanted.

    Raises:
        CommandError: the account does not have it, or it is the current one.
    """
    if not found:
        raise CommandError(
            f"The storage account has no version of {shown}, and no deleted one.",
            "Make the export again. Versions and soft delete are kept 30 days.",
            Exit.NOT_FOUND,
        )
    others = [one for one in found if not one.is_current]
    wanted = [one for one in others if version is None or one.etag == bare(version)]
    if wanted:
        return wanted[0]
    if version is None or any(one.etag == bare(version) for one in found):
        raise CommandError(
            f"{shown} is there, and it is the newest version that the account has.",
            "There is nothing to bring back.",
        )
    kept = ", ".join(f"{one.etag} ({utc_minute(one.last_modified)})" for one in others)
    raise CommandError(
        f"There is no version {printable(version)} of {shown}.", f"There are: {kept}.", Exit.NOT_FOUND
    )
