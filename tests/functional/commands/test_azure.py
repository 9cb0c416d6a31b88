"""The commands that look after exports in Azure, on the small world."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from commands.desk import Desk
from commands.exit_codes import Exit
from commands.program import app
from shared.errors import NeedsPersonError, StorageError
from shared.faults import Status
from shared.names import outcome_path
from tests.support.exports import export
from tests.support.fake_connector import REFUSED_CONNECTION, reply
from tests.support.office import Office
from tests.support.world import World


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Office:
    """A desk in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return Office()


def _day(world: World) -> None:
    """A day with one export of each kind."""
    world.drop("2026/11/22/good.json", export(25))
    world.drop("2026/11/22/part.json", export(30, first=100, bad=(103, 107)))
    world.drop("2026/11/22/copy.json", export(25))
    world.drop("2026/11/22/broken.json", b"[{")
    world.run()


def _blocked(office: Office, name: str = "2026/11/22/day.json") -> None:
    office.world.connector.script.append(reply(404))
    office.world.drop(name, export(25, first=500))
    office.world.run()


class TestList:
    """`list`: did yesterday's badge data arrive?"""

    def test_outcomes_are_listed_newest_first_with_reasons_and_totals(self, office: Office) -> None:
        """One line an export; the last line adds up."""
        _day(office.world)
        result = office.run("list", "--days", 400)
        assert result.exit_code == Exit.DONE
        lines = [line.split() for line in result.output.splitlines()]
        assert lines[0] == ["When", "(UTC)", "Export", "Status", "Sent", "Rejected", "Reason"]
        assert "AccessStatus must be Success or Failed" in result.output
        assert "sent before, as 2026/11/22/good.json" in result.output
        assert "The file ends in the middle of record 1" in result.output
        assert result.output.splitlines()[-1] == (
            "4 exports: 1 Succeeded, 1 PartiallySucceeded, 1 Duplicate, 1 Rejected. 53 records sent, 2 rejected."
        )

    def test_on_a_narrow_terminal_a_row_has_two_lines_that_fit(self, office: Office) -> None:
        """80 columns are enough."""
        _day(office.world)
        result = office.run("list", "--days", 400, columns=80)
        assert all(len(line) <= 80 for line in result.output.splitlines())
        assert "\n  2026/11/22/copy.json: sent before, as 2026/11/22/good.json\n" in result.output

    def test_rows_are_chosen_by_status_name_and_days(self, office: Office) -> None:
        """The question can be narrowed."""
        _day(office.world)
        blocked = office.run("list", "--days", 400, "--status", "rejected", "--json")
        assert [row["export"] for row in json.loads(blocked.stdout)] == ["2026/11/22/broken.json"]
        named = office.run("list", "--days", 400, "--name", "*/[gp]*", "--json")
        assert {row["export"][11:] for row in json.loads(named.stdout)} == {"good.json", "part.json"}
        assert "No such outcomes" in office.run("list", "--days", 400, "--name", "x").output
        assert office.run("list", "--status", "Lost").exit_code == Exit.USAGE

    def test_an_empty_container_is_said(self, office: Office) -> None:
        """Nothing is an answer, too."""
        assert office.run("list").output == "No outcomes in the last 7 days.\n"

    def test_a_name_that_is_not_safe_is_shown_as_it_was_dropped_and_harmless(self, office: Office) -> None:
        """The outcome of a name nobody may touch is listed by that name."""
        office.world.drop("a/../b\x1b[31m.json", b"[]")
        office.world.run()
        result = office.run("list", "--days", 400)
        assert "a/../b\\x1b[31m.json" in result.output
        assert "\x1b" not in result.output

    def test_a_permission_that_is_missing_is_said_with_the_role(self, office: Office) -> None:
        """Whoever may not look is told what to ask for."""

        def refuse(_prefix: str = "") -> None:
            raise StorageError("storage answers 403 (AuthorizationPermissionMismatch)", "permission")

        office.world.results.blobs = refuse  # type: ignore[method-assign, assignment]
        result = office.run("list")
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
    def test_the_exit_code_and_the_next_step_follow_the_status(
        self, office: Office, name: str, code: Exit, says: str
    ) -> None:
        """A script asks with `show`, a person reads it."""
        _day(office.world)
        result = office.run("show", f"2026/11/22/{name}.json")
        assert (result.exit_code, says in result.output) == (code, True), result.output

    def test_open_outcomes_say_what_happens_next(self, office: Office) -> None:
        """Failed and Blocked tell who acts, and when."""
        _blocked(office)
        blocked = office.run("show", "2026/11/22/day.json")
        assert blocked.exit_code == Exit.BLOCKED
        assert "at once with `gatepost.py retry 2026/11/22/day.json`" in blocked.output
        office.world.connector.always = REFUSED_CONNECTION
        office.world.drop("later.json", export(5, first=900))
        office.world.run()
        later = office.run("show", "later.json")
        assert (later.exit_code, "The next try is due at 2026-11-22T" in later.output) == (Exit.LATER, True)

    def test_a_wrong_name_gets_the_nearest_ones(self, office: Office) -> None:
        """Forgetting the folder is the usual mistake."""
        _day(office.world)
        result = office.run("show", "good.json")
        assert result.exit_code == Exit.NOT_FOUND
        assert "Did you mean 2026/11/22/good.json?" in result.output
        assert "gatepost.py list" in office.run("show", "zzz").output

    def test_the_document_itself(self, office: Office) -> None:
        """--json is the outcome as it is kept."""
        _day(office.world)
        result = office.run("show", "2026/11/22/good.json", "--json")
        etag = office.world.exports.head("2026/11/22/good.json").etag
        assert json.loads(result.stdout) == json.loads(
            office.world.results.data(outcome_path("2026/11/22/good.json", etag))
        )

    def test_the_newest_version_is_shown(self, office: Office) -> None:
        """An export that was overwritten has an outcome for each version."""
        office.world.drop("day.json", b"[{")
        office.world.run()
        office.world.clock.sleep(60)
        office.world.drop("day.json", export(5))
        office.world.run()
        assert office.run("show", "day.json").exit_code == Exit.DONE


class TestRejected:
    """`rejected`: the records that were set aside, ready to be mended."""

    def test_the_records_are_fetched_mended_and_dropped(self, office: Office) -> None:
        """The whole round: fetch, mend, validate, drop; nothing is sent twice."""
        _day(office.world)
        result = office.run("rejected", "2026/11/22/part.json")
        assert result.exit_code == Exit.DONE
        assert "2 records of 2026/11/22/part.json written to part-rejected.jsonl" in result.output
        aside = Path("part-rejected.jsonl")
        assert office.run("validate", aside).exit_code == Exit.INVALID
        aside.write_bytes(aside.read_bytes().replace(b"Granted", b"Success"))
        assert office.run("drop", aside).exit_code == Exit.DONE
        assert set(office.world.connector.times_taken().values()) == {1}
        assert len(office.world.connector.times_taken()) == 55

    def test_a_file_is_not_overwritten_unasked(self, office: Office) -> None:
        """What somebody is mending is safe."""
        _day(office.world)
        office.run("rejected", "2026/11/22/part.json", "--to", "mine.jsonl")
        again = office.run("rejected", "2026/11/22/part.json", "--to", "mine.jsonl")
        assert (again.exit_code, "--overwrite" in again.output) == (Exit.USAGE, True)
        replaced = office.run("rejected", "2026/11/22/part.json", "--to", "mine.jsonl", "--overwrite")
        assert replaced.exit_code == Exit.DONE

    def test_none_and_too_old_ones_are_said(self, office: Office) -> None:
        """A clean export has none; old ones are gone."""
        _day(office.world)
        assert "No records of 2026/11/22/good.json" in office.run("rejected", "2026/11/22/good.json").output
        office.world.results.delete(office.world.outcome("2026/11/22/part.json").rejections.blob or "")
        gone = office.run("rejected", "2026/11/22/part.json")
        assert (gone.exit_code, "are gone" in gone.output) == (Exit.NOT_FOUND, True)

    def test_of_a_rejected_export_nothing_was_sent_and_that_is_said(self, office: Office) -> None:
        """There the whole export is dropped again, not the file of samples."""
        office.world.drop("wrong.json", export(4, bad=(1, 2, 3)))
        office.world.run()
        result = office.run("rejected", "wrong.json")
        assert "Nothing of this export was sent." in result.output


class TestRetryAndResend:
    """`retry` and `resend` put a message on the queue; the function does the rest."""

    def test_a_retry_finishes_what_was_blocked_without_sending_twice(self, office: Office) -> None:
        """Mended configuration, one command."""
        _blocked(office)
        result = office.run("retry", "2026/11/22/day.json", "--wait")
        assert (result.exit_code, "25 of 25 records sent" in result.output) == (Exit.DONE, True)
        assert set(office.world.connector.times_taken().values()) == {1}

    def test_all_blocked_and_all_rejected_ones_at_once(self, office: Office) -> None:
        """The morning after: one command for the whole backlog."""
        _blocked(office, "a.json")
        office.world.drop("wrong.json", export(4, first=700, bad=(700, 701, 702)))
        office.world.run()
        office.world.with_settings(MAX_INVALID_PERCENT="80")
        result = office.run("retry", "--blocked", "--rejected")
        assert "Queued: a.json\nQueued: wrong.json\n" in result.output
        office.world.run()
        assert office.world.outcome("a.json").status is Status.SUCCEEDED
        assert office.world.outcome("wrong.json").status is Status.PARTIALLY_SUCCEEDED
        assert "Nothing to retry." in office.run("retry", "--blocked").output

    def test_what_is_done_is_not_retried(self, office: Office) -> None:
        """Asking for the impossible is answered with what is possible."""
        _day(office.world)
        result = office.run("retry", "2026/11/22/part.json")
        assert result.exit_code == Exit.USAGE
        assert "gatepost.py rejected 2026/11/22/part.json" in result.output
        assert office.world.queue.messages == []

    def test_either_a_name_or_a_status(self, office: Office) -> None:
        """A retry of nothing, or of two things, is refused."""
        assert office.run("retry").exit_code == Exit.USAGE
        assert office.run("retry", "x.json", "--blocked").exit_code == Exit.USAGE

    def test_what_is_gone_cannot_be_retried(self, office: Office) -> None:
        """An export that was deleted, and one that never was."""
        _blocked(office)
        office.world.exports.delete("2026/11/22/day.json")
        gone = office.run("retry", "2026/11/22/day.json")
        assert (gone.exit_code, "is gone from the container" in gone.output) == (Exit.NOT_FOUND, True)
        never = office.run("retry", "never.json")
        assert (never.exit_code, "There is no outcome" in never.output) == (Exit.NOT_FOUND, True)
        assert "Nothing to retry." in office.run("retry", "--blocked").output
        assert office.run("retry", "a/../b.json").exit_code == Exit.NOT_FOUND

    def test_an_export_that_nobody_looked_at_can_be_asked_for(self, office: Office) -> None:
        """A lost event needs no waiting for the sweep."""
        office.world.exports.put("lost.json", export(3))
        assert office.run("retry", "lost.json", "--wait").exit_code == Exit.DONE

    def test_a_resend_asks_first_and_sends_everything_again(self, office: Office) -> None:
        """The only command that repeats records says so."""
        _day(office.world)
        refused = office.run("resend", "2026/11/22/good.json", answers="n\n")
        assert refused.exit_code == Exit.INTERRUPTED
        assert "hold them twice" in refused.output
        assert office.world.queue.messages == []
        agreed = office.run("resend", "2026/11/22/good.json", "--wait", answers="y\n")
        assert agreed.exit_code == Exit.DONE
        taken = office.world.connector.times_taken()
        assert [taken[f"door-{number:06d}"] for number in (1, 25, 100)] == [2, 2, 1]

    def test_waiting_has_an_end(self, office: Office) -> None:
        """Where no function runs, the command says so instead of hanging."""
        _blocked(office)
        office.world.clock._repeated.clear()
        result = office.run("retry", "2026/11/22/day.json", "--wait", "--minutes", 2)
        assert (result.exit_code, "no outcome within 2 minutes" in result.output) == (Exit.LATER, True)


class TestDrop:
    """`drop`: the upload of a person."""

    def test_files_are_uploaded_and_their_outcomes_shown(self, office: Office) -> None:
        """Progress comes from the ledger, the end from the outcome."""
        Path("a.json").write_bytes(export(5))
        Path("b.json").write_bytes(export(5, first=10, bad=(11,)))
        result = office.run("drop", "a.json", "b.json", "--folder", "/2026/11/22/")
        assert result.exit_code == Exit.PARTLY
        assert "Dropped: 2026/11/22/a.json" in result.output
        assert "4 of 5 records sent; 1 rejected" in result.output

    def test_what_cannot_be_sent_is_not_uploaded(self, office: Office) -> None:
        """The check comes first."""
        Path("a.json").write_bytes(b"[{")
        result = office.run("drop", "a.json")
        assert (result.exit_code, office.world.exports.names()) == (Exit.INVALID, [])
        assert "ends in the middle of record 1" in result.output

    def test_an_export_that_is_not_finished_is_not_replaced_unasked(self, office: Office) -> None:
        """What was not sent of it would be lost."""
        _blocked(office, "a.json")
        Path("a.json").write_bytes(export(5))
        refused = office.run("drop", "a.json")
        assert (refused.exit_code, "not finished (Blocked)" in refused.output) == (Exit.USAGE, True)
        assert office.run("drop", "a.json", "--overwrite").exit_code == Exit.DONE

    def test_a_mended_export_takes_the_place_of_a_rejected_one(self, office: Office) -> None:
        """Mend and drop under the same name, as the help says."""
        office.world.drop("a.json", b"[{")
        office.world.run()
        Path("a.json").write_bytes(export(5))
        assert office.run("drop", "a.json").exit_code == Exit.DONE

    def test_without_waiting_and_with_a_folder_that_cannot_be(self, office: Office) -> None:
        """--no-wait ends at once; an unsafe folder is refused."""
        Path("a.json").write_bytes(export(5))
        office.world.clock._repeated.clear()
        assert office.run("drop", "a.json", "--no-wait").exit_code == Exit.DONE
        assert office.run("drop", "a.json", "--folder", "../other").exit_code == Exit.USAGE

    def test_people_who_may_not_read_ledgers_wait_all_the_same(self, office: Office) -> None:
        """Progress is a nicety, the outcome is what counts."""
        world = office.world
        Path("a.json").write_bytes(export(5))
        looked: list[str] = []

        def deny(when: str, _what: str) -> None:
            if when == "post":
                world.state.refuses = "403"
                try:
                    office.run("list")
                finally:
                    world.state.refuses = ""
                looked.append("once")

        world.connector.on_post = deny
        assert office.run("drop", "a.json").exit_code == Exit.DONE
        assert looked == ["once"]


class TestSweepAndGiveUp:
    """`sweep` and `give-up`."""

    def test_a_sweep_queues_what_was_missed_and_says_so(self, office: Office) -> None:
        """The daily round, now."""
        office.world.exports.put("lost.json", export(3))
        office.world.clock.sleep(3_600)
        office.world.clock._repeated.clear()
        office.world.tokens.always = NeedsPersonError(
            "vault-forbidden", "The app's identity may not read the secret."
        )
        result = office.run("sweep")
        assert result.exit_code == Exit.DONE
        assert "Queued for another look: 1" in result.output
        assert "Warning: The app's identity may not read the secret." in result.output
        office.world.tokens.always = None
        office.world.run()
        assert office.world.outcome("lost.json").status is Status.SUCCEEDED

    def test_what_is_given_up_stays_so_until_a_person_asks(self, office: Office) -> None:
        """No sweep, no come-back takes it up again; a retry does."""
        world = office.world
        world.connector.always = REFUSED_CONNECTION
        world.drop("day.json", export(5))
        world.run()
        assert office.run("give-up", "day.json", answers="n\n").exit_code == Exit.INTERRUPTED
        result = office.run("give-up", "day.json", "--yes")
        assert (result.exit_code, "Given up: day.json" in result.output) == (Exit.DONE, True)
        requests = len(world.connector.requests)
        world.run_days(3)
        outcome = world.outcome("day.json")
        assert (outcome.status, outcome.retry, outcome.error and outcome.error.code) == (
            Status.BLOCKED,
            "person",
            "given-up",
        )
        assert len(world.connector.requests) == requests
        world.connector.always = reply(200)
        assert office.run("retry", "day.json", "--wait").exit_code == Exit.DONE

    def test_giving_up_an_export_that_a_person_had_retried_ends_its_come_backs(self, office: Office) -> None:
        """A come-back is no wish of a person's, even if a person's wish began it."""
        world = office.world
        world.connector.always = REFUSED_CONNECTION
        _blocked(office, "day.json")
        office.run("retry", "day.json")
        world.run()
        assert world.outcome("day.json").status is Status.FAILED
        office.run("give-up", "day.json", "--yes")
        requests = len(world.connector.requests)
        world.run(hours=48)
        assert len(world.connector.requests) == requests

    def test_finished_exports_and_exports_in_work_are_not_given_up(self, office: Office) -> None:
        """There is nothing to give up, or somebody is at it."""
        _day(office.world)
        done = office.run("give-up", "2026/11/22/good.json", "--yes")
        assert (done.exit_code, "finished already" in done.output) == (Exit.USAGE, True)

    def test_an_export_in_work_is_left_to_its_worker(self, office: Office) -> None:
        """Only when the worker must be dead may a person end it."""
        world = office.world
        said: list[int] = []

        def ask(when: str, _what: str) -> None:
            if when == "post" and not said:
                said.append(office.run("give-up", "day.json", "--yes").exit_code)

        world.connector.on_post = ask
        world.drop("day.json", export(5))
        world.run()
        assert said == [Exit.LATER]
        assert world.outcome("day.json").status is Status.SUCCEEDED


def test_settings_that_are_missing_are_listed_with_the_way_to_get_them() -> None:
    """A desk without settings is told which, and how to get them."""
    result = CliRunner().invoke(app, ["check"], obj=Desk({}))
    assert result.exit_code == Exit.USAGE
    assert all(name in result.output for name in ("KEY_VAULT_URI", "CONNECTOR_JOB_ID", "appsettings list"))
