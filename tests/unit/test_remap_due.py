"""Which outcomes have rejected records that another mapping may help."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from shared.delivery.outcome import Error, Export, Outcome, Records, SourceVersion
from shared.delivery.outcome_listing import ListedOutcome
from shared.delivery.outcome_metadata import mapping_tried
from shared.delivery.remap_due import has_rejected_rows, is_due_in_part, is_due_whole, may_be_helped
from shared.error_codes import RejectedCode, Status
from shared.messages import Message, OperatorRequest
from tests.support.fake_clock import MORNING

PARTIAL = Outcome(
    status=Status.PARTIALLY_SUCCEEDED,
    export=Export(container="c", name="n", etag="e"),
    records=Records(read=3, sent=2, rejected=1),
    source=SourceVersion("munich", "5a", {}),
    job_id="j",
    invocation_id="i",
    version="2.0.0",
    started_at="2026-11-22T05:00:00Z",
)


@pytest.mark.parametrize(
    ("changes", "has"),
    [
        ({}, True),
        ({"status": Status.REJECTED}, False),
        ({"status": Status.BLOCKED}, False),
        ({"source": None}, False),
        ({"records": None}, False),
        ({"records": Records(read=3, sent=2, refused=1)}, False),
        ({"source": None, "records": None}, False),
    ],
)
def test_only_what_a_source_had_rejected_in_part_can_be_tried_by_itself(
    changes: dict[str, Any], *, has: bool
) -> None:
    """Refused records are the connector's; without a source there is no mapping."""
    assert has_rejected_rows(msgspec.structs.replace(PARTIAL, **changes)) is has


def test_an_export_without_an_outcome_has_none() -> None:
    """Nobody has read it yet."""
    assert has_rejected_rows(None) is False


ASKED = Message("n", "e", "sweep", remap=True)
REQUEST = OperatorRequest("0b7c2a52-1111-4222-8333-444455556666", "retry", "2026-11-22T05:00:00Z")
TRIED = mapping_tried(PARTIAL)


@pytest.mark.parametrize(
    ("previous", "message", "mapping", "begun", "due"),
    [
        (PARTIAL, ASKED, "new", False, True),
        (PARTIAL, ASKED, TRIED, False, False),
        (PARTIAL, ASKED, None, False, False),
        (PARTIAL, ASKED, TRIED, True, True),
        (PARTIAL, ASKED, None, True, True),
        (PARTIAL, replace(ASKED, remap=False), "new", True, False),
        (PARTIAL, replace(ASKED, request=REQUEST), TRIED, False, True),
        (PARTIAL, replace(ASKED, request=REQUEST, remap=False), TRIED, True, False),
        (msgspec.structs.replace(PARTIAL, status=Status.REJECTED), ASKED, "new", True, False),
        (None, ASKED, "new", True, False),
    ],
)
def test_rejected_records_are_due_under_another_mapping_if_a_person_asks_or_a_pass_has_begun(
    previous: Outcome | None, message: Message, mapping: str | None, *, begun: bool, due: bool
) -> None:
    """And only by a message that asks for them."""
    assert is_due_in_part(previous, message, mapping, lambda: begun) is due


def rejected(code: RejectedCode | None) -> Outcome:
    """The outcome of an export that was rejected whole."""
    error = Error(code=code, message="m", help="h") if code else None
    return msgspec.structs.replace(PARTIAL, status=Status.REJECTED, error=error)


TOO_MANY = rejected(RejectedCode.TOO_MANY_INVALID)


@pytest.mark.parametrize(
    ("previous", "message", "mapping", "is_current", "due"),
    [
        (TOO_MANY, ASKED, "new", True, True),
        (rejected(None), ASKED, "new", True, True),
        (TOO_MANY, ASKED, TRIED, True, False),
        (TOO_MANY, ASKED, None, True, False),
        (TOO_MANY, ASKED, "new", False, False),
        (TOO_MANY, replace(ASKED, remap=False), "new", True, False),
        (PARTIAL, ASKED, "new", True, False),
        (rejected(RejectedCode.TOO_LARGE), ASKED, "new", True, False),
        (rejected(RejectedCode.EMPTY_EXPORT), ASKED, "new", True, False),
    ],
)
def test_a_rejected_export_is_attempted_again_under_another_mapping(
    previous: Outcome, message: Message, mapping: str | None, *, is_current: bool, due: bool
) -> None:
    """If it is still there, and was not rejected for what no mapping can change."""
    assert is_due_whole(previous, message, mapping, is_current=is_current) is due


LISTED = ListedOutcome(
    path="outcomes/munich/1.csv/0x1.json",
    name="munich/1.csv",
    etag="0x1",
    status=Status.REJECTED,
    retry=None,
    code="too-many-invalid",
    sent=0,
    rejected=3,
    finished_at=MORNING,
    next_attempt_at=None,
    source="munich",
    last_modified=MORNING,
    mapping="5a",
)
IN_PART = replace(LISTED, status=Status.PARTIALLY_SUCCEEDED, code="")


@pytest.mark.parametrize(
    ("outcome", "days", "is_current", "helped"),
    [
        (LISTED, 3, True, True),
        (LISTED, 3, False, False),
        (replace(LISTED, name="1.csv"), 3, True, False),
        (replace(LISTED, code="too-large"), 3, True, False),
        (replace(LISTED, name="_/" + "0" * 64), 3, True, False),
        (replace(IN_PART, name="_/" + "0" * 64), 3, True, False),
        (IN_PART, 3, False, True),
        (replace(IN_PART, rejected=0), 3, True, False),
        (replace(IN_PART, mapping=""), 3, True, False),
        (replace(IN_PART, finished_at=MORNING - timedelta(days=3)), 3, True, True),
        (replace(IN_PART, finished_at=MORNING - timedelta(days=3, seconds=1)), 3, True, False),
        (replace(LISTED, status=Status.SUCCEEDED, code=""), 3, True, False),
    ],
)
def test_a_listing_shows_what_another_mapping_may_help(
    outcome: ListedOutcome, days: int, *, is_current: bool, helped: bool
) -> None:
    """For so many days from its end; a rejected export only while it is there."""
    assert may_be_helped(outcome, MORNING, days, is_current=is_current) is helped
