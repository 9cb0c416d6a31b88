"""Both stacks make the same, in an order that works, and nothing they make or say holds a secret."""

import re
from collections.abc import Iterator

import pytest

from tests.support.bicep import Declaration
from tests.support.expression import Expression
from tests.support.snapshots import SETS, SNAPSHOTS, Leaves, in_bicep, in_terraform, of_type, snapshot
from tests.support.stacks import BICEP, INFRA, ROOT, TERRAFORM, bicep_parameters, snake, terraform_parameters

each_set = pytest.mark.parametrize("name", SETS)

KEEPS_KEYS_IN_STATE = {
    "azurerm_storage_account",
    "azurerm_log_analytics_workspace",
    "azurerm_function_app_flex_consumption",
    "azurerm_key_vault_secret",
    "azurerm_storage_account_local_user",
}
"""Their state holds keys, passwords or the secret itself, whatever is switched off in Azure."""


def test_parameters_are_alike_in_name_type_default_range_and_meaning() -> None:
    """Whoever knows one stack's parameters knows the other's."""
    assert bicep_parameters() == terraform_parameters()


def test_both_entries_of_bicep_take_the_same() -> None:
    """The owner of one resource group sets what the owner of a subscription sets; the group says where."""
    whole, group = bicep_parameters("main"), bicep_parameters("resource-group")
    assert group.pop("location").default == Expression("resourceGroup().location")
    whole.pop("location")
    assert group == whole
    [module] = [one for path, one in BICEP if path.name == "main.bicep" and one.kind == "module"]
    assert set(module.body["params"]) == {
        one.name for path, one in BICEP if path.name == "main.bicep" and one.kind == "param"
    }
    assert all(name == value for name, value in module.body["params"].items())


@pytest.mark.parametrize("entry", ["main", "resource-group"])
def test_the_environment_reaches_every_parameter_with_the_default_it_has(entry: str) -> None:
    """`azd env set NAME value`, or a shell's variable, is read under the parameter's name in capitals, as its type."""
    text = (INFRA / "bicep" / f"{entry}.bicepparam").read_text()
    read = {"string": "{}", "int": "int({})", "bool": "bool({})", "object": "json({})"}
    azd = {"environment_name": "AZURE_ENV_NAME", "location": "AZURE_LOCATION"}
    passed = re.findall(r"^param (\w+) = (.*)$", text, re.MULTILINE)
    for symbol, value in passed:
        key = snake(symbol)
        parameter = bicep_parameters()[key]
        default = str(parameter.default).replace("False", "false").replace("True", "true")
        given = "" if parameter.default is None else f", '{default}'"
        assert value == read[parameter.type].format(
            f"readEnvironmentVariable('{azd.get(key, key.upper())}'{given})"
        )
    missing = {"location"} if entry == "resource-group" else set()
    assert {snake(symbol) for symbol, _ in passed} == set(bicep_parameters()) - missing


def test_outputs_are_the_same() -> None:
    """Scripts and azd find the same names after either deployment."""
    found = [
        {
            one.name: one.decorators["description"].replace("privateNetworking", "private_networking")
            for path, one in BICEP
            if one.kind == "output" and path.name == f"{entry}.bicep"
        }
        for entry in ("main", "resource-group")
    ]
    in_terraform = {one.name: one.body["description"] for _, one in TERRAFORM if one.kind == "output"}
    assert found == [in_terraform, in_terraform]


@each_set
def test_a_snapshot_hides_nothing_but_what_azure_makes_up(name: str) -> None:
    """No diagnostics, and no value that only the deployment of another module would tell."""
    assert snapshot(name)["diagnostics"] == []
    hidden = {
        value
        for one in in_bicep(name).values()
        for value in map(str, one.values())
        if re.search(r"\b(reference|resourceId|format|parameters|variables)\(", value)
    }
    assert not hidden


@each_set
def test_every_resource_is_in_its_place(name: str) -> None:
    """All but what is there already is made in the one group, with the tags and in the region that were given."""
    group = {"existing-network": "rg-corp-badging", "resource-group": "rg-theirs"}.get(name, "rg-badging")
    for key, one in in_bicep(name).items():
        theirs = "/subscriptions/00000000-0000-0000-0000-000000000009/resourceGroups/rg-keys/" in key
        assert theirs or key.startswith("Gatepost ") or f"/resourceGroups/{group}" in key
        if "location" in one:
            assert one["location"] in {"westeurope", "global"}, key
            assert one["tags.azd-env-name"] == "badging", key
            assert ("tags.costCentre" in one) == (name == "existing-network"), key
    assert any(key.endswith(f"/{group}") for key in in_bicep(name)) == (name != "resource-group")


def test_names_can_be_given() -> None:
    """A name from outside is used wherever the resource is meant; the others are made up."""
    names = "\n".join(in_bicep("existing-network"))
    assert "/sites/func-corp-badging" in names
    assert "/storageAccounts/stcorpbadging/blobServices/default/containers/badging-exports" in names
    assert "/vaults/kv-corp-badging" in names
    assert "/storageAccounts/sthostcde093fc" in names
    kept = {
        one for path in SNAPSHOTS.glob("*.json") for one in re.findall(r"stgatepost\w+", path.read_text())
    }
    assert kept == {"stgatepostcde093fc"}


@each_set
def test_both_subscribe_to_the_same_events(name: str) -> None:
    """The end of each kind of upload, and renaming, in the one container; delivered for ever, given up only into a container."""
    for resources in (in_bicep(name), in_terraform(name)):
        [one] = of_type(resources, "Microsoft.EventGrid/systemTopics/eventSubscriptions").values()
        where = "properties.deliveryWithResourceIdentity"
        assert one["properties.filter.includedEventTypes"] == [
            "Microsoft.Storage.BlobCreated",
            "Microsoft.Storage.BlobRenamed",
        ]
        assert one["properties.filter.advancedFilters[0].key"] == "data.api"
        assert set(one["properties.filter.advancedFilters[0].values"]) == {
            "PutBlob",
            "PutBlockList",
            "CopyBlob",
            "FlushWithClose",
            "SftpCommit",
            "RenameFile",
            "SftpRename",
        }
        begins = "/blobServices/default/containers/badging-exports/blobs/"
        assert one["properties.filter.subjectBeginsWith"] == begins
        assert one[f"{where}.identity.type"] == "SystemAssigned"
        assert one[f"{where}.destination.properties.queueMessageTimeToLiveInSeconds"] == -1
        assert one["properties.retryPolicy.maxDeliveryAttempts"] == 30
        assert one["properties.retryPolicy.eventTimeToLiveInMinutes"] == 1440


def test_the_event_subscription_comes_last_and_its_roles_early() -> None:
    """Event Grid checks the roles when it makes the subscription; until then app and alerts take minutes."""
    modules = {
        one.name: one for path, one in BICEP if path.name == "resource-group.bicep" and one.kind == "module"
    }
    assert set(_waits_for("events", modules)) >= set(modules) - {"events", "appEndpoint"}
    assert not {"functionApp", "alerts"} & set(_waits_for("topic", modules))
    assert list(modules)[-1] == "events"
    [subscription] = [one.body for _, one in TERRAFORM if one.type.endswith("_event_subscription")]
    assert {str(one) for one in subscription["depends_on"]} == {
        "azapi_resource.app",
        "azurerm_monitor_metric_alert.metric_alerts",
        "azurerm_monitor_scheduled_query_rules_alert_v2.log_alerts",
        "time_sleep.roles_work",
    }


def _waits_for(name: str, modules: dict[str, Declaration]) -> Iterator[str]:
    for other in modules[name].body.get("dependsOn", []):
        yield str(other)
        yield from _waits_for(str(other), modules)


def test_the_app_starts_with_its_roles_and_its_network() -> None:
    """A role that comes later than the app costs the first exports ten minutes, a network its address."""
    modules = {
        one.name: one for path, one in BICEP if path.name == "resource-group.bicep" and one.kind == "module"
    }
    needed = {"dataRoles", "host", "monitoring", "network", "privateEndpoints", "secretRoles"}
    assert needed <= set(_waits_for("functionApp", modules))
    app = next(one.body for _, one in TERRAFORM if (one.type, one.name) == ("azapi_resource", "app"))
    of_the_app = {
        f"azurerm_role_assignment.{one.name}"
        for _, one in TERRAFORM
        if one.type == "azurerm_role_assignment" and one.name.startswith("app_")
    }
    assert of_the_app <= {str(one) for one in app["depends_on"]}


def test_what_is_there_already_is_used_and_not_made() -> None:
    """Workspace, vault, topic, action group, subnets and zones by their IDs; nothing beside them."""
    found = in_bicep("existing-resources")
    for type_ in (
        "OperationalInsights/workspaces",
        "KeyVault/vaults",
        "EventGrid/systemTopics",
        "Insights/actionGroups",
    ):
        assert not of_type(found, f"Microsoft.{type_}"), type_
    assert _values(found, "WorkspaceResourceId") == {
        _theirs("rg-logs", "OperationalInsights/workspaces/log-theirs")
    }
    assert _values(found, "actionGroups") | _values(found, "actionGroupId") == {
        _theirs("rg-alerts", "Insights/actionGroups/ag-theirs")
    }
    network = in_bicep("existing-network")
    assert {one["type"] for key, one in network.items() if "Microsoft.Network" in one["type"]} == {
        "Microsoft.Network/privateEndpoints",
        "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
    }
    assert _values(network, "virtualNetworkSubnetId") == {
        _theirs("rg-hub", "Network/virtualNetworks/vnet-hub/subnets/functions")
    }
    assert all("/resourceGroups/rg-dns/" in zone for zone in _values(network, "privateDnsZoneId"))


def _theirs(group: str, rest: str) -> str:
    return f"/subscriptions/00000000-0000-0000-0000-000000000009/resourceGroups/{group}/providers/Microsoft.{rest}"


def _values(resources: dict[str, Leaves], name: str) -> set[str]:
    found = [
        value for one in resources.values() for path, value in one.items() if re.search(rf"\.{name}$", path)
    ]
    return {one for value in found for one in (value if isinstance(value, list) else [value])}


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("plain", set()),
        ("private-network", {"data-blob", "data-queue", "host-blob", "vault", "app"}),
        ("existing-network", {"data-blob", "data-queue", "host-blob", "vault"}),
        ("sftp", {"data-blob", "data-queue", "host-blob", "vault", "data-dfs"}),
        ("resource-group", set()),
    ],
)
def test_private_networking_closes_what_it_says(name: str, parts: set[str]) -> None:
    """An endpoint for each service that is used; the accounts deny the rest, and the host's has no public address."""
    resources = in_bicep(name)
    endpoints = {
        key.partition("pep-gatepost-")[2].removesuffix("-cde093fc")
        for key in of_type(resources, "Microsoft.Network/privateEndpoints")
    }
    assert endpoints == parts
    accounts = of_type(resources, "Microsoft.Storage/storageAccounts")
    for key, one in accounts.items():
        assert one["properties.networkAcls.defaultAction"] == ("Deny" if parts else "Allow")
        if "/sthost" in key:
            assert one["properties.publicNetworkAccess"] == ("Disabled" if parts else "Enabled")
    for one in of_type(resources, "Microsoft.Network/virtualNetworks/subnets").values():
        assert one["properties.networkSecurityGroup.id"].endswith("/nsg-gatepost-cde093fc")
        assert not one["properties.defaultOutboundAccess"]


def test_an_empty_entry_among_the_addresses_is_no_address() -> None:
    """A comma too many at the end is nothing."""
    for resources in (in_bicep("private-network"), in_terraform("private-network")):
        [data] = [
            one
            for key, one in of_type(resources, "Microsoft.Storage/storageAccounts").items()
            if "/stgatepost" in key
        ]
        rules = {value for path, value in data.items() if re.search(r"ipRules\[.*\]\.value$", path)}
        assert rules == {"203.0.113.7", "198.51.100.0/24"}


def test_choices_of_an_organisation_reach_their_resources() -> None:
    """Second encryption, perimeter, zones, locks, the app's own address."""
    both = of_type(in_bicep("existing-network"), "Microsoft.Storage/storageAccounts")
    assert all(one["properties.encryption.requireInfrastructureEncryption"] for one in both.values())
    assert _values(in_bicep("existing-network"), "publicNetworkAccess") >= {"SecuredByPerimeter"}
    private = in_bicep("private-network")
    assert [
        one["properties.zoneRedundant"] for one in of_type(private, "Microsoft.Web/serverfarms").values()
    ] == [True]
    assert {
        key.partition("/providers/Microsoft.Authorization")[0].rpartition("/")[2]
        for key in of_type(private, "Microsoft.Authorization/locks")
    } == {
        "stgatepostcde093fc",
        "kv-gatepost-cde093fc",
    }
    [app] = of_type(private, "Microsoft.Web/sites").values()
    assert app["properties.publicNetworkAccess"] == "Disabled"
    assert not of_type(in_bicep("plain"), "Microsoft.Authorization/locks")


@each_set
def test_every_account_is_audited_and_closed_to_keys(name: str) -> None:
    """Who read, wrote or deleted a blob is logged for both accounts; nobody has a key."""
    for key, one in of_type(in_bicep(name), "Microsoft.Storage/storageAccounts").items():
        assert not one["properties.allowSharedKeyAccess"]
        assert not one["properties.allowBlobPublicAccess"]
        logged = in_bicep(name)[
            f"{key}/blobServices/default/providers/Microsoft.Insights/diagnosticSettings/audit"
        ]
        assert {path for path in logged if path.endswith(".enabled")} == {
            f"properties.logs[{kind}].enabled" for kind in ("StorageRead", "StorageWrite", "StorageDelete")
        }


@each_set
def test_what_is_kept_and_what_goes(name: str) -> None:
    """Each path of the results and the state has its rule, or is kept for ever; old versions go where there are any."""
    [policy] = of_type(in_bicep(name), "Microsoft.Storage/storageAccounts/managementPolicies").values()
    prefixes = {one for path, value in policy.items() if path.endswith(".prefixMatch") for one in value}
    state = {one.removeprefix("gatepost-state/") for one in prefixes if one.startswith("gatepost-state/")}
    assert state == {"ledger/", "plans/", "open/", "events/", "resends/"}
    assert not {"lease/", "keys/", "folders/", "sweeps/"} & state
    assert prefixes - {f"gatepost-state/{one}" for one in state} == {
        "badging-exports/",
        "badging-results/outcomes/",
        "badging-results/rejected/",
        "badging-results/reports/",
        "dead-letters/",
    }
    assert any("[delete-old-versions]" in path for path in policy) == (name != "sftp")


def test_a_subscription_is_told_what_terraform_may_delete() -> None:
    """Azure puts rules of its own into the group; a destroy must not stop at them, nor try to purge the vault."""
    [provider] = [one.body for _, one in TERRAFORM if one.kind == "provider" and one.name == "azurerm"]
    [features] = provider["features"]
    assert features["resource_group"][0]["prevent_deletion_if_contains_resources"] is False
    assert features["key_vault"][0]["purge_soft_delete_on_destroy"] is False


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
