"""The Azure CLI's login, with programs that play `az`: what goes wrong is told apart, and asked once."""

import os
import time
from pathlib import Path
from typing import Final

import pytest

from commands.console.errors import explained
from commands.console.exit_codes import Exit
from shared.errors import LoginTrouble, StorageError
from shared.services import cli_login
from shared.services.cli_login import CliLogin, CliLoginError
from shared.services.storage import BlobContainer
from shared.storage_connection import StorageConnection

SCOPE: Final = "https://storage.azure.com/.default"
TOKEN: Final = '{"accessToken":"made-up","expires_on":4000000000,"expiresOn":"2096-10-02 07:06:40.000000","tokenType":"Bearer"}'

pytestmark = pytest.mark.skipif(os.name == "nt", reason="`az` is played by a shell script")


class Az:
    """A folder with a program named `az`, the only one in the PATH beside the system's."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls = folder / "calls"
        self._program = folder / "az"
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")

    def does(self, script: str) -> None:
        """Run this, after noting the call."""
        self._program.write_text(f'#!/bin/sh\necho "$@" >> "{self.calls}"\n{script}\n')
        self._program.chmod(0o755)

    def count(self) -> int:
        """How often it was called."""
        return len(self.calls.read_text().splitlines())


@pytest.fixture
def az(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Az:
    """One that gives a token."""
    made = Az(tmp_path, monkeypatch)
    made.does(f"echo '{TOKEN}'")
    return made


def test_a_token_is_kept(az: Az) -> None:
    """`az` needs seconds each time, and several clients ask; another scope is another token."""
    login = CliLogin()
    assert login.get_token(SCOPE).token == "made-up"
    assert login.get_token_info(SCOPE).token == "made-up"
    assert az.count() == 1
    login.get_token("https://vault.azure.net/.default")
    assert az.count() == 2
    login.close()


def test_a_token_that_ends_soon_is_asked_for_anew(az: Az) -> None:
    """Within five minutes of its end."""
    az.does(f"echo '{TOKEN.replace('4000000000', str(int(time.time()) + 200))}'")
    login = CliLogin()
    login.get_token(SCOPE)
    login.get_token(SCOPE)
    assert az.count() == 2


def _fails(words: str) -> str:
    return f"echo '{words}' >&2; exit 1"


TROUBLES: Final[dict[str, tuple[str, LoginTrouble, str]]] = {
    "not logged in": (_fails('ERROR: Please run "az login" to setup account.'), "none", "not logged in"),
    "no account": (
        _fails("ERROR: No subscription found. Run az account set to select a subscription."),
        "none",
        "not logged in",
    ),
    "expired": (
        _fails("ERROR: AADSTS70043: The refresh token has expired or is invalid. Run: az login"),
        "expired",
        "has expired",
    ),
    "too old": (
        _fails("ERROR: AADSTS700082: The refresh token has expired due to inactivity."),
        "expired",
        "has expired",
    ),
    "second factor": (
        _fails("ERROR: AADSTS50076: you must use multi-factor authentication"),
        "more-proof",
        "second factor",
    ),
    "other number": (_fails("ERROR: AADSTS90002: Tenant not found"), "unclear", "AADSTS90002"),
    "no network": (
        _fails("HTTPSConnectionPool: Max retries exceeded with url"),
        "offline",
        "cannot reach Entra ID",
    ),
    "untrusted": (_fails("SSLError: CERTIFICATE_VERIFY_FAILED"), "offline", "cannot reach Entra ID"),
    "noise": (f"echo 'WARNING: new version'; echo '{TOKEN}'", "unclear", "not one that Gatepost knows"),
    "bug": (_fails("Traceback"), "unclear", "not one that Gatepost knows"),
    "slow": ("exec sleep 30", "slow", "within a minute"),
}


@pytest.mark.parametrize(
    ("script", "trouble", "words"), [pytest.param(*row, id=name) for name, row in TROUBLES.items()]
)
def test_each_trouble_has_its_words(
    az: Az, script: str, trouble: LoginTrouble, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In storage's error, with a command to paste; nothing is tried again, and no word of the CLI's is repeated."""
    monkeypatch.setattr(cli_login, "CLI_SECONDS", 1)
    az.does(script)
    login = CliLogin()
    with pytest.raises(CliLoginError) as caught:
        login.get_token(SCOPE)
    assert caught.value.trouble == trouble
    assert az.count() == 1
    container = BlobContainer(StorageConnection("https://account.blob.invalid"), login, "badging-results")
    with pytest.raises(StorageError) as refused:
        container.read("x")
    assert (refused.value.why, refused.value.trouble) == ("login", trouble)
    assert az.count() == 2
    said = explained(refused.value)
    assert words in said.message
    assert said.exit is (Exit.LATER if trouble in {"slow", "offline"} else Exit.BLOCKED)
    assert said.commands[0].startswith("az ")


def test_a_cli_that_is_not_there_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is another thing to do than to log in."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CliLoginError) as caught:
        CliLogin().get_token(SCOPE)
    assert caught.value.trouble == "no-cli"


def test_a_slow_cli_is_waited_for() -> None:
    """Twelve seconds are usual on a loaded computer; the library alone waits ten."""
    assert CliLogin()._credential._process_timeout == cli_login.CLI_SECONDS == 60
