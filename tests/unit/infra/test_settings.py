"""Both stacks set what the code and the platform read, no more and no less."""

import json
import re

import pytest

from shared.settings import CLOUDS, SETTINGS, read_settings
from tests.support.expression import Expression
from tests.support.stacks import (
    ROOT,
    Parameter,
    bicep_parameters,
    bicep_settings,
    snake,
    terraform_parameters,
    terraform_settings,
)

HOST = {
    "AzureWebJobsStorage__accountName",
    "AzureWebJobsStorage__credential",
    "AzureWebJobsStorage__clientId",
}
TELEMETRY = {
    "APPLICATIONINSIGHTS_CONNECTION_STRING",
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
    "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL",
    "PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY",
    "OTEL_PYTHON_DISABLED_INSTRUMENTATIONS",
    "OTEL_TRACES_SAMPLER",
}
FOR_AZURITE_ONLY = {"ExportStorage"}
NOT_YET_SET = {
    "CONNECTOR_SENDING",
    "EXPORTS_RETENTION_DAYS",
    "OUTCOMES_RETENTION_DAYS",
    "REMAP_DAYS",
    "REPEAT_DAYS",
    "REPORT_ZONE",
}
"""What the code reads before the stacks set it; their defaults hold until then."""
NOT_YET_READ = {
    "APP_CERTIFICATE_NAME",
    "CONNECTOR_CREDENTIAL",
    "CONNECTOR_PARALLEL_REQUESTS",
    "EVENTS_NOT_BEFORE",
    "FEDERATED_AUDIENCE",
    "PEOPLE_FROM_ENTRA",
    "SOURCES_CONTAINER",
}
"""What the stacks may set before the code reads it."""
NARROWED = {"BATCH_MAX_BYTES", "CONNECTOR_TIMEOUT_SECONDS", "INVOCATION_SECONDS"}
"""Ranges that the stacks may still have as they were."""
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
STACKS = {
    "bicep": (bicep_settings(), bicep_parameters()),
    "terraform": (terraform_settings(), terraform_parameters()),
}
either_stack = pytest.mark.parametrize("stack", STACKS)


@either_stack
def test_settings_are_those_the_code_and_the_platform_read(stack: str) -> None:
    """One that is missing would stop the app; one too many would promise what nothing reads."""
    settings, _ = STACKS[stack]
    read = (set(SETTINGS) - FOR_AZURITE_ONLY) | HOST | TELEMETRY
    assert (set(settings) - NOT_YET_READ) | NOT_YET_SET == read


@either_stack
def test_nothing_that_flex_consumption_refuses_is_set(stack: str) -> None:
    """Flex Consumption refuses these or breaks on them; a plain AzureWebJobsStorage hides the identity."""
    settings, _ = STACKS[stack]
    assert not REFUSED_ON_FLEX & {name.upper() for name in settings}
    assert "AzureWebJobsStorage" not in settings


@either_stack
def test_telemetry_settings_are_the_agreed_ones(stack: str) -> None:
    """The instrumentations that would export the job id stay off, whatever else changes."""
    settings, _ = STACKS[stack]
    assert settings["OTEL_PYTHON_DISABLED_INSTRUMENTATIONS"] == "requests,urllib,urllib3"
    assert settings["PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY"] == "true"
    assert (
        str(settings["APPLICATIONINSIGHTS_AUTHENTICATION_STRING"]).strip("'").endswith(";Authorization=AAD")
    )


@either_stack
def test_defaults_are_the_codes(stack: str) -> None:
    """A parameter that a person leaves out comes to the same as a setting that is left out."""
    for name, parameter in _parameters_of_settings(stack).items():
        if name in NOT_YET_READ:
            continue
        default = SETTINGS[name].default
        if parameter.default is None:
            assert default is None, name
        elif name == "UPLOAD_SCHEDULE":
            assert parameter.default == _sample()[name]
        else:
            assert str(parameter.default) == default, name


@either_stack
def test_ranges_are_the_codes(stack: str) -> None:
    """What a stack lets pass, the app accepts: its ends are read, one beyond is refused there as well."""
    checked = set[str]()
    for name, parameter in _parameters_of_settings(stack).items():
        if parameter.low is None or parameter.high is None or name in NARROWED | NOT_YET_READ:
            continue
        read = SETTINGS[name].read
        assert read(str(parameter.low)) == parameter.low
        assert read(str(parameter.high)) == parameter.high
        for beyond in (parameter.low - 1, parameter.high + 1):
            with pytest.raises(ValueError, match="must be"):
                read(str(beyond))
        checked.add(name)
    whole = {name for name in SETTINGS if "must be a whole number" in _complaint(name)}
    assert checked | NARROWED | NOT_YET_SET >= whole


@either_stack
def test_clouds_are_the_codes(stack: str) -> None:
    """Every cloud that the app knows can be chosen, and no other."""
    assert set(STACKS[stack][1]["connector_cloud"].choices) == set(CLOUDS)


@either_stack
def test_the_app_starts_with_what_a_stack_sets(stack: str) -> None:
    """With parameters filled in, the settings pass the app's own check."""
    settings, parameters = STACKS[stack]
    environment = {
        name: _filled(name, value, parameters) for name, value in settings.items() if name in SETTINGS
    }
    read = read_settings(environment)
    assert read.storage.connection_string == ""
    assert read.identity_client_id == environment["ExportStorage__clientId"]


def _parameters_of_settings(stack: str) -> dict[str, Parameter]:
    settings, parameters = STACKS[stack]
    found = {}
    for name, value in settings.items():
        parameter = snake(re.sub(r"^(?:to)?string\(|\)$|^var\.|(?<=\()var\.", "", str(value)))
        if isinstance(value, Expression) and parameter in parameters:
            found[name] = parameters[parameter]
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


def _filled(name: str, value: object, parameters: dict[str, Parameter]) -> str:
    if not isinstance(value, Expression):
        return str(value)
    if name in _sample():
        return _sample()[name]
    if name.endswith(("clientId", "CLIENT_ID")):
        return "11111111-1111-4111-8111-111111111111"
    if name.endswith("ServiceUri"):
        return "https://stdata.example.com/"
    if name.endswith("_CONTAINER"):
        return str(SETTINGS[name].default)
    parameter = parameters.get(name.lower())
    return str(parameter.default) if parameter else ""
