"""Which outcomes have rejected records that another mapping may help."""

from typing import Any

import msgspec
import pytest

from shared.delivery.outcome import Export, Outcome, Records, SourceVersion
from shared.delivery.remap_due import has_rejected_rows
from shared.error_codes import Status

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
