"""How an attempt begins and the ways it can end: from one outcome to the next."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from shared import __version__
from shared.clock import utc_text
from shared.delivery import attempt as attempts
from shared.delivery import attempt_end
from shared.delivery.attempt import Attempt, Invocation
from shared.delivery.found_export import FoundExport
from shared.delivery.operator_requests import active_resend
from shared.delivery.outcome import ExportVersion, Outcome, Records
from shared.delivery.outcome_error import error_of
from shared.delivery.ports import Blob
from shared.error_codes import BlockedCode, FailedCode, Status
from shared.errors import ActionRequiredError, CredentialRefusedError, TransientError
from shared.messages import Message, OperatorRequest, RequestKind
from tests.support.fake_clock import MORNING

RESEND_ID = "0b7c2a52-1111-4222-8333-444455556666"
NOW = utc_text(MORNING)
BLOB = Blob("day.json", "0x8D", 412, MORNING)


def _attempt(tries: int = 0, job_id: str = "job") -> Attempt:
    return Attempt(
        message=Message("day.json", "0x8D", tries=tries),
        export=FoundExport("day.json", "0x8D", "current", BLOB),
        container="badging-exports",
        invocation=Invocation("invocation", job_id, NOW),
        started=0.0,
        deadline=1_500.0,
        retry_max_seconds=300.0,
    )


def _request(kind: RequestKind = "resend") -> OperatorRequest:
    return OperatorRequest(RESEND_ID, kind, NOW)


def _outcome(status: Status, **changes: Any) -> Outcome:
    made = attempts.nothing_known(_attempt())
    known = {"attempts": 2, "records": Records(read=3, sent=3), "ledger": "9f" * 32, "finished_at": NOW}
    return msgspec.structs.replace(made, status=status, invocation_id="earlier", **(known | changes))


def _resending(previous: Outcome) -> Outcome:
    """In the middle of a resend of it."""
    return attempts.begun(previous, _attempt(), _request())


def test_the_first_attempt_begins_with_nothing_known() -> None:
    """One attempt, one start that has not come to an end, and what the blob says."""
    outcome = attempts.begun(None, _attempt(), None)
    assert (outcome.status, outcome.attempts, outcome.unfinished_starts) == (Status.IN_PROGRESS, 1, 1)
    assert (outcome.export.bytes, outcome.export.last_modified) == (412, NOW)
    assert (outcome.invocation_id, outcome.job_id, outcome.started_at) == ("invocation", "job", NOW)
    assert (outcome.retry_from, outcome.requests, outcome.before) == (None, [], None)


def test_what_is_in_the_place_of_an_announced_version_is_not_described() -> None:
    """Size and time are of the version that the outcome is about; of one that was overwritten they are unknown."""
    overwritten = replace(_attempt(), export=FoundExport("day.json", "0x8C", "overwritten", BLOB))
    export = attempts.begun(None, overwritten, None).export
    assert (export.etag, export.bytes, export.last_modified) == ("0x8C", None, None)


def test_a_resend_may_be_asked_for_before_there_is_an_outcome() -> None:
    """It is sent under its own ledgers, and there is no end to give back: a rejected one stays rejected."""
    outcome = attempts.begun(None, _attempt(), _request())
    assert (active_resend(outcome), outcome.before) == (RESEND_ID, None)
    end = attempt_end.ended(
        msgspec.structs.replace(outcome, status=Status.REJECTED), MORNING, 1.0, touched=False
    )
    assert (end.status, active_resend(end), end.warnings) == (Status.REJECTED, None, [])


def test_a_closing_attempt_puts_its_name_on_what_is_known() -> None:
    """All the rest of the outcome stays; of one that was never attempted there is nothing but its name."""
    known = _outcome(Status.FAILED, version="0.9")
    nothing = attempts.of_this_invocation(None, _attempt())
    assert (nothing.invocation_id, nothing.export.name, nothing.attempts) == ("invocation", "day.json", 0)
    closing = attempts.of_this_invocation(known, _attempt())
    assert closing == msgspec.structs.replace(known, invocation_id="invocation", version=__version__)


def test_a_later_attempt_keeps_what_is_known() -> None:
    """Figures, ledger and requests stay; error, due time and duration are of the attempt before."""
    error = error_of(TransientError(FailedCode.CONNECTOR_UNAVAILABLE, "down"))
    before = _outcome(Status.FAILED, retry="auto", error=error, next_attempt_at=NOW, duration_seconds=1.0)
    outcome = attempts.begun(before, _attempt(), None)
    assert (outcome.records, outcome.ledger, outcome.attempts) == (before.records, before.ledger, 3)
    assert (outcome.error, outcome.retry, outcome.next_attempt_at) == (None, None, None)
    assert (outcome.finished_at, outcome.duration_seconds) == (None, None)


def test_another_job_begins_anew_and_keeps_requests_and_counts() -> None:
    """Nothing that the old job accepted counts for the new one; in capitals it is the same job."""
    before = _outcome(Status.BLOCKED, retry_from=NOW)
    before = msgspec.structs.replace(
        before, requests=attempts.begun(None, _attempt(), _request("retry")).requests
    )
    outcome = attempts.begun(before, _attempt(job_id="other"), None)
    assert (outcome.records, outcome.ledger, outcome.job_id) == (None, None, "other")
    assert (outcome.attempts, outcome.requests, outcome.retry_from) == (3, before.requests, NOW)
    assert attempts.begun(before, _attempt(job_id="JOB"), None).records == before.records


def test_days_count_anew_from_a_request_and_from_the_end_of_off() -> None:
    """Whatever waited on purpose has not used up its days."""
    failed = _outcome(Status.FAILED)
    off = _outcome(Status.BLOCKED, error=error_of(ActionRequiredError(BlockedCode.SENDING_OFF, "off")))
    assert attempts.begun(failed, _attempt(), None).retry_from is None
    assert attempts.begun(failed, _attempt(), _request("retry")).retry_from == NOW
    assert attempts.begun(off, _attempt(), None).retry_from == NOW


def test_a_resend_begins_without_the_old_figures_and_keeps_the_end_that_was_there() -> None:
    """Its ledgers are its own; the end is kept without its requests and without an older end inside it."""
    before = _outcome(Status.SUCCEEDED, duplicate_of=ExportVersion(name="a", etag="1"))
    outcome = _resending(before)
    assert active_resend(outcome) == RESEND_ID
    assert (outcome.records, outcome.ledger, outcome.duplicate_of) == (None, None, None)
    assert outcome.before == msgspec.structs.replace(before, requests=[])
    again = OperatorRequest("0b7c2a52-1111-4222-8333-444455556667", "resend", NOW)
    second = attempts.begun(msgspec.structs.replace(outcome, status=Status.FAILED), _attempt(), again)
    assert active_resend(second) == again.id
    assert second.before is not None
    assert second.before.before is None


def test_a_resend_over_work_in_progress_keeps_the_end_before_it() -> None:
    """A worker died in the middle of it: that is no end."""
    resending = _resending(_outcome(Status.SUCCEEDED))
    again = OperatorRequest("0b7c2a52-1111-4222-8333-444455556667", "resend", NOW)
    assert attempts.begun(resending, _attempt(), again).before == resending.before


@pytest.mark.parametrize("status", [Status.BLOCKED, Status.GIVEN_UP, Status.REJECTED, Status.SUPERSEDED])
def test_a_resend_that_sent_nothing_gives_back_what_was_before(status: Status) -> None:
    """With a warning that says why; the request is over, and the attempts stay counted."""
    before = _outcome(Status.SUCCEEDED)
    error = error_of(ActionRequiredError(BlockedCode.JOB_MISMATCH, "No match."))
    outcome = msgspec.structs.replace(_resending(before), status=status, error=error)
    end = attempt_end.ended(outcome, MORNING, 1.0, touched=False)
    assert (end.status, end.records, end.ledger) == (Status.SUCCEEDED, before.records, before.ledger)
    assert [(one.code, "No match." in one.message) for one in end.warnings] == [("resend-sent-nothing", True)]
    assert [one.result for one in end.requests] == ["done"]
    assert (end.attempts, end.unfinished_starts, end.before) == (3, 0, None)
    silent = attempt_end.ended(
        msgspec.structs.replace(outcome, error=None, records=Records(read=3, rejected=3)),
        MORNING,
        1.0,
        touched=False,
    )
    assert "0 of 3 records sent" in silent.warnings[0].message
    again = msgspec.structs.replace(_resending(end), status=status, error=error)
    assert len(attempt_end.ended(again, MORNING, 1.0, touched=False).warnings) == 1


def test_a_resend_that_failed_goes_on() -> None:
    """Its next attempt is still the resend's, and the end before it is kept."""
    outcome = msgspec.structs.replace(_resending(_outcome(Status.SUCCEEDED)), status=Status.FAILED)
    end = attempt_end.ended(outcome, MORNING, 1.0, touched=False)
    assert (end.status, active_resend(end)) == (Status.FAILED, RESEND_ID)
    assert end.before is not None


@pytest.mark.parametrize(
    ("status", "active"),
    [
        (Status.SUCCEEDED, None),
        (Status.PARTIALLY_SUCCEEDED, None),
        (Status.BLOCKED, RESEND_ID),
        (Status.GIVEN_UP, RESEND_ID),
    ],
)
def test_a_resend_is_over_when_all_was_sent(status: Status, active: str | None) -> None:
    """One that is blocked or given up half-way goes on under its own ledgers, should an operator retry it."""
    outcome = msgspec.structs.replace(_resending(_outcome(Status.SUCCEEDED)), status=status)
    end = attempt_end.ended(outcome, MORNING, 1.0, touched=True)
    assert (end.status, active_resend(end)) == (status, active)


def test_what_was_before_a_resend_that_is_over_is_not_given_back_later() -> None:
    """An attempt that is asked for afterwards has an end of its own, also if it sends nothing."""
    resend = msgspec.structs.replace(_resending(_outcome(Status.SUCCEEDED)), status=Status.SUCCEEDED)
    over = attempt_end.ended(resend, MORNING, 1.0, touched=True)
    end = attempt_end.ended(msgspec.structs.replace(over, status=Status.BLOCKED), MORNING, 1.0, touched=False)
    assert (end.status, end.warnings) == (Status.BLOCKED, [])


def test_an_end_says_when_and_how_long() -> None:
    """To the second and the millisecond; and its start has come to an end."""
    outcome = msgspec.structs.replace(_outcome(Status.SUCCEEDED), unfinished_starts=4)
    end = attempt_end.ended(outcome, MORNING, 1.23456, touched=True)
    assert (end.finished_at, end.duration_seconds, end.unfinished_starts) == (NOW, 1.235, 0)
    assert end.summary == "3 of 3 records sent."


def test_a_pause_is_no_end() -> None:
    """Still in progress, but no start that did not come to an end."""
    outcome = attempt_end.paused(attempts.begun(None, _attempt(), None))
    assert (outcome.status, outcome.unfinished_starts, outcome.finished_at) == (Status.IN_PROGRESS, 0, None)
    assert outcome.summary == "In progress."
    known = msgspec.structs.replace(_outcome(Status.IN_PROGRESS), records=Records(read=3, sent=2, unsent=1))
    assert attempt_end.paused(known).summary.startswith("2 of 3 records sent")


DOWN = TransientError(FailedCode.CONNECTOR_UNAVAILABLE, "down")
SECRET = CredentialRefusedError(FailedCode.SECRET_WRONG, "wrong")
# error, tries, code of the attempt before, progress: what it ends as, seconds until the next one, tries of its message
FAILURES = {
    "first": (DOWN, 0, "", False, "connector-unavailable", 300, 1),
    "third": (DOWN, 2, "connector-unavailable", False, "connector-unavailable", 1_200, 3),
    "seventh": (DOWN, 6, "connector-unavailable", False, "connector-unavailable", 3_600, 7),
    "after progress": (DOWN, 2, "connector-unavailable", True, "connector-unavailable", 300, 1),
    "a person": (ActionRequiredError(BlockedCode.JOB_MISMATCH, "no"), 2, "", False, "job-mismatch", None, 2),
    "secret, first": (SECRET, 0, "", False, "secret-wrong", 300, 1),
    "secret, third": (SECRET, 2, "secret-wrong", False, "secret-wrong", 1_200, 3),
    "secret, fourth": (SECRET, 3, "secret-wrong", False, "secret-refused", None, 3),
    "secret, after another fault": (SECRET, 9, "vault-unavailable", False, "secret-wrong", 300, 1),
    "secret, after progress": (SECRET, 9, "secret-wrong", True, "secret-wrong", 300, 1),
}


@pytest.mark.parametrize("row", [pytest.param(row, id=why) for why, row in FAILURES.items()])
def test_an_error_ends_an_attempt_as_something_and_is_tried_again(row: tuple[Any, ...]) -> None:
    """Waits grow until there is progress; a secret has three retries of its own."""
    error, tries, previous, progress, code, delay, next_tries = row
    failure = attempt_end.failure(error, _attempt(tries), previous, progress=progress)
    assert (failure.error.code, failure.delay_seconds, failure.tries) == (code, delay, next_tries)


def test_the_version_that_took_an_exports_place_is_an_upload_of_its_own() -> None:
    """Whichever it is by then, without the old one's request."""
    message = Message("day.json", "0x8D", "command", 3, request=_request())
    assert attempts.new_version(message) == Message("day.json", "", "upload", 4)
