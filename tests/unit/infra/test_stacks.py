"""Both stacks make the same, and nothing they make or say holds a secret."""

import json
import re

import pytest

from tests.support.arm_types import ARM_TYPES, PLUMBING
from tests.support.expression import Expression
from tests.support.stacks import (
    BICEP,
    INFRA,
    ROOT,
    TERRAFORM,
    bicep_parameters,
    terraform_parameters,
)

KEEPS_KEYS_IN_STATE = {
    "azurerm_storage_account",
    "azurerm_log_analytics_workspace",
    "azurerm_function_app_flex_consumption",
    "azurerm_key_vault_secret",
    "azurerm_storage_account_local_user",
}
"""Their state holds keys, passwords or the secret itself, whatever is switched off in Azure."""


def test_parameters_are_alike_in_name_type_default_range_and_meaning() -> None:
    """The parameters of one stack are the other's."""
    assert bicep_parameters() == terraform_parameters()


def test_azd_passes_every_parameter_with_the_default_it_has() -> None:
    """`azd env set NAME value` reaches each of them under its name in capitals."""
    file = json.loads((INFRA / "bicep" / "main.parameters.json").read_text())
    for name, entry in file["parameters"].items():
        [(variable, _, default)] = re.findall(r"^\$\{([A-Z_]+)(=(.*))?\}$", entry["value"])
        key = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
        parameter = bicep_parameters()[key]
        expected = {"environment_name": "AZURE_ENV_NAME", "location": "AZURE_LOCATION"}.get(key, key.upper())
        assert variable == expected
        assert default == (
            "" if parameter.default is None else str(parameter.default).replace("False", "false")
        )
    assert len(file["parameters"]) == len(bicep_parameters())


def test_outputs_are_the_same() -> None:
    """Scripts and azd find the same names after either deployment."""
    in_bicep = {
        one.name: one.decorators["description"].replace("privateNetworking", "private_networking")
        for path, one in BICEP
        if one.kind == "output" and path.name == "main.bicep"
    }
    in_terraform = {one.name: one.body["description"] for _, one in TERRAFORM if one.kind == "output"}
    assert in_bicep == in_terraform


def test_both_make_the_same_resources() -> None:
    """Every kind of resource, as often as the source names it."""
    in_bicep = sorted(
        one.type
        for _, one in BICEP
        if one.kind == "resource" and not one.existing and one.type not in PLUMBING
    )
    in_terraform = sorted(_arm(one.type, one.body) for _, one in TERRAFORM if one.kind == "resource")
    assert in_bicep == [type_ for type_ in in_terraform if type_ not in PLUMBING]


def test_both_give_the_same_names() -> None:
    """Names differ in their token only."""
    kinds = {"module", "resource", "var", "locals"}
    names = []
    for found in (BICEP, TERRAFORM):
        bodies = [
            str(one.body).replace("${local.token}", "${token}") for _, one in found if one.kind in kinds
        ]
        names.append(set(re.findall(r"\b([a-z]+-?(?:gatepost|host)-?)\$\{token\}", "\n".join(bodies))))
    assert names[0] == names[1]
    assert names[0] > {"stgatepost", "sthost", "kv-gatepost-", "func-gatepost-", "evgst-gatepost-"}


def test_both_keep_things_equally_long() -> None:
    """The same rules: names, prefixes, and the days behind them."""
    bicep = next(one.body for _, one in BICEP if one.kind == "var" and one.name == "kept")
    terraform = next(one.body["kept"] for _, one in TERRAFORM if one.kind == "locals" and "kept" in one.body)
    assert [rule["name"] for rule in bicep] == [rule["name"] for rule in terraform]
    assert [_tail(rule["prefix"]) for rule in bicep] == [_tail(rule["prefix"]) for rule in terraform]
    text = (INFRA / "bicep" / "main.bicep").read_text()
    assert "exportRetentionDays: max(exportRetentionDays, retryDays + 7)" in text
    assert {str(rule["days"]) for rule in terraform if rule["name"] in {"exports", "dead-letters"}} == {
        "max(var.export_retention_days, var.retry_days + 7)"
    }


def test_both_subscribe_to_the_same_events() -> None:
    """The end of each kind of upload to the one container, delivered for ever, given up only into a container."""
    bicep = next(one.body["properties"] for _, one in BICEP if one.type.endswith("/eventSubscriptions"))
    terraform = next(one.body for _, one in TERRAFORM if one.type.endswith("_event_subscription"))
    apis = ["PutBlob", "PutBlockList", "CopyBlob", "FlushWithClose", "SftpCommit"]
    assert bicep["filter"]["advancedFilters"] == [
        {"operatorType": "StringIn", "key": "data.api", "values": apis}
    ]
    assert terraform["advanced_filter"] == [{"string_in": [{"key": "data.api", "values": apis}]}]
    assert bicep["filter"]["includedEventTypes"] == terraform["included_event_types"]
    assert str(bicep["filter"]["subjectBeginsWith"]).strip("'").endswith("/blobs/")
    assert str(terraform["subject_filter"][0]["subject_begins_with"]).endswith("/blobs/")
    assert bicep["retryPolicy"] == {"maxDeliveryAttempts": 30, "eventTimeToLiveInMinutes": 1440}
    assert terraform["retry_policy"] == [{"max_delivery_attempts": 30, "event_time_to_live": 1440}]
    assert bicep["deliveryWithResourceIdentity"]["identity"] == {"type": "SystemAssigned"}
    assert terraform["delivery_identity"] == [{"type": "SystemAssigned"}]


def test_python_is_the_one_the_project_runs_on() -> None:
    """The function app's version is `.python-version`'s."""
    version = (ROOT / ".python-version").read_text().strip()
    for path in (INFRA / "bicep" / "app.bicep", INFRA / "terraform" / "app.tf"):
        [found] = re.findall(r"runtime.{0,80}?version\s*[:=]\s*['\"]([\d.]+)", path.read_text(), re.DOTALL)
        assert found == version


def test_neither_stack_asks_for_a_key_or_a_secret() -> None:
    """Names, IDs and addresses only: nothing that would have to be kept secret passes through."""
    for path in [*INFRA.rglob("*.bicep"), *INFRA.rglob("*.tf")]:
        text = re.sub(r"(?m)(^|\s)(#|//).*$", "", path.read_text())
        assert not re.search(
            r"listKeys|listSecrets|@secure|getSecret|access_key\b|AccountKey|SharedAccess", text
        ), path
        assert not re.search(
            r"(?i)(password|secret)\w*\s*[:=]\s*['\"](?!badging-app-secret|[0-9a-f]{8}-)[^'\"$]+['\"]", text
        ), path
    assert not KEEPS_KEYS_IN_STATE & {one.type for _, one in TERRAFORM}


def test_terraform_exports_nothing_of_a_response_but_addresses() -> None:
    """What azapi exports goes into the state; by default that may be more than one thinks."""
    for _, one in TERRAFORM:
        if one.type in {"azapi_resource", "azapi_update_resource"}:
            exported = one.body["response_export_values"]
            assert exported == [] or all(
                str(value).startswith("properties.primaryEndpoints.") for value in exported.values()
            )


@pytest.mark.parametrize("name", ["azd", "bicep", "terraform"])
def test_the_app_can_be_found_by_azd(name: str) -> None:
    """The tag that azd looks for stands on the function app, and azure.yaml names that service."""
    places = {
        "azd": (ROOT / "azure.yaml", r"(?m)^  gatepost:$"),
        "bicep": (INFRA / "bicep" / "app.bicep", r"'azd-service-name': 'gatepost'"),
        "terraform": (INFRA / "terraform" / "app.tf", r'"azd-service-name" = "gatepost"'),
    }
    path, pattern = places[name]
    assert re.search(pattern, path.read_text())


def _arm(type_: str, body: dict[str, object]) -> str:
    if type_.startswith("azapi_"):
        return str(body["type"]).partition("@")[0]
    return type_ if type_ in PLUMBING else ARM_TYPES[type_]


def _tail(prefix: Expression) -> str:
    return str(prefix).strip("'").rpartition("}")[2]
