"""What the connector may answer, row by row: the number of requests the connector saw, and the outcome."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest

from shared.delivery.connector_ports import NoReply, Reply
from shared.error_codes import BlockedCode, FailedCode, Status
from shared.errors import ActionRequiredError, CredentialRefusedError, OutcomeError, TransientError
from tests.support.exports import export
from tests.support.fake_connector import BROKEN, OK, REFUSED_CONNECTION, Stored, reply
from tests.support.world import World

TIMED_OUT = NoReply("The connector did not answer in time", left=True)
UNTRUSTED = NoReply(
    "The TLS handshake with the connector failed", left=False, code=BlockedCode.UNTRUSTED_CERTIFICATE
)
HANDSHAKE = NoReply("The TLS handshake with the connector failed", left=False)


@dataclass(frozen=True)
class Row:
    """One row: the answer, how often it is asked, and what the outcome says."""

    answers: Iterable[Reply | NoReply | Stored]
    requests: int
    status: Status
    retry: str | None = None
    code: str | None = None
    records: int = 3
    sent: int = 0
    token_failures: tuple[OutcomeError, ...] = field(default=())


def _passes(answer: Reply | NoReply) -> Row:
    return Row([answer], requests=2, status=Status.SUCCEEDED, sent=3)


def _stops(answer: Reply | NoReply, code: str, retry: str = "auto") -> Row:
    return Row([answer], requests=1, status=Status.BLOCKED, retry=retry, code=code)


TABLE = {
    "200": Row([OK], 1, Status.SUCCEEDED, sent=3),
    "201": Row([reply(201)], 1, Status.SUCCEEDED, sent=3),
    "207 with failed items": Row(
        [reply(207, b'{"items": [{"index": 1, "status": 400}, {"index": 0, "status": 200}]}')],
        1,
        Status.PARTIALLY_SUCCEEDED,
        sent=2,
    ),
    "207 that says nothing": Row([reply(207, b"?")], 1, Status.PARTIALLY_SUCCEEDED, sent=0),
    "202": _stops(reply(202), "reply-unknown", "person"),
    "204": _stops(reply(204), "reply-unknown", "person"),
    "301": _stops(reply(301, location="https://elsewhere.example"), "connector-redirects"),
    "302": _stops(reply(302), "connector-redirects"),
    "307": _stops(reply(307), "connector-redirects"),
    **{str(status): _passes(reply(status)) for status in (408, 425, 429, 500, 501, 502, 503, 504)},
    "host not found": _passes(REFUSED_CONNECTION),
    "connection broken": _passes(BROKEN),
    "handshake cut": _passes(HANDSHAKE),
    "time-out": _passes(TIMED_OUT),
    "401 once": Row([reply(401)], 2, Status.SUCCEEDED, sent=3),
    "401 twice": Row([reply(401), reply(401)], 2, Status.BLOCKED, "auto", "token-refused"),
    "400 on the first request": _stops(reply(400), "connector-refused"),
    "403": _stops(reply(403), "connector-refused"),
    "403 job": _stops(reply(403, b'"jobId and corresponding appId do not match."'), "job-mismatch"),
    "404": _stops(reply(404), "connector-refused"),
    "405": _stops(reply(405), "connector-refused"),
    "untrusted certificate": _stops(UNTRUSTED, "untrusted-certificate"),
    "413 once": Row([reply(413)], 3, Status.SUCCEEDED, sent=3),
    "413 for a single record": Row([reply(413)], 1, Status.BLOCKED, "auto", "connector-refused", records=1),
    "Entra or vault: a person": Row(
        [],
        0,
        Status.BLOCKED,
        "auto",
        "app-unknown",
        token_failures=(ActionRequiredError(BlockedCode.APP_UNKNOWN, "unknown"),),
    ),
    "vault firewall": Row(
        [],
        0,
        Status.BLOCKED,
        "auto",
        "vault-firewall",
        token_failures=(ActionRequiredError(BlockedCode.VAULT_FIREWALL, "no"),),
    ),
    "vault down once": Row(
        [],
        1,
        Status.SUCCEEDED,
        sent=3,
        token_failures=(TransientError(FailedCode.VAULT_UNAVAILABLE, "down"),),
    ),
    "wrong secret": Row(
        [],
        0,
        Status.FAILED,
        "auto",
        "secret-wrong",
        token_failures=(CredentialRefusedError(FailedCode.SECRET_WRONG, "wrong"),),
    ),
}


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in TABLE.items()])
def test_every_row_of_the_table(row: Row) -> None:
    """The connector sees exactly as many requests as the row says, and the outcome says why."""
    world = World()
    world.connector.script.extend(row.answers)
    world.tokens.failures.extend(row.token_failures)
    outcome = world.process(world.upload("day.json", export(row.records)))
    assert outcome is not None
    assert len(world.connector.requests) == row.requests
    assert (outcome.status, outcome.retry) == (row.status, row.retry)
    assert (outcome.error.code if outcome.error else None) == row.code
    assert outcome.records is not None
    assert outcome.records.sent == row.sent


@pytest.mark.parametrize("status", [408, 425, 429, 500, 501, 502, 503])
def test_a_fault_that_stays_ends_as_failed_and_comes_back(status: int) -> None:
    """After 300 s of trying it is `Failed`, with a message that is requeued for 5, 10, 20, 40, then every 60 minutes."""
    world = World()
    world.connector.always = reply(status)
    world.upload("day.json", export(3))
    waits = []
    for _ in range(6):
        shows = world.queue.messages[0][0]
        waits.append(round((shows - world.clock.monotonic()) / 60))
        world.clock.passed_seconds = shows
        before = world.clock.monotonic()
        world.run()
        assert world.clock.monotonic() - before <= 300
        assert world.outcome("day.json").status is Status.FAILED
    assert waits == [0, 5, 10, 20, 40, 60]
    world.connector.always = OK
    world.run(hours=1)
    assert world.outcome("day.json").status is Status.SUCCEEDED
    assert world.queue.messages == []


def test_progress_starts_the_waits_anew() -> None:
    """After an acceptance the next requeue is in 5 minutes again."""
    world = World()
    world.connector.always = reply(503)
    world.upload("day.json", export(30))
    world.run(hours=3)
    world.connector.script.extend([OK])
    world.run(hours=1)
    assert world.connector.taken
    shows = sorted(at for at, _ in world.queue.messages)
    assert shows[0] - world.clock.monotonic() <= 600


@pytest.mark.parametrize(
    ("header", "wait"),
    [("20", 20.0), ("Sun, 22 Nov 2026 05:00:20 GMT", 20.0), ("0", 1.0), ("soon", None)],
)
def test_retry_after_is_obeyed(header: str, wait: float | None) -> None:
    """Seconds or a date, but never less than a second; what is neither is passed over."""
    world = World()
    world.connector.script.append(reply(429, retry_after=header))
    world.process(world.upload("day.json", export(3)))
    assert world.clock.passed_seconds == (1.5 if wait is None else wait)


@pytest.mark.parametrize("header", ["7200", "Sun, 22 Nov 2026 07:00:00 GMT"])
def test_a_retry_after_beyond_the_time_left_becomes_the_requeues_delay(header: str) -> None:
    """Two hours asked for are two hours waited, without a request in between."""
    world = World()
    world.connector.script.append(reply(503, retry_after=header))
    outcome = world.process(world.upload("day.json", export(3)))
    assert outcome is not None
    assert outcome.next_attempt_at == "2026-11-22T07:00:00Z"
    world.queue.messages.pop(0)
    world.run(hours=1.9)
    assert len(world.connector.requests) == 1
    world.run(hours=0.2)
    assert world.outcome("day.json").status is Status.SUCCEEDED


def test_a_wrong_secret_blocks_after_three_requeues() -> None:
    """A rotation takes minutes; what is still refused after three requeues needs a person."""
    world = World()
    world.tokens.always = CredentialRefusedError(FailedCode.SECRET_WRONG, "wrong")
    world.upload("day.json", export(3))
    world.run(hours=24)
    outcome = world.outcome("day.json")
    assert outcome.error is not None
    assert (outcome.status, outcome.error.code, outcome.attempts) == (Status.BLOCKED, "secret-refused", 4)


def test_a_413_lowers_the_size_of_the_batches_to_come() -> None:
    """Once 10 records were too large, the next batches are halved before they are sent."""
    world = World()
    world.connector.always = lambda records: reply(413) if len(records) > 6 else OK
    world.upload("day.json", export(40))
    world.run()
    assert world.outcome("day.json").status is Status.SUCCEEDED
    assert [len(batch) for batch in world.connector.requests] == [10] + [5] * 8


def test_a_400_after_an_acceptance_is_halved_down_to_the_bad_record() -> None:
    """One record the connector does not like becomes `refused`; all others are sent once."""
    world = World()
    world.connector.always = lambda records: (
        reply(400, b"no") if any(one["AssetId"] == "door-000017" for one in records) else OK
    )
    world.upload("day.json", export(30, bad=(3,)))
    world.run()
    outcome = world.outcome("day.json")
    assert outcome.status is Status.PARTIALLY_SUCCEEDED
    assert outcome.records is not None
    assert (outcome.records.sent, outcome.records.rejected, outcome.records.refused) == (28, 1, 1)
    assert set(world.connector.times_taken().values()) == {1}
    assert [(line["record"], line["errors"][0]["code"]) for line in world.rejected("day.json")] == [
        (3, "not-allowed"),
        (17, "refused"),
    ]


def test_more_than_twenty_single_refusals_block() -> None:
    """A connector that refuses record after record is asked no further."""
    world = World()
    world.connector.script.append(OK)
    world.connector.always = reply(400)
    world.upload("day.json", export(100))
    world.run()
    outcome = world.outcome("day.json")
    assert outcome.error is not None
    assert (outcome.status, outcome.retry, outcome.error.code) == (
        Status.BLOCKED,
        "person",
        "too-many-refused",
    )
    assert outcome.records is not None
    assert outcome.records.refused == 20


def test_a_token_that_runs_out_in_the_middle_is_renewed() -> None:
    """A 401 between two acceptances costs one more request, as often as it happens."""
    world = World()
    world.connector.script.extend([OK, reply(401), OK, reply(401), OK])
    world.upload("day.json", export(30))
    world.run()
    assert world.outcome("day.json").status is Status.SUCCEEDED
    assert world.connector.tokens == ["token-1", "token-1", "token-2", "token-2", "token-3"]


def test_time_used_up_comes_back_at_once_and_goes_on() -> None:
    """After INVOCATION_SECONDS no request leaves; the rest is done by the message that is requeued at once."""
    world = World().with_settings(INVOCATION_SECONDS="60")
    world.connector.on_post = lambda when, _what: world.clock.sleep(25) if when == "post" else None
    outcome = world.process(world.upload("day.json", export(50)))
    assert outcome is not None
    assert outcome.status is Status.IN_PROGRESS
    assert outcome.unfinished_starts == 0
    assert len(world.connector.requests) == 3
    world.run()
    assert world.outcome("day.json").status is Status.SUCCEEDED
    assert len(world.connector.requests) == 5


@pytest.mark.parametrize("then", [BROKEN, TIMED_OUT, reply(504)], ids=["broken", "time-out", "504"])
def test_a_lost_reply_is_sent_again_and_counted(then: Reply | NoReply) -> None:
    """A batch the connector stored without an answer is sent once more, and `possibleCopies` says so."""
    world = World()
    world.connector.script.append(Stored(then))
    world.upload("day.json", export(3))
    world.run()
    outcome = world.outcome("day.json")
    assert outcome.status is Status.SUCCEEDED
    assert outcome.batches[0].possible_copies == 1
    assert [warning.code for warning in outcome.warnings] == ["possible-copies"]
    assert set(world.connector.times_taken().values()) == {2}


@pytest.mark.parametrize("silence", [TIMED_OUT, reply(504)], ids=["time-out", "a gateway's time-out"])
def test_after_ten_possible_copies_one_try_a_day(silence: Reply | NoReply) -> None:
    """A connector that takes batches and never answers gets no more than ten copies quickly, then one a day."""
    world = World()
    world.connector.always = silence
    world.upload("day.json", export(3))
    world.run(hours=12)
    after_half_a_day = len(world.connector.requests)
    assert 10 < after_half_a_day <= 12
    world.run(hours=24 * 5)
    assert len(world.connector.requests) - after_half_a_day == 5


def test_answered_failures_are_no_possible_copies() -> None:
    """A 503 says that the batch was not taken."""
    world = World()
    world.connector.script.extend([reply(503)] * 5)
    world.upload("day.json", export(3))
    world.run()
    assert world.outcome("day.json").batches[0].possible_copies == 0
