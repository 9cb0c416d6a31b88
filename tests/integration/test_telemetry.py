"""What arrives at Application Insights from the real worker library: figures, correlation, silence about persons."""

import threading
from collections import Counter
from pathlib import Path

import pytest

from local.azure import LocalAzure
from local.host_process import HostProcess
from local.ingestion import Envelope
from local.insights import FIGURES
from local.sample_tables import sources
from local.samples import samples
from local.servers import Answer
from shared.telemetry.names import CONNECTOR_REQUEST, METRICS
from tests.integration.insights import Watched, watched
from tests.integration.outcomes import outcome_of
from tests.support.exports import export


def _upload_export(azure: LocalAzure, running: Watched, name: str, data: bytes) -> dict[str, str]:
    """Upload, announce, and wait for the attempt to end; gives what the host says of it."""
    azure.exports.upload_blob(name, data)
    azure.event_grid.poll()
    return running.host.next()


def _of_export(envelopes: list[Envelope], name: str) -> Envelope:
    """The summary line of an export; there is exactly one."""
    [line] = [one for one in envelopes if one.dimensions.get("export") == name]
    return line


def test_the_figures_of_make_run_equal_those_in_the_outcomes(azure: LocalAzure, tmp_path: Path) -> None:
    """One summary an export with the outcome's figures; the metrics' sums are the outcomes' sums."""
    for name, data in sources().items():
        azure.sources.upload_blob(name, data)
    with watched(azure, tmp_path) as running:
        for sample in samples():
            _upload_export(azure, running, sample.name, sample.data)
        running.swept()
    outcomes = [outcome_of(azure, sample.name) for sample in samples()]
    ingestion = running.ingestion
    lines = ingestion.envelopes("traces")
    assert Counter(line.dimensions.get("event") for line in lines) == {
        "export finished": len(outcomes),
        "sweep finished": 1,
        "day judged": 1,  # by the report that the sweep asks for
    }
    for outcome in outcomes:
        said = _of_export(lines, outcome.export.name).dimensions
        figures = {name: getattr(outcome.records, name, 0) for name in FIGURES}
        assert {name: int(said[name]) for name in FIGURES} == figures
        assert said["status"] == outcome.status.value
        assert said["final"] == "True"
        assert said["code"] == (outcome.error.code if outcome.error else "")
        assert said["invocation_id"] == outcome.invocation_id
        assert int(said["requests"]) == sum(batch.requests for batch in outcome.batches)
    records = [outcome.records for outcome in outcomes if outcome.records]
    requests = sum(batch.requests for outcome in outcomes for batch in outcome.batches)
    sums = {figure: sum(getattr(one, figure) for one in records) for figure in FIGURES}
    assert sums["sent"] == sum(len(sample.sent) for sample in samples())
    for figure in ("sent", "rejected", "ignored", "repeated"):
        assert ingestion.sums(f"gatepost.records.{figure}").total() == sums[figure] > 0
    assert ingestion.sums("gatepost.exports", "status") == Counter(one.status.value for one in outcomes)
    durations = [
        one for one in ingestion.envelopes("customMetrics") if one.name == "gatepost.connector.duration"
    ]
    assert sum(one.data["metrics"][0]["count"] for one in durations) == requests
    names = {one.name for one in ingestion.envelopes("customMetrics")}
    assert {metric.name for metric in METRICS} <= names


@pytest.mark.measured_processes
def test_everything_of_an_invocation_hangs_under_it(azure: LocalAzure, tmp_path: Path) -> None:
    """Line and dependencies, those of other threads included, have the host's operation and parent id."""
    with watched(azure, tmp_path, BATCH_MAX_RECORDS="10") as running:
        upload = _upload_export(azure, running, "day.json", export(25, bad=(3,)))
        timer, sweep = running.swept()
    for said, line, targets in (
        (
            upload,
            "export finished",
            {
                "GET /*/badging-exports/*",  # read ahead, in a thread of its own
                "PUT /*/badging-results/outcomes/*",
                "PUT /*/badging-results/rejected/*",
                "PUT /*/gatepost-state/ledger/*",
                "GET /secrets/*/",
                "POST /*/oauth2/v2.0/token",
                CONNECTOR_REQUEST.name,
            },
        ),
        (timer, None, {"POST /*/badging-exports/messages"}),
        (sweep, "sweep finished", {"GET /*/badging-exports", "GET /*/badging-results", "GET /secrets/*/"}),
    ):
        _, operation, parent, _ = said["traceParent"].split("-")
        of_it = [one for one in running.ingestion.envelopes() if one.operation == operation]
        assert {one.parent for one in of_it} == {parent}
        assert [one.dimensions["event"] for one in of_it if one.table == "traces"] == [line] * bool(line)
        assert targets <= {one.name for one in of_it if one.table == "dependencies"}
    requests = [
        one for one in running.ingestion.envelopes("dependencies") if one.name == CONNECTOR_REQUEST.name
    ]
    assert sorted(one.dimensions["batch"] for one in requests) == ["0", "1", "2"]
    assert {one.data["resultCode"] for one in requests} == {"200"}
    assert {one.data["target"] for one in requests} == {"127.0.0.1"}


@pytest.mark.measured_processes
def test_without_an_operation_of_the_host_an_invocation_is_one_of_its_own(
    azure: LocalAzure, tmp_path: Path
) -> None:
    """Every line and every call of an invocation share an operation, and no two invocations do."""
    environment = azure.environment | azure.telemetry | {"BATCH_MAX_RECORDS": "10"}
    with HostProcess(environment, tmp_path / "host.log") as host:
        for name, first in (("one.json", 1), ("two.json", 101)):
            azure.exports.upload_blob(name, export(25, first=first))
            azure.event_grid.poll()
            assert not host.next()["traceParent"]
    lines = azure.ingestion.envelopes("traces")
    operations = {line.dimensions["export"]: line.operation for line in lines}
    assert len(set(operations.values())) == 2
    calls = azure.ingestion.envelopes("dependencies")
    assert {one.operation for one in calls} == set(operations.values())


def test_sampling_touches_neither_lines_nor_metrics(azure: LocalAzure, tmp_path: Path) -> None:
    """Even where every trace is dropped, a rejected export's line and every count arrive."""
    with watched(azure, tmp_path, OTEL_TRACES_SAMPLER="always_off") as running:
        _upload_export(azure, running, "broken.json", b"[{")
        _upload_export(azure, running, "day.json", export(3))
    ingestion = running.ingestion
    assert {line.dimensions["status"] for line in ingestion.envelopes("traces")} == {"Rejected", "Succeeded"}
    assert ingestion.sums("gatepost.exports", "status") == {"Rejected": 1, "Succeeded": 1}
    assert ingestion.sums("gatepost.records.sent").total() == 3
    assert CONNECTOR_REQUEST.name not in {one.name for one in ingestion.envelopes("dependencies")}


def test_with_the_recommended_sampler_every_call_arrives(azure: LocalAzure, tmp_path: Path) -> None:
    """The default sampler drops the first spans after a start; `always_on` does not."""
    with watched(azure, tmp_path, BATCH_MAX_RECORDS="1") as running:
        _upload_export(azure, running, "day.json", export(40))
    names = Counter(one.name for one in running.ingestion.envelopes("dependencies"))
    assert names[CONNECTOR_REQUEST.name] == 40


@pytest.mark.measured_processes
def test_an_endpoint_that_hangs_holds_no_export_up(azure: LocalAzure, tmp_path: Path) -> None:
    """While it says nothing, exports come and go; once it answers, all that was said meanwhile arrives."""
    released, asked = threading.Event(), threading.Event()

    def hold() -> Answer:
        asked.set()
        released.wait(120)
        return Answer.of({"itemsReceived": 1, "itemsAccepted": 1, "errors": []})

    with watched(azure, tmp_path) as running:
        running.ingestion.trouble = hold
        _upload_export(azure, running, "first.json", export(3))
        assert asked.wait(60)  # from here on the endpoint keeps the exporter waiting
        for number in range(5):
            said = _upload_export(azure, running, f"{number}.json", export(3, first=10 * number + 10))
            assert said["succeeded"]
            assert outcome_of(azure, f"{number}.json").status == "Succeeded"
        assert not released.is_set()
        running.ingestion.trouble = None
        released.set()
    assert len(azure.connector.records()) == 18
    lines = {one.dimensions["export"] for one in running.ingestion.envelopes("traces")}
    assert {f"{number}.json" for number in range(5)} <= lines


@pytest.mark.parametrize("status", [400, 439, 500])
def test_an_endpoint_that_refuses_costs_no_record(azure: LocalAzure, tmp_path: Path, status: int) -> None:
    """Exports succeed, every record arrives once, and the log names nobody."""
    asked = threading.Event()

    def refuse() -> Answer:
        asked.set()
        return Answer.of({"itemsReceived": 1, "itemsAccepted": 0, "errors": []}, status)

    with watched(azure, tmp_path) as running:
        running.ingestion.trouble = refuse
        assert _upload_export(azure, running, "first.json", export(3))["succeeded"]
        assert asked.wait(60)
        for number in range(2):
            assert _upload_export(azure, running, f"{number}.json", export(3, first=10 * number + 10))[
                "succeeded"
            ]
            assert outcome_of(azure, f"{number}.json").status == "Succeeded"
        running.host.kill()
    assert len(azure.connector.records()) == 9
    assert azure.connector.requests == 3
    assert "@example.com" not in running.said()


def test_an_endpoint_that_is_not_there_costs_no_record(azure: LocalAzure, tmp_path: Path) -> None:
    """Nobody listens on its port: the same."""
    nowhere = "InstrumentationKey=00000000-0000-0000-0000-000000000001;IngestionEndpoint=http://127.0.0.1:9/"
    settings = {"APPLICATIONINSIGHTS_CONNECTION_STRING": f"{nowhere};LiveEndpoint=http://127.0.0.1:9/"}
    with watched(azure, tmp_path, **settings) as running:
        assert _upload_export(azure, running, "day.json", export(3))["succeeded"]
        running.host.kill()
    assert outcome_of(azure, "day.json").status == "Succeeded"
    assert len(azure.connector.records()) == 3
    assert running.ingestion.requests == 0


def test_with_telemetry_off_nothing_is_sent(azure: LocalAzure, tmp_path: Path) -> None:
    """The line is in the log all the same."""
    with watched(azure, tmp_path, PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY="false") as running:
        _upload_export(azure, running, "day.json", export(3))
    assert running.ingestion.requests == 0
    assert "export finished: Succeeded day.json: 3 of 3 records sent." in running.log.read_text()
