"""The program as a process of its own, against the stand-ins: interrupted, killed, run twice, with a wrong secret."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from commands.console.exit_codes import Exit
from local.azure import LocalAzure
from local.connector import lost_reply, slow
from local.host import ROOT
from local.servers import Certificates
from tests.support.exports import export

type Start = Callable[..., "subprocess.Popen[str]"]
RECORDS = 200


@pytest.fixture
def export_file(tmp_path: Path) -> Path:
    """An export of 20 batches."""
    file = tmp_path / "day.json"
    file.write_bytes(export(RECORDS))
    return file


@pytest.fixture
def start(azure: LocalAzure, tmp_path: Path) -> Iterator[Start]:
    """Starts `gatepost.py`; what still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []
    # what runs in a shell's background ignores Ctrl+C, and so would every process it starts
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    environment = azure.environment | {
        "GATEPOST_STATE": str(tmp_path / "state"),
        "BATCH_MAX_RECORDS": "10",
        "RETRY_MAX_SECONDS": "2",
    }

    def run(*arguments: str | Path, secret: str | None = None, **changes: str) -> subprocess.Popen[str]:
        command = [sys.executable, str(ROOT / "gatepost.py"), *map(str, arguments)]
        process = subprocess.Popen(
            command,
            env=environment | changes,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        if secret is not None and process.stdin:
            process.stdin.write(secret)
        if process.stdin:
            process.stdin.close()
            process.stdin = None
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()
    signal.signal(signal.SIGINT, before)


def _ended(process: "subprocess.Popen[str]") -> tuple[int, str]:
    output, _ = process.communicate(timeout=120)
    return process.returncode, output


def _wait_for_batches(azure: LocalAzure, count: int) -> None:
    ends = time.monotonic() + 60
    while len(azure.connector.accepted) < count:
        assert time.monotonic() < ends, "the push does not get on"
        time.sleep(0.01)


def _taken(azure: LocalAzure) -> Counter[str]:
    return Counter(record["AssetId"] for record in azure.connector.records())


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=lambda one: one.name)
def test_a_push_that_is_interrupted_goes_on_where_it_stopped(
    azure: LocalAzure, start: Start, export_file: Path, how: signal.Signals
) -> None:
    """Every record arrives; at most the one batch that was on its way arrives twice."""
    azure.connector.always = slow(0.1)
    process = start("push", export_file)
    _wait_for_batches(azure, 3)
    process.send_signal(how)
    code, output = _ended(process)
    if how is signal.SIGINT:
        assert (code, "Run the same command again" in output) == (Exit.INTERRUPTED, True), output
    azure.connector.always = None
    code, output = _ended(start("push", export_file))
    assert (code, f"{RECORDS} of {RECORDS} records sent" in output) == (Exit.DONE, True), output
    taken = _taken(azure)
    assert len(taken) == RECORDS
    assert sum(count - 1 for count in taken.values()) <= 10
    assert "Traceback" not in output


def test_a_lost_reply_is_counted_and_said(azure: LocalAzure, start: Start, export_file: Path) -> None:
    """One batch may be there twice, and the outcome says so."""
    azure.connector.script.extend([None, lost_reply()])
    code, output = _ended(start("push", export_file))
    assert code == Exit.DONE
    assert "Warning: 1 request got no answer and was repeated" in output
    assert sorted(set(_taken(azure).values())) == [1, 2]


def test_two_pushes_of_the_same_content_do_not_double_it(
    azure: LocalAzure, start: Start, export_file: Path, tmp_path: Path
) -> None:
    """The second finds the first at work, and says so; once that has ended it sends nothing."""
    copy = tmp_path / "copy.json"
    copy.write_bytes(export_file.read_bytes())
    arrived, released = threading.Event(), threading.Event()

    def hold(*_: object) -> None:
        arrived.set()
        released.wait(120)

    azure.connector.always = hold
    first = start("push", export_file)
    assert arrived.wait(60)
    code, output = _ended(start("push", copy))
    released.set()
    assert (code, "Another push to the same connector job is running" in output) == (Exit.LATER, True), output
    assert _ended(first)[0] == Exit.DONE
    azure.connector.always = None
    code, output = _ended(start("push", copy))
    assert (code, "was sent" in output) == (Exit.DONE, True), output
    assert set(_taken(azure).values()) == {1}


def test_the_secret_from_a_descriptor_works_and_is_kept_nowhere(
    azure: LocalAzure, start: Start, export_file: Path, tmp_path: Path
) -> None:
    """Without a vault; not in the output, not in the state."""
    code, output = _ended(
        start("push", export_file, "--secret-fd", "0", secret=azure.secret, KEY_VAULT_URI="")
    )
    assert (code, azure.vault.reads) == (Exit.DONE, 0), output
    kept = b"".join(path.read_bytes() for path in (tmp_path / "state").rglob("*") if path.is_file())
    assert azure.secret not in output
    assert azure.secret.encode() not in kept


def test_a_wrong_secret_must_be_fixed(azure: LocalAzure, start: Start, export_file: Path) -> None:
    """Nothing is sent, no retry is promised, the secret is not repeated."""
    wrong = "not-the-secret-of-this-app"
    code, output = _ended(start("push", export_file, "--secret-fd", "0", secret=wrong))
    assert (code, "AADSTS7000215" in output) == (Exit.BLOCKED, True), output
    assert wrong not in output
    assert azure.connector.requests == 0


def test_the_check_reaches_real_hosts_and_names_the_one_that_it_cannot(start: Start, tmp_path: Path) -> None:
    """DNS, a certificate, and files of certificates that are not there or hold none are told apart, without a stack trace."""
    other = tmp_path / "other"
    other.mkdir()
    said = {
        "The certificate of this address is not trusted; OpenSSL": {
            "REQUESTS_CA_BUNDLE": str(Certificates(other).bundle)
        },
        "REQUESTS_CA_BUNDLE names a file without certificates": {"REQUESTS_CA_BUNDLE": os.devnull},
        "REQUESTS_CA_BUNDLE names no file ('/nope/ca.pem')": {"REQUESTS_CA_BUNDLE": "/nope/ca.pem"},
        "connector.invalid: This address's host could not be found": {
            "CONNECTOR_URL": "https://connector.invalid"
        },
    }
    started = {words: start("check", **changes) for words, changes in said.items()}
    for words, process in started.items():
        code, output = _ended(process)
        assert (code, words in " ".join(output.split())) == (Exit.BLOCKED, True), output
        assert "Traceback" not in output


def test_storage_that_is_away_is_said_in_words(azure: LocalAzure, start: Start) -> None:
    """A wrong container and a storage account that does not answer."""
    code, output = _ended(start("list", RESULTS_CONTAINER="no-such-results"))
    assert (code, "no container or queue of that name" in output) == (Exit.BLOCKED, True), output
    assert azure.azurite.connection_string not in output


def test_people_without_an_azure_login_are_told_to_log_in(start: Start, tmp_path: Path) -> None:
    """The Azure CLI is missing, or not logged in."""
    away: dict[str, Any] = {
        "ExportStorage": "",
        "ExportStorage__blobServiceUri": "https://data.blob.core.windows.net",
        "AZURE_CLIENT_ID": "",
        "PATH": str(tmp_path),
    }
    code, output = _ended(start("list", **away))
    assert (code, "az login" in output) == (Exit.BLOCKED, True), output
    assert "Traceback" not in output
