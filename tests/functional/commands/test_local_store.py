"""A folder keeps what a container promises."""

import subprocess
import sys
from pathlib import Path

import pytest

from commands.local_store.export_files import ExportFiles
from commands.local_store.folder import Folder
from shared.delivery.ports import ABSENT
from shared.errors import (
    ActionRequiredError,
    ConditionError,
    ExportChangedError,
    LeaseTakenError,
    MissingBlobError,
    StorageError,
)

NAME = "outcomes/2026/day.json/0x1.json"


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """An empty one."""
    return Folder(tmp_path / "state", "state")


def test_a_document_is_written_read_and_listed(folder: Folder) -> None:
    """What is written can be read, under the ETag the write gave."""
    assert folder.read(NAME) is None
    assert list(folder.blobs()) == []
    etag = folder.write(NAME, b"{}", ABSENT)
    document = folder.read(NAME)
    assert document is not None
    assert (document.data, document.etag, folder.head(NAME).etag) == (b"{}", etag, etag)
    folder.write("rejected/a.jsonl", b"x", None)
    assert [blob.name for blob in folder.blobs()] == [NAME, "rejected/a.jsonl"]
    assert [blob.name for blob in folder.blobs("outcomes/")] == [NAME]
    with pytest.raises(MissingBlobError):
        folder.head("nothing.json")


def test_conditions_are_held(folder: Folder) -> None:
    """A version that was not read is not overwritten."""
    first = folder.write(NAME, b"1", ABSENT)
    with pytest.raises(ConditionError):
        folder.write(NAME, b"2", ABSENT)
    second = folder.write(NAME, b"2", first)
    with pytest.raises(ConditionError):
        folder.write(NAME, b"3", first)
    folder.write(NAME, b"3", None)
    with pytest.raises(ConditionError):
        folder.write(NAME, b"4", second)
    with pytest.raises(ConditionError):
        folder.write("absent.json", b"4", second)


def test_a_lease_keeps_everybody_else_out_until_it_is_given_back(folder: Folder) -> None:
    """A second holder must wait; one that has lost it is told."""
    with pytest.raises(MissingBlobError):
        folder.acquire(NAME, "me", 60)
    folder.write(NAME, b"1", ABSENT)
    folder.acquire(NAME, "me", 60)
    folder.acquire(NAME, "me", 60)
    other = Folder(folder.root, "state")
    with pytest.raises(LeaseTakenError):
        other.acquire(NAME, "other", 60)
    with pytest.raises(ConditionError):
        other.renew(NAME, "other")
    folder.renew(NAME, "me")
    folder.release(NAME, "me")
    folder.release(NAME, "me")
    other.acquire(NAME, "other", 60)
    other.release(NAME, "other")
    folder.write(NAME, b"4", None)


def test_a_lease_ends_with_its_process(folder: Folder) -> None:
    """A push that was killed does not lock its successor out."""
    folder.write(NAME, b"1", ABSENT)
    program = (
        "import sys\nfrom pathlib import Path\nfrom commands.local_store.folder import Folder\n"
        f"Folder(Path(sys.argv[1]), 'state').acquire({NAME!r}, 'dead', 60)\n"
        "print('held', flush=True)\nsys.stdin.read()\n"
    )
    command = [sys.executable, "-c", program, str(folder.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(LeaseTakenError):
            folder.acquire(NAME, "me", 60)
        process.kill()
    folder.acquire(NAME, "me", 60)
    folder.release(NAME, "me")


def test_a_document_of_unknown_length_is_visible_only_once_committed(folder: Folder) -> None:
    """A rejected file appears whole, or up to the mark."""
    writer = folder.block_writer("rejected/a.jsonl")
    writer.add(b"one\n")
    writer.mark()
    writer.add(b"two\n")
    assert folder.read("rejected/a.jsonl") is None
    writer.commit()
    marked = folder.block_writer("rejected/b.jsonl")
    marked.add(b"one\n")
    marked.mark()
    marked.add(b"two\n")
    marked.commit(marked_only=True)
    whole, part = folder.read("rejected/a.jsonl"), folder.read("rejected/b.jsonl")
    assert whole is not None
    assert part is not None
    assert (whole.data, part.data) == (b"one\ntwo\n", b"one\n")


def test_a_file_that_changes_while_it_is_read_is_noticed(tmp_path: Path) -> None:
    """An export that is still being written is not sent half old, half new."""
    file = tmp_path / "day.json"
    file.write_bytes(b"x" * (3 << 20))
    exports = ExportFiles(tmp_path)
    etag = exports.head("day.json").etag
    assert sum(map(len, exports.chunks("day.json", etag))) == 3 << 20
    chunks = exports.chunks("day.json", etag)
    next(chunks)
    with file.open("ab") as more:
        more.write(b"y")
    with pytest.raises(ExportChangedError):
        list(chunks)
    with pytest.raises(ActionRequiredError, match="export-gone"):
        list(exports.chunks("none.json", etag))


def test_a_folder_that_cannot_be_used_is_an_error_of_ours(tmp_path: Path) -> None:
    """The system's exceptions end here."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError):
        Folder(tmp_path / "file", "state").write(NAME, b"1", ABSENT)
