"""`push` delivers from this computer by the function's own steps."""

import json
import re
from pathlib import Path

import pytest

from commands.console.exit_codes import Exit
from commands.deployment import Deployment
from shared.delivery.dependencies import Dependencies
from shared.error_codes import BlockedCode, FailedCode
from shared.errors import ActionRequiredError, CredentialRefusedError, TransientError
from shared.read_settings import read_settings
from tests.support.command_runner import CommandRunner
from tests.support.exports import export
from tests.support.fake_connector import REFUSED_CONNECTION, reply
from tests.support.world import CrashError


@pytest.fixture
def commands() -> CommandRunner:
    """A computer without Azure's storage."""
    commands = CommandRunner()
    del commands.environment["ExportStorage"]
    return commands


def _file(folder: Path, data: bytes, name: str = "day.json") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_a_file_is_sent_in_batches_and_the_words_are_the_scripts(
    tmp_path: Path, commands: CommandRunner
) -> None:
    """A scheduler's log that looked for "Upload successful" still finds it."""
    result = commands.run("push", _file(tmp_path, export(25)), "--state", tmp_path / "state")
    assert result.exit_code == Exit.DONE
    assert result.output.startswith("Upload successful: day.json: 25 of 25 records sent.")
    assert [len(batch) for batch in commands.world.connector.taken] == [10, 10, 5]


def test_nothing_of_azures_storage_is_touched(tmp_path: Path, commands: CommandRunner) -> None:
    """State and results stay on this computer."""
    commands.run("push", _file(tmp_path, export(5, bad=(1,))), "--state", tmp_path / "state")
    world = commands.world
    assert (world.exports.names(), world.results.names(), world.state.names()) == ([], [], [])
    kinds = {path.suffix for path in (tmp_path / "state").rglob("*") if path.is_file()}
    assert kinds >= {".json", ".jsonl"}


def test_the_same_file_is_not_sent_twice(tmp_path: Path, commands: CommandRunner) -> None:
    """Run again by mistake, or under another name, it sends nothing."""
    state = tmp_path / "state"
    file = _file(tmp_path, export(5))
    commands.run("push", file, "--state", state)
    again = commands.run("push", file, "--state", state)
    copied = commands.run("push", _file(tmp_path, export(5), "copy.json"), "--state", state)
    assert (again.exit_code, "Pushed before" in again.output) == (Exit.DONE, True)
    assert (copied.exit_code, "sent before, as day.json" in copied.output) == (Exit.DONE, True)
    assert len(commands.world.connector.taken) == 1


def test_a_person_may_send_it_again_on_purpose(tmp_path: Path, commands: CommandRunner) -> None:
    """--again asks first."""
    state = tmp_path / "state"
    file = _file(tmp_path, export(5))
    commands.run("push", file, "--state", state)
    refused = commands.run("push", file, "--state", state, "--again", answers="n\n")
    assert refused.exit_code == Exit.INTERRUPTED
    agreed = commands.run("push", file, "--state", state, "--again", answers="y\n")
    assert agreed.exit_code == Exit.DONE
    commands.run("push", file, "--state", state, "--again", "--yes")
    assert set(commands.world.connector.times_taken().values()) == {3}


def test_an_interrupted_push_goes_on_where_it_stopped(tmp_path: Path, commands: CommandRunner) -> None:
    """What was accepted before the computer went down is not sent again."""
    state = tmp_path / "state"
    file = _file(tmp_path, export(40))
    requests = 0

    def dying(when: str, _what: str) -> None:
        nonlocal requests
        requests += when == "post"
        if requests == 3:
            raise CrashError

    commands.world.connector.on_post = dying
    with pytest.raises(CrashError):
        commands.run("push", file, "--state", state)
    commands.world.connector.on_post = lambda _when, _what: None
    assert commands.run("push", file, "--state", state).exit_code == Exit.DONE
    assert set(commands.world.connector.times_taken().values()) == {1}
    assert len(commands.world.connector.times_taken()) == 40


def test_bad_records_are_set_aside_in_a_file_that_can_be_pushed(
    tmp_path: Path, commands: CommandRunner
) -> None:
    """Fix and push: nothing is sent twice, nothing is lost."""
    state = tmp_path / "state"
    result = commands.run("push", _file(tmp_path, export(10, bad=(4,))), "--state", state, columns=400)
    assert result.exit_code == Exit.PARTLY
    assert "9 of 10 records sent; 1 rejected" in result.output
    lines = result.output.splitlines()
    aside = Path(lines[lines.index("  The rejected records are in:") + 1].strip())
    assert lines[-1] == f"    python gatepost.py push --state {state} -- {aside}"
    corrected = _file(tmp_path, aside.read_bytes().replace(b"Granted", b"Success"), "corrected.jsonl")
    assert commands.run("push", corrected, "--state", state).exit_code == Exit.DONE
    assert set(commands.world.connector.times_taken().values()) == {1}
    assert len(commands.world.connector.times_taken()) == 10


def test_a_file_that_is_no_export_is_not_sent(tmp_path: Path, commands: CommandRunner) -> None:
    """Broken, empty, unfinished and mostly wrong files end with the code for invalid input."""
    files = [
        _file(tmp_path, b"[{", "broken.json"),
        _file(tmp_path, b"", "empty.json"),
        _file(tmp_path, b"[]", "late.json.part"),
        _file(tmp_path, export(4, bad=(1, 2, 3)), "wrong.json"),
    ]
    for file in files:
        result = commands.run("push", file, "--state", tmp_path / "state")
        assert (result.exit_code, result.output[:12]) == (Exit.INVALID, "Not uploaded"), result.output
    assert commands.world.connector.requests == []


def test_a_wrong_job_stops_the_push_until_it_is_corrected(tmp_path: Path, commands: CommandRunner) -> None:
    """Exactly one request, what to do, and the code for blocked."""
    commands.world.connector.script.append(reply(403, b'"jobId and corresponding appId do not match."'))
    file, state = _file(tmp_path, export(25)), tmp_path / "state"
    result = commands.run("push", file, "--state", state, columns=400)
    assert result.exit_code == Exit.BLOCKED
    assert "CONNECTOR_JOB_ID and CONNECTOR_APP_ID do not belong together" in result.output
    assert len(commands.world.connector.requests) == 1
    assert commands.run("push", file, "--state", state).exit_code == Exit.DONE


def test_an_outage_ends_with_later_unless_there_is_patience(tmp_path: Path, commands: CommandRunner) -> None:
    """A scheduler tries again; a person may let the command wait."""
    commands.world.connector.always = REFUSED_CONNECTION
    file, state = _file(tmp_path, export(5)), tmp_path / "state"
    result = commands.run("push", file, "--state", state)
    assert (result.exit_code, "Upload not finished" in result.output) == (Exit.LATER, True)
    assert "Gatepost tries again by itself" not in result.output
    clock, connector = commands.world.clock, commands.world.connector
    ends = clock.passed_seconds + 900

    def recovers(when: str, _what: str) -> None:
        if when == "post" and clock.passed_seconds > ends:
            connector.always = reply(200)

    connector.on_post = recovers
    assert commands.run("push", file, "--state", state, "--patience", 120).exit_code == Exit.DONE
    assert clock.passed_seconds > ends


def test_several_files_in_one_call_end_with_a_total(tmp_path: Path, commands: CommandRunner) -> None:
    """One bad file does not keep the others from being sent."""
    files = [_file(tmp_path, export(5, first=n * 10), f"{n}.json") for n in range(3)]
    broken = _file(tmp_path, b"[", "3.json")
    result = commands.run("push", *files, broken, "--state", tmp_path / "state")
    assert result.exit_code == Exit.INVALID
    assert "3 of 4 files OK; 15 records sent now." in result.output


def test_a_dry_run_does_everything_but_send(tmp_path: Path, commands: CommandRunner) -> None:
    """The checks, the plan and a token; no request, and nothing remembered."""
    file, state = _file(tmp_path, export(25)), tmp_path / "state"
    result = commands.run("push", file, "--state", state, "--dry-run")
    assert result.exit_code == Exit.DONE
    assert "It would be sent in 3 requests: 25 records." in result.output
    assert (commands.world.tokens.asked, commands.world.connector.requests, state.exists()) == (1, [], False)
    commands.run("push", file, "--state", state)
    assert "would not be sent again" in commands.run("push", file, "--state", state, "--dry-run").output


def test_a_dry_run_notices_a_bad_secret(tmp_path: Path, commands: CommandRunner) -> None:
    """Before the night's first run, not in it."""
    commands.world.tokens.always = ActionRequiredError(
        BlockedCode.SECRET_MISSING, "The vault has no secret of this name (404)."
    )
    result = commands.run("push", _file(tmp_path, export(5)), "--state", tmp_path / "state", "--dry-run")
    assert (result.exit_code, "no secret of this name" in result.output) == (Exit.BLOCKED, True)


def test_outcomes_for_programs(tmp_path: Path, commands: CommandRunner) -> None:
    """--json prints the same documents the function writes."""
    files = [_file(tmp_path, export(5), "a.json"), _file(tmp_path, export(5, first=9, bad=(9,)), "b.json")]
    result = commands.run("push", *files, "--state", tmp_path / "state", "--json")
    documents = json.loads(result.stdout)
    assert [one["status"] for one in documents] == ["Succeeded", "PartiallySucceeded"]
    assert result.exit_code == Exit.PARTLY


def test_where_the_secret_may_come_from_is_said_when_there_is_none(
    tmp_path: Path, commands: CommandRunner
) -> None:
    """Without a vault, a prompt or a descriptor nothing is tried."""
    file = _file(tmp_path, export(1))
    del commands.environment["KEY_VAULT_URI"]
    result = commands.run("push", file, "--state", tmp_path / "state")
    assert result.exit_code == Exit.USAGE
    assert all(way in result.output for way in ("KEY_VAULT_URI", "--secret-prompt", "--secret-fd"))
    both = commands.run("push", file, "--secret-prompt", "--secret-fd", 0)
    assert (both.exit_code, "Both" in both.output) == (Exit.USAGE, True)
    assert not any(option.startswith("--secret ") for option in commands.run("push", "--help").output.split())


def test_what_was_pushed_can_be_listed_shown_and_fetched(tmp_path: Path, commands: CommandRunner) -> None:
    """The same questions as for Azure, with --pushed."""
    state = tmp_path / "state"
    commands.run("push", _file(tmp_path, export(10, bad=(4,))), "--state", state)
    listed = commands.run("list", "--pushed", "--state", state, "--days", 400)
    assert "day.json" in listed.output
    assert "9 records sent, 1 rejected" in listed.output
    shown = commands.run("show", "day.json", "--pushed", "--state", state)
    assert (shown.exit_code, "PartiallySucceeded" in shown.output) == (Exit.PARTLY, True)
    fetched = commands.run(
        "rejected", "day.json", "--pushed", "--state", state, "--to", tmp_path / "aside.jsonl"
    )
    assert fetched.exit_code == Exit.DONE
    assert json.loads((tmp_path / "aside.jsonl").read_bytes())["record"] == 4


@pytest.mark.parametrize("command", ["list", "push"])
def test_a_state_that_is_not_a_folder_must_be_fixed(
    tmp_path: Path, commands: CommandRunner, command: str
) -> None:
    """It does not pass by itself, and an empty list would be wrong."""
    file = _file(tmp_path, export(5))
    named = [file] if command == "push" else ["--pushed"]
    result = commands.run(command, *named, "--state", file)
    assert result.exit_code == Exit.BLOCKED
    assert "--state" in result.output


def test_nothing_says_that_a_push_is_retried_automatically(tmp_path: Path, commands: CommandRunner) -> None:
    """There is no sweep on a computer: the same command continues."""
    commands.world.connector.always = reply(503)
    state = tmp_path / "state"
    commands.run("push", _file(tmp_path, export(5)), "--state", state)
    shown = commands.run("show", "day.json", "--pushed", "--state", state).output
    assert "Run the same command again" in " ".join(shown.split())
    assert "by itself" not in shown
    assert "next try" not in shown


def test_a_dry_run_without_a_token_says_what_to_do(tmp_path: Path, commands: CommandRunner) -> None:
    """Nothing tries again by itself on this computer."""
    commands.world.tokens.always = TransientError(FailedCode.ENTRA_UNAVAILABLE, "Entra ID cannot be reached.")
    result = commands.run("push", _file(tmp_path, export(5)), "--dry-run", "--state", tmp_path / "state")
    assert result.exit_code == Exit.LATER
    assert "run the same command again" in " ".join(result.output.split())


def test_a_secret_that_is_refused_is_not_tried_for_days(tmp_path: Path, commands: CommandRunner) -> None:
    """It is wrong or has expired; the help says which value to use."""
    commands.world.tokens.always = CredentialRefusedError(
        FailedCode.SECRET_WRONG, "Entra ID says the app secret is wrong (AADSTS7000215)."
    )
    result = commands.run("push", _file(tmp_path, export(5)), "--state", tmp_path / "state")
    assert (result.exit_code, "AADSTS7000215" in result.output) == (Exit.BLOCKED, True)
    assert "Use the client secret's Value, not its Secret ID." in result.output
    assert len(commands.world.connector.requests) == 0


def test_a_push_says_what_it_waits_for(tmp_path: Path, commands: CommandRunner) -> None:
    """The cause, when the next try is, and until when; nothing once all is well."""
    commands.world.connector.script.extend([reply(503), REFUSED_CONNECTION])
    result = commands.run("push", _file(tmp_path, export(5)), "--state", tmp_path / "state")
    waits = result.stderr.splitlines()
    assert result.exit_code == Exit.DONE
    assert re.fullmatch(r"connector answered 503; next try in \d+ s, until \d\d:\d\d", waits[0]), waits
    assert waits[1].startswith("no answer from the connector; next try in")
    assert len(waits) == 2


def test_a_push_says_that_it_waits_for_a_token(tmp_path: Path, commands: CommandRunner) -> None:
    """Not only the connector can be away."""
    commands.world.tokens.failures.append(
        TransientError(FailedCode.ENTRA_UNAVAILABLE, "Entra ID cannot be reached.")
    )
    result = commands.run("push", _file(tmp_path, export(5)), "--state", tmp_path / "state")
    assert (result.exit_code, "Entra ID cannot be reached; next try in" in result.stderr) == (Exit.DONE, True)


def test_documents_promise_nothing_that_only_the_function_app_does(
    tmp_path: Path, commands: CommandRunner
) -> None:
    """No next attempt, no automatic retry: on this computer the command is run again."""
    commands.world.connector.always = reply(503)
    state = tmp_path / "state"
    pushed = commands.run("push", _file(tmp_path, export(5)), "--state", state, "--json")
    shown = commands.run("show", "day.json", "--pushed", "--state", state, "--json")
    for document in (json.loads(pushed.stdout)[0], json.loads(shown.stdout)):
        assert (document["retry"], document["nextAttemptAt"]) == (None, None)
        assert document["error"]["help"].startswith("Run the same command again")


def test_everything_that_is_missing_is_said_at_once(tmp_path: Path, commands: CommandRunner) -> None:
    """Tenant, app and job by the names of their options, and the secret."""
    commands.environment.clear()
    result = commands.run("push", _file(tmp_path, export(1)), "--tenant", "abc")
    assert result.exit_code == Exit.USAGE
    for line in (
        "--tenant must be a GUID",
        "CONNECTOR_APP_ID is missing (or give --app)",
        "CONNECTOR_JOB_ID is missing (or give --job)",
        "No client secret given.",
    ):
        assert f"\n  {line}\n" in result.output


def test_an_export_given_as_settings_is_noticed(tmp_path: Path, commands: CommandRunner) -> None:
    """The wrong file after --settings is the usual slip."""
    file = _file(tmp_path, export(1))
    result = commands.run("push", file, "--settings", file)
    assert (result.exit_code, "is an export, not a settings file" in result.output) == (Exit.USAGE, True)


KINDS = [
    ((), "secret", "secret"),
    ((), "certificate", "certificate"),
    (("--credential", "certificate"), "secret", "certificate"),
    (("--credential", "secret"), "federated", "secret"),
    (("--secret-fd", 0), "federated", "secret"),
]


@pytest.mark.parametrize("row", KINDS)
def test_the_kind_of_credential_is_the_settings_or_the_options(
    tmp_path: Path,
    commands: CommandRunner,
    monkeypatch: pytest.MonkeyPatch,
    row: tuple[tuple[str | int, ...], str, str],
) -> None:
    """A secret that is given is one, whatever the app proves itself with."""
    arguments, in_settings, used = row
    commands.environment["CONNECTOR_CREDENTIAL"] = in_settings
    seen: list[str] = []

    def build(settings: dict[str, str]) -> Dependencies:
        seen.append(read_settings(settings).connector_credential)
        return commands.world.deps

    monkeypatch.setattr(commands, "_build", build)
    monkeypatch.setattr("commands.secret_input.from_descriptor", lambda _: "made-up-secret")
    monkeypatch.setattr(Deployment, "with_secret", lambda self, _: self)
    file = _file(tmp_path, export(1))
    assert commands.run("push", file, "--state", tmp_path / "state", *arguments).exit_code == Exit.DONE
    assert seen == [used]


def test_a_federated_identity_is_not_on_this_computer(tmp_path: Path, commands: CommandRunner) -> None:
    """Said before anything is tried, with the ways there are."""
    commands.environment["CONNECTOR_CREDENTIAL"] = "federated"
    file = _file(tmp_path, export(1))
    result = commands.run("push", file, "--state", tmp_path / "state")
    assert result.exit_code == Exit.USAGE
    assert "managed identity is the proof" in result.output
    assert "--credential certificate" in result.output
    refused = commands.run("push", file, "--credential", "federated")
    assert (refused.exit_code, "must be secret or certificate" in refused.output) == (Exit.USAGE, True)
    both = commands.run("push", file, "--credential", "certificate", "--secret-fd", 0, answers="made-up")
    assert both.exit_code == Exit.USAGE


def test_nothing_here_says_that_something_is_tried_again_by_itself(
    tmp_path: Path, commands: CommandRunner
) -> None:
    """On this computer nobody does: not in what push prints, nor in list, show or report of what was pushed."""
    commands.world.connector.always = reply(503)
    state, page = tmp_path / "state", tmp_path / "page.html"
    pushed = commands.run("push", _file(tmp_path, export(5)), "--state", state)
    assert pushed.exit_code == Exit.LATER
    shown = commands.run("show", "day.json", "--pushed", "--state", state)
    as_json = commands.run("show", "day.json", "--pushed", "--state", state, "--json")
    listed = commands.run("list", "--pushed", "--state", state, "--days", 400)
    commands.run("report", "--pushed", "--state", state, "--to", page, "--days", 366)
    texts = [pushed.output, shown.output, as_json.output, listed.output, page.read_text(encoding="utf-8")]
    for text in texts:
        assert not re.search(
            "automatically|tries again|tried again|by itself|Next try +2|next try [A-Z]|Retrying", text
        )
    assert "push the file again to continue" in texts[-1]
    assert '"nextAttemptAt": null' in as_json.output
