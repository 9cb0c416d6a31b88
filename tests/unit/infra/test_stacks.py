"""Both stacks make the same, in an order that works, and nothing they make or say holds a secret."""

import re
from collections.abc import Iterator

import pytest

from tests.support.bicep import Declaration
from tests.support.expression import Expression
from tests.support.snapshots import SETS, in_bicep, snapshot
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
    """The parameters of one stack are the other's."""
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


def test_the_event_subscription_comes_last_and_its_roles_early() -> None:
    """Event Grid checks the roles when it makes the subscription; until then app and alerts take minutes."""
    modules = {
        one.name: one for path, one in BICEP if path.name == "resource-group.bicep" and one.kind == "module"
    }
    assert set(_waits_for("events", modules)) >= set(modules) - {"events", "appEndpoint"}
    assert not {"functionApp", "alerts"} & set(_waits_for("topicRoles", modules))
    assert list(modules)[-1] == "events"
    [subscription] = [one.body for _, one in TERRAFORM if one.type.endswith("_event_subscription")]
    assert {str(one) for one in subscription["depends_on"]} == {
        "azapi_resource.app",
        "azurerm_monitor_metric_alert.metric_alerts",
        "azurerm_monitor_scheduled_query_rules_alert_v2.log_alerts",
        "time_sleep.roles_work",
    }


def test_no_file_reads_what_it_makes_itself() -> None:
    """Azure would read the one without waiting for the other; a module of its own, made later, reads."""
    for path in sorted((INFRA / "bicep").glob("*.bicep")):
        found = [one for other, one in BICEP if other == path and one.kind == "resource"]
        made = {(one.type, str(one.body["name"])) for one in found if not one.existing}
        assert not made & {(one.type, str(one.body["name"])) for one in found if one.existing}, path.name


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
