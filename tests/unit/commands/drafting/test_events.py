"""How JSON events are laid out."""

import json

import pytest

from commands.drafting.events import read_events
from shared.errors import ExportError

EVENT = {"time": "2026-11-22T07:58:12Z", "person": {"id": 31, "e-mail": None}, "door": {"no.": "A"}}


@pytest.mark.parametrize(
    ("text", "records", "lines", "count"),
    [
        (json.dumps([EVENT, EVENT]), None, False, 2),
        (json.dumps(EVENT), None, False, 1),
        (json.dumps(EVENT) + "\n" + json.dumps(EVENT), None, True, 2),
        (json.dumps({"events": [EVENT, EVENT], "errors": []}), "events", False, 2),
        (json.dumps({"data": {"hits": [EVENT]}, "links": [{"a": 1}]}), "links", False, 1),
        (json.dumps({"data": {"hits": [EVENT] * 3}}) + "\n" + json.dumps({"data": {"hits": [EVENT] * 2}}), "data.hits", True, 5),
        (json.dumps({"a b": [EVENT]}), '"a b"', False, 1),
    ],
)  # fmt: skip
def test_events_are_found_wherever_they_stand(
    text: str, records: str | None, count: int, *, lines: bool
) -> None:
    """At the top, one a line, or in the longest list of a page."""
    layout, rows = read_events(text)
    assert (layout.records, layout.lines, len(rows)) == (records, lines, count)


def test_paths_lead_to_every_text() -> None:
    """Odd names are quoted, typed lists are entered by their type, numbers stay as they were written."""
    event = EVENT | {"target": [{"type": "door", "id": "d-1"}, {"type": "hub", "id": "h-1"}], "n": 1.50}
    layout, (row,) = read_events(json.dumps([event]).replace("1.5", "1.50"))
    found = dict(zip(layout.paths, row, strict=True))
    assert found == {
        "time": "2026-11-22T07:58:12Z",
        "person.id": "31",
        'door."no."': "A",
        "n": "1.50",
        "target[?type=='door'].id | [0]": "d-1",
        "target[?type=='hub'].id | [0]": "h-1",
    }


def test_a_list_in_each_line_is_not_taken_for_the_events() -> None:
    """A small list inside every event is a detail."""
    lines = "\n".join(json.dumps(EVENT | {"tags": [{"name": "x"}]}) for _ in range(3))
    layout, rows = read_events(lines)
    assert (layout.records, len(rows)) == (None, 3)


def test_what_was_cut_at_the_end_is_left_out() -> None:
    """Only the first part of a large file is read for a draft."""
    _, rows = read_events(json.dumps(EVENT) + "\n" + json.dumps(EVENT)[:20])
    assert len(rows) == 1


@pytest.mark.parametrize(
    ("text", "code"), [('[{"a": 1},', "broken-json"), ("[1, 2]", "not-json"), ("[]", "not-json")]
)
def test_what_holds_no_events_is_refused(text: str, code: str) -> None:
    """With a reason."""
    with pytest.raises(ExportError) as refused:
        read_events(text)
    assert refused.value.code == code
