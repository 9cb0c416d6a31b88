"""What becomes of an operator's request: kind, status, name, version, and what was asked for since."""

import msgspec
import pytest

from shared.delivery.operator_requests import (
    active_resend,
    answer,
    is_new,
    with_answer,
    with_resend_ended,
)
from shared.delivery.outcome import MAX_REQUESTS, AnsweredRequest, Export, Outcome, RequestResult
from shared.error_codes import Status
from shared.messages import OperatorRequest, RequestKind

EARLIER, NOW, LATER = "2026-11-22T05:00:00Z", "2026-11-22T05:00:01Z", "2026-11-22T05:00:02Z"


def _id(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def _request(
    kind: RequestKind, *, named: bool = True, number: int = 1, asked_at: str = NOW
) -> OperatorRequest:
    return OperatorRequest(_id(number), kind, asked_at, named)


def _answered(
    kind: RequestKind, result: RequestResult, asked_at: str = EARLIER, number: int = 99
) -> AnsweredRequest:
    return AnsweredRequest(id=_id(number), kind=kind, asked_at=asked_at, result=result)


def _outcome(status: Status, *requests: AnsweredRequest) -> Outcome:
    return Outcome(
        status=status,
        export=Export(container="c", name="n", etag="e"),
        requests=list(requests),
        job_id="j",
        invocation_id="i",
        version="2.0.0",
        started_at=NOW,
    )


OPEN = {Status.BLOCKED, Status.FAILED, Status.IN_PROGRESS}
# kind, whether the export is named, whether that version is there: the statuses it is carried out on (None: no outcome)
ALLOWED: dict[tuple[RequestKind, bool, bool], set[Status | None]] = {
    ("retry", False, True): {None, *OPEN, Status.REJECTED},
    ("retry", True, True): {None, *OPEN, Status.REJECTED, Status.GIVEN_UP},
    ("resend", False, True): {None, *set(Status) - {Status.REJECTED, Status.SUPERSEDED, Status.GIVEN_UP}},
    ("resend", True, True): {None, *set(Status) - {Status.REJECTED, Status.SUPERSEDED}},
    ("give-up", False, True): {None, *OPEN, Status.REJECTED},
    ("give-up", True, True): {None, *OPEN, Status.REJECTED},
    ("retry", False, False): set(),
    ("retry", True, False): set(),
    ("resend", False, False): set(),
    ("resend", True, False): set(),
    ("give-up", False, False): {None, *OPEN, Status.REJECTED},
    ("give-up", True, False): {None, *OPEN, Status.REJECTED},
}


@pytest.mark.parametrize(("kind", "named", "current"), ALLOWED)
@pytest.mark.parametrize("status", [None, *Status])
def test_a_request_is_carried_out_where_its_status_allows_it(
    kind: RequestKind, status: Status | None, *, named: bool, current: bool
) -> None:
    """Else it is refused: that version is gone, or what was asked for makes no sense any more."""
    outcome = _outcome(status) if status else None
    found = answer(outcome, _request(kind, named=named), is_current=current)
    done: RequestResult = "done" if kind == "give-up" else "begun"
    assert found == (done if status in ALLOWED[kind, named, current] else "refused")


@pytest.mark.parametrize("kind", ["retry", "resend", "give-up"])
@pytest.mark.parametrize("other", ["retry", "resend", "give-up"])
@pytest.mark.parametrize(
    ("result", "asked_at", "overtaken"),
    [
        ("begun", LATER, True),
        ("done", LATER, True),
        ("refused", LATER, False),
        ("overtaken", LATER, False),
        ("begun", NOW, False),
        ("done", EARLIER, False),
    ],
)
def test_what_was_asked_later_and_carried_out_before_overtakes(
    kind: RequestKind, other: RequestKind, result: RequestResult, asked_at: str, *, overtaken: bool
) -> None:
    """A message that was long on its way acts on nothing that its sender has not seen."""
    outcome = _outcome(Status.BLOCKED, _answered(other, result, asked_at))
    assert (answer(outcome, _request(kind), is_current=True) == "overtaken") is overtaken


def test_a_request_acts_once() -> None:
    """Delivered again, it is an ordinary message, whatever came of it."""
    request = _request("retry")
    assert is_new(None, request)
    assert is_new(_outcome(Status.FAILED, _answered("retry", "begun")), request)
    assert not is_new(_outcome(Status.FAILED, _answered("retry", "refused", number=1)), request)
    assert not is_new(None, None)
    assert not is_new(_outcome(Status.FAILED), None)


def test_an_answer_is_kept_behind_those_before_it() -> None:
    """Oldest first; one that is answered again stands once."""
    outcome = _outcome(Status.FAILED, _answered("retry", "refused", number=1), _answered("retry", "done"))
    outcome = with_answer(outcome, _request("retry"), "begun")
    assert [(one.id, one.result) for one in outcome.requests] == [(_id(99), "done"), (_id(1), "begun")]
    assert outcome.requests[-1] == AnsweredRequest(id=_id(1), kind="retry", asked_at=NOW, result="begun")


def test_the_last_twenty_are_kept_and_a_resend_that_goes_on() -> None:
    """Its ledgers are found by its id: forgotten, its attempts would go on under the ordinary ones."""
    outcome = with_answer(_outcome(Status.FAILED), _request("resend"), "begun")
    for number in range(2, 40):
        outcome = with_answer(outcome, _request("retry", number=number), "begun")
        assert active_resend(outcome) == _id(1)
    assert len(outcome.requests) == MAX_REQUESTS
    assert [one.id for one in outcome.requests][-19:] == [_id(number) for number in range(21, 40)]
    ended = with_answer(with_resend_ended(outcome), _request("retry", number=40), "begun")
    assert _id(1) not in [one.id for one in ended.requests]
    assert len(ended.requests) == MAX_REQUESTS


@pytest.mark.parametrize(
    ("requests", "active"),
    [
        ([], None),
        ([_answered("retry", "begun")], None),
        ([_answered("resend", "refused")], None),
        ([_answered("resend", "overtaken")], None),
        ([_answered("resend", "done")], None),
        ([_answered("resend", "begun", number=1)], 1),
        ([_answered("resend", "begun", number=1), _answered("retry", "begun", number=2)], 1),
        ([_answered("resend", "done", number=1), _answered("resend", "begun", number=2)], 2),
    ],
)
def test_a_resend_goes_on_until_it_is_done(requests: list[AnsweredRequest], active: int | None) -> None:
    """A retry in between is another attempt of it."""
    outcome = _outcome(Status.FAILED, *requests)
    assert active_resend(outcome) == (_id(active) if active else None)
    assert active_resend(with_resend_ended(outcome)) is None
    others = [one for one in requests if (one.kind, one.result) != ("resend", "begun")]
    assert [one for one in with_resend_ended(outcome).requests if one in requests] == others
    assert active_resend(None) is None


def test_answering_changes_nothing_else() -> None:
    """The outcome's figures stay as they are."""
    outcome = _outcome(Status.SUCCEEDED)
    answered = with_answer(outcome, _request("resend"), "refused")
    assert msgspec.structs.replace(answered, requests=[]) == outcome


def test_of_several_resends_that_have_begun_the_last_one_counts() -> None:
    """Every attempt from then on works under its ledgers; once it is over, all of them are."""
    outcome = _outcome(
        Status.BLOCKED,
        _answered("resend", "begun", number=0),
        _answered("resend", "begun", number=1),
        _answered("retry", "begun", number=2),
    )
    assert active_resend(outcome) == _id(1)
    assert active_resend(with_resend_ended(outcome)) is None
