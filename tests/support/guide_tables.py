"""The tables of `docs/deploy.md`, made from both stacks: `python -m tests.support.guide_tables` writes them anew."""

import re
from collections import defaultdict
from typing import Final

from tests.support.arm_types import ARM_TYPES, PLUMBING
from tests.support.stacks import (
    BICEP,
    INFRA,
    ROOT,
    TERRAFORM,
    bicep_parameters,
    terraform_roles,
)

GUIDE: Final = ROOT / "docs" / "deploy.md"

WHAT_FOR: Final = {
    "Microsoft.Authorization/roleAssignments": "who may do what; the next table",
    "Microsoft.Authorization/locks": "with `locked`: against deletion by mistake",
    "Microsoft.Authorization/roleDefinitions": "the roles to upload exports and nothing else, and to set the secret without reading it",
    "Microsoft.EventGrid/systemTopics": "announces blobs of the data account; its identity delivers",
    "Microsoft.EventGrid/systemTopics/eventSubscriptions": "new exports become messages on the queue",
    "Microsoft.Insights/actionGroups": "who is told",
    "Microsoft.Insights/components": "Application Insights: logs, metrics, requests; no keys",
    "Microsoft.Insights/diagnosticSettings": "who read, wrote or deleted blobs, messages, the secret",
    "Microsoft.Insights/metricAlerts": "events that Event Grid could not deliver",
    "Microsoft.Insights/scheduledQueryRules": "what logs and metrics tell; section 8",
    "Microsoft.Insights/workbooks": "what became of the exports, on one page",
    "Microsoft.KeyVault/vaults": "holds the app's secret; RBAC, purge protection",
    "Microsoft.ManagedIdentity/userAssignedIdentities": "the app's one identity",
    "Microsoft.Network/natGateways": "private networking: outbound addresses",
    "Microsoft.Network/networkSecurityGroups": "private networking: of both subnets, with Azure's own rules",
    "Microsoft.Network/privateDnsZones": "private networking: the names of the private endpoints",
    "Microsoft.Network/privateDnsZones/virtualNetworkLinks": "private networking: lets the network see these names",
    "Microsoft.Network/privateEndpoints": "private networking: storage and vault inside the network",
    "Microsoft.Network/publicIPAddresses": "private networking: the one address the app comes from",
    "Microsoft.Network/virtualNetworks": "private networking",
    "Microsoft.Network/virtualNetworks/subnets": "private networking: one for the app, one for the endpoints",
    "Microsoft.OperationalInsights/workspaces": "where Application Insights and the audit logs are kept",
    "Microsoft.Resources/resourceGroups": "everything",
    "Microsoft.Storage/storageAccounts": "the data account, and the function host's own",
    "Microsoft.Storage/storageAccounts/blobServices": "versions and soft delete",
    "Microsoft.Storage/storageAccounts/blobServices/containers": "exports, results, ledgers, sources, undelivered events; the package",
    "Microsoft.Storage/storageAccounts/localUsers": "SFTP: the user that uploads exports",
    "Microsoft.Storage/storageAccounts/managementPolicies": "how long things are kept",
    "Microsoft.Storage/storageAccounts/queueServices/queues": "messages, and those that failed five times",
    "Microsoft.Web/serverfarms": "the Flex Consumption plan",
    "Microsoft.Web/sites": "the function app",
    "Microsoft.Web/sites/basicPublishingCredentialsPolicies": "no deployment with user name and password",
}
WHO: Final = {
    "app": "the app",
    "topic": "Event Grid",
    "exporter": "`exporterObjectId`",
    "readers": "`readersObjectId`",
    "operators": "`operatorsObjectId`",
}
ON: Final = {
    "exports": "container `badging-exports`",
    "results": "container `badging-results`",
    "state": "container `gatepost-state`",
    "sources": "container `gatepost-sources`",
    "dead_letters": "container `dead-letters`",
    "queue": "queue `badging-exports`",
    "poison_queue": "queue `badging-exports-poison`",
    "secret": "the one secret, by its name",
    "insights": "Application Insights",
    "host_account": "the host's account",
}


def resources() -> str:
    """Every kind of resource: names, where each stack describes it, what for.

    Raises:
        KeyError: a kind that this module has no words for.
    """
    rows: dict[str, tuple[set[str], set[str], set[str]]] = defaultdict(lambda: (set(), set(), set()))
    for path, declared in BICEP:
        if declared.kind == "resource" and not declared.existing and declared.type not in PLUMBING:
            rows[declared.type][1].add(path.name)
    for path, block in TERRAFORM:
        if block.kind == "resource" and block.type not in PLUMBING:
            type_ = ARM_TYPES.get(block.type) or str(block.body["type"]).partition("@")[0]
            rows[type_][0].add(_name(str(block.body.get("name", ""))))
            rows[type_][2].add(path.name)
    lines = ["| Kind | Names | `infra/bicep/` | `infra/terraform/` | For |", "|---|---|---|---|---|"]
    for type_ in sorted(rows):
        names, in_bicep, in_terraform = (", ".join(sorted(one - {""})) for one in rows[type_])
        lines.append(f"| `{type_}` | {names} | {in_bicep} | {in_terraform} | {WHAT_FOR[type_]} |")
    return "\n".join(lines)


def _name(text: str) -> str:
    if text == "local.vault_name":
        text = "local.names.vault"
    if text.startswith("local.names."):
        names = next(
            one.body["names"] for _, one in TERRAFORM if one.kind == "locals" and "names" in one.body
        )
        text = re.findall(r'"([^"]+)"', str(names[text.removeprefix("local.names.")]))[-1]
    if re.fullmatch(r"[a-z_]+\.[a-z_.]+|uuidv5\(.*", text):
        return ""
    shown = re.sub(r"\$\{[^}]*\}", "…", text)
    return f"`{shown}`" if shown else ""


def roles() -> str:
    """Every role assignment: who, which role, on what, for what."""
    lines = ["| Who | Role | On | For | Name |", "|---|---|---|---|---|"]
    for name, role in terraform_roles().items():
        lines.append(
            f"| {WHO[role.principal]} | *{role.role}* | {ON[role.scope]} | {_reason(name)} | `{name}` |"
        )
    return "\n".join(
        [*lines[:2], *sorted(lines[2:], key=lambda line: list(WHO.values()).index(line[2:].split(" | ")[0]))]
    )


def _reason(name: str) -> str:
    text = "\n".join(path.read_text() for path in sorted((INFRA / "terraform").glob("*.tf")))
    comment: str
    [comment] = re.findall(rf'^# (.*)\nresource "azurerm_role_assignment" "{name}"', text, re.MULTILINE)
    return comment.partition(": ")[2].removesuffix(".").replace("|", "/")


def parameters() -> str:
    """Every parameter: its names, default and meaning."""
    symbols = [one.name for path, one in BICEP if one.kind == "param" and path.name == "main.bicep"]
    lines = ["| Bicep | Terraform | Default | Meaning |", "|---|---|---|---|"]
    for symbol, (name, parameter) in zip(symbols, bicep_parameters().items(), strict=True):
        default = (
            "required" if parameter.default is None else f"`{parameter.default}`".replace("False", "false")
        )
        shown = "" if default == "``" else default
        meaning = parameter.description.removesuffix(".")
        if parameter.choices:
            meaning += f" ({', '.join(f'`{choice}`' for choice in parameter.choices)})"
        elif parameter.low is not None:
            meaning += f" ({parameter.low} to {parameter.high})"
        lines.append(f"| `{symbol}` | `{name}` | {shown} | {meaning} |")
    return "\n".join(lines)


TABLES: Final = {"resources": resources, "roles": roles, "parameters": parameters}


def with_tables(text: str) -> str:
    """A guide's text with every table between its marks made anew.

    Raises:
        ValueError: a mark is missing.
    """
    for name, table in TABLES.items():
        pattern = rf"(<!-- {name}, made from both stacks -->\n).*?(\n<!-- end -->)"
        text, count = re.subn(pattern, lambda found: found[1] + table() + found[2], text, flags=re.DOTALL)  # noqa: B023
        if count != 1:
            raise ValueError(f"the marks of the table {name!r} are missing")
    return text


if __name__ == "__main__":
    GUIDE.write_text(with_tables(GUIDE.read_text()))
