"""What operators ask for (`retry`, `resend`, `give-up`), and what an outcome says became of it. Pure.

A request is carried out by one outcome write under the job's lease: the one that begins the attempt, or that closes.
The outcome keeps the last 20 requests, so that one acts once, however often its message is delivered.
"""

from typing import Final

import msgspec

from shared.delivery.outcome import MAX_REQUESTS, AnsweredRequest, Outcome, RequestResult
from shared.error_codes import Status
from shared.messages import OperatorRequest

_CARRIED_OUT: Final = frozenset({"begun", "done"})


def is_new(outcome: Outcome | None, request: OperatorRequest | None) -> bool:
    """Whether a message asks for something that was not answered yet; if not, it is an ordinary message."""
    if request is None:
        return False
    return outcome is None or all(one.id != request.id for one in outcome.requests)


def answer(outcome: Outcome | None, request: OperatorRequest, *, is_current: bool) -> RequestResult:
    """What becomes of a new request; `begun` and `done` are still to be carried out.

    Args:
        outcome: of the version that the request names.
        request: what an operator asks for.
        is_current: whether the container holds that very version.
    """
    if outcome and any(_overtakes(one, request) for one in outcome.requests):
        return "overtaken"
    if request.kind == "give-up":
        return "done" if _may_give_up(outcome) else "refused"
    if not is_current or not _may_begin(outcome, request):
        return "refused"
    return "begun"


def with_answer(outcome: Outcome, request: OperatorRequest, result: RequestResult) -> Outcome:
    """The outcome with one more answered request.

    Args:
        outcome: of the version that the request names.
        request: what an operator asked for.
        result: what became of it.
    """
    answered = AnsweredRequest(id=request.id, kind=request.kind, asked_at=request.asked_at, result=result)
    kept = [one for one in outcome.requests if one.id != request.id]
    # a resend that goes on must never be forgotten: its ledgers are found by its id
    going_on = active_resend(outcome)
    requests = [*kept, answered]
    while len(requests) > MAX_REQUESTS:
        oldest = next(one for one in requests if one.id != going_on)
        requests.remove(oldest)
    return msgspec.structs.replace(outcome, requests=requests)


def with_requests_of(outcome: Outcome, current: Outcome) -> Outcome:
    """The outcome with what another worker has answered in the one that it replaces."""
    known = {one.id for one in outcome.requests}
    missing = [one for one in current.requests if one.id not in known]
    return msgspec.structs.replace(outcome, requests=[*outcome.requests, *missing])


def active_resend(outcome: Outcome | None) -> str | None:
    """The id of the resend under whose ledgers every attempt of this version works; `None`: under the ordinary ones."""
    begun = (
        [one for one in outcome.requests if one.kind == "resend" and one.result == "begun"] if outcome else []
    )
    return begun[-1].id if begun else None


def with_resend_ended(outcome: Outcome) -> Outcome:
    """The outcome whose resend is over: the next attempt, if there is one, is an ordinary one."""
    requests = [
        msgspec.structs.replace(one, result="done") if one.kind == "resend" and one.result == "begun" else one
        for one in outcome.requests
    ]
    return msgspec.structs.replace(outcome, requests=requests)


def _overtakes(answered: AnsweredRequest, request: OperatorRequest) -> bool:
    return answered.result in _CARRIED_OUT and answered.asked_at > request.asked_at


def _may_give_up(outcome: Outcome | None) -> bool:
    return outcome is None or not outcome.status.final or outcome.status is Status.REJECTED


def _may_begin(outcome: Outcome | None, request: OperatorRequest) -> bool:
    status = outcome.status if outcome else None
    if status is Status.GIVEN_UP:
        return request.named
    if request.kind == "resend":
        return status not in {Status.REJECTED, Status.SUPERSEDED}
    return status is None or status is Status.REJECTED or not status.final
