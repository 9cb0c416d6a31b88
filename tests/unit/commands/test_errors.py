"""Every failure of ours becomes a sentence with what to do."""

import pytest

from commands.console.errors import CommandError, explained
from commands.console.exit_codes import Exit
from shared.error_codes import BlockedCode, FailedCode, RejectedCode
from shared.errors import (
    ActionRequiredError,
    ConditionError,
    CredentialRefusedError,
    ExportError,
    GatepostError,
    MissingBlobError,
    SettingsError,
    StorageError,
    TransientError,
)


@pytest.mark.parametrize(
    ("error", "says", "code"),
    [
        (CommandError("No.", "Do that.", Exit.LATER), "No.", Exit.LATER),
        (SettingsError(["KEY_VAULT_URI is missing"]), "KEY_VAULT_URI is missing", Exit.USAGE),
        (StorageError("x", "login"), "not logged in", Exit.BLOCKED),
        (StorageError("storage answers 403", "permission"), "(storage answers 403)", Exit.BLOCKED),
        (StorageError("x", "missing"), "no container or queue", Exit.BLOCKED),
        (StorageError("x", "unreachable"), "cannot be reached", Exit.LATER),
        (StorageError("x"), "refused", Exit.LATER),
        (ExportError(RejectedCode.BROKEN_JSON, "Broken."), "Broken.", Exit.INVALID),
        (ActionRequiredError(BlockedCode.JOB_MISMATCH, "Wrong."), "Wrong.", Exit.BLOCKED),
        (CredentialRefusedError(FailedCode.SECRET_WRONG, "Wrong."), "Wrong.", Exit.BLOCKED),
        (TransientError(FailedCode.VAULT_UNAVAILABLE, "Away."), "Away.", Exit.LATER),
        (ConditionError("x"), "same moment", Exit.LATER),
        (MissingBlobError("x"), "no longer there", Exit.NOT_FOUND),
        (GatepostError("Odd."), "Odd.", Exit.BUG),
    ],
)
def test_every_error_says_what_happened_what_to_do_and_how_it_ends(
    error: GatepostError, says: str, code: Exit
) -> None:
    """No name of an exception is all there is."""
    said = explained(error)
    assert says in said.message
    assert said.help
    assert said.exit is code
