"""Where outcomes are read: Azure's results container, or the folder of what was pushed from this computer."""

from datetime import tzinfo
from pathlib import Path

from commands.context import CONNECTOR, VAULT, CommandContext
from commands.local_store.push_state import pushed_results
from shared.clock import SystemClock
from shared.completeness.due import Expected
from shared.delivery.ports import Container
from shared.delivery.source_listing import list_profiles
from shared.errors import GatepostError
from shared.report.collect import Scope
from shared.report.expected import expected_of


def results_for(
    command: CommandContext, settings: Path | None, state: Path | None, *, pushed: bool
) -> Container:
    """The container with outcomes; Azure's needs the address of the data account, and no other setting.

    Args:
        command: what the command was given.
        settings: the file after --settings.
        state: the folder after --state.
        pushed: whether outcomes of pushes are wanted.

    Raises:
        CommandError: the settings file cannot be used.
        SettingsError: settings are missing or malformed.
        FolderError: the folder of pushes cannot be used.
    """
    return pushed_results(state) if pushed else command.deployment(settings, CONNECTOR, VAULT).results


def results_and_scope(
    command: CommandContext, settings: Path | None, state: Path | None, *, pushed: bool
) -> tuple[Container, Scope]:
    """The same, and by which clock, zone and schedules its days are judged; pushes have days in UTC.

    Args:
        command: what the command was given.
        settings: the file after --settings.
        state: the folder after --state.
        pushed: whether outcomes of pushes are wanted.

    Raises:
        CommandError: the settings file cannot be used.
        SettingsError: settings are missing or malformed.
        FolderError: the folder of pushes cannot be used.
    """
    if pushed:
        return pushed_results(state), Scope(SystemClock().now())
    azure = command.deployment(settings, CONNECTOR, VAULT)
    zone = azure.settings.report_zone
    expected = _expected(command.sources(azure.settings), zone)
    return azure.results, Scope(azure.clock.now(), zone=zone, expected=expected)


def _expected(sources: Container, zone: tzinfo) -> dict[str, Expected]:
    """Schedules are a nicety: who may not read sources judges by what is usual alone."""
    try:
        return expected_of(list_profiles(sources, {}), zone)
    except GatepostError:
        return {}
