"""The operator's guide names the times of the code."""

from itertools import pairwise

from shared.delivery.waiting import (
    DEAD_WORKER,
    FAILED_DELAYS_SECONDS,
    LEASE_SECONDS,
    LEASE_TAKEN_SECONDS,
    MAX_STEP_SECONDS,
    MISSED,
    REPORT_DELAY_SECONDS,
    RETENTION_MARGIN,
    SECRET_REQUEUES,
)
from shared.report.documents import MAX_DOCUMENTS
from tests.support.guides import guide

TEXT = guide("operate.md")
REFERENCE = guide("error-codes.md")


def test_the_times_are_those_of_the_code() -> None:
    """How long a failed export waits, when the sweep helps, how often a secret is tried."""
    minutes = [seconds // 60 for seconds in FAILED_DELAYS_SECONDS]
    assert f"after {', '.join(map(str, minutes[:-1]))}, then every {minutes[-1]} minutes" in REFERENCE
    assert all(one < other for one, other in pairwise(minutes))
    assert f"outcome {MISSED.seconds // 60} minutes after it was uploaded" in REFERENCE
    assert f"takes it up after {DEAD_WORKER.seconds // 3_600} hours" in REFERENCE
    assert SECRET_REQUEUES == 3
    text = TEXT.replace("\n", " ")
    assert "are tried again three times" in text
    assert f"Written {REPORT_DELAY_SECONDS // 60} minutes after an attempt ends" in text
    assert f"({LEASE_TAKEN_SECONDS} seconds, then longer, {MAX_STEP_SECONDS // 60} minutes at most)" in text
    assert LEASE_SECONDS == 60
    assert "its lease ends within a minute" in text
    assert f"warns {RETENTION_MARGIN.days} days before" in text
    assert f"most {MAX_DOCUMENTS} outcome documents" in text
