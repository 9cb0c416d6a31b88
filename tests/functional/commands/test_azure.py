"""The commands that look after exports in Azure, on the small world."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from commands.console.exit_codes import Exit
from commands.context import CommandContext
from commands.program import app
from shared.blob_names import outcome_path
from shared.error_codes import BlockedCode, Status
from shared.errors import ActionRequiredError, StorageError
from tests.support.command_runner import CommandRunner
from tests.support.exports import export
from tests.support.fake_connector import REFUSED_CONNECTION, reply
from tests.support.world import World


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CommandRunner:
    """A desk in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return CommandRunner()


def _day(world: World) -> None:
    """A day with one export of each kind."""
    world.upload("2026/11/22/good.json", export(25))
    world.upload("2026/11/22/part.json", export(30, first=100, bad=(103, 107)))
    world.upload("2026/11/22/copy.json", export(25))
    world.upload("2026/11/22/broken.json", b"[{")
    world.run()


def _blocked(commands: CommandRunner, name: str = "2026/11/22/day.json") -> None:
    commands.world.connector.script.append(reply(404))
    commands.world.upload(name, export(25, first=500))
    commands.world.run()


class TestList:
    """`list`: did yesterday's badge data arrive?"""

    def test_outcomes_are_listed_newest_first_with_reasons_and_totals(self, commands: CommandRunner) -> None:
        """One line an export; the last line adds up."""
        _day(commands.world)
        result = commands.run("list", "--days", 400)
        assert result.exit_code == Exit.DONE
        lines = [line.split() for line in result.output.splitlines()]
        assert lines[0] == ["When", "(UTC)", "Export", "Status", "Sent", "Rejected", "Reason"]
        assert "AccessStatus must be Success or Failed" in result.output
        assert "sent before, as 2026/11/22/good.json" in result.output
        assert "The file ends in the middle of record 1" in result.output
        assert result.output.splitlines()[-1] == (
            "4 exports: 1 Succeeded, 1 PartiallySucceeded, 1 Duplicate, 1 Rejected. 53 records sent, 2 rejected."
        )

    def test_on_a_narrow_terminal_a_row_has_two_lines_that_fit(self, commands: CommandRunner) -> None:
        """80 columns are enough."""
        _day(commands.world)
        result = commands.run("list", "--days", 400, columns=80)
        assert all(len(line) <= 80 for line in result.output.splitlines())
        assert "\n  2026/11/22/copy.json: sent before, as 2026/11/22/good.json\n" in result.output

    def test_rows_are_chosen_by_status_name_and_days(self, commands: CommandRunner) -> None:
        """The question can be narrowed."""
        _day(commands.world)
        blocked = commands.run("list", "--days", 400, "--status", "rejected", "--json")
        assert [row["export"] for row in json.loads(blocked.stdout)] == ["2026/11/22/broken.json"]
        named = commands.run("list", "--days", 400, "--name", "*/[gp]*", "--json")
        assert {row["export"][11:] for row in json.loads(named.stdout)} == {"good.json", "part.json"}
        assert "No such outcomes" in commands.run("list", "--days", 400, "--name", "x").output
        assert commands.run("list", "--status", "Lost").exit_code == Exit.USAGE

    def test_an_empty_container_is_said(self, commands: CommandRunner) -> None:
        """Nothing is an answer, too."""
        assert commands.run("list").output == "No outcomes in the last 7 days.\n"

    def test_a_name_that_is_not_safe_is_shown_as_it_was_uploaded_and_harmless(
        self, commands: CommandRunner
    ) -> None:
        """The outcome of a name nobody may touch is listed by that name."""
        commands.world.upload("a/../b\x1b[31m.json", b"[]")
        commands.world.run()
        result = commands.run("list", "--days", 400)
        assert "a/../b\\x1b[31m.json" in result.output
        assert "\x1b" not in result.output

    def test_a_permission_that_is_missing_is_said_with_the_role(self, commands: CommandRunner) -> None:
        """Whoever may not look is told what to ask for."""

        def refuse(_prefix: str = "") -> None:
            raise StorageError("storage answers 403 (AuthorizationPermissionMismatch)", "permission")

        commands.world.results.blobs = refuse  # type: ignore[method-assign, assignment]
        result = commands.run("list")
        assert result.exit_code == Exit.BLOCKED
        assert "Storage Blob Data Reader" in result.output
        assert "Traceback" not in result.output


class TestShow:
    """`show`: one outcome for people."""

    @pytest.mark.parametrize(
        ("name", "code", "says"),
        [
            ("good", Exit.DONE, "25 read, 25 sent"),
            ("part", Exit.PARTLY, "`gatepost.py rejected 2026/11/22/part.json`"),
            ("copy", Exit.DONE, "sent before, as 2026/11/22/good.json"),
            ("broken", Exit.INVALID, "truncated, at line 1, column 3 (byte 2, record 1)"),
        ],
    )
    def test_the_exit_code_and_the_help_follow_the_status(
        self, commands: CommandRunner, name: str, code: Exit, says: str
    ) -> None:
        """A script asks with `show`, a person reads it."""
        _day(commands.world)
        result = commands.run("show", f"2026/11/22/{name}.json")
        assert (result.exit_code, says in result.output) == (code, True), result.output

    def test_open_outcomes_say_what_happens_next(self, commands: CommandRunner) -> None:
        """Failed and Blocked tell who acts, and when."""
        _blocked(commands)
        blocked = commands.run("show", "2026/11/22/day.json")
        assert blocked.exit_code == Exit.BLOCKED
        assert "at once with `gatepost.py retry 2026/11/22/day.json`" in blocked.output
        commands.world.connector.always = REFUSED_CONNECTION
        commands.world.upload("later.json", export(5, first=900))
        commands.world.run()
        later = commands.run("show", "later.json")
        assert (later.exit_code, "The next try is due at 2026-11-22T" in later.output) == (Exit.LATER, True)

    def test_a_wrong_name_gets_the_nearest_ones(self, commands: CommandRunner) -> None:
        """Forgetting the folder is the usual mistake."""
        _day(commands.world)
        result = commands.run("show", "good.json")
        assert result.exit_code == Exit.NOT_FOUND
        assert "Did you mean 2026/11/22/good.json?" in result.output
        assert "gatepost.py list" in commands.run("show", "zzz").output

    def test_the_document_itself(self, commands: CommandRunner) -> None:
        """--json is the outcome as it is kept."""
        _day(commands.world)
        result = commands.run("show", "2026/11/22/good.json", "--json")
        etag = commands.world.exports.head("2026/11/22/good.json").etag
        assert json.loads(result.stdout) == json.loads(
            commands.world.results.data(outcome_path("2026/11/22/good.json", etag))
        )

    def test_the_newest_version_is_shown(self, commands: CommandRunner) -> None:
        """An export that was overwritten has an outcome for each version."""
        commands.world.upload("day.json", b"[{")
        commands.world.run()
        commands.world.clock.sleep(60)
        commands.world.upload("day.json", export(5))
        commands.world.run()
        assert commands.run("show", "day.json").exit_code == Exit.DONE


class TestRejected:
    """`rejected`: the records that were rejected, ready to be corrected."""

    def test_the_records_are_fetched_corrected_and_uploaded(self, commands: CommandRunner) -> None:
        """The whole round: fetch, correct, validate, upload; nothing is sent twice."""
        _day(commands.world)
        result = commands.run("rejected", "2026/11/22/part.json")
        assert result.exit_code == Exit.DONE
        assert "2 records of 2026/11/22/part.json written to part-rejected.jsonl" in result.output
        aside = Path("part-rejected.jsonl")
        assert commands.run("validate", aside).exit_code == Exit.INVALID
        aside.write_bytes(aside.read_bytes().replace(b"Granted", b"Success"))
        assert commands.run("upload", aside).exit_code == Exit.DONE
        assert set(commands.world.connector.times_taken().values()) == {1}
        assert len(commands.world.connector.times_taken()) == 55

    def test_a_file_is_not_overwritten_unasked(self, commands: CommandRunner) -> None:
        """What somebody is correcting is safe."""
        _day(commands.world)
        commands.run("rejected", "2026/11/22/part.json", "--to", "mine.jsonl")
        again = commands.run("rejected", "2026/11/22/part.json", "--to", "mine.jsonl")
        assert (again.exit_code, "--overwrite" in again.output) == (Exit.USAGE, True)
        replaced = commands.run("rejected", "2026/11/22/part.json", "--to", "mine.jsonl", "--overwrite")
        assert replaced.exit_code == Exit.DONE

    def test_none_and_too_old_ones_are_said(self, commands: CommandRunner) -> None:
        """A clean export has none; old ones are gone."""
        _day(commands.world)
        assert "No records of 2026/11/22/good.json" in commands.run("rejected", "2026/11/22/good.json").output
        commands.world.results.delete(commands.world.outcome("2026/11/22/part.json").rejections.blob or "")
        gone = commands.run("rejected", "2026/11/22/part.json")
        assert (gone.exit_code, "are gone" in gone.output) == (Exit.NOT_FOUND, True)

    def test_of_a_rejected_export_nothing_was_sent_and_that_is_said(self, commands: CommandRunner) -> None:
        """There the whole export is uploaded again, not the file of samples."""
        commands.world.upload("wrong.json", export(4, bad=(1, 2, 3)))
        commands.world.run()
        result = commands.run("rejected", "wrong.json")
        assert "Nothing of this export was sent." in result.output


class TestRetryAndResend:
    """`retry` and `resend` put a message on the queue; the function does the rest."""

    def test_a_retry_finishes_what_was_blocked_without_sending_twice(self, commands: CommandRunner) -> None:
        """Corrected configuration, one command."""
        _blocked(commands)
        result = commands.run("retry", "2026/11/22/day.json", "--wait")
        assert (result.exit_code, "25 of 25 records sent" in result.output) == (Exit.DONE, True)
        assert set(commands.world.connector.times_taken().values()) == {1}

    def test_all_blocked_and_all_rejected_ones_at_once(self, commands: CommandRunner) -> None:
        """The morning after: one command for the whole backlog."""
        _blocked(commands, "a.json")
        commands.world.upload("wrong.json", export(4, first=700, bad=(700, 701, 702)))
        commands.world.run()
        commands.world.with_settings(MAX_INVALID_PERCENT="80")
        result = commands.run("retry", "--blocked", "--rejected")
        assert "Queued: a.json\nQueued: wrong.json\n" in result.output
        commands.world.run()
        assert commands.world.outcome("a.json").status is Status.SUCCEEDED
        assert commands.world.outcome("wrong.json").status is Status.PARTIALLY_SUCCEEDED
        assert "Nothing to retry." in commands.run("retry", "--blocked").output

    def test_what_is_done_is_not_retried(self, commands: CommandRunner) -> None:
        """Asking for the impossible is answered with what is possible."""
        _day(commands.world)
        result = commands.run("retry", "2026/11/22/part.json")
        assert result.exit_code == Exit.USAGE
        assert "gatepost.py rejected 2026/11/22/part.json" in result.output
        assert commands.world.queue.messages == []

    def test_either_a_name_or_a_status(self, commands: CommandRunner) -> None:
        """A retry of nothing, or of two things, is refused."""
        assert commands.run("retry").exit_code == Exit.USAGE
        assert commands.run("retry", "x.json", "--blocked").exit_code == Exit.USAGE

    def test_what_is_gone_cannot_be_retried(self, commands: CommandRunner) -> None:
        """An export that was deleted, and one that never was."""
        _blocked(commands)
        commands.world.exports.delete("2026/11/22/day.json")
        gone = commands.run("retry", "2026/11/22/day.json")
        assert (gone.exit_code, "is gone from the container" in gone.output) == (Exit.NOT_FOUND, True)
        never = commands.run("retry", "never.json")
        assert (never.exit_code, "There is no outcome" in never.output) == (Exit.NOT_FOUND, True)
        assert "Nothing to retry." in commands.run("retry", "--blocked").output
        assert commands.run("retry", "a/../b.json").exit_code == Exit.NOT_FOUND

    def test_an_export_that_was_not_processed_can_be_asked_for(self, commands: CommandRunner) -> None:
        """A lost event needs no waiting for the sweep."""
        commands.world.exports.put("lost.json", export(3))
        assert commands.run("retry", "lost.json", "--wait").exit_code == Exit.DONE

    def test_a_resend_asks_first_and_sends_everything_again(self, commands: CommandRunner) -> None:
        """The only command that repeats records says so."""
        _day(commands.world)
        refused = commands.run("resend", "2026/11/22/good.json", answers="n\n")
        assert refused.exit_code == Exit.INTERRUPTED
        assert "hold them twice" in refused.output
        assert commands.world.queue.messages == []
        agreed = commands.run("resend", "2026/11/22/good.json", "--wait", answers="y\n")
        assert agreed.exit_code == Exit.DONE
        taken = commands.world.connector.times_taken()
        assert [taken[f"door-{number:06d}"] for number in (1, 25, 100)] == [2, 2, 1]

    def test_waiting_has_an_end(self, commands: CommandRunner) -> None:
        """Where no function runs, the command says so instead of hanging."""
        _blocked(commands)
        commands.world.clock._repeated.clear()
        result = commands.run("retry", "2026/11/22/day.json", "--wait", "--minutes", 2)
        assert (result.exit_code, "no outcome within 2 minutes" in result.output) == (Exit.LATER, True)


class TestUpload:
    """`upload`: the upload of a person."""

    def test_files_are_uploaded_and_their_outcomes_shown(self, commands: CommandRunner) -> None:
        """Progress comes from the ledger, the end from the outcome."""
        Path("a.json").write_bytes(export(5))
        Path("b.json").write_bytes(export(5, first=10, bad=(11,)))
        result = commands.run("upload", "a.json", "b.json", "--folder", "/2026/11/22/")
        assert result.exit_code == Exit.PARTLY
        assert "Uploaded: 2026/11/22/a.json" in result.output
        assert "4 of 5 records sent; 1 rejected" in result.output

    def test_what_cannot_be_sent_is_not_uploaded(self, commands: CommandRunner) -> None:
        """The check comes first."""
        Path("a.json").write_bytes(b"[{")
        result = commands.run("upload", "a.json")
        assert (result.exit_code, commands.world.exports.names()) == (Exit.INVALID, [])
        assert "ends in the middle of record 1" in result.output

    def test_an_export_that_is_not_finished_is_not_replaced_unasked(self, commands: CommandRunner) -> None:
        """What was not sent of it would be lost."""
        _blocked(commands, "a.json")
        Path("a.json").write_bytes(export(5))
        refused = commands.run("upload", "a.json")
        assert (refused.exit_code, "not finished (Blocked)" in refused.output) == (Exit.USAGE, True)
        assert commands.run("upload", "a.json", "--overwrite").exit_code == Exit.DONE

    def test_a_corrected_export_takes_the_place_of_a_rejected_one(self, commands: CommandRunner) -> None:
        """Correct and upload under the same name, as the help says."""
        commands.world.upload("a.json", b"[{")
        commands.world.run()
        Path("a.json").write_bytes(export(5))
        assert commands.run("upload", "a.json").exit_code == Exit.DONE

    def test_without_waiting_and_with_a_folder_that_cannot_be(self, commands: CommandRunner) -> None:
        """--no-wait ends at once; an unsafe folder is refused."""
        Path("a.json").write_bytes(export(5))
        commands.world.clock._repeated.clear()
        assert commands.run("upload", "a.json", "--no-wait").exit_code == Exit.DONE
        assert commands.run("upload", "a.json", "--folder", "../other").exit_code == Exit.USAGE

    def test_people_who_may_not_read_ledgers_wait_all_the_same(self, commands: CommandRunner) -> None:
        """Progress is a nicety, the outcome is what counts."""
        world = commands.world
        Path("a.json").write_bytes(export(5))
        looked: list[str] = []

        def deny(when: str, _what: str) -> None:
            if when == "post":
                world.state.refuses = "403"
                try:
                    commands.run("list")
                finally:
                    world.state.refuses = ""
                looked.append("once")

        world.connector.on_post = deny
        assert commands.run("upload", "a.json").exit_code == Exit.DONE
        assert looked == ["once"]


class TestSweepAndGiveUp:
    """`sweep` and `give-up`."""

    def test_a_sweep_queues_what_was_missed_and_says_so(self, commands: CommandRunner) -> None:
        """The daily round, now."""
        commands.world.exports.put("lost.json", export(3))
        commands.world.clock.sleep(3_600)
        commands.world.clock._repeated.clear()
        commands.world.tokens.always = ActionRequiredError(
            BlockedCode.VAULT_FORBIDDEN, "The app's identity may not read the secret."
        )
        result = commands.run("sweep")
        assert result.exit_code == Exit.DONE
        assert "Queued for another look: 1" in result.output
        assert "Warning: The app's identity may not read the secret." in result.output
        commands.world.tokens.always = None
        commands.world.run()
        assert commands.world.outcome("lost.json").status is Status.SUCCEEDED

    def test_what_is_given_up_stays_so_until_a_person_asks(self, commands: CommandRunner) -> None:
        """No sweep, no requeue takes it up again; a retry does."""
        world = commands.world
        world.connector.always = REFUSED_CONNECTION
        world.upload("day.json", export(5))
        world.run()
        assert commands.run("give-up", "day.json", answers="n\n").exit_code == Exit.INTERRUPTED
        result = commands.run("give-up", "day.json", "--yes")
        assert (result.exit_code, "Given up: day.json" in result.output) == (Exit.DONE, True)
        requests = len(world.connector.requests)
        world.run_days(3)
        outcome = world.outcome("day.json")
        assert (outcome.status, outcome.retry, outcome.error and outcome.error.code) == (
            Status.GIVEN_UP,
            None,
            "connector-unavailable",
        )
        assert len(world.connector.requests) == requests
        world.connector.always = reply(200)
        assert commands.run("retry", "day.json", "--wait").exit_code == Exit.DONE

    def test_giving_up_an_export_that_a_person_had_retried_ends_its_requeues(
        self, commands: CommandRunner
    ) -> None:
        """A requeue is no request of a person's, even if a person's request began it."""
        world = commands.world
        world.connector.always = REFUSED_CONNECTION
        _blocked(commands, "day.json")
        commands.run("retry", "day.json")
        world.run()
        assert world.outcome("day.json").status is Status.FAILED
        commands.run("give-up", "day.json", "--yes")
        requests = len(world.connector.requests)
        world.run(hours=48)
        assert len(world.connector.requests) == requests

    def test_finished_exports_and_exports_in_work_are_not_given_up(self, commands: CommandRunner) -> None:
        """There is nothing to give up, or somebody is at it."""
        _day(commands.world)
        done = commands.run("give-up", "2026/11/22/good.json", "--yes")
        assert (done.exit_code, "finished already" in done.output) == (Exit.USAGE, True)

    def test_an_export_in_work_is_left_to_its_worker(self, commands: CommandRunner) -> None:
        """Only when the worker must be dead may a person end it."""
        world = commands.world
        said: list[int] = []

        def ask(when: str, _what: str) -> None:
            if when == "post" and not said:
                said.append(commands.run("give-up", "day.json", "--yes").exit_code)

        world.connector.on_post = ask
        world.upload("day.json", export(5))
        world.run()
        assert said == [Exit.LATER]
        assert world.outcome("day.json").status is Status.SUCCEEDED


def test_settings_that_are_missing_are_listed_with_the_way_to_get_them() -> None:
    """A desk without settings is told which, and how to get them."""
    result = CliRunner().invoke(app, ["check"], obj=CommandContext({}))
    assert result.exit_code == Exit.USAGE
    assert all(name in result.output for name in ("KEY_VAULT_URI", "CONNECTOR_JOB_ID", "appsettings list"))
