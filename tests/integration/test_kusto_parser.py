"""Every query in alerts, workbook and guides is one that Microsoft's own parser takes, on the tables that it will meet."""

import re

import pytest

from infra.workbook import QUERIES
from local.npm import InstallError
from tests.support.guides import guides
from tests.support.kusto_parser import diagnostics

FIGURES = "let rejected_percent = 5;\nlet no_records_hours = 26;\n"


def _diagnostics(queries: dict[str, str]) -> dict[str, list[str]]:
    try:
        return diagnostics(queries)
    except InstallError as error:
        pytest.skip(f"Not checked: the Kusto parser is not at hand. {error}")


def _queries() -> dict[str, str]:
    found = {f"{path.parent.name}/{path.name}": path.read_text() for path in sorted(QUERIES.glob("*/*.kql"))}
    for guide in guides():
        for number, block in enumerate(re.findall(r"```kusto\n(.*?)```", guide.read_text(), re.DOTALL), 1):
            found[f"{guide.name} {number}"] = block
    return found


def test_every_query_is_parsed_without_a_remark() -> None:
    """Grammar, tables, columns, functions and types; the stacks' figures stand in front of each."""
    queries = _queries()
    said = _diagnostics({name: FIGURES + text for name, text in queries.items()})
    assert {name: remarks for name, remarks in said.items() if remarks} == {}
    assert set(said) == set(queries)
    print(f"\nKusto parser: {len(said)} queries, no remark")


def test_the_parser_sees_what_is_wrong() -> None:
    """A column that is not there, a word that is none, a number added to a text."""
    said = _diagnostics(
        {
            "column": "traces | where timestmp > ago(1d)",
            "operator": "traces | sumarize count()",
            "type": "traces | project message + 1",
            "good": "traces | take 1",
        }
    )
    assert said.pop("good") == []
    assert all(said.values())
