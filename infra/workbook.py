"""Put the queries of `queries/workbook/` together into `queries/workbook.json`, which both stacks deploy.

`python -m infra.workbook` writes the file anew after a query was changed; a test fails while the two differ. The
file can also be pasted into the portal's advanced editor as it is.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

QUERIES: Final = Path(__file__).parent / "queries"
WORKBOOK: Final = QUERIES / "workbook.json"


@dataclass(frozen=True, slots=True)
class Chart:
    """One part of the workbook: the query of this name, how it is drawn, and what a reader should know."""

    name: str
    title: str
    drawn_as: str
    note: str = ""


CHARTS: Final = (
    Chart(
        "days",
        "Is it complete?",
        "table",
        "By the day of the events; state and usual as `gatepost.py day` says.",
    ),
    Chart("health", "How it stands", "tiles", "Measured by the daily sweep."),
    Chart("records-per-day", "Records per day", "barchart"),
    Chart(
        "exports-by-status", "Exports by status", "barchart", "An export that is tried again counts again."
    ),
    Chart(
        "last-exports",
        "Last exports",
        "table",
        "code, retry and the counts are those of the outcome in badging-results/outcomes/.",
    ),
    Chart("waiting", "Not finished at the last sweep", "table"),
    Chart("sources", "Sources at the last sweep", "table", "Late is measured by the source's own schedule."),
    Chart(
        "reasons",
        "Reasons for rejection",
        "table",
        "The worst reason of each export; the rejected records are below badging-results/rejected/.",
    ),
    Chart(
        "connector-latency",
        "Connector latency",
        "linechart",
        "Seconds until the connector answered; status 0 is no answer.",
    ),
    Chart("export-duration", "Duration of an attempt", "table"),
)


def workbook() -> dict[str, Any]:
    """The workbook as Azure keeps it."""
    items = [_text("title", "# Gatepost\nWhat became of the badge exports. Times are UTC."), _time_range()]
    for chart in CHARTS:
        items.append(_query(chart))
        if chart.note:
            items.append(_text(f"{chart.name}-note", chart.note))
    return {
        "version": "Notebook/1.0",
        "items": items,
        "$schema": "https://github.com/Microsoft/Application-Insights-Workbooks/blob/master/schema/workbook.json",
    }


def rendered() -> str:
    """The workbook as text, as it stands in the file."""
    return json.dumps(workbook(), indent=2) + "\n"


def _text(name: str, text: str) -> dict[str, Any]:
    return {"type": 1, "name": name, "content": {"json": text}}


def _time_range() -> dict[str, Any]:
    choices = [{"durationMs": days * 86_400_000} for days in (1, 7, 30, 90)]
    return {
        "type": 9,
        "name": "parameters",
        "content": {
            "version": "KqlParameterItem/1.0",
            "parameters": [
                {
                    "id": "6f1d2a5e-0d0c-4f0e-9a3b-2f6c8d1b7e90",
                    "version": "KqlParameterItem/1.0",
                    "name": "TimeRange",
                    "label": "Time range",
                    "type": 4,
                    "isRequired": True,
                    "value": {"durationMs": 30 * 86_400_000},
                    "typeSettings": {"selectableValues": choices},
                }
            ],
            "style": "pills",
            "queryType": 0,
            "resourceType": "microsoft.insights/components",
        },
    }


def _query(chart: Chart) -> dict[str, Any]:
    content: dict[str, Any] = {
        "version": "KqlItem/1.0",
        "query": (QUERIES / "workbook" / f"{chart.name}.kql").read_text(encoding="utf-8"),
        "size": 0,
        "title": chart.title,
        "timeContextFromParameter": "TimeRange",
        "queryType": 0,
        "resourceType": "microsoft.insights/components",
        "visualization": chart.drawn_as,
    }
    if chart.drawn_as == "tiles":
        content["tileSettings"] = {
            "titleContent": {"columnMatch": "figure", "formatter": 1},
            "leftContent": {"columnMatch": "value", "formatter": 12},
            "secondaryContent": {"columnMatch": "measured", "formatter": 6},
            "showBorder": True,
        }
    return {"type": 3, "name": chart.name, "content": content}


if __name__ == "__main__":
    WORKBOOK.write_text(rendered(), encoding="utf-8")
