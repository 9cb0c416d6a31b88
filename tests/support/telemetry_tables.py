"""The tables of Application Insights in a database of this process, on which the alerts' queries are run."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final, Self

import duckdb_kql
from duckdb_kql.translate import CLOCK_SLOT

from infra.workbook import QUERIES

type Table = str
_COLUMNS: Final = {
    "traces": "timestamp timestamp, message varchar, customDimensions json",
    "requests": "timestamp timestamp, name varchar, success varchar, resultCode varchar",
    "customMetrics": "timestamp timestamp, name varchar, value double, valueSum double, valueCount integer, "
    "valueMax double, customDimensions json",
}


@dataclass(frozen=True, slots=True, order=True)
class Row:
    """One row of a table: when, and its other columns in order."""

    at: datetime
    table: Table
    values: tuple[Any, ...]


def line(at: datetime, message: str, **attributes: object) -> Row:
    """A log line; attributes arrive as text."""
    return Row(at, "traces", (message, json.dumps({key: str(value) for key, value in attributes.items()})))


def metric(at: datetime, name: str, value: float, **attributes: str) -> Row:
    """One measurement, as the exporter sends it: a sum of one."""
    return Row(at, "customMetrics", (name, value, value, 1, value, json.dumps(attributes)))


def request(at: datetime, function: str, *, success: bool) -> Row:
    """One invocation, as the host reports it."""
    return Row(at, "requests", (function, str(success), "0" if success else "1"))


class TelemetryTables:
    """Rows, and what an alert's query finds in them at a given time. Use it in a `with` block."""

    def __enter__(self) -> Self:
        """Make the tables."""
        self._database = duckdb_kql.connect()
        self._database.sql("set threads = 1")
        self._database.sql("pragma disable_optimizer")  # takes longer than what it saves on a few rows
        for table, columns in _COLUMNS.items():
            self._database.sql(f"create table {table}({columns})")
        return self

    def __exit__(self, *_: object) -> None:
        """Forget everything."""
        self._database.close()

    def hold(self, rows: Sequence[Row]) -> None:
        """Keep these rows and no others."""
        for table in _COLUMNS:
            self._database.execute(f"delete from {table}")  # noqa: S608  (our own table names)
            values = [[row.at.replace(tzinfo=None), *row.values] for row in rows if row.table == table]
            if values:
                one_row = "(" + ", ".join("?" * len(values[0])) + ")"
                insert = f"insert into {table} values " + ", ".join([one_row] * len(values))  # noqa: S608  (as above)
                self._database.execute(insert, [value for row in values for value in row])

    def found(self, alert: str, now: datetime, *, rejected: int = 5, hours: int = 26) -> list[dict[str, Any]]:
        """The rows an alert's query returns at a time; `now()` and `ago()` mean that time."""
        query = _translated(alert, rejected, hours)
        clock = {name: now.replace(tzinfo=None) for name in query.parameters if name == CLOCK_SLOT}
        result = self._database.execute(str(query), {**query.parameters, **clock})
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


@cache
def _translated(alert: str, rejected: int, hours: int) -> Any:
    figures = f"let rejected_percent = {rejected};\nlet no_records_hours = {hours};\n"
    schema = {
        table: [column.split()[0] for column in columns.split(", ")] for table, columns in _COLUMNS.items()
    }
    text = figures + (QUERIES / "alerts" / f"{alert}.kql").read_text()
    return duckdb_kql.to_sql(text, schema=schema, query_now=datetime(2026, 1, 1, tzinfo=UTC))
