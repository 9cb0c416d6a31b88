"""`rejected`: the records that were rejected, ready to be corrected."""

from pathlib import Path

from commands.console.exit_codes import Exit
from tests.support.command_runner import CommandRunner, day
from tests.support.exports import export


def test_the_records_are_fetched_corrected_and_uploaded(commands: CommandRunner) -> None:
    """The whole round: fetch, correct, validate, upload; nothing is sent twice."""
    day(commands.world)
    result = commands.run("rejected", "2026/11/22/part.json")
    assert result.exit_code == Exit.DONE
    assert "2 records of 2026/11/22/part.json written to part-rejected.jsonl" in result.output
    aside = Path("part-rejected.jsonl")
    assert commands.run("validate", aside).exit_code == Exit.INVALID
    aside.write_bytes(aside.read_bytes().replace(b"Granted", b"Success"))
    assert commands.run("upload", aside).exit_code == Exit.DONE
    assert set(commands.world.connector.times_taken().values()) == {1}
    assert len(commands.world.connector.times_taken()) == 55


def test_a_file_is_not_overwritten_unasked(commands: CommandRunner) -> None:
    """A file that is being corrected is safe."""
    day(commands.world)
    commands.run("rejected", "2026/11/22/part.json", "--to", "mine.jsonl")
    again = commands.run("rejected", "2026/11/22/part.json", "--to", "mine.jsonl")
    assert (again.exit_code, "--overwrite" in again.output) == (Exit.USAGE, True)
    replaced = commands.run("rejected", "2026/11/22/part.json", "--to", "mine.jsonl", "--overwrite")
    assert replaced.exit_code == Exit.DONE


def test_none_and_too_old_ones_are_said(commands: CommandRunner) -> None:
    """A clean export has none; old ones are gone."""
    day(commands.world)
    assert "No records of 2026/11/22/good.json" in commands.run("rejected", "2026/11/22/good.json").output
    commands.world.results.delete(commands.world.outcome("2026/11/22/part.json").rejections.blob or "")
    gone = commands.run("rejected", "2026/11/22/part.json")
    assert (gone.exit_code, "are gone" in gone.output) == (Exit.NOT_FOUND, True)


def test_of_a_rejected_export_nothing_was_sent_and_that_is_said(commands: CommandRunner) -> None:
    """There the whole export is uploaded again, not the file of samples."""
    commands.world.upload("wrong.json", export(4, bad=(1, 2, 3)))
    commands.world.run()
    result = commands.run("rejected", "wrong.json")
    assert "Nothing of this export was sent." in result.output
