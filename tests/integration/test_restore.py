"""`gatepost.py restore`, on an account that keeps versions and deleted blobs as Microsoft's reference describes."""

from collections.abc import Iterator

import pytest
from typer.testing import CliRunner, Result

from commands.console.exit_codes import Exit
from commands.context import CommandContext
from commands.program import app
from shared.services.blob_versions import BlobVersions
from shared.storage_connection import StorageConnection
from tests.support.versioned_blobs import Kept, VersionedBlobs, versioned_blobs
from tests.support.world import ENVIRONMENT, World

_MONDAY, _TUESDAY = "Mon, 23 Nov 2026 05:00:00 GMT", "Tue, 24 Nov 2026 05:00:00 GMT"


@pytest.fixture
def account() -> Iterator[VersionedBlobs]:
    """An account on a loopback address."""
    with versioned_blobs() as running:
        yield running


def _run(account: VersionedBlobs, *words: str, answers: str = "") -> Result:
    world = World()
    versions = BlobVersions(StorageConnection("", "", account.connection_string), None, "badging-exports")
    context = CommandContext(ENVIRONMENT, lambda _: world.deps, versions=lambda _: versions)
    return CliRunner(env={"COLUMNS": "300"}).invoke(app, ["restore", *words], obj=context, input=answers)


def _two_versions(account: VersionedBlobs) -> None:
    account.blobs["day.json"] = [
        Kept(b"first", '"0x1"', _MONDAY, "2026-11-23T05:00:00Z"),
        Kept(b"second", '"0x2"', _TUESDAY, "2026-11-24T05:00:00Z", current=True),
    ]
    account.blobs["day.json.other"] = [Kept(b"x", '"0x3"', _TUESDAY, "2026-11-24T05:00:01Z")]


def test_an_overwritten_export_is_written_anew(account: VersionedBlobs) -> None:
    """Its bytes become the current version, which is an upload like any other; what was current is kept."""
    _two_versions(account)
    done = _run(account, "day.json", answers="y\n")
    assert done.exit_code == Exit.DONE
    assert "Brought back: day.json of 2026-11-23 05:00 UTC, 5 bytes." in done.output
    assert [(one.data, one.current) for one in account.blobs["day.json"]] == [
        (b"first", False),
        (b"second", False),
        (b"first", True),
    ]


def test_what_would_be_done_is_shown_and_not_done(account: VersionedBlobs) -> None:
    """--dry-run only lists; a no ends it."""
    _two_versions(account)
    assert "Would bring back day.json of 2026-11-23" in _run(account, "day.json", "--dry-run").output
    assert _run(account, "day.json", answers="n\n").exit_code == Exit.INTERRUPTED
    assert all(request.startswith("GET restype=container&comp=list") for request in account.requests)


def test_a_deleted_export_comes_back_as_it_was(account: VersionedBlobs) -> None:
    """Soft delete without versions: nothing announces it, so the command to have it processed is printed."""
    account.blobs["day.json"] = [Kept(b"first", '"0x1"', _MONDAY, deleted=True)]
    done = _run(account, "day.json", "--yes")
    assert (done.exit_code, account.blobs["day.json"][0].deleted) == (Exit.DONE, False)
    assert "python gatepost.py retry -- day.json" in done.output


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["gone.json"], Exit.NOT_FOUND, "has no version of gone.json"),
        (["day.json", "--version", "0x9"], Exit.NOT_FOUND, "There are: 0x1 (2026-11-23 05:00 UTC)."),
        (["day.json", "--version", "0x2"], Exit.USAGE, "is the newest version"),
        (["day.json.other", "--version", "0x3", "--dry-run"], Exit.DONE, "Would bring back"),
    ],
)
def test_what_cannot_be_brought_back_is_said(
    account: VersionedBlobs, words: list[str], code: Exit, said: str
) -> None:
    """Nothing is there, no such version, or it is the current one."""
    _two_versions(account)
    done = _run(account, *words)
    assert (done.exit_code, said in done.output) == (code, True), done.output
