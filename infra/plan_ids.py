"""The IDs that Azure would give to what Terraform plans, in place of those that mocks gave."""

import json
import re
from typing import Any, Final

from infra.plan_types import IN_AZURE

type Json = dict[str, Any]

_NAMED_BY_AZURE: Final = {"azurerm_role_assignment", "azurerm_role_definition"}
"""With a GUID; here Terraform's name tells one from another."""
_BELOW: Final = {
    "azurerm_storage_container": "blobServices/default/containers",
    "azurerm_storage_queue": "queueServices/default/queues",
}
_BY_NAME: Final = {
    "system_topic": "Microsoft.EventGrid/systemTopics",
    "virtual_network_name": "Microsoft.Network/virtualNetworks",
}
"""Attributes that name the parent instead of giving its ID."""


def with_real_ids(resources: list[Json], group: str) -> list[Json]:
    """The same with the IDs that Azure would give; from parents to children, as IDs are made of each other."""
    mocked_group = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-badging"
    real_group = mocked_group.replace("rg-badging", group)
    for one in resources:
        one["mocked"] = one["values"].get("id") or ""
        one["values"] = _replaced(one["values"], mocked_group, real_group)
    for one in sorted(resources, key=lambda one: len(arm_type(one).split("/"))):
        one["id"] = _id(one, real_group)
        mocked = one["mocked"].replace(mocked_group, real_group)
        if mocked.startswith("/subscriptions/"):
            for other in resources:
                other["values"] = _replaced(other["values"], mocked, one["id"])
    return resources


def _replaced(values: Json, old: str, new: str) -> Json:
    """Values with one ID for another; one in small letters stays so."""

    def other(found: re.Match[str]) -> str:
        return new.lower() if found[0].islower() else new

    text = re.sub(rf"(?i){re.escape(old)}(?![\w-])", other, json.dumps(values))
    replaced: Json = json.loads(text)
    return replaced


def arm_type(resource: Json) -> str:
    """Azure's name of a resource's type; Terraform's where Azure has none."""
    if resource["type"].startswith("azapi_"):
        return str(resource["values"]["type"]).partition("@")[0]
    return IN_AZURE[resource["type"]][0] if resource["type"] in IN_AZURE else resource["type"]


def _id(resource: Json, group: str) -> str:
    if resource["type"] == "azurerm_resource_group":
        return group
    values, type_ = resource["values"], arm_type(resource)
    name = values.get("name", "default")
    if resource["type"] in _NAMED_BY_AZURE:
        name = resource["name"]
    parent = _parent(values, group)
    if not parent:
        return f"{group}/providers/{type_}/{name}"
    below = _BELOW.get(resource["type"]) or (
        f"providers/{type_}" if _is_top(type_, parent) else type_.rpartition("/")[2]
    )
    return f"{parent}/{below}/{name}"


def _parent(values: Json, group: str) -> str:
    """Where a resource lies, by whichever attribute says it; empty for the resource group itself."""
    for key, type_ in _BY_NAME.items():
        if values.get(key):
            return f"{group}/providers/{type_}/{values[key]}"
    keys = ("parent_id", "scope", "target_resource_id", "private_dns_zone_id", "storage_account_id")
    return next((str(values[key]) for key in keys if values.get(key)), "")


def _is_top(type_: str, parent: str) -> bool:
    return type_.count("/") == 1 or "/providers/" not in parent
