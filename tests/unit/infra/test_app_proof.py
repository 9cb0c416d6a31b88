"""The deployment script lets the app registration be proven without a client secret, and can be run again."""

import json
from typing import Any

import pytest

from infra import app_proof, deploy, first_export
from infra.shell import StepError
from shared.clouds import CLOUDS
from tests.unit.infra.test_deploy import GUID, KNOWN, NAMES, FakeShell

SETTINGS = KNOWN | NAMES
SUBJECT = "22222222-2222-4222-8222-222222222222"


def _fitting(cloud: str = "commercial") -> dict[str, Any]:
    return {
        "name": "gatepost",
        "issuer": f"{CLOUDS[cloud].authority}/{GUID}/v2.0",
        "subject": SUBJECT,
        "audiences": [CLOUDS[cloud].federated_audience],
    }


def _made(shell: FakeShell, verb: str) -> dict[str, Any]:
    [command] = [one for one in shell.ran if one[:5] == ("az", "ad", "app", "federated-credential", verb)]
    found: dict[str, Any] = json.loads(command[command.index("--parameters") + 1])
    return found


@pytest.mark.parametrize("cloud", CLOUDS)
def test_the_federated_credential_names_what_the_identitys_token_says(cloud: str) -> None:
    """Issuer and audience of the cloud, the identity's object ID as subject."""
    shell = FakeShell({"identity show": SUBJECT, "federated-credential list": [[]]})
    app_proof.federated_credential(shell, SETTINGS | {"CONNECTOR_CLOUD": cloud})
    assert _fitting(cloud).items() <= _made(shell, "create").items()


def test_one_that_fits_stays_and_one_that_does_not_is_changed() -> None:
    """Run again, also after the identity was made anew."""
    shell = FakeShell(
        {"identity show": SUBJECT, "federated-credential list": [[_fitting() | {"name": "by-hand"}]]}
    )
    app_proof.federated_credential(shell, SETTINGS)
    assert len(shell.ran) == 2
    shell = FakeShell(
        {"identity show": SUBJECT, "federated-credential list": [[_fitting() | {"subject": GUID}]]}
    )
    app_proof.federated_credential(shell, SETTINGS)
    assert _made(shell, "update")["subject"] == SUBJECT


def test_without_an_identity_nothing_is_made() -> None:
    """The step before has not been run."""
    shell = FakeShell({"identity show": None})
    with pytest.raises(StepError, match="no user-assigned identity"):
        app_proof.federated_credential(shell, SETTINGS)


def test_a_certificate_is_made_in_the_vault_and_given_to_the_app_registration() -> None:
    """With a key that the app can read, no renewal that nobody notices, and no answer on the screen."""
    shell = FakeShell({})
    app_proof.certificate(shell, SETTINGS)
    made, given = shell.ran
    policy = json.loads(made[made.index("--policy") + 1])
    assert policy["keyProperties"]["exportable"]
    assert policy["keyProperties"]["keyType"] == "RSA"
    assert "AutoRenew" not in json.dumps(policy)
    assert made[made.index("--name") + 1] == given[given.index("--cert") + 1] == "badging-app-certificate"
    assert given[:6] == ("az", "ad", "app", "credential", "reset", "--id")
    assert "--append" in given
    assert made[-2:] == given[-2:] == ("--output", "none")


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("secret", "keyvault secret set"),
        ("certificate", "certificate create"),
        ("federated", "federated-credential create"),
    ],
)
def test_the_step_does_what_the_kind_of_credential_needs(
    kind: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One step for all three."""
    monkeypatch.setattr("getpass.getpass", lambda _: "made-up")
    monkeypatch.setattr(
        first_export, "put_secret", lambda shell, _: shell.run("az", "keyvault", "secret", "set")
    )
    shell = FakeShell({"identity show": SUBJECT, "federated-credential list": [[]]})
    deploy.STEPS["secret"](shell, dict(SETTINGS) | {"CONNECTOR_CREDENTIAL": kind}, deploy.Options())
    assert [one for one in shell.ran if words in " ".join(one)]
