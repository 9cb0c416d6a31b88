"""Every failure of ours becomes a sentence with a way out."""

import pytest

from commands.errors import CommandError, explained
from commands.exit_codes import Exit
from shared.errors import (
    ConditionError,
    ExportError,
    GatepostError,
    MissingBlobError,
    NeedsPersonError,
    PassingError,
    SettingsError,
    StorageError,
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
        (StorageError("x"), "refuses", Exit.LATER),
        (ExportError("broken-json", "Broken."), "Broken.", Exit.INVALID),
        (NeedsPersonError("job-mismatch", "Wrong."), "Wrong.", Exit.BLOCKED),
        (PassingError("vault-unavailable", "Away."), "Away.", Exit.LATER),
        (ConditionError("x"), "same moment", Exit.LATER),
        (MissingBlobError("x"), "not there", Exit.NOT_FOUND),
        (GatepostError("Odd."), "Odd.", Exit.BUG),
    ],
)
def test_every_error_says_what_happened_what_to_do_and_how_it_ends(
    error: GatepostError, says: str, code: Exit
) -> None:
    """Nobody is left with the name of an exception."""
    said = explained(error)
    assert says in said.message
    assert said.way_out
    assert said.exit is code
