"""What Terraform plans for each set of parameters, in the notation of Bicep's snapshots, kept in `infra/terraform/plans`.

`terraform test -json -verbose` says what the runs of `tests/sets.tftest.hcl` come to; `python -m infra.plans FILE` compares
that with what is kept (exit code 1 where it differs), `--write` keeps it. `make infra` does the first, `make snapshots` the
second. Mocked IDs become the real ones, and values that only Azure knows stand in angle brackets.
"""

import hashlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from infra.plan_ids import Json, arm_type, with_real_ids
from infra.plan_types import IN_AZURE

PLANS: Final = Path(__file__).parent / "terraform" / "plans"
_SETS: Final = "sets.tftest.hcl"
_LONG: Final = 300
_RANDOM: Final = re.compile(r"[a-z0-9]{8}")
_PLUMBING: Final = {
    "azurerm_nat_gateway_public_ip_association": (
        "nat_gateway_id",
        "publicIpAddresses",
        "public_ip_address_id",
    ),
    "azurerm_subnet_nat_gateway_association": ("subnet_id", "natGateway", "nat_gateway_id"),
    "azurerm_subnet_network_security_group_association": (
        "subnet_id",
        "networkSecurityGroup",
        "network_security_group_id",
    ),
}
"""Links that are properties in Azure: the resource that has it, the property, what it leads to."""
_ELSEWHERE: Final = {
    "id", "name", "resource_group_name", "timeouts", "scope", "target_resource_id", "system_topic",
    "virtual_network_name", "private_dns_zone_id", "storage_account_id", "private_dns_zone_group",
}  # fmt: skip
"""Attributes that say where a resource lies; they are in its ID."""
_ROLES: Final = (
    "/subscriptions/00000000-0000-0000-0000-000000000001/providers/Microsoft.Authorization/roleDefinitions/"
)
_ONLY_AZURE_KNOWS: Final = {
    f"{_ROLES}00000000-0000-0000-0000-0000000000d1": "Gatepost exporter",
    f"{_ROLES}00000000-0000-0000-0000-0000000000d2": "Gatepost secret setter",
    "00000000-0000-0000-0000-00000000000a": "<identity clientId>",
    "00000000-0000-0000-0000-00000000000b": "<identity principalId>",
    "00000000-0000-0000-0000-00000000000c": "<topic principalId>",
    "ConnectionString": "<insights ConnectionString>",
    "https://data.blob.core.windows.net/": "<data account blob>",
    "https://data.queue.core.windows.net/": "<data account queue>",
    "https://host.blob.core.windows.net/": "<host account blob>",
}


class _Read(dict[str, Any]):
    """A resource's values, which knows what was asked of it."""

    def __init__(self, values: Json) -> None:
        super().__init__(values)
        self.asked: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        self.asked.add(key)
        return super().__getitem__(key)


def plans(lines: Iterator[str]) -> dict[str, list[Json]]:
    """The resources of every run, by the run's name with hyphens.

    Raises:
        ValueError: an attribute is set that `infra.plan_types` does not translate, or there is no run.
    """
    found = {}
    for line in lines:
        event = json.loads(line) if line.startswith("{") else {}
        if event.get("type") == "test_state" and event["@testfile"].endswith(_SETS):
            found[event["@testrun"].replace("_", "-")] = _planned(event["test_state"])
    if not found:
        raise ValueError("there is no run in this: was it made by terraform test -json -verbose?")
    return found


def _planned(state: Json) -> list[Json]:
    resources = [_with_schema(one, state) for one in state["root_module"]["resources"]]
    made = [one for one in resources if one["mode"] == "managed" and one["type"] != "time_sleep"]
    group = next(one["values"]["name"] for one in resources if one["type"] == "azurerm_resource_group")
    made = with_real_ids(made, group)
    translated = {one["id"]: one for one in map(_translated, made) if one}
    for one in made:
        if one["type"] in _PLUMBING:
            owner, name, leads_to = _PLUMBING[one["type"]]
            link: Any = {"id": one["values"][leads_to]}
            properties = translated[one["values"][owner]]["properties"]
            properties[name] = [link] if name == "publicIpAddresses" else link
        for zones in one["values"].get("private_dns_zone_group") or []:
            record = _record(one["id"], zones)
            translated[record["id"]] = record
    return [translated[key] for key in sorted(translated)]


def _with_schema(resource: Json, state: Json) -> Json:
    """A resource with the attributes that Azure fills in, and whether one may also set them."""
    for provider in state["provider_schemas"].values():
        schema = provider.get("resource_schemas", {}).get(resource["type"])
        if schema:
            attributes = schema["block"].get("attributes", {})
            computed = {
                key: one.get("optional", False) for key, one in attributes.items() if one.get("computed")
            }
            return resource | {"computed": computed}
    return resource | {"computed": {}}


def _translated(resource: Json) -> Json:
    type_ = resource["type"]
    if type_ in _PLUMBING:
        return {}
    values = _Read({key: None if _made_up(resource, key) else one for key, one in resource["values"].items()})
    if type_.startswith("azapi_"):
        body: Json = values["body"]
        found = {key: values.get(key) for key in ("location", "tags")} | body
        if values.get("identity"):
            found["identity"] = {"type": values["identity"][0]["type"]}
    else:
        found = IN_AZURE[type_][1](values)
        _refuse_unread(resource, values)
    text = json.dumps({"id": resource["id"], "type": arm_type(resource)} | found)
    for known, shown in _ONLY_AZURE_KNOWS.items():
        text = text.replace(known, shown)
    translated: Json = json.loads(text, object_hook=_shortened)
    return translated


def shortened(text: str) -> str:
    """A long text as its SHA-256: queries and the workbook are files of their own."""
    if len(text) <= _LONG:
        return text
    return f"<{len(text)} characters, SHA-256 {hashlib.sha256(text.encode()).hexdigest()}>"


def _shortened(values: Json) -> Json:
    return {key: shortened(value) if isinstance(value, str) else value for key, value in values.items()}


def _made_up(resource: Json, key: str) -> bool:
    """Whether a mock made up a value that nobody set."""
    settable, value = resource["computed"].get(key), resource["values"][key]
    return settable is False or bool(settable and (not value or _RANDOM.fullmatch(str(value))))


def _refuse_unread(resource: Json, values: _Read) -> None:
    """No attribute that is set may be left out."""
    for key, value in values.items():
        if value not in (None, "", [], {}) and key not in values.asked | _ELSEWHERE:
            raise ValueError(f"infra.plan_types does not translate {resource['address']}.{key}")


def _record(endpoint: str, zones: Json) -> Json:
    configurations = [{"properties": {"privateDnsZoneId": zone}} for zone in zones["private_dns_zone_ids"]]
    return {
        "id": f"{endpoint}/privateDnsZoneGroups/{zones['name']}",
        "type": "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
        "properties": {"privateDnsZoneConfigs": configurations},
    }


def _main(arguments: list[str]) -> int:
    with Path(arguments[0]).open(encoding="utf-8") as file:
        found = plans(file)
    PLANS.mkdir(exist_ok=True)
    changed = []
    for name, resources in found.items():
        path, text = PLANS / f"{name}.json", json.dumps(resources, indent=2) + "\n"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            changed.append(name)
            if "--write" in arguments:
                path.write_text(text, encoding="utf-8")
    verb = "written" if "--write" in arguments else "differs from what is kept; see with --write and git diff"
    for name in changed:
        print(f"infra: infra/terraform/plans/{name}.json: {verb}", file=sys.stderr)
    return 0 if "--write" in arguments else int(bool(changed))


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
