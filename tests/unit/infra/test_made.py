"""What is made for each set of parameters: where, under which name, open to whom, kept how long."""

import re

import pytest

from tests.support.snapshots import SETS, SNAPSHOTS, Leaves, in_bicep, in_terraform, of_type

each_set = pytest.mark.parametrize("name", SETS)


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
