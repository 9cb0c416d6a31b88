"""The last two steps to the first export: the secret into the vault, one record into the container, its outcome back."""

import getpass
import json
import re
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from infra.shell import Shell, StepError

_PAUSE_SECONDS: Final = 30
_TRIES: Final = 20
"""Ten minutes: what a new role may take to work, and more than the first export takes."""
NAME: Final = "first.json"


def put_secret(
    shell: Shell,
    settings: Mapping[str, str],
    unseen: Callable[[str], str] = getpass.getpass,
    ask: Callable[[str], str] = input,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Ask for the secret, unseen, and put it into the vault together with the day it expires.

    Args:
        shell: to run commands in.
        settings: name the vault and the secret.
        unseen: asks without showing the answer.
        ask: asks for the day.
        sleep: waits a number of seconds.

    Raises:
        StepError: the vault refuses for longer than a new role takes to work.
    """
    value = unseen("Value of the client secret (not shown): ").strip()
    day = ask("Day it expires, as YYYY-MM-DD: ").strip()
    if not value or not re.fullmatch(r"\d{4}-\d\d-\d\d", day):
        raise StepError("The secret's value and the day it expires are both needed.")
    shell.say("Putting the secret into the vault")
    with tempfile.TemporaryDirectory() as folder:  # only you may read it; it is gone afterwards
        file = Path(folder) / "value"
        file.touch(mode=0o600)
        file.write_text(value, encoding="utf-8")
        name = settings.get("APP_SECRET_NAME") or "badging-app-secret"
        where = ("--vault-name", settings["KEY_VAULT_NAME"], "--name", name, "--file", str(file))
        command = ("keyvault", "secret", "set", *where, "--expires", f"{day}T00:00:00Z", "--output", "none")
        _until_allowed(shell, lambda: shell.run("az", *command), sleep)


def send_first(
    shell: Shell, settings: Mapping[str, str], sleep: Callable[[float], None] = time.sleep
) -> Mapping[str, Any]:
    """Upload one record about yourself at a door that does not exist, and wait for its outcome; gives that.

    Raises:
        StepError: it cannot be uploaded, or there is no outcome after ten minutes.
    """
    me = shell.az("ad", "signed-in-user", "show", "--query", "userPrincipalName")
    record = {
        "UserId": me,
        "AssetId": "test-door",
        "AssetName": "Test door",
        "EventTime": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}",
        "AccessStatus": "Success",
    }
    account = ("--auth-mode", "login", "--account-name", settings["DATA_ACCOUNT_NAME"])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / NAME
        file.write_text(json.dumps([record]), encoding="utf-8")
        where = ("--container-name", "badging-exports", "--name", NAME, "--file", str(file), "--overwrite")
        shell.say(f"Uploading {NAME}: one record about you at a door that does not exist")
        _until_allowed(shell, lambda: shell.az("storage", "blob", "upload", *account, *where), sleep)
    shell.say("Waiting for its outcome")
    results = ("--container-name", "badging-results", "--prefix", f"outcomes/{NAME}/", "--include", "m")
    query = "sort_by([], &properties.lastModified)[-1].metadata"
    for _ in range(_TRIES):
        outcome = shell.az("storage", "blob", "list", *account, *results, "--query", query)
        if outcome and outcome.get("status") not in {None, "InProgress"}:
            return _told(shell, outcome)
        sleep(_PAUSE_SECONDS)
    raise StepError(
        "There is no outcome after ten minutes. docs/deploy.md, When something goes wrong, says where to look."
    )


def _told(shell: Shell, outcome: Mapping[str, Any]) -> Mapping[str, Any]:
    status = outcome["status"]
    if status != "Succeeded":
        raise StepError(
            f"Its outcome is {status} ({outcome.get('code') or 'no code'}). Open it in the container badging-results, below "
            f"outcomes/{NAME}/: error.help says what to do."
        )
    shell.say(
        f"{status}, {outcome.get('recordssent')} record sent. Purview shows it under My connectors, Download log"
    )
    return outcome


def _until_allowed(shell: Shell, step: Callable[[], object], sleep: Callable[[float], None]) -> None:
    """A role that was just given takes up to ten minutes to work; until then the answer is a refusal."""
    for last in [False] * (_TRIES - 1) + [True]:
        try:
            step()
        except StepError as error:
            refused = re.search(r"Forbidden|AuthorizationPermissionMismatch|required permissions", str(error))
            if last or not refused:
                raise
            shell.say(
                "  Not allowed yet: a new role takes up to ten minutes to work. Trying again in half a minute"
            )
            sleep(_PAUSE_SECONDS)
        else:
            return
