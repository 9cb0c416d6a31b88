"""The app settings: every default, every range, and one error with everything that is wrong, values left out."""

import dataclasses
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared.clouds import CLOUDS
from shared.errors import SettingsError
from shared.read_settings import read_settings
from shared.settings import SETTINGS, Settings
from shared.storage_connection import StorageConnection

GUID = "11111111-1111-1111-1111-111111111111"
IDENTITY = "99999999-aaaa-bbbb-cccc-999999999999"
REQUIRED = {
    "EXPORTS_QUEUE": "badging-exports",
    "UPLOAD_SCHEDULE": "0 30 5 * * *",
    "CONNECTOR_TENANT_ID": GUID,
    "CONNECTOR_APP_ID": GUID,
    "CONNECTOR_JOB_ID": GUID,
    "KEY_VAULT_URI": "https://vault.example/",
    "AZURE_CLIENT_ID": IDENTITY,
    "ExportStorage__blobServiceUri": "https://account.blob.example",
    "ExportStorage__queueServiceUri": "https://account.queue.example",
    "ExportStorage__credential": "managedidentity",
    "ExportStorage__clientId": IDENTITY,
}
DESK = {
    name: value
    for name, value in REQUIRED.items()
    if not name.lower().endswith(("credential", "id")) or "CONNECTOR" in name
}
AZURITE = {name: value for name, value in DESK.items() if "ExportStorage" not in name}
SCOPE = "https://microsoft.onmicrosoft.com/86dfdabb-5089-4a0c-880a-cfa5a790c5b1/.default"


def _problems(environment: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        read_settings(environment)
    return caught.value.problems


def test_the_defaults_are_those_of_the_design() -> None:
    """Whatever may be left out has the value the design's table gives it."""
    assert read_settings(REQUIRED) == Settings(
        storage=StorageConnection("https://account.blob.example", "https://account.queue.example"),
        identity_client_id=IDENTITY,
        exports_queue="badging-exports",
        upload_schedule="0 30 5 * * *",
        exports_container="badging-exports",
        results_container="badging-results",
        state_container="gatepost-state",
        sources_container="gatepost-sources",
        tenant_id=GUID,
        app_id=GUID,
        job_id=GUID,
        vault_uri="https://vault.example",
        connector_credential="secret",
        secret_name="badging-app-secret",
        certificate_name="badging-app-certificate",
        federated_audience="api://AzureADTokenExchange",
        cloud="commercial",
        connector_sending=True,
        connector_url="https://webhook.ingestion.office.com",
        connector_scope=SCOPE,
        authority="https://login.microsoftonline.com",
        batch_max_records=5_000,
        batch_max_bytes=10_000_000,
        connector_timeout_seconds=400,
        connector_parallel_requests=1,
        retry_max_seconds=300,
        invocation_seconds=1_500,
        retry_days=60,
        repeat_days=35,
        remap_days=14,
        exports_retention_days=90,
        outcomes_retention_days=400,
        people_from_entra="false",
        report_zone=ZoneInfo("UTC"),
        events_not_before="",
        max_invalid_percent=50,
        max_export_bytes=500_000_000,
    )


@pytest.mark.parametrize(
    ("cloud", "connector", "authority"),
    [
        ("commercial", "https://webhook.ingestion.office.com", "https://login.microsoftonline.com"),
        ("gcc", "https://webhook-gcc.ingestion.office365.us", "https://login.microsoftonline.com"),
        ("gcc-high", "https://webhook-itarl4.ingestion.office365.us", "https://login.microsoftonline.us"),
        ("dod", "https://webhook-itarl5.ingestion.apps.mil", "https://login.microsoftonline.us"),
    ],
)
def test_a_cloud_brings_its_connector_and_its_authority(cloud: str, connector: str, authority: str) -> None:
    """One setting chooses both; the audience is the same in all clouds, and no cloud is left out here."""
    settings = read_settings(REQUIRED | {"CONNECTOR_CLOUD": cloud})
    assert (settings.connector_url, settings.authority, settings.connector_scope) == (
        connector,
        authority,
        SCOPE,
    )
    government = authority.endswith(".us")
    assert settings.federated_audience == f"api://AzureADTokenExchange{'USGov' if government else ''}"
    assert not settings.custom_authority
    assert len(CLOUDS) == 4


def test_overrides_win_over_the_cloud() -> None:
    """Each of the four can be set by itself, without its trailing slash."""
    changes = {
        "CONNECTOR_URL": "https://connector.example/",
        "CONNECTOR_SCOPE": "https://audience.example/.default",
        "ENTRA_AUTHORITY": "https://authority.example/",
        "FEDERATED_AUDIENCE": "api://other",
    }
    settings = read_settings(REQUIRED | changes)
    assert settings.connector_url == "https://connector.example"
    assert settings.connector_scope == "https://audience.example/.default"
    assert settings.authority == "https://authority.example"
    assert settings.federated_audience == "api://other"
    assert settings.custom_authority


RANGES = {
    "BATCH_MAX_RECORDS": (1, 50_000),
    "BATCH_MAX_BYTES": (1_000, 50_000_000),
    "CONNECTOR_TIMEOUT_SECONDS": (1, 2_000),
    "CONNECTOR_PARALLEL_REQUESTS": (1, 8),
    "RETRY_MAX_SECONDS": (0, 3_600),
    "INVOCATION_SECONDS": (300, 2_100),
    "RETRY_DAYS": (1, 390),
    "REPEAT_DAYS": (1, 400),
    "REMAP_DAYS": (0, 390),
    "EXPORTS_RETENTION_DAYS": (8, 3_620),
    "OUTCOMES_RETENTION_DAYS": (38, 3_650),
    "MAX_INVALID_PERCENT": (0, 100),
    "MAX_EXPORT_BYTES": (1, 5_000_000_000),
}


FEW_DAYS = {"RETRY_DAYS": "1", "REMAP_DAYS": "1"}
BESIDE = {
    ("CONNECTOR_TIMEOUT_SECONDS", 2_000): {"INVOCATION_SECONDS": "300"},
    ("INVOCATION_SECONDS", 2_100): {"CONNECTOR_TIMEOUT_SECONDS": "200"},
    ("RETRY_DAYS", 390): {"EXPORTS_RETENTION_DAYS": "397", "OUTCOMES_RETENTION_DAYS": "427"},
    ("REMAP_DAYS", 390): {"EXPORTS_RETENTION_DAYS": "397", "OUTCOMES_RETENTION_DAYS": "427"},
    ("EXPORTS_RETENTION_DAYS", 8): FEW_DAYS,
    ("EXPORTS_RETENTION_DAYS", 3_620): {"OUTCOMES_RETENTION_DAYS": "3650"},
    ("OUTCOMES_RETENTION_DAYS", 38): FEW_DAYS | {"EXPORTS_RETENTION_DAYS": "8"},
}
"""What must be set beside an end of a range, because two settings belong together."""


@pytest.mark.parametrize("name", RANGES)
def test_whole_numbers_have_their_range(name: str) -> None:
    """Both ends are taken as they are."""
    for value in RANGES[name]:
        found = read_settings(REQUIRED | BESIDE.get((name, value), {}) | {name: f" {value} "})
        assert getattr(found, name.lower()) == value


@pytest.mark.parametrize("name", RANGES)
@pytest.mark.parametrize(
    "text", ["-1", "1.5", "1e3", "0x10", "\u0663", "many", "9" * 13, "999999999999", "1_000"]
)
def test_what_is_no_whole_number_in_range_is_refused(name: str, text: str) -> None:
    """The error names the setting and the range, and not the value."""
    (problem,) = _problems(REQUIRED | {name: text})
    assert problem.startswith(f"{name} must be a whole number from ")


@pytest.mark.parametrize(("name", "low"), [(name, low) for name, (low, _) in RANGES.items() if low])
def test_below_the_range_is_refused(name: str, low: int) -> None:
    """One less than the least."""
    assert _problems(REQUIRED | {name: str(low - 1)})[0].startswith(name)


MALFORMED = {
    "EXPORTS_QUEUE": ["ab", "Badging", "a--b", "-ab", "a_b", "x" * 64],
    "UPLOAD_SCHEDULE": ["30 5 * * *", "0 30 5 * * * *", "daily", "0  30 5 * * *"],
    "EXPORTS_CONTAINER": ["ab", "$web", "a/b", "x" * 64, "badging-"],
    "RESULTS_CONTAINER": ["Results"],
    "STATE_CONTAINER": ["state."],
    "SOURCES_CONTAINER": ["Sources"],
    "CONNECTOR_TENANT_ID": ["contoso.example", GUID[:-1], "{" + GUID + "}"],
    "CONNECTOR_APP_ID": ["x" + GUID],
    "CONNECTOR_JOB_ID": [GUID.replace("-", "")],
    "KEY_VAULT_URI": [
        "http://vault.example", "vault.example", "https://", "https://u@vault.example", "https://:p@vault.example",
        "https://vault.example?x", "https://vault.example/?", "https://vault.example#f", "https://[", "https://[vault]",
        "https://va ult.example", "https://vault.example:port", "https://va\u2100lt.example", "https://vault.example\\@evil",
        "https://a-vault.vault.azure.example/secrets/badging-app-secret", "https://a..b.example", "https://-a.example", "https://a-.example",
        "https://" + "a" * 64 + ".example", "https://" + "a.b" * 100 + ".example", "https://<vault>.example", "https://a_b.example", "https://[::1",
        "https://[1::2::3]", "https://b\u00fccher.example",
    ],
    "APP_SECRET_NAME": ["abc~Q8Q.value", "https://vault.example/secrets/x", "x" * 128],
    "CONNECTOR_CREDENTIAL": ["Secret", "password", "managedidentity"],
    "APP_CERTIFICATE_NAME": ["https://vault.example/certificates/x", "a.pfx", "x" * 128],
    "FEDERATED_AUDIENCE": ["AnotherExchange", "https://audience.example", "api://"],
    "CONNECTOR_CLOUD": ["Commercial", "china", "gcc-highx"],
    "PEOPLE_FROM_ENTRA": ["yes", "True", "on"],
    "CONNECTOR_SENDING": ["On", "true", "1", "yes please"],
    "EVENTS_NOT_BEFORE": ["2026-10-23", "2026-10-23T00:00:00", "2026-13-22T00:00:00Z", "2999-01-01T00:00:00Z", "2098-01-01 00:00+01:00", "now"],
    "REPORT_ZONE": ["CEST+2", "Europe/Nowhere", "Europe", "../etc/passwd", "/etc/localtime", "Europe//Vienna", "Europe/"],
    "CONNECTOR_URL": ["http://connector.example", "ftp://connector.example", "https://connector.example/api/signals/physicalbadging"],
    "CONNECTOR_SCOPE": ["https://audience.example", "http://audience.example/.default", "api://x/.default"],
    "ENTRA_AUTHORITY": ["http://login.example", "login.example", "https://login.example/contoso.example"],
    "AZURE_CLIENT_ID": ["system"],
    "ExportStorage__blobServiceUri": ["http://account.blob.example", "account", "https://account.blob.example/badging-exports"],
    "ExportStorage__queueServiceUri": ["http://account.queue.example", "https://account.queue.example/badging-exports"],
    "ExportStorage__credential": ["managedIdentity", "clientsecret"],
    "ExportStorage__clientId": ["me"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, bad in MALFORMED.items() for value in bad]
)
def test_a_malformed_value_is_named_once_and_never_repeated(name: str, value: str) -> None:
    """The error says which setting and what it should be; the value might be a secret in the wrong place."""
    with pytest.raises(SettingsError) as caught:
        read_settings(REQUIRED | {name: value})
    assert sum(problem.startswith(f"{name} ") for problem in caught.value.problems) == 1
    if len(value) > 9:  # shorter ones are words of the explanation itself
        assert value not in str(caught.value).replace("0 30 5 * * *", "")
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1:8443",
        "https://[::1]:1",
        "https://Host-1.Example.",
        "https://" + "a" * 63 + ".example",
    ],
)
def test_what_can_be_a_host_is_taken(address: str) -> None:
    """Names, addresses of both kinds, the longest label; Azurite's path only for storage."""
    assert read_settings(REQUIRED | {"KEY_VAULT_URI": f"{address}/"}).vault_uri == address
    azurite = {"ExportStorage__blobServiceUri": "https://127.0.0.1:10000/devstoreaccount1"}
    assert read_settings(REQUIRED | azurite).storage.blob_uri == azurite["ExportStorage__blobServiceUri"]


@pytest.mark.parametrize("kind", ["secret", "certificate", "federated"])
def test_only_a_federated_credential_needs_no_vault(kind: str) -> None:
    """The two others lie in one; what is malformed is said once."""
    without = {name: value for name, value in REQUIRED.items() if name != "KEY_VAULT_URI"}
    told = without | {"CONNECTOR_CREDENTIAL": kind}
    if kind == "federated":
        assert read_settings(told).vault_uri == ""
        return
    with pytest.raises(SettingsError, match="KEY_VAULT_URI is missing"):
        read_settings(told)


def test_every_setting_is_tried_above() -> None:
    """A new setting needs a malformed value or a range in this file."""
    assert set(SETTINGS) == {*RANGES, *MALFORMED, "ExportStorage"}


def test_an_empty_environment_gets_one_error_with_everything() -> None:
    """Every required setting has its line; what may be left out has none."""
    with pytest.raises(SettingsError) as caught:
        read_settings({})
    names = [problem.split()[0] for problem in caught.value.problems]
    assert names == [
        "EXPORTS_QUEUE",
        "UPLOAD_SCHEDULE",
        "CONNECTOR_TENANT_ID",
        "CONNECTOR_APP_ID",
        "CONNECTOR_JOB_ID",
        "ExportStorage__blobServiceUri",
        "ExportStorage__queueServiceUri",
        "KEY_VAULT_URI",
    ]
    for problem in caught.value.problems:
        assert f"\n  {problem}" in str(caught.value)


@pytest.mark.parametrize("name", [name for name in REQUIRED if SETTINGS[name].default is None])
def test_white_space_is_no_value(name: str) -> None:
    """A setting that was emptied in the portal is missing."""
    assert _problems(REQUIRED | {name: "  "}) == [f"{name} is missing"]


def test_at_a_persons_computer_no_identity_is_needed() -> None:
    """Without AZURE_CLIENT_ID people use their own login; nothing of the host's connection is set then."""
    assert read_settings(DESK).identity_client_id is None


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"ExportStorage__clientId": GUID},
            "ExportStorage__clientId must be the same identity as AZURE_CLIENT_ID",
        ),
        (
            {"ExportStorage__clientId": ""},
            "ExportStorage__clientId must be the same identity as AZURE_CLIENT_ID",
        ),
        (
            {"ExportStorage__clientId": GUID, "ExportStorage__credential": ""},
            "ExportStorage__clientId must be the same identity as AZURE_CLIENT_ID",
        ),
        ({"AZURE_CLIENT_ID": ""}, "AZURE_CLIENT_ID is missing: the client id of the app's identity"),
    ],
)
def test_host_and_app_must_use_the_same_identity(changes: dict[str, str], problem: str) -> None:
    """Two identities, or an app in Azure without one, would fail only at the first export."""
    assert _problems(REQUIRED | changes) == [problem]


def test_a_client_id_may_be_written_in_capitals_once() -> None:
    """GUIDs are the same in either case."""
    assert read_settings(REQUIRED | {"AZURE_CLIENT_ID": IDENTITY.upper()}).identity_client_id


AZURITES = [
    "UseDevelopmentStorage=true",
    "AccountName=devstoreaccount1;BlobEndpoint=http://127.0.0.1:1/x;QueueEndpoint=http://localhost:2/x;AccountKey=k==;",
    "AccountName=devstoreaccount1;AccountKey=k;BlobEndpoint=http://azurite:10000/devstoreaccount1",
    "AccountName=other;BlobEndpoint=http://[::1]:10000/other;AccountKey=k",
]
NOT_AZURITE = [
    "DefaultEndpointsProtocol=https;AccountName=account;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net",
    "AccountName=devstoreaccount1;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net",
    "AccountName=devstoreaccount1;AccountKey=c2VjcmV0;BlobEndpoint=https://account.blob.core.windows.net",
    "BlobEndpoint=https://account.blob.core.windows.net;SharedAccessSignature=sig",
    "BlobEndpoint=http://127.0.0.1:1/x;QueueEndpoint=https://account.queue.core.windows.net;AccountKey=k",
    "UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://elsewhere.example",
    "AccountName=account;AccountKey=k;BlobEndpoint=http://azurite:10000/account",
    "BlobEndpoint=http://[;AccountKey=k",
    "nonsense",
]


@pytest.mark.parametrize("text", AZURITES)
def test_a_connection_string_for_azurite_is_taken(text: str) -> None:
    """On one machine, and beside it in a container of its own."""
    assert read_settings(AZURITE | {"ExportStorage": text}).storage == StorageConnection(
        connection_string=text
    )


@pytest.mark.parametrize("text", NOT_AZURITE)
def test_no_other_connection_string_is_taken(text: str) -> None:
    """Account keys and shared access signatures are not for us, and are not repeated in the error."""
    with pytest.raises(SettingsError) as caught:
        read_settings(AZURITE | {"ExportStorage": text})
    assert len(caught.value.problems) == 1
    assert "for Azurite only" in caught.value.problems[0]
    assert text not in str(caught.value)
    assert "c2VjcmV0" not in str(caught.value)


def test_the_four_containers_are_four() -> None:
    """Results in the exports container would be exports themselves, without end."""
    (problem,) = _problems(REQUIRED | {"RESULTS_CONTAINER": "badging-exports"})
    assert "RESULTS_CONTAINER, STATE_CONTAINER and SOURCES_CONTAINER must be four containers" in problem


def test_the_longest_request_ends_before_the_host_ends_the_function() -> None:
    """What leaves just before INVOCATION_SECONDS are over has its full time for a reply."""
    (problem,) = _problems(REQUIRED | {"INVOCATION_SECONDS": "1901"})
    assert problem.startswith("INVOCATION_SECONDS and CONNECTOR_TIMEOUT_SECONDS together")
    assert read_settings(REQUIRED | {"INVOCATION_SECONDS": "1900"}).invocation_seconds == 1_900


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"RETRY_DAYS": "84"}, "EXPORTS_RETENTION_DAYS"),
        ({"REMAP_DAYS": "84"}, "EXPORTS_RETENTION_DAYS"),
        ({"EXPORTS_RETENTION_DAYS": "66"}, "EXPORTS_RETENTION_DAYS"),
        ({"EXPORTS_RETENTION_DAYS": "371"}, "OUTCOMES_RETENTION_DAYS"),
        ({"OUTCOMES_RETENTION_DAYS": "119"}, "OUTCOMES_RETENTION_DAYS"),
    ],
)
def test_nothing_is_deleted_while_it_is_needed(changes: dict[str, str], named: str) -> None:
    """Exports outlive what is done with them by a week, outcomes outlive exports by a month."""
    (problem,) = _problems(REQUIRED | changes)
    assert problem.startswith(f"{named} must be at least ")


@pytest.mark.parametrize(
    "changes", [{"RETRY_DAYS": "x"}, {"EXPORTS_RETENTION_DAYS": "x"}, {"OUTCOMES_RETENTION_DAYS": "x"}]
)
def test_a_malformed_number_of_days_is_one_problem(changes: dict[str, str]) -> None:
    """It is not compared with the others as well."""
    assert len(_problems(REQUIRED | changes)) == 1


def test_sending_can_be_switched_off() -> None:
    """Everything is done but the requests."""
    assert not read_settings(REQUIRED | {"CONNECTOR_SENDING": "off"}).connector_sending


def test_the_report_has_a_zone() -> None:
    """Its days begin at midnight there, daylight saving time included."""
    zone = read_settings(REQUIRED | {"REPORT_ZONE": "America/Argentina/Buenos_Aires"}).report_zone
    assert str(zone.utcoffset(datetime(2026, 1, 1))) == "-1 day, 21:00:00"  # noqa: DTZ001  (local to the zone)


def test_every_setting_says_what_it_is_for() -> None:
    """A sentence for the reference page, and what its value must be."""
    for setting in SETTINGS.values():
        assert setting.meaning[0].isupper() or setting.meaning.startswith("off: ")
        assert setting.meaning.endswith(".")
        assert setting.should_be


def test_settings_are_frozen_and_keep_the_connection_string_to_themselves() -> None:
    """Nobody changes a setting on the way, and printing them shows no key."""
    settings = read_settings(AZURITE | {"ExportStorage": AZURITES[1]})
    field: Any = "retry_days"
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(settings, field, 1)
    assert "AccountKey" not in repr(settings)


def test_a_start_is_kept_in_utc() -> None:
    """As event times are sent, whatever offset it was given with."""
    told = read_settings(REQUIRED | {"EVENTS_NOT_BEFORE": "2026-11-22T00:30:00+01:00"})
    assert told.events_not_before == "2026-11-21T23:30:00"
    assert (
        read_settings(REQUIRED | {"EVENTS_NOT_BEFORE": "2026-11-22 00:30Z"}).events_not_before
        == "2026-11-22T00:30:00"
    )
