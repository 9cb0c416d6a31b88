"""Queries use names that exist: what the code emits, what the stacks make, what the alert's rule can read."""

import json
import re
from pathlib import Path

import pytest
from typer.main import get_command

from commands.program import app
from infra.workbook import CHARTS, QUERIES, WORKBOOK, rendered
from shared.error_codes import ERROR_CODES, Status
from shared.telemetry import names
from tests.support.stacks import BICEP, INFRA, TERRAFORM

ALERTS = json.loads((QUERIES / "alerts.json").read_text())
FILES = sorted(QUERIES.glob("*/*.kql"))
METRICS = {metric.name: metric for metric in names.METRICS}
EVENTS = {event.name: event for event in names.EVENTS}
each_query = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def _query(path: Path) -> str:
    return re.sub(r"(?m)^//.*$", "", path.read_text())


@each_query
def test_names_in_a_query_exist(path: Path) -> None:
    """Metrics, events, statuses and codes are the code's; a renamed one would make an alert silent."""
    query = _query(path)
    assert set(re.findall(r'message startswith "([^"]+)"', query)) <= set(EVENTS)
    assert set(re.findall(r'"(gatepost\.[^"]+)"', query)) <= set(METRICS)
    assert set(re.findall(r'status [!=]= "(\w+)"', query)) <= {status.value for status in Status}
    assert set(re.findall(r'\bcode = "([^"]+)"', query)) <= set(ERROR_CODES)
    for codes in re.findall(r"\bcode !in \(([^)]*)\)", query):
        assert set(re.findall(r'"([^"]+)"', codes)) <= set(ERROR_CODES)
    assert "badging-" not in query


@each_query
def test_attributes_in_a_query_are_those_of_its_event_or_metric(path: Path) -> None:
    """An attribute that the event does not carry is empty for ever."""
    query = _query(path)
    known: set[str] = set()
    for event in re.findall(r'message startswith "([^"]+)"', query):
        known |= set(EVENTS[event].attributes)
    for metric in re.findall(r'"(gatepost\.[^"]+)"', query):
        known |= set(METRICS[metric].attributes)
    used = re.findall(r'customDimensions(?:\.(\w+)|\["(\w+)"\])', query)
    assert {plain or quoted for plain, quoted in used} <= known


@each_query
def test_a_query_says_what_it_finds_and_is_short(path: Path) -> None:
    """A comment on top; it can be read on one screen."""
    lines = path.read_text().splitlines()
    assert lines[0].startswith("// ")
    assert len(lines) <= 24


def test_every_metric_is_watched_or_shown() -> None:
    """A metric that neither the workbook nor an alert uses would be kept for nobody."""
    used = set(re.findall(r'"(gatepost\.[^"]+)"', "\n".join(_query(path) for path in FILES)))
    assert used == set(METRICS)


def test_the_workbook_is_made_of_its_queries() -> None:
    """After a query was changed, `python -m infra.workbook` writes the workbook anew."""
    assert WORKBOOK.read_text() == rendered()
    assert {chart.name for chart in CHARTS} == {path.stem for path in FILES if path.parent.name == "workbook"}


def test_alerts_have_a_query_each_and_both_stacks_load_it() -> None:
    """No query without an alert, none missing; Bicep names each, Terraform reads them by name."""
    named = {alert["name"] for alert in ALERTS["log"]}
    assert named == {path.stem for path in FILES if path.parent.name == "alerts"}
    queries = next(one.body for _, one in BICEP if one.kind == "var" and one.name == "queries")
    assert queries == {name: f"loadTextContent('../queries/alerts/{name}.kql')" for name in named}
    rule = next(one.body for _, one in TERRAFORM if one.name == "log_alerts")
    assert '/../queries/alerts/${each.key}.kql")' in rule["criteria"][0]["query"]


def test_both_stacks_put_the_same_figures_in_front_of_a_query() -> None:
    """The two that a person sets, and each is used."""
    bicep = next(one.body for _, one in BICEP if one.kind == "var" and one.name == "parameters")
    terraform = next(
        one.body["parameters"] for _, one in TERRAFORM if one.kind == "locals" and "parameters" in one.body
    )
    figures = re.findall(r"let (\w+) =", str(bicep))
    assert figures == re.findall(r"let (\w+) =", str(terraform))
    text = "\n".join(_query(path) for path in FILES)
    assert sorted(figures) == ["no_records_hours", "rejected_percent"]
    for figure in figures:
        assert re.search(rf"\b{figure}\b", text), figure


@pytest.mark.parametrize("alert", ALERTS["log"] + ALERTS["metric"], ids=lambda alert: alert["name"])
def test_an_alert_says_what_to_do_next(alert: dict[str, object]) -> None:
    """Its text begins with what happened and names a place to look; Azure takes no longer one."""
    text = str(alert["text"])
    assert re.search(r"\b(Open|Look|look|Check|check|Make|In the portal|open)\b", text)
    assert len(text) <= 1024
    assert alert["severity"] in ({4} if alert["name"] == "daily-notice" else {1, 2})


def test_alerts_name_only_what_exists() -> None:
    """Containers, queues, codes, functions, commands and parameters in the texts are real."""
    text = " ".join(alert["text"] for alert in ALERTS["log"] + ALERTS["metric"])
    assert {"BlobUploadTrigger", "TimerUploadTrigger"} == set(re.findall(r"\b\w+UploadTrigger\b", text))
    assert set(re.findall(r"\b(?:connector|entra|vault|storage)-(?:\w+)\b", text)) <= set(ERROR_CODES)
    assert set(re.findall(r"\bbadging-[a-z-]+", text)) <= {
        "badging-exports",
        "badging-results",
        "badging-exports-poison",
    }
    for container in ("outcomes", "rejected"):
        assert f'"{container}/' in (INFRA.parent / "shared" / "blob_names.py").read_text()
    known = get_command(app).commands  # type: ignore[attr-defined]  # a group of commands
    assert set(re.findall(r"python gatepost\.py ([a-z-]+)", text)) <= set(known)
    parameters = (INFRA / "bicep" / "main.bicep").read_text()
    for parameter, kind in {"dailyNotice": "bool", "noRecordsHours": "int", "rejectedPercent": "int"}.items():
        assert parameter in text
        assert f"param {parameter} {kind}" in parameters


def test_a_query_that_returns_times_would_be_cut_into_windows() -> None:
    """Azure evaluates rows that carry a timestamp window by window; ours look at two days at once."""
    for path in FILES:
        if path.parent.name == "alerts":
            last = _query(path).strip().splitlines()[-1]
            assert re.match(r"\| (project|summarize) ", last), path.stem
            assert not re.search(r"\b(timestamp|TimeGenerated)\b", last), path.stem


def test_an_alerts_query_gives_ago_a_literal() -> None:
    """Azure takes nothing else in a rule, and its own check of the query is switched off."""
    for path in FILES:
        if path.parent.name == "alerts":
            assert all(
                re.fullmatch(r"\d+[hd]", text) for text in re.findall(r"\bago\(([^)]*)\)", _query(path))
            )


def test_an_alert_is_split_by_few_values() -> None:
    """Azure keeps 300 alerts of a rule at most, and forgets the rest: codes, bands, statuses, sources, one sentence; never exports."""
    for alert in ALERTS["log"]:
        assert set(alert["dimensions"]) <= {"code", "notice", "problem", "status", "source"}
        assert alert["scope"] == "component"
        columns = re.split(
            r"\bby\b|[,|]", _query(QUERIES / "alerts" / f"{alert['name']}.kql").strip().splitlines()[-1]
        )
        assert set(alert["dimensions"]) <= {
            column.split()[-1].partition(" =")[0] for column in columns if column.split()
        }
