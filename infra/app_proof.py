"""What the app registration proves itself with, where that is no client secret: a certificate in the vault, or the app's identity.

Either can be run again: what fits already stays as it is.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

from infra.shell import Shell, StepError
from shared.clouds import CLOUDS

FEDERATED_NAME: Final = "gatepost"
CERTIFICATE_POLICY: Final[Mapping[str, Any]] = {
    "issuerParameters": {"name": "Self"},
    "keyProperties": {"exportable": True, "keyType": "RSA", "keySize": 2048, "reuseKey": False},
    "secretProperties": {"contentType": "application/x-pkcs12"},
    "x509CertificateProperties": {"subject": "CN=gatepost", "validityInMonths": 12},
    "lifetimeActions": [{"action": {"actionType": "EmailContacts"}, "trigger": {"daysBeforeExpiry": 30}}],
}
"""Not renewed by the vault itself: the app registration would not know the new version, and the app reads the newest."""


def federated_credential(shell: Shell, settings: Mapping[str, str]) -> None:
    """Let the app's managed identity prove the app registration.

    Args:
        shell: to run commands in.
        settings: name the app registration, its tenant and cloud, and the function app.

    Raises:
        StepError: the function app has no identity, or Entra ID refuses.
    """
    where = ("--resource-group", settings["AZURE_RESOURCE_GROUP"], "--name", settings["FUNCTION_APP_NAME"])
    query = ("--query", "userAssignedIdentities.*.principalId | [0]")
    subject = shell.az("functionapp", "identity", "show", *where, *query)
    if not subject:
        raise StepError("The function app has no user-assigned identity. Run the step resources first.")
    wanted = _federated(settings, subject)
    app = ("--id", settings["CONNECTOR_APP_ID"])
    known = shell.az("ad", "app", "federated-credential", "list", *app) or []
    if any(
        all(one.get(name) == wanted[name] for name in ("issuer", "subject", "audiences")) for one in known
    ):
        shell.say("The app registration takes this identity already")
        return
    shell.say("Letting the app's identity prove the app registration")
    told = ("--parameters", json.dumps(wanted))
    if any(one.get("name") == FEDERATED_NAME for one in known):
        shell.az(
            "ad",
            "app",
            "federated-credential",
            "update",
            *app,
            "--federated-credential-id",
            FEDERATED_NAME,
            *told,
        )
    else:
        shell.az("ad", "app", "federated-credential", "create", *app, *told)


def _federated(settings: Mapping[str, str], subject: str) -> dict[str, Any]:
    cloud = CLOUDS[settings.get("CONNECTOR_CLOUD") or "commercial"]
    authority = settings.get("ENTRA_AUTHORITY") or cloud.authority
    return {
        "name": FEDERATED_NAME,
        "issuer": f"{authority}/{settings['CONNECTOR_TENANT_ID']}/v2.0",
        "subject": subject,
        "audiences": [settings.get("FEDERATED_AUDIENCE") or cloud.federated_audience],
        "description": "Gatepost's function app",
    }


def certificate(shell: Shell, settings: Mapping[str, str]) -> None:
    """Make a new version of the certificate in the vault, and give its public part to the app registration.

    The two commands follow each other at once: an attempt that comes between them finds a certificate that Entra ID does not know yet,
    and is tried again after five minutes.

    Raises:
        StepError: the vault or Entra ID refuses.
    """
    vault = settings["KEY_VAULT_NAME"]
    name = settings.get("APP_CERTIFICATE_NAME") or "badging-app-certificate"
    policy = ("--policy", json.dumps(CERTIFICATE_POLICY), "--output", "none")
    shell.say("Making the certificate; its key stays in the vault")
    shell.run("az", "keyvault", "certificate", "create", "--vault-name", vault, "--name", name, *policy)
    shell.say("Giving its public part to the app registration")
    where = ("--id", settings["CONNECTOR_APP_ID"], "--keyvault", vault, "--cert", name)
    shell.run("az", "ad", "app", "credential", "reset", *where, "--append", "--output", "none")
