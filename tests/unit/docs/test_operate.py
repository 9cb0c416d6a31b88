"""The operator's guide names the times of the code."""

from itertools import pairwise

from shared.delivery.attempt import SECRET_REQUEUES
from shared.delivery.sweep import DEAD_WORKER, MISSED
from shared.delivery.waiting import FAILED_DELAYS_SECONDS
from shared.report.collect import MAX_DOCUMENTS
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
    assert "come back three times" in TEXT
    assert f"most {MAX_DOCUMENTS} outcome documents" in TEXT.replace("\n", " ")
