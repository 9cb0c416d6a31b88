"""`docs/telemetry.md` says what the code does: every name, unit and attribute, and queries that use no others."""

import json
import re

import pytest

from local.host import ROOT
from local.ingestion import RECOMMENDED
from shared.telemetry.names import ATTRIBUTES, EVENTS, METRICS, SPANS
from tests.support.kusto import used

GUIDE = (ROOT / "docs/telemetry.md").read_text()
QUERIES = re.findall(r"```kusto\n(.*?)```", GUIDE, re.DOTALL)
ALL_USED = [used(query) for query in QUERIES]


def _section(title: str) -> str:
    return re.split(r"\n##+ ", GUIDE.partition(f"### {title}\n")[2])[0]


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_uses_only_names_that_exist(query: str) -> None:
    """Metrics, events, spans, and attributes of those it asks for."""
    assert used(query).unknown() == set()


@pytest.mark.parametrize(
    ("query", "unknown"),
    [
        ('customMetrics | where name == "gatepost.exprots"', {"gatepost.exprots"}),
        ('traces | where customDimensions.event == "export finshed"', {"export finshed"}),
        ('traces | where tostring(customDimensions["event"]) == "gone"', {"gone"}),
        ('customMetrics | where name == "gatepost.exports" | extend customDimensions.sent', {"sent"}),
        ('traces | where customDimensions["export"] == 1 | extend customDimensions.shipped', {"shipped"}),
        ('dependencies | where name == "POST /elsewhere"', {"POST /elsewhere"}),
    ],
)
def test_a_name_that_does_not_exist_is_found(query: str, unknown: set[str]) -> None:
    """A typing error in a query does not go unnoticed."""
    assert used(query).unknown() == unknown


def test_every_name_has_an_example_query() -> None:
    """Metrics, events and spans each, and every attribute of an event and a metric in one of them."""
    assert {name for one in ALL_USED for name in one.metrics} == {metric.name for metric in METRICS}
    assert {name for one in ALL_USED for name in one.events} == {event.name for event in EVENTS}
    assert {name for one in ALL_USED for name in one.spans} == {span.name for span in SPANS}
    queried = {name for one in ALL_USED for name in one.attributes}
    promised = {name for one in (*METRICS, *EVENTS) for name in one.attributes}
    assert promised - queried == set()


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_an_event_s_section_names_all_its_attributes(event: object) -> None:
    """Each event has a section of its own."""
    [one] = [known for known in EVENTS if known is event]
    section = _section(f"`{one.name}`")
    for attribute in one.attributes:
        assert f"`{attribute}`" in section, attribute


def test_every_attribute_is_documented_and_used() -> None:
    """No attribute without a meaning, none that nothing has."""
    for attribute in ATTRIBUTES:
        assert f"`{attribute}`" in GUIDE, attribute
    assert {name for one in (*METRICS, *EVENTS, *SPANS) for name in one.attributes} == set(ATTRIBUTES)


def test_the_settings_are_those_the_tests_run_with() -> None:
    """What is recommended is what has been tried."""
    table = dict(
        re.findall(r"^\| `([A-Z_]+)` \| `([^`]+)` \|", GUIDE.partition("## Settings")[2], re.MULTILINE)
    )
    assert RECOMMENDED.items() <= table.items()
    assert json.loads((ROOT / "host.json").read_text())["telemetryMode"] == "OpenTelemetry"
