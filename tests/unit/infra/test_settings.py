"""Both stacks set what the code and the platform read, no more and no less."""

import json
import re

import pytest

from shared.clouds import CLOUDS
from shared.read_settings import read_settings
from shared.settings import SETTINGS
from tests.support.snapshots import SETS, in_bicep, of_type
from tests.support.stacks import ROOT, Parameter, bicep_parameters, terraform_parameters

HOST = {
    "AzureWebJobsStorage__accountName",
    "AzureWebJobsStorage__credential",
    "AzureWebJobsStorage__clientId",
}
TELEMETRY = {
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING": "ClientId=<identity clientId>;Authorization=AAD",
    "APPLICATIONINSIGHTS_CONNECTION_STRING": "<insights ConnectionString>",
    "APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED": "true",
    "APPLICATIONINSIGHTS_SDKSTATS_DISABLED": "true",
    "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true",
    "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS": "requests,urllib,urllib3",
    "OTEL_TRACES_SAMPLER": "always_on",
    "PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY": "true",
    "PYTHON_APPLICATIONINSIGHTS_LOGGER_NAME": "gatepost",
}
"""As `docs/telemetry.md` and the tests of telemetry say: without the logger's name every library's lines are exported."""
OF_THIS_RELEASE = {
    "CONNECTOR_PARALLEL_REQUESTS",
    "CONNECTOR_SENDING",
    "EVENTS_NOT_BEFORE",
    "EXPORTS_RETENTION_DAYS",
    "OUTCOMES_RETENTION_DAYS",
    "PEOPLE_FROM_ENTRA",
    "REMAP_DAYS",
    "REPEAT_DAYS",
    "REPORT_ZONE",
    "SOURCES_CONTAINER",
}
"""New with 2.0: the stacks set them whether or not `shared.settings` lists them already."""
FOR_AZURITE_ONLY = {"ExportStorage"}
REFUSED_ON_FLEX = {
    "AZUREWEBJOBSDASHBOARD",
    "ENABLE_ORYX_BUILD",
    "FUNCTIONS_EXTENSION_VERSION",
    "FUNCTIONS_MAX_HTTP_CONCURRENCY",
    "FUNCTIONS_WORKER_DYNAMIC_CONCURRENCY_ENABLED",
    "FUNCTIONS_WORKER_PROCESS_COUNT",
    "FUNCTIONS_WORKER_RUNTIME",
    "FUNCTIONS_WORKER_RUNTIME_VERSION",
    "SCM_DO_BUILD_DURING_DEPLOYMENT",
    "TZ",
    "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING",
    "WEBSITE_CONTENTOVERVNET",
    "WEBSITE_CONTENTSHARE",
    "WEBSITE_DNS_SERVER",
    "WEBSITE_MAX_DYNAMIC_APPLICATION_SCALE_OUT",
    "WEBSITE_MOUNT_ENABLED",
    "WEBSITE_NODE_DEFAULT_VERSION",
    "WEBSITE_RUN_FROM_PACKAGE",
    "WEBSITE_SKIP_CONTENTSHARE_VALIDATION",
    "WEBSITE_TIME_ZONE",
    "WEBSITE_USE_PLACEHOLDER_DOTNETISOLATED",
    "WEBSITE_VNET_ROUTE_ALL",
}
STACKS = {"bicep": bicep_parameters(), "terraform": terraform_parameters()}
either_stack = pytest.mark.parametrize("stack", STACKS)
each_set = pytest.mark.parametrize("name", SETS)
NAMED_OTHERWISE = {
    "EXPORTS_RETENTION_DAYS": "export_retention_days",
    "OUTCOMES_RETENTION_DAYS": "outcome_retention_days",
}


def app_settings(name: str) -> dict[str, str]:
    """What the function app of a set of parameters is given; an empty text is a setting all the same."""
    [app] = of_type(in_bicep(name), "Microsoft.Web/sites").values()
    found = {path: value for path, value in app.items() if "appSettings[" in path}
    names = re.findall(r"appSettings\[(\w+)\]\.name", "\n".join(found))
    return {one: found.get(f"properties.siteConfig.appSettings[{one}].value", "") for one in names}


@each_set
def test_settings_are_those_the_code_and_the_platform_read(name: str) -> None:
    """One that is missing would stop the app; one too many would promise what nothing reads."""
    assert set(app_settings(name)) == (set(SETTINGS) - FOR_AZURITE_ONLY) | OF_THIS_RELEASE | HOST | set(
        TELEMETRY
    )


@each_set
def test_nothing_that_flex_consumption_refuses_is_set(name: str) -> None:
    """Flex Consumption refuses these or breaks on them; a plain AzureWebJobsStorage hides the identity."""
    settings = app_settings(name)
    assert not REFUSED_ON_FLEX & {one.upper() for one in settings}
    assert "AzureWebJobsStorage" not in settings


@each_set
def test_telemetry_settings_are_the_agreed_ones(name: str) -> None:
    """The instrumentations that would export the job id stay off, and only our own lines are sent."""
    settings = app_settings(name)
    assert {one: settings[one] for one in TELEMETRY} == TELEMETRY
    guide = (ROOT / "docs" / "telemetry.md").read_text()
    for one in TELEMETRY:
        assert one in guide or one == "APPLICATIONINSIGHTS_CONNECTION_STRING", one


@each_set
def test_the_app_knows_how_long_things_are_kept(name: str) -> None:
    """The days in its settings are those of the lifecycle rules, and nothing goes before it is needed no more."""
    settings, days = app_settings(name), kept_days(name)
    wait = max(int(settings["RETRY_DAYS"]), int(settings["REMAP_DAYS"]))
    assert int(settings["EXPORTS_RETENTION_DAYS"]) == days["exports"] >= wait + 7
    assert int(settings["OUTCOMES_RETENTION_DAYS"]) == days["outcomes"] >= days["exports"] + 30
    assert days["ledgers"] == days["plans"] == days["outcomes"]
    assert days["rejected"] == wait + 30
    assert days["event-runs"] == int(settings["REPEAT_DAYS"]) + 2
    assert days["resend-runs"] == int(settings["RETRY_DAYS"]) + 2
    assert days["open-files"] == max(int(settings["REPEAT_DAYS"]), int(settings["RETRY_DAYS"])) + 2
    assert days["reports"] == 30


def kept_days(name: str) -> dict[str, int]:
    """The days behind each rule that deletes what is current."""
    [policy] = of_type(in_bicep(name), "Microsoft.Storage/storageAccounts/managementPolicies").values()
    pattern = re.compile(r".*\[delete-([\w-]+)\]\.definition\.actions\.baseBlob\.delete\.\w+")
    return {found[1]: days for path, days in policy.items() if (found := pattern.fullmatch(path))}


@either_stack
def test_defaults_are_the_codes(stack: str) -> None:
    """A parameter that a person leaves out comes to the same as a setting that is left out."""
    for name, parameter in _parameters_of_settings(stack).items():
        default = SETTINGS[name].default
        if parameter.default is None:
            assert default is None, name
        elif name == "UPLOAD_SCHEDULE":
            assert parameter.default == _sample()[name]
        else:
            assert str(parameter.default).lower() == str(default).lower(), name


@either_stack
def test_ranges_are_the_codes(stack: str) -> None:
    """What a stack lets pass, the app accepts: both ends are read."""
    checked = 0
    for name, parameter in _parameters_of_settings(stack).items():
        if parameter.low is None or parameter.high is None:
            continue
        assert SETTINGS[name].read(str(parameter.low)) == parameter.low
        assert SETTINGS[name].read(str(parameter.high)) == parameter.high
        checked += 1
    assert checked >= sum("must be a whole number" in _complaint(name) for name in SETTINGS)


@either_stack
def test_clouds_are_the_codes(stack: str) -> None:
    """Every cloud that the app knows can be chosen, and no other."""
    assert set(STACKS[stack]["connector_cloud"].choices) == set(CLOUDS)


@each_set
def test_the_app_starts_with_what_a_stack_sets(name: str) -> None:
    """With what only Azure knows filled in, the settings pass the app's own check."""
    environment = {one: _filled(one, value) for one, value in app_settings(name).items() if one in SETTINGS}
    read = read_settings(environment)
    assert read.storage.connection_string == ""
    assert read.identity_client_id == environment["ExportStorage__clientId"]


def _parameters_of_settings(stack: str) -> dict[str, Parameter]:
    found = {}
    for name in set(app_settings("plain")) & set(SETTINGS):
        parameter = STACKS[stack].get(NAMED_OTHERWISE.get(name, name.lower()))
        if parameter:
            found[name] = parameter
    assert len(found) >= 17, "the settings that people choose"
    return found


def _complaint(name: str) -> str:
    try:
        SETTINGS[name].read("?")
    except ValueError as error:
        return str(error)
    return ""


def _sample() -> dict[str, str]:
    sample: dict[str, dict[str, str]] = json.loads((ROOT / "local.settings.sample.json").read_text())
    return sample["Values"]


def _filled(name: str, value: str) -> str:
    if name.endswith(("clientId", "CLIENT_ID")):
        return "11111111-1111-4111-8111-111111111111"
    return "https://stdata.example.com/" if name.endswith("ServiceUri") else value
