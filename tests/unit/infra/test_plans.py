"""What `terraform test` says becomes the notation of Bicep's snapshots, with nothing left out and nothing made up."""

import json
from typing import Any

import pytest

from infra.plans import plans, shortened

GROUP = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-badging"
COMPUTED = {
    "id": {"computed": True, "optional": True},
    "principal_type": {"computed": True, "optional": True},
}


def resource(type_: str, symbol: str, /, **values: Any) -> dict[str, Any]:
    """A managed resource in Terraform's state."""
    return {
        "mode": "managed",
        "type": type_,
        "name": symbol,
        "address": f"{type_}.{symbol}",
        "values": values,
    }


def said(*resources: dict[str, Any], run: str = "plain_set") -> list[str]:
    """The lines of `terraform test -json -verbose` for one run."""
    group = resource(
        "azurerm_resource_group", "main", id=GROUP, name="rg-theirs", location="westeurope", tags={}
    )
    schemas = {one["type"]: {"block": {"attributes": COMPUTED}} for one in resources}
    state = {
        "root_module": {"resources": [group, *resources]},
        "provider_schemas": {"one": {"resource_schemas": schemas}},
    }
    event = {"type": "test_state", "@testfile": "tests/sets.tftest.hcl", "@testrun": run, "test_state": state}
    return ["Terraform says something\n", json.dumps({"type": "version"}), json.dumps(event)]


def test_mocked_ids_become_the_real_ones() -> None:
    """A role's scope is the account by its name, in the group by its name, whatever the mock called them."""
    mocked = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/data"
    account = resource(
        "azapi_resource",
        "data_account",
        id=mocked,
        type="Microsoft.Storage/storageAccounts@2025-01-01",
        name="stgatepost1",
        parent_id=GROUP,
        location="westeurope",
        tags={},
        body={"kind": "StorageV2"},
    )
    role = resource(
        "azurerm_role_assignment",
        "app_reads",
        id="a1b2c3d4",
        scope=mocked,
        principal_id="00000000-0000-0000-0000-00000000000b",
        principal_type="x1y2z3w4",
        role_definition_id="guid",
    )
    found = {one["id"]: one for one in plans(iter(said(account, role)))["plain-set"]}
    real = (
        f"{GROUP.replace('rg-badging', 'rg-theirs')}/providers/Microsoft.Storage/storageAccounts/stgatepost1"
    )
    assert found[real]["kind"] == "StorageV2"
    properties = found[f"{real}/providers/Microsoft.Authorization/roleAssignments/app_reads"]["properties"]
    assert properties == {
        "principalId": "<identity principalId>",
        "principalType": None,  # made up by the mock
        "roleDefinitionId": "guid",
    }


def test_an_attribute_that_is_not_translated_is_an_error() -> None:
    """Nothing may be left out of the comparison."""
    lock = resource(
        "azurerm_management_lock",
        "one",
        id="a1b2c3d4",
        name="x",
        scope=GROUP,
        lock_level="X",
        notes="n",
        new="?",
    )
    with pytest.raises(ValueError, match=r"does not translate azurerm_management_lock\.one\.new"):
        plans(iter(said(lock)))


def test_a_log_without_a_run_is_an_error() -> None:
    """Without -verbose Terraform does not say what it plans."""
    with pytest.raises(ValueError, match="there is no run"):
        plans(iter(['{"type": "version"}']))


def test_long_texts_are_kept_as_their_digest() -> None:
    """Queries and the workbook are files of their own; that they are the same is what counts."""
    assert shortened("short") == "short"
    assert shortened("x" * 301).startswith("<301 characters, SHA-256 ")
