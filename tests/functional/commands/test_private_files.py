"""What `push` and `rejected` write is for its owner alone, whole or not at all, and not kept for ever."""

import errno
import os
import stat
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from commands.console.exit_codes import Exit
from commands.local_store.export_files import ExportFiles
from commands.local_store.folder import PIECE_BYTES, Folder
from commands.local_store.private_files import patiently
from shared.delivery.ports import ABSENT
from tests.support.command_runner import CommandRunner, day
from tests.support.exports import export

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="owners and modes are those of Linux and macOS"
)

NO_SPACE = OSError(errno.ENOSPC, "No space left on device")
HELD = PermissionError(errno.EACCES, "Access is denied")


@pytest.fixture
def pushes(commands: CommandRunner) -> CommandRunner:
    """A computer without Azure's storage, with an export that has an invalid record."""
    del commands.environment["ExportStorage"]
    Path("day.json").write_bytes(export(25, bad=(3,)))
    return commands


@pytest.fixture(autouse=True)
def umask() -> Any:
    """The usual one, which lets everybody read."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def _modes(folder: Path) -> set[int]:
    return {stat.S_IMODE(path.lstat().st_mode) for path in (folder, *folder.rglob("*"))}


def _names() -> list[str]:
    return sorted(path.name for path in Path().iterdir())


def _push(commands: CommandRunner, *words: str | Path, state: str | Path = "state") -> tuple[int, str]:
    result = commands.run("push", "day.json", "--state", state, *words)
    return result.exit_code, result.output


def test_what_a_push_writes_is_its_owners(pushes: CommandRunner) -> None:
    """Folders 0700, files 0600, whatever the umask; and nothing unfinished is left."""
    assert _push(pushes, state="made/on the way/state")[0] == Exit.PARTLY
    assert _modes(Path("made")) == {0o600, 0o700}
    assert list(Path("made").rglob("*.new")) == []


def test_rejected_records_are_their_readers(commands: CommandRunner) -> None:
    """Of Azure's as well; with --overwrite too."""
    day(commands.world)
    for words in ([], ["--overwrite"]):
        assert commands.run("rejected", "2026/11/22/part.json", *words).exit_code == Exit.DONE
        assert stat.S_IMODE(Path("part-rejected.jsonl").stat().st_mode) == 0o600
    assert _names() == ["part-rejected.jsonl"]


@pytest.mark.parametrize("overwrite", [True, False])
def test_rejected_records_never_go_through_a_link(commands: CommandRunner, *, overwrite: bool) -> None:
    """A link that stands in the way is replaced where that was asked for, and refused where it was not."""
    day(commands.world)
    Path("precious").write_text("mine", encoding="utf-8")
    Path("part-rejected.jsonl").symlink_to("precious")
    result = commands.run("rejected", "2026/11/22/part.json", *(["--overwrite"] if overwrite else []))
    assert result.exit_code == (Exit.DONE if overwrite else Exit.USAGE)
    assert Path("precious").read_text(encoding="utf-8") == "mine"
    assert Path("part-rejected.jsonl").is_symlink() is not overwrite


def test_a_link_at_a_name_that_was_foreseen_is_not_followed(tmp_path: Path) -> None:
    """Neither where a document will be, nor where an earlier release wrote it first, nor at a lock."""
    precious = tmp_path / "precious"
    precious.write_bytes(b"mine")
    folder = Folder(tmp_path / "state", "state")
    folder.write("a/other.json", b"1", ABSENT)
    for name in ("a/day.json", "a/day.json.new"):
        (tmp_path / "state" / name).symlink_to(precious)
    folder.write("a/day.json", b"2", None)
    writer = folder.block_writer("a/day.json")
    writer.add(b"3")
    writer.commit()
    assert precious.read_bytes() == b"mine"
    assert not (tmp_path / "state/a/day.json").is_symlink()
    lock = tmp_path / "state/.locks/write"
    lock.unlink()
    lock.symlink_to(precious)
    with pytest.raises(Exception, match=r"write|links"):
        folder.write("a/day.json", b"4", None)


@pytest.mark.parametrize("which", ["", "ledgers", "results"])
@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_a_folder_that_others_can_write_to_is_refused(pushes: CommandRunner, which: str, mode: int) -> None:
    """Ledgers of others would decide what is sent; the command that helps can be pasted."""
    folder = Path("my state", which)
    folder.mkdir(parents=True)
    folder.chmod(mode)
    code, output = _push(pushes, state="my state")
    assert (code, pushes.world.connector.requests) == (Exit.BLOCKED, [])
    assert f"not yours alone: {folder}: others may write to it." in output
    assert f"\n  chmod -R go-w -- '{folder}'\n" in output
    assert list(Path("my state").rglob("*.json*")) == []


def test_a_folder_of_another_user_is_refused(pushes: CommandRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it only reads what was pushed."""
    Path("state").mkdir(mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: Path().stat().st_uid + 1)
    code, output = _push(pushes)
    assert (code, "state: it belongs to another user." in output) == (Exit.BLOCKED, True)
    listed = pushes.run("list", "--pushed", "--state", "state")
    assert (listed.exit_code, "belongs to another user" in listed.output) == (Exit.BLOCKED, True)


def _fails(
    times: int, fault: OSError, real: Callable[..., Any], only: str = "", *, last: bool = False
) -> Callable[..., Any]:
    left = [times]

    def call(path: Path, *arguments: Any, **options: Any) -> Any:
        if left[0] and (not only or only in (path.parts[-1:] if last else path.parts)):
            left[0] -= 1
            raise fault
        return real(path, *arguments, **options)

    return call


@pytest.mark.parametrize("times", [1, 39])
@pytest.mark.parametrize("operation", ["replace", "unlink", "read_bytes"])
def test_what_windows_refuses_for_a_moment_is_tried_again(
    pushes: CommandRunner, monkeypatch: pytest.MonkeyPatch, operation: str, times: int
) -> None:
    """A virus scanner holds a file up to two seconds: every record is sent, and none twice."""
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    monkeypatch.setattr(Path, operation, _fails(times, HELD, getattr(Path, operation), only="state"))
    assert _push(pushes)[0] == Exit.PARTLY
    assert set(pushes.world.connector.times_taken().values()) == {1}
    assert sum(waited) <= 2


def test_what_is_refused_for_longer_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """After two seconds, and a fault of another kind at once."""
    waited: list[float] = []
    calls = []

    def refused() -> None:
        calls.append(1)
        raise HELD

    def full() -> None:
        calls.append(1)
        raise NO_SPACE

    with pytest.raises(PermissionError):
        patiently(refused, waited.append)
    assert sum(waited) == pytest.approx(2)
    calls.clear()
    with pytest.raises(OSError, match="No space"):
        patiently(full, waited.append)
    assert len(calls) == 1


@pytest.mark.parametrize("what", ["fsync", "replace", "mkdir"])
def test_a_full_disk_is_a_sentence_that_names_the_folder(
    pushes: CommandRunner, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """No stack trace, no unfinished file, and the next push sends what is left."""
    real: dict[str, Callable[..., Any]] = {"fsync": os.fsync, "replace": Path.replace, "mkdir": Path.mkdir}
    home = os if what == "fsync" else Path
    with monkeypatch.context() as context:
        context.setattr(home, what, _fails(99, NO_SPACE, real[what]))
        code, output = _push(pushes)
    assert code == Exit.BLOCKED
    assert "The folder for pushes cannot be used: state/" in output
    assert "No space left on device. Check --state" in " ".join(output.split())
    assert list(Path().rglob("*.new")) == []
    assert _push(pushes)[0] == Exit.PARTLY


def test_a_drive_that_is_not_there_is_a_sentence(pushes: CommandRunner) -> None:
    """Not a document that is gone, and no command that would not help."""
    code, output = _push(pushes, state="/proc/none/state")
    assert code == Exit.BLOCKED
    assert "The folder for pushes cannot be used: /proc/none/state" in output
    assert "no longer there" not in output


def test_a_state_that_is_a_file_is_a_sentence(pushes: CommandRunner) -> None:
    """The name of the file is said."""
    Path("state").write_bytes(b"")
    code, output = _push(pushes)
    assert (code, "cannot be used: state" in output) == (Exit.BLOCKED, True)


def test_an_export_that_cannot_be_read_is_named_and_the_others_go_on(
    pushes: CommandRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the export, not the folder for pushes."""
    Path("other.json").write_bytes(export(5, first=500))
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    monkeypatch.setattr(Path, "open", _fails(99, HELD, Path.open, only="day.json", last=True))
    result = pushes.run("push", "day.json", "other.json", "--state", "state")
    assert result.exit_code == Exit.BLOCKED
    assert "day.json cannot be read: Access is denied. Check that you may read it." in result.output
    assert "Upload successful: other.json" in result.output
    assert "--state" not in result.output


def test_an_export_that_another_program_holds_is_tried_later(
    pushes: CommandRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows says who; a scheduler tries again."""
    held = PermissionError(errno.EACCES, "The process cannot access the file")
    held.winerror = 32  # type: ignore[attr-defined]  # only Windows has it
    monkeypatch.setattr(time, "sleep", lambda _seconds: None)
    monkeypatch.setattr(Path, "open", _fails(99, held, Path.open, only="day.json", last=True))
    for command in ("push", "validate"):
        state = ["--state", "state"] if command == "push" else []
        result = pushes.run(command, "day.json", *state)
        assert (result.exit_code, "day.json is open in another program." in result.output) == (
            Exit.LATER,
            True,
        )


@pytest.mark.parametrize("command", ["push", "validate", "upload"])
def test_an_export_that_vanishes_is_named(
    commands: CommandRunner, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """Between the moment it was found and the moment it is read."""
    Path("day.json").write_bytes(export(5))
    found = commands_found = Path("day.json")
    monkeypatch.setattr("commands.local_files._resolved", lambda _named: [found])
    commands_found.unlink()
    result = commands.run(command, "day.json", *(["--state", "state"] if command == "push" else []))
    assert result.exit_code == Exit.NOT_FOUND
    assert "File not found: " in result.output
    assert "day.json" in result.output


def test_a_file_that_grows_while_it_is_pushed_does_not_spin(
    pushes: CommandRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One attempt, nothing sent, and a sentence; the next push, once it is complete, sends all of it."""
    file = Path("day.json")
    reads = []
    real = ExportFiles.chunks

    def growing(self: ExportFiles, name: str, etag: str) -> Any:
        reads.append(name)
        pieces = real(self, name, etag)
        yield next(pieces)
        with file.open("ab") as more:
            more.write(b" ")
        yield from pieces

    with monkeypatch.context() as context:
        context.setattr(ExportFiles, "chunks", growing)
        code, output = _push(pushes)
    assert (code, len(reads)) == (Exit.LATER, 1), output
    assert "Not uploaded: day.json: The file was changed while it was read; nothing of it was sent." in output
    assert "Run the same command again when the program that writes the file has finished." in output
    assert pushes.world.connector.requests == []
    assert _push(pushes)[0] == Exit.PARTLY
    assert len(pushes.world.connector.times_taken()) == 24


def test_a_large_document_is_digested_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fetching rejected records costs two passes over them, not one a piece."""
    folder = Folder(tmp_path, "results")
    data = b"x" * (8 * PIECE_BYTES)
    etag = folder.write("rejected/day.jsonl", data, ABSENT)

    def read_whole(_path: Path) -> bytes:
        raise AssertionError

    monkeypatch.setattr(Path, "read_bytes", read_whole)
    assert b"".join(folder.chunks("rejected/day.jsonl", etag)) == data


def test_nothing_is_kept_for_ever(pushes: CommandRunner) -> None:
    """Rejected records for 90 days, outcomes and ledgers for 400, what a killed process left for one."""
    assert _push(pushes)[0] == Exit.PARTLY
    state = Path("state")
    left = state / "results/rejected/day.json/.abc.new"
    left.write_bytes(b"{}")
    kinds = {kind: _files(state, kind) for kind in ("results/rejected", "results/outcomes", "ledgers")}
    assert all(kinds.values())
    now = pushes.world.clock.now()
    for days, gone in (
        (89, ["results/rejected/.new"]),
        (91, ["results/rejected"]),
        (401, ["results/outcomes", "ledgers"]),
    ):
        for path in (path for path in state.rglob("*") if ".locks" not in path.parts):
            moment = (now - timedelta(days=days)).timestamp()
            os.utime(path, (moment, moment))
        Path("other.json").write_bytes(b"[]")
        assert pushes.run("push", "other.json", "--state", state).exit_code == Exit.DONE
        for kind, files in kinds.items():
            assert all(not file.exists() for file in files) is (kind in gone or (days == 401)) or not files, (
                days,
                kind,
            )
            if kind in gone:
                kinds[kind] = []
    assert not left.exists()
    assert list((state / "results/rejected").rglob("*")) == []


def _files(state: Path, kind: str) -> list[Path]:
    return [path for path in (state / kind).rglob("*.json*") if path.is_file()]


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("2026/C:evil.json", "C_evil-rejected.jsonl"),
        ("foo:bar.json", "foo_bar-rejected.jsonl"),
        ("NUL.json", "_NUL-rejected.jsonl"),
        ("com1 .json", "_com1-rejected.jsonl"),
        ('a<b>|?*".json', "a_b_____-rejected.jsonl"),
        ("day\u202e .json", "day_-rejected.jsonl"),
        ("t\u00fcr.json", "t\u00fcr-rejected.jsonl"),
    ],
)
def test_a_name_from_azure_is_a_name_on_every_system(commands: CommandRunner, name: str, file: str) -> None:
    """No stream, no device, no drive, nothing that is not seen."""
    commands.world.upload(name, export(10, bad=(3,)))
    commands.world.run()
    assert commands.run("rejected", "--", name).exit_code == Exit.DONE
    assert _names() == [file]


def test_long_names_from_azure_stay_apart(commands: CommandRunner) -> None:
    """A hash tells them apart where the beginning does not."""
    for first, end in ((1, "a"), (100, "b")):
        commands.world.upload(f"{'x' * 200}{end}.json", export(10, first=first, bad=(first + 2,)))
        commands.world.run()
        assert commands.run("rejected", f"{'x' * 200}{end}.json").exit_code == Exit.DONE
    assert len(_names()) == 2
    assert all(len(name) < 180 for name in _names())


@pytest.mark.parametrize("command", ["push", "upload", "validate"])
def test_what_tools_leave_in_a_folder_is_quiet(commands: CommandRunner, command: str) -> None:
    """`push exports/*` sends the exports, says in one line what it skipped, and succeeds."""
    for name in ("_SUCCESS", "Thumbs.db", ".DS_Store", "_committed_123", "desktop.ini"):
        Path(name).write_bytes(b"x")
    Path("day.json").write_bytes(export(5))
    words = ["--state", "../state"] if command == "push" else []
    result = commands.run(command, *_names(), *words)
    assert result.exit_code == Exit.DONE
    (line,) = [one for one in result.output.splitlines() if "Thumbs.db" in one]
    assert line == (
        "Skipped what file managers and data tools leave: .DS_Store, Thumbs.db, _SUCCESS, _committed_123, desktop.ini"
    )
