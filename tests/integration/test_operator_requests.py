"""What operators ask for, from the command line to the outcome: answered there, and done once however often delivered."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from commands.console.exit_codes import Exit
from local.azure import LocalAzure
from local.connector import says
from local.host import ROOT
from local.host_process import HostProcess
from shared.delivery.outcome import Outcome
from tests.integration.conftest import StartHost
from tests.integration.outcomes import outcome_blob, outcome_of
from tests.support.exports import export

type Run = Callable[..., tuple[int, str]]
RECORDS = 25
SETTINGS = {"BATCH_MAX_RECORDS": "10"}


@pytest.fixture
def run(azure: LocalAzure, tmp_path: Path) -> Run:
    """Runs `gatepost.py`; gives its exit code and what it printed."""
    environment = azure.environment | {"GATEPOST_STATE": str(tmp_path / "state")}

    def command(*arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, str(ROOT / "gatepost.py"), *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=120,
        )
        assert "Traceback" not in done.stdout, done.stdout
        return done.returncode, done.stdout

    return command


def _upload(azure: LocalAzure, name: str = "day.json", data: bytes = b"") -> None:
    azure.exports.upload_blob(name, data or export(RECORDS))
    azure.event_grid.poll()


def _blocked(azure: LocalAzure, host: HostProcess) -> None:
    """An export that the connector refuses, and a connector that is well again."""
    azure.connector.always = says(403)
    _upload(azure)
    host.next()
    assert outcome_of(azure, "day.json").status == "Blocked"
    azure.connector.always = None


def _deliver_twice(azure: LocalAzure) -> None:
    """Put a copy of the one message that shows on the queue, as a queue may deliver it twice."""
    (message,) = azure.queue.peek_messages()
    azure.queue.send_message(message.content)


def _answers(outcome: Outcome) -> list[tuple[str, str]]:
    return [(one.kind, one.result) for one in outcome.requests]


def _taken(azure: LocalAzure) -> Counter[str]:
    return Counter(record["AssetId"] for record in azure.connector.records())


def test_a_retry_is_answered_in_the_outcome(azure: LocalAzure, start_host: StartHost, run: Run) -> None:
    """Once the problem is fixed: one command, which waits for the end and shows it."""
    _blocked(azure, start_host(SETTINGS))
    code, output = run("retry", "day.json", "--wait")
    assert (code, f"{RECORDS} of {RECORDS} records sent" in output) == (Exit.DONE, True), output
    outcome = outcome_of(azure, "day.json")
    assert (outcome.status, outcome.attempts, _answers(outcome)) == ("Succeeded", 2, [("retry", "begun")])
    assert outcome.retry_from is not None
    assert set(_taken(azure).values()) == {1}


def test_a_retry_that_is_delivered_twice_is_one_attempt(azure: LocalAzure, tmp_path: Path, run: Run) -> None:
    """The copy finds its answer in the outcome, and the outcome final."""
    environment = azure.environment | SETTINGS
    with HostProcess(environment, tmp_path / "log") as host:
        _blocked(azure, host)
    code, output = run("retry", "day.json", "--no-wait")
    assert (code, "Queued: day.json" in output) == (Exit.DONE, True), output
    _deliver_twice(azure)
    with HostProcess(environment, tmp_path / "log") as host:
        assert [host.next()["succeeded"] for _ in range(2)] == [True, True]
    outcome = outcome_of(azure, "day.json")
    assert (outcome.status, outcome.attempts, _answers(outcome)) == ("Succeeded", 2, [("retry", "begun")])
    assert set(_taken(azure).values()) == {1}


def test_a_resend_that_is_delivered_twice_sends_everything_once_more(
    azure: LocalAzure, tmp_path: Path, run: Run
) -> None:
    """Under ledgers of its own, whatever was accepted before; its end replaces the one that was there."""
    environment = azure.environment | SETTINGS
    with HostProcess(environment, tmp_path / "log") as host:
        _upload(azure)
        host.next()
    before = outcome_of(azure, "day.json")
    code, output = run("resend", "day.json", "--yes", "--no-wait")
    assert code == Exit.DONE, output
    _deliver_twice(azure)
    with HostProcess(environment, tmp_path / "log") as host:
        assert [host.next()["succeeded"] for _ in range(2)] == [True, True]
    outcome = outcome_of(azure, "day.json")
    assert (outcome.status, outcome.attempts, _answers(outcome)) == ("Succeeded", 2, [("resend", "done")])
    assert outcome.records == before.records
    assert Counter(_taken(azure).values()) == {2: RECORDS}
    ledgers = [blob.name for blob in azure.state.list_blobs("ledger/")]
    assert len(ledgers) == 2
    assert sum(outcome.requests[0].id in name for name in ledgers) == 1


def test_a_resend_needs_the_version_that_was_seen(azure: LocalAzure, start_host: StartHost, run: Run) -> None:
    """Of an export that is gone nothing can be sent again: refused, and said so."""
    host = start_host(SETTINGS)
    _upload(azure)
    host.next()
    outcome = outcome_blob(azure, "day.json")
    azure.exports.delete_blob("day.json")
    code, output = run("resend", "day.json", "--yes")
    assert (code, "resend is not possible" in output) == (Exit.NOT_FOUND, True), output
    requests = json.loads(outcome.download_blob().readall())["requests"]
    assert [(one["kind"], one["result"]) for one in requests] == [("resend", "refused")]
    assert set(_taken(azure).values()) == {1}


def test_what_was_given_up_is_opened_again_only_by_its_name(
    azure: LocalAzure, start_host: StartHost, run: Run
) -> None:
    """No sweep and no retry of all touches it; a retry of the one export does."""
    host = start_host(SETTINGS)
    _blocked(azure, host)
    requests = azure.connector.requests
    code, output = run("give-up", "day.json", "--yes")
    assert (code, "Given up: day.json." in output) == (Exit.DONE, True), output
    host.next()
    assert outcome_of(azure, "day.json").status == "GivenUp"
    assert "Nothing to retry." in run("retry", "--blocked", "--rejected")[1]
    code, output = run("sweep")
    assert (code, "The sweep is queued." in output) == (Exit.DONE, True), output
    assert [host.next()["succeeded"] for _ in range(2)] == [True, True]  # the sweep, and the report
    assert azure.connector.requests == requests
    code, output = run("retry", "day.json", "--wait")
    assert code == Exit.DONE, output
    outcome = outcome_of(azure, "day.json")
    assert (outcome.status, _answers(outcome)) == ("Succeeded", [("give-up", "done"), ("retry", "begun")])
    assert set(_taken(azure).values()) == {1}


def test_a_sweep_that_is_delivered_twice_is_one_sweep(azure: LocalAzure, tmp_path: Path, run: Run) -> None:
    """It queues what is due once, and one report."""
    environment = azure.environment | SETTINGS
    with HostProcess(environment, tmp_path / "log") as host:
        _blocked(azure, host)
    azure.queue.clear_messages()  # the report that the export asked for
    assert run("sweep")[0] == Exit.DONE
    _deliver_twice(azure)
    with HostProcess(environment, tmp_path / "log") as host:
        ends = [host.next()["succeeded"] for _ in range(4)]  # the sweep, its copy, the export, the report
    assert ends == [True] * 4
    assert outcome_of(azure, "day.json").status == "Succeeded"
    assert azure.results.get_blob_client("reports/latest.html").exists()
    assert azure.queue.peek_messages() == []
    assert (tmp_path / "log").read_text().count("sweep finished") == 1


def test_sending_is_off_and_on_again(azure: LocalAzure, tmp_path: Path) -> None:
    """Off: everything is done but the requests. The sweep leaves it alone until sending is on, and then sends it."""
    data = {"day.json": export(RECORDS, bad=(3,)), "bad.json": export(4, first=101, bad=(101, 102, 103))}
    off = azure.environment | SETTINGS | {"CONNECTOR_SENDING": "off"}
    with HostProcess(off, tmp_path / "log") as host:
        for name, content in data.items():
            _upload(azure, name, content)
            assert host.next()["succeeded"]
        _assert_waits(azure)
        assert host.sweep()["succeeded"]
        assert [host.next()["succeeded"] for _ in range(2)] == [True, True]  # the sweep, and the report
        assert {outcome_of(azure, name).attempts for name in data} == {1}
    assert (azure.connector.requests, azure.entra.token_requests) == (0, 0)
    with HostProcess(azure.environment | SETTINGS, tmp_path / "log") as host:
        assert host.sweep()["succeeded"]
        assert [host.next()["succeeded"] for _ in range(4)] == [True] * 4  # and both exports
    outcome = outcome_of(azure, "day.json")
    assert outcome.records is not None
    assert (outcome.status, outcome.records.sent, outcome.records.rejected) == (
        "PartiallySucceeded",
        RECORDS - 1,
        1,
    )
    assert outcome.retry_from is not None
    assert outcome_of(azure, "bad.json").status == "Rejected"
    assert sorted(_taken(azure).values()) == [1] * (RECORDS - 1)


def _assert_waits(azure: LocalAzure) -> None:
    """Both exports wait: counts and rejected file are complete, nothing was sent."""
    for name, read, rejected in (("day.json", RECORDS, 1), ("bad.json", 4, 3)):
        outcome = outcome_of(azure, name)
        assert outcome.error is not None
        assert outcome.records is not None
        assert (outcome.status, outcome.error.code, outcome.retry) == ("Blocked", "sending-off", "auto")
        counts = outcome.records
        assert (counts.read, counts.rejected, counts.sent, counts.unsent) == (
            read,
            rejected,
            0,
            read - rejected,
        )
        assert outcome.rejections.blob is not None
        lines = azure.results.download_blob(outcome.rejections.blob).readall().splitlines()
        assert len(lines) == rejected
