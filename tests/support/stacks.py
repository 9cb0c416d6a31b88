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

ONLY_TERRAFORM: Final = {"existing_resource_group_name", "register_providers"}
"""Bicep has an entry of its own for the first, and registers nothing itself."""

ROLE_IDS: Final = {
    "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1": "Storage Blob Data Reader",
    "ba92f5b4-2d11-453d-a403-e96b0029c9fe": "Storage Blob Data Contributor",
    "b7e6dc6d-f1e8-4753-8033-0f276bb0955b": "Storage Blob Data Owner",
    "19e7f393-937e-4f77-808e-94535e297925": "Storage Queue Data Reader",
    "974c5e8b-45b9-4653-ba55-5f855dd0fb88": "Storage Queue Data Contributor",
    "c6a89b2d-59bc-44d0-9896-0f6e12d7b80a": "Storage Queue Data Message Sender",
    "8a0f0c08-91a1-4084-bc3d-661d67233fed": "Storage Queue Data Message Processor",
    "4633458b-17de-408a-b874-0445c86b69e6": "Key Vault Secrets User",
    "3913510d-42f4-4e42-8a64-420c390055eb": "Monitoring Metrics Publisher",
}
"""Microsoft's IDs of the built-in roles, from its list of Azure built-in roles."""

_SYMBOLS: Final = {role.lower().replace(" ", "_"): role for role in ROLE_IDS.values()}
_PRINCIPALS: Final = {
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


def bicep_parameters(entry: str = "main") -> dict[str, Parameter]:
    """Of `main.bicep`, or of another entry."""
    found = [one for path, one in BICEP if one.kind == "param" and path.name == f"{entry}.bicep"]
    camel = {one.name for one in found}
    types = {"tagValues": "object", "resourceNames": "object"}
    return {
        snake(one.name): Parameter(
            types.get(one.type, one.type),
            one.body,
            one.decorators.get("minValue"),
            one.decorators.get("maxValue"),
            tuple(one.decorators.get("allowed", ())),
            re.sub(
                r"\b[a-z]+(?:[A-Z][a-z]*)+\b",
                lambda match: snake(match[0]) if match[0] in camel else match[0],
                one.decorators["description"],
            ),
        )
        for one in found
    }


def terraform_parameters() -> dict[str, Parameter]:
    """Of `variables.tf`, without those that only Terraform needs."""
    types = {"string": "string", "number": "int", "bool": "bool"}
    return {
        one.name: Parameter(
            types.get(one.body["type"], "object"),
            one.body.get("default"),
            _bound(one.body, ">="),
            _bound(one.body, "<="),
            _choices(one.body),
            one.body["description"],
        )
        for _, one in TERRAFORM
        if one.kind == "variable" and one.name not in ONLY_TERRAFORM
    }


def _conditions(body: Mapping[str, Any]) -> str:
    return " && ".join(one["condition"] for one in body.get("validation", []))


def _bound(body: Mapping[str, Any], operator: str) -> int | None:
    found = re.search(rf"(?<!\()var\.\w+ {operator} (\d+) &&", _conditions(body) + " &&")
    return int(found[1]) if found else None


def _choices(body: Mapping[str, Any]) -> tuple[str, ...]:
    found = re.search(r"contains\(\[(.*?)\]", _conditions(body))
    return tuple(re.findall(r'"([^"]+)"', found[1])) if found else ()


def terraform_roles() -> dict[str, Role]:
    """Every role assignment of Terraform by its name; Bicep's are the same, as `test_alike` shows."""
    roles = {}
    for _, one in TERRAFORM:
        if one.type == "azurerm_role_assignment":
            principal, scope = str(one.body["principal_id"]), str(one.body["scope"])
            roles[one.name] = Role(
                _PRINCIPALS.get(principal) or principal.removeprefix("var.").removesuffix("_object_id"),
                _role(str(one.body["role_definition_id"])),
                _SCOPES.get(scope) or scope.split(".")[1],
            )
    return roles


def _role(text: str) -> str:
    """A role's name by what stands for it; where people may choose, the lesser one."""
    own = {"exporter": "Gatepost exporter", "secret_setter": "Gatepost secret setter"}
    if made := re.search(r"azurerm_role_definition\.(\w+)", text):
        return own[made[1]]
    if built_in := re.findall(r"local\.roles\.(\w+)", text):
        return _SYMBOLS[built_in[-1]]
    return next(role for guid, role in ROLE_IDS.items() if guid in text)
