"""`check` finds what is wrong with a deployment, and says what to do."""

import base64
import json
from dataclasses import replace
from datetime import timedelta

import pytest

from commands.check_connector import claims_of
from commands.check_storage import REPORT
from commands.console.exit_codes import Exit
from shared.error_codes import BlockedCode, FailedCode
from shared.errors import ActionRequiredError, CredentialRefusedError, TransientError
from shared.settings import CredentialKind
from tests.support.command_runner import CommandRunner, blocked
from tests.support.exports import export
from tests.support.fake_clock import MORNING

AUDIENCE = "https://microsoft.onmicrosoft.com/86dfdabb-5089-4a0c-880a-cfa5a790c5b1"


def _jwt(claims: object) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"e30.{payload}.signature"


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> CommandRunner:
    """A healthy deployment."""
    commands = CommandRunner()
    world = commands.world
    world.tokens.expires_on = MORNING + timedelta(days=200)
    monkeypatch.setattr(world.tokens, "token", lambda **_: _jwt({"aud": AUDIENCE}))
    world.results.put(REPORT, b"<html>")
    world.upload("day.json", export(5))
    world.run()
    world.connector.requests.clear()
    return commands


def _line(output: str, name: str) -> str:
    return next(line for line in output.splitlines() if f" {name} " in line)


def test_a_healthy_deployment_is_all_ok(commands: CommandRunner) -> None:
    """Every step has its line, the token's audience is shown, and nothing was sent."""
    result = commands.run("check")
    assert result.exit_code == Exit.DONE
    assert "14 steps, 0 failed, 0 warnings. No records were sent." in result.output
    assert f"aud {AUDIENCE}" in _line(result.output, "token")
    assert "2027-06-10, in 200 days" in _line(result.output, "secret's expiry")
    assert commands.world.connector.requests == []


def test_a_host_that_cannot_be_reached_fails_its_step(commands: CommandRunner) -> None:
    """DNS and TLS are tried for all three hosts."""
    commands.unreachable["webhook.ingestion.office.com"] = "its name is unknown (DNS)"
    result = commands.run("check")
    assert result.exit_code == Exit.BLOCKED
    assert _line(result.output, "connector host").startswith("FAILED")
    assert "-> Fix it." in result.output


def test_a_vault_that_refuses_skips_what_needs_it(commands: CommandRunner) -> None:
    """The cause is named once."""
    commands.world.tokens.always = ActionRequiredError(
        BlockedCode.VAULT_FORBIDDEN, "The app's identity may not read the secret (403)."
    )
    result = commands.run("check")
    assert result.exit_code == Exit.BLOCKED
    assert "Key Vault Secrets User" in result.output
    assert _line(result.output, "token").startswith("skipped")


def test_a_missing_login_is_said_as_such(commands: CommandRunner) -> None:
    """On one's own computer the identity is one's own login."""
    commands.world.tokens.always = TransientError(
        FailedCode.IDENTITY_UNAVAILABLE, "The app's identity gives no token for the vault."
    )
    result = commands.run("check")
    assert (result.exit_code, "az login" in result.output) == (Exit.BLOCKED, True)


@pytest.mark.parametrize(
    ("days", "start", "code"),
    [(-1, "FAILED", Exit.BLOCKED), (12, "warning", Exit.DONE), (200, "ok", Exit.DONE)],
)
def test_the_secrets_expiry_is_judged(commands: CommandRunner, days: int, start: str, code: Exit) -> None:
    """Expired fails, soon warns."""
    commands.world.tokens.expires_on = MORNING + timedelta(days=days)
    result = commands.run("check")
    assert _line(result.output, "secret's expiry").startswith(start)
    assert result.exit_code == code


def test_warnings_do_not_fail_the_check(commands: CommandRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    """No expiry date, a strange audience, poison messages, an old sweep and an old export are for a person's eyes."""
    world = commands.world
    world.tokens.expires_on = None
    monkeypatch.setattr(world.tokens, "token", lambda: "opaque")
    commands.poison.put("{}", 0)
    world.clock.pass_until(5 * 86_400)
    result = commands.run("check")
    assert result.exit_code == Exit.DONE
    assert "14 steps, 0 failed, 5 warnings" in result.output
    assert "Next: secret's expiry: " in result.output
    assert "1 message that could not be processed" in _line(result.output, "poison queue")
    assert "5 days ago" in _line(result.output, "last export")


def test_a_new_deployment_says_what_is_still_to_come(commands: CommandRunner) -> None:
    """Before the first sweep and the first export there is nothing wrong, only nothing yet."""
    for name in commands.world.results.names():
        commands.world.results.delete(name)
    result = commands.run("check")
    assert "there has been none yet" in _line(result.output, "last sweep")
    assert "no records have been sent yet" in _line(result.output, "last export")


def test_exports_that_wait_for_a_person_are_counted(commands: CommandRunner) -> None:
    """Blocked and rejected exports show in the last line."""
    commands.world.upload("broken.json", b"[")
    commands.world.run()
    assert "1 Rejected" in _line(commands.run("check").output, "outcomes")


def test_storage_that_refuses_fails_its_steps_and_the_others_go_on(commands: CommandRunner) -> None:
    """One missing role does not hide what else is wrong."""
    commands.world.exports.refuses = "storage answers 403"
    result = commands.run("check")
    assert _line(result.output, "exports container").startswith("FAILED")
    assert _line(result.output, "last export").startswith("ok")
    assert result.exit_code == Exit.LATER


def test_steps_for_programs(commands: CommandRunner) -> None:
    """--json has every step."""
    steps = json.loads(commands.run("check", "--json").stdout)
    assert [step["result"] for step in steps] == ["ok"] * 14


@pytest.mark.parametrize("token", ["opaque", "a.b.c", _jwt([]), _jwt({})])
def test_a_token_that_cannot_be_read_has_an_unknown_audience(token: str) -> None:
    """Microsoft promises no form of a token."""
    assert claims_of(token).get("aud", "unknown") == "unknown"


def test_no_token_is_printed(commands: CommandRunner) -> None:
    """Only its audience is."""
    assert "signature" not in commands.run("check").output


def test_a_blocked_export_is_a_warning(commands: CommandRunner) -> None:
    """Something must be fixed before it is sent; the command that shows it is printed."""
    blocked(commands)
    output = commands.run("check").output
    assert _line(output, "outcomes").startswith("warning")
    assert "\n    python gatepost.py list --days 400 --status Blocked\n" in output


def test_a_wrong_secret_must_be_fixed(commands: CommandRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not pass by itself, so the code is not the one for later."""

    def refuse() -> str:
        raise CredentialRefusedError(
            FailedCode.SECRET_WRONG, "Entra ID says the app secret is wrong (AADSTS7000215)."
        )

    monkeypatch.setattr(commands.world.tokens, "token", refuse)
    result = commands.run("check")
    assert result.exit_code == Exit.BLOCKED
    assert "(not the ID)" in result.output


def test_one_outcome_with_damaged_metadata_does_not_stop_the_check(commands: CommandRunner) -> None:
    """Nor the list."""
    commands.world.results.put(
        "outcomes/odd.json/0x1.json", b"{}", metadata={"status": "Odd", "finishedat": "yesterday"}
    )
    assert commands.run("check").exit_code == Exit.DONE
    assert commands.run("list", "--days", 400).exit_code == Exit.DONE


def test_a_secret_with_something_around_it_is_a_warning(commands: CommandRunner) -> None:
    """It works, and the next program that reads it may not trim it."""
    commands.world.tokens.note = "it has blanks, quotes or a line end around it, which are not used"
    result = commands.run("check")
    assert "vault access" in result.output
    assert "line end around it" in " ".join(result.output.split())


def _proven_by(commands: CommandRunner, kind: CredentialKind, *, identity: bool = False) -> None:
    """A deployment with another kind of credential; asked by a person, or by the app itself."""
    world = commands.world
    settings = replace(
        world.settings,
        connector_credential=kind,
        identity_client_id="99999999-aaaa-bbbb-cccc-999999999999" if identity else None,
        vault_uri="" if kind == "federated" else "https://vault.example",
    )
    world.settings = settings


def test_a_certificate_is_checked_like_a_secret_and_its_unknown_is_shown(
    commands: CommandRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the service takes it nobody knows; the claim that differs is named."""
    _proven_by(commands, "certificate")
    monkeypatch.setattr(commands.world.tokens, "token", lambda **_: _jwt({"aud": AUDIENCE, "appidacr": "2"}))
    output = commands.run("check").output
    assert "whether Microsoft's service takes tokens made with one is not known" in _line(
        output, "credential"
    )
    assert "(appidacr)" in output
    assert "certificate badging-app-certificate can be read by you" in _line(output, "vault access")
    assert "in 200 days" in _line(output, "certificate expiry")
    assert _line(output, "token").endswith(f"aud {AUDIENCE}, appidacr 2")


def test_a_federated_identity_has_no_vault_and_a_desk_has_no_identity(commands: CommandRunner) -> None:
    """What only the function app can show is skipped, not failed."""
    _proven_by(commands, "federated")
    result = commands.run("check")
    assert result.exit_code == Exit.DONE
    assert "vault" not in result.output
    assert "expiry" not in result.output
    assert "is not known" in _line(result.output, "credential")
    assert _line(result.output, "token").startswith("skipped")


def test_where_the_identity_is_a_federated_token_is_checked(commands: CommandRunner) -> None:
    """Run on the app's own machine: there is a token, and nothing that expires."""
    _proven_by(commands, "federated", identity=True)
    commands.world.tokens.expires = False
    output = commands.run("check").output
    assert _line(output, "token").startswith("ok")
    assert "expiry" not in output
