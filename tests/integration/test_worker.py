"""The two functions under Microsoft's worker library: what they are bound to, and what comes out of them."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from local.azure import LocalAzure
from local.event_grid import EventGrid, Schema
from local.host import ROOT
from local.host_process import HostError, HostProcess
from local.host_times import HostTimes
from local.vault import refuses
from tests.integration.conftest import StartHost
from tests.integration.outcomes import make_overdue, outcome_of
from tests.support.exports import export


def test_host_json_has_the_figures_of_the_design() -> None:
    """One message at a time, five tries five minutes apart, forty minutes for an attempt."""
    document = json.loads((ROOT / "host.json").read_text())
    assert document["extensions"]["queues"] == {
        "batchSize": 1,
        "newBatchThreshold": 0,
        "maxDequeueCount": 5,
        "visibilityTimeout": "00:05:00",
        "messageEncoding": "none",
    }
    assert document["functionTimeout"] == "00:40:00"
    assert document["extensionBundle"]["version"] == "[4.0.0, 5.0.0)"
    assert HostTimes.of(ROOT) == HostTimes(
        5, 300, 2_400, hidden_seconds=600, cancel_seconds=2, grace_seconds=10
    )


@pytest.mark.parametrize("schema", ["event-grid", "cloud-events"])
@pytest.mark.parametrize("plain", [True, False], ids=["plain", "base64"])
def test_every_form_of_event_is_understood(
    azure: LocalAzure, start_host: StartHost, schema: Schema, *, plain: bool
) -> None:
    """Event Grid schema and CloudEvents, plain and base64, lead to the same attempt."""
    host = start_host()
    azure.exports.upload_blob("2026/day.json", export(3))
    EventGrid(azure.exports, azure.queue, schema=schema, plain=plain).poll()
    assert host.next()["succeeded"]
    assert outcome_of(azure, "2026/day.json").status == "Succeeded"
    assert azure.connector.records() == json.loads(export(3))


@pytest.mark.measured_processes
def test_a_renamed_blob_is_an_upload(azure: LocalAzure, start_host: StartHost) -> None:
    """Exporters write `x.tmp` and rename it: the new name is sent; what was written under the old one is ignored."""
    host = start_host()
    azure.exports.upload_blob("day.json.tmp", export(3))
    azure.event_grid.rename("day.json.tmp", "day.json")
    assert host.next()["succeeded"]
    assert outcome_of(azure, "day.json").status == "Succeeded"
    assert azure.connector.records() == json.loads(export(3))


@pytest.mark.measured_processes
def test_a_bad_message_is_tried_five_times_and_set_aside(
    azure: LocalAzure, start_host: StartHost, host_log: Callable[[], str]
) -> None:
    """What is no message of ours leaves the function as one exception with a fixed text and ends in the poison queue."""
    host = start_host(pause_seconds=0)
    azure.queue.send_message(
        '{"eventType": "Microsoft.Storage.BlobDeleted", "subject": "person@example.com"}'
    )
    ends = [host.next() for _ in range(5)]
    assert [end["tries"] for end in ends] == [1, 2, 3, 4, 5]
    assert {end["error"] for end in ends} == {"InvocationError(\"bad-message (export '-', outcome '-')\")"}
    assert [one.content[:11] for one in azure.poison.receive_messages()] == ['{"eventType']
    assert azure.queue.get_queue_properties().approximate_message_count == 0
    assert azure.connector.requests == 0
    assert "person@example.com" not in host_log()


@pytest.mark.measured_processes
def test_a_bad_deployment_says_everything_that_is_wrong_with_it(
    azure: LocalAzure, start_host: StartHost, host_log: Callable[[], str]
) -> None:
    """The log lists each setting by name, and no value; the message stays for better days."""
    host = start_host({"CONNECTOR_JOB_ID": "not-a-guid", "KEY_VAULT_URI": "", "RETRY_DAYS": "0"})
    azure.exports.upload_blob("day.json", export(1))
    azure.event_grid.poll()
    assert host.next()["error"] == "InvocationError(\"bad-settings (export '-', outcome '-')\")"
    log = host_log()
    assert "CONNECTOR_JOB_ID must be a GUID" in log
    assert "KEY_VAULT_URI is missing" in log
    assert "RETRY_DAYS must be a whole number from 1 to 390" in log
    assert "not-a-guid" not in log
    assert azure.queue.get_queue_properties().approximate_message_count == 1


@pytest.mark.measured_processes
def test_the_sweep_finds_what_nobody_is_working_on(azure: LocalAzure, start_host: StartHost) -> None:
    """The timer's function queues a sweep, which queues what is due, then the report: all of it is the queue's function."""
    host = start_host({"RETRY_MAX_SECONDS": "0"})
    azure.vault.trouble = lambda: refuses(503, "ServiceUnavailable")
    azure.exports.upload_blob("day.json", export(3))
    azure.event_grid.poll()
    host.next()
    assert outcome_of(azure, "day.json").status == "Failed"
    azure.queue.clear_messages()  # the requeue is lost, and the report's message
    azure.vault.trouble = None
    make_overdue(azure, "day.json")
    assert host.sweep()["succeeded"]
    assert [host.next()["succeeded"] for _ in range(3)] == [True] * 3  # the sweep, the export, the report
    assert azure.results.get_blob_client("reports/latest.html").exists()
    outcome = outcome_of(azure, "day.json")
    assert (outcome.status, outcome.trigger, outcome.attempts) == ("Succeeded", "upload", 2)


@pytest.mark.measured_processes
def test_storage_is_reached_with_the_managed_identity(tmp_path: Path) -> None:
    """Over https with tokens of the app's identity, as in Azure, the same export takes the same way."""
    with LocalAzure(with_identity=True) as azure, HostProcess(azure.environment, tmp_path / "log") as host:
        azure.exports.upload_blob("day.json", export(12, bad=(5,)))
        azure.event_grid.poll()
        assert host.next()["succeeded"]
        outcome = outcome_of(azure, "day.json")
        assert outcome.status == "PartiallySucceeded"
        assert azure.connector.records() == [
            one for one in json.loads(export(12)) if one["AssetId"] != "door-000005"
        ]


def test_a_function_that_does_not_fit_its_binding_does_not_load(azure: LocalAzure, tmp_path: Path) -> None:
    """The worker library's own check: a binding that `main` does not name is refused when the host starts."""
    root = tmp_path / "app"
    folder = root / "BlobUploadTrigger"
    folder.mkdir(parents=True)
    (root / "host.json").write_text((ROOT / "host.json").read_text())
    (folder / "__init__.py").write_text((ROOT / "BlobUploadTrigger/__init__.py").read_text())
    binding = (ROOT / "BlobUploadTrigger/function.json").read_text().replace('"message"', '"letter"')
    (folder / "function.json").write_text(binding)
    with (
        pytest.raises(HostError, match="has ended"),
        HostProcess(azure.environment, tmp_path / "log", root=root),
    ):
        pass
    assert "cannot load the BlobUploadTrigger function" in (tmp_path / "log").read_text()
