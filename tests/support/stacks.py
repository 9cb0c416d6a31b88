"""The two stacks in one notation, so that tests can hold them against each other and against the code.

Names are in snake case, a role's principal is `app`, `topic`, `exporter`, `readers` or `operators`, and a resource's type is
ARM's.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tests.support import bicep, terraform

ROOT: Final = Path(__file__).parents[2]
INFRA: Final = ROOT / "infra"
BICEP: Final = [
    (path, found) for path in sorted((INFRA / "bicep").glob("*.bicep")) for found in bicep.declarations(path)
]
TERRAFORM: Final = [
    (path, found) for path in sorted((INFRA / "terraform").glob("*.tf")) for found in terraform.blocks(path)
]

ROLE_IDS: Final = {
    "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1": "Storage Blob Data Reader",
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe": "Storage Blob Data Contributor",
    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner",
    "19e7f393-937e-4f77-808e-94535e297925": "Storage Queue Data Reader",
    "974c5e8b-45b9-4653-ba55-5f855dd0fb88": "Storage Queue Data Contributor",
    "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a": "Storage Queue Data Message Sender",
    "8a0f0c08-91a1-4084-bc3d-661d67233fed": "Storage Queue Data Message Processor",
    "4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User",
    "b86a8fe4-44ce-4948-aee5-eccb2c155cd7": "Key Vault Secrets Officer",
    "3913510d-42f4-4e42-8a64-420c390055eb": "Monitoring Metrics Publisher",
}
"""Microsoft's IDs of the built-in roles, from its list of Azure built-in roles."""

_PRINCIPALS: Final = {
    "appPrincipalId": "app",
    "topic.identity.principalId": "topic",
    "azurerm_user_assigned_identity.app.principal_id": "app",
    "local.topic_principal_id": "topic",
}
_SCOPES: Final = {
    "azapi_resource.host_account.id": "host_account",
    "azurerm_application_insights.main.id": "insights",
    "local.secret_id": "secret",
}


@dataclass(frozen=True)
class Parameter:
    """What a person can set; `low` and `high` bound numbers, `default` is `None` if it must be given."""

    type: str
    default: object
    low: int | None
    high: int | None
    choices: tuple[str, ...]
    description: str


@dataclass(frozen=True)
class Role:
    """Who may do what on what."""

    principal: str
    role: str
    scope: str


def snake(name: str) -> str:
    """`camelCase` as `camel_case`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def bicep_parameters() -> dict[str, Parameter]:
    """Of `main.bicep`."""
    found = [one for path, one in BICEP if one.kind == "param" and path.name == "main.bicep"]
    return {
        snake(one.name): Parameter(
            one.type,
            one.body,
            one.decorators.get("minValue"),
            one.decorators.get("maxValue"),
            tuple(one.decorators.get("allowed", ())),
            re.sub(
                r"\b[a-z]+(?:[A-Z][a-z]+)+\b", lambda match: snake(match[0]), one.decorators["description"]
            ),
        )
        for one in found
    }


def terraform_parameters() -> dict[str, Parameter]:
    """Of `variables.tf`."""
    types = {"string": "string", "number": "int", "bool": "bool"}
    return {
        one.name: Parameter(
            types[one.body["type"]],
            one.body.get("default"),
            _bound(one.body, ">="),
            _bound(one.body, "<="),
            _choices(one.body),
            one.body["description"],
        )
        for _, one in TERRAFORM
        if one.kind == "variable"
    }


def _conditions(body: Mapping[str, Any]) -> str:
    return " && ".join(one["condition"] for one in body.get("validation", []))


def _bound(body: Mapping[str, Any], operator: str) -> int | None:
    found = re.search(rf"(?<!\()var\.\w+ {operator} (\d+)", _conditions(body))
    return int(found[1]) if found else None


def _choices(body: Mapping[str, Any]) -> tuple[str, ...]:
    found = re.search(r"contains\(\[(.*?)\]", _conditions(body))
    return tuple(re.findall(r'"([^"]+)"', found[1])) if found else ()


def bicep_roles() -> dict[str, Role]:
    """Every role assignment by its symbol, in snake case."""
    roles = {}
    for path, one in BICEP:
        if one.type == "Microsoft.Authorization/roleAssignments":
            properties = one.body["properties"]
            scope = "host_account" if path.name == "host.bicep" else snake(one.body["scope"])
            principal = _PRINCIPALS.get(properties["principalId"]) or snake(
                properties["principalId"]
            ).removesuffix("_object_id")
            roles[snake(one.name)] = Role(principal, _bicep_role(path, properties["roleDefinitionId"]), scope)
    return roles


def _bicep_role(path: Path, text: str) -> str:
    if text == "exporterRole.id":
        return "Gatepost exporter"
    variables = {one.name: one.body for other, one in BICEP if other == path and one.kind == "var"}
    variable = re.fullmatch(
        r"subscriptionResourceId\('Microsoft\.Authorization/roleDefinitions', (?:(\w+)\.)?(\w+)\)", text
    )
    assert variable, text
    value = variables[variable[1]][variable[2]] if variable[1] else variables[variable[2]]
    return ROLE_IDS[value]


def terraform_roles() -> dict[str, Role]:
    """Every role assignment by its name."""
    roles = {}
    for _, one in TERRAFORM:
        if one.type == "azurerm_role_assignment":
            principal = one.body["principal_id"]
            scope = one.body["scope"]
            roles[one.name] = Role(
                _PRINCIPALS.get(principal) or principal.removeprefix("var.").removesuffix("_object_id"),
                one.body.get("role_definition_name", "Gatepost exporter"),
                _SCOPES.get(scope) or scope.split(".")[1],
            )
    return roles


def bicep_settings() -> dict[str, object]:
    """The app settings: what `main.bicep` passes and what `app.bicep` adds."""
    passed = next(one.body for _, one in BICEP if one.kind == "module" and one.name == "app")
    added = next(one.body for _, one in BICEP if one.kind == "var" and one.name == "platformSettings")
    return dict(passed["params"]["settings"]) | dict(added)


def terraform_settings() -> dict[str, object]:
    """The app settings: both maps of `app.tf`."""
    found = next(one.body for path, one in TERRAFORM if path.name == "app.tf" and one.kind == "locals")
    return dict(found["settings"]) | dict(found["platform_settings"])
