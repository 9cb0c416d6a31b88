"""Bicep's snapshots and Terraform's plans of the same sets of parameters, in one notation: an ID, and what lies below it.

A resource is a dictionary of its leaves, such as `properties.policy.rules[delete-exports].enabled`; empty values are left out,
lists of plain values are sorted, and items with a name are called by it.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

from infra.plans import PLANS, shortened
from tests.support.stacks import INFRA

SNAPSHOTS: Final = INFRA / "bicep" / "snapshots"
SETS: Final = sorted(path.stem for path in SNAPSHOTS.glob("*.bicepparam"))
CLOUD: Final = {
    "environment().suffixes.storage": "'core.windows.net'",
    "environment().suffixes.keyvaultDns": "'.vault.azure.net'",
}
"""The public cloud's: what Terraform's stack is written for."""
_CALLED_BY: Final = ("name", "category", "categoryGroup", "value")
_NAMELESS: Final = ("allOf", "privateDnsZoneConfigs")
"""Lists whose items azurerm names itself."""
_NOT_COMPARED: Final = {"id", "name", "apiVersion", "condition"}
_REFERENCES: Final = {
    r"userAssignedIdentities/[^']+'[^)]*\)\.(?P<what>clientId|principalId)": "identity {what}",
    r"systemTopics/[^']+'[^)]*\)\.identity\.(?P<what>principalId)": "topic {what}",
    r"components/[^']+'[^)]*\)\.(?P<what>ConnectionString)": "insights {what}",
    r"storageAccounts/sthost[^']+'[^)]*\)\.primaryEndpoints\.(?P<what>blob|queue)": "host account {what}",
    r"storageAccounts/[^']+'[^)]*\)\.primaryEndpoints\.(?P<what>blob|queue)": "data account {what}",
}

type Leaves = dict[str, Any]


@cache
def snapshot(name: str) -> dict[str, Any]:
    """A Bicep snapshot as it is kept."""
    found: dict[str, Any] = json.loads((SNAPSHOTS / f"{name}.snapshot.json").read_text(encoding="utf-8"))
    return found


@cache
def in_bicep(name: str) -> dict[str, Leaves]:
    """The resources of a Bicep snapshot by ID."""
    text = json.dumps(snapshot(name)["predictedResources"])
    return _by_id(json.loads(text, object_hook=_evaluated))


@cache
def in_terraform(name: str) -> dict[str, Leaves]:
    """The resources of a Terraform plan by ID."""
    return _by_id(json.loads((PLANS / f"{name}.json").read_text(encoding="utf-8")))


def of_type(resources: dict[str, Leaves], type_: str) -> dict[str, Leaves]:
    """Those of one type."""
    return {key: one for key, one in resources.items() if one["type"] == type_}


def _by_id(resources: list[dict[str, Any]]) -> dict[str, Leaves]:
    """Resources by ID; a role is called by who may do what, since its name is a GUID."""
    own_roles = {
        one["id"].lower(): one["properties"]["roleName"]
        for one in resources
        if one["type"] == "Microsoft.Authorization/roleDefinitions"
    }
    found = {}
    for one in resources:
        key, body = _id(one), {name: one[name] for name in one if name not in _NOT_COMPARED}
        if one["type"] == "Microsoft.Authorization/roleAssignments":
            properties = one["properties"]
            given = properties["roleDefinitionId"]
            role = own_roles.get(given.lower(), given).rpartition("/")[2]
            role = re.sub(r"^(Gatepost (?:exporter|secret setter)) .*", r"\1", role)
            properties["roleDefinitionId"] = role
            key = f"{key.partition('/providers/Microsoft.Authorization/')[0]}: {properties['principalId']} is {role}"
        if one["type"] == "Microsoft.Authorization/roleDefinitions":
            key = one["properties"]["roleName"]
        found[key.replace("/resourcegroups/", "/resourceGroups/")] = dict(_leaves(body))
    return found


def _id(resource: dict[str, Any]) -> str:
    """A resource's ID; where its name depends on the cloud, Bicep leaves an expression, and type and name make it."""
    place = re.match(r"resourceId\('([^']*)', '([^']*)'", resource["id"])
    if not place:
        return str(resource["id"])
    namespace, *kinds = resource["type"].split("/")
    path = "/".join(part for pair in zip(kinds, resource["name"].split("/"), strict=True) for part in pair)
    return f"/subscriptions/{place[1]}/resourceGroups/{place[2]}/providers/{namespace}/{path}"


def _evaluated(values: dict[str, Any]) -> dict[str, Any]:
    """An object of a snapshot with what Bicep left as expressions filled in, as far as the public cloud decides it."""
    return {
        key: [_value(one) for one in value] if isinstance(value, list) else _value(value)
        for key, value in values.items()
    }


def _value(value: Any) -> Any:
    if not isinstance(value, str) or not re.match(r"\[\w+\(", value):
        return shortened(value) if isinstance(value, str) else value
    text = value[1:-1]
    for expression, literal in CLOUD.items():
        text = text.replace(expression, literal)
    for pattern, shown in _REFERENCES.items():
        while referred := re.search(rf"reference\('[^']*/{pattern}", text):
            text = text.replace(referred[0], f"'<{shown.format(**referred.groupdict())}>'")
    while found := re.search(r"format\(('[^']*'(?:, '[^']*')*)\)", text):
        template, *arguments = re.findall(r"'([^']*)'", found[1])
        text = text.replace(found[0], f"'{template.format(*arguments)}'")
    return text.strip("'")


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _leaves(one, f"{path}.{key}" if path else key)
    elif isinstance(value, list) and any(isinstance(one, dict) for one in value):
        for index, one in enumerate(value):
            names = [one[key] for key in _CALLED_BY if one.get(key)] if not path.endswith(_NAMELESS) else []
            called = names[0] if names else index
            yield from _leaves(one, f"{path}[{called}]")
    elif isinstance(value, list) and value:
        yield path, sorted(value)
    elif value not in (None, "", []):
        yield path, value
