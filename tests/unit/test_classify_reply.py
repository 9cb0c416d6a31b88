"""The table of replies, one named row a case; hostile bodies; Retry-After."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.delivery.classify_reply import Action, ReplyDecision, classify_reply
from shared.delivery.connector_ports import NoReply, Reply
from shared.delivery.reply_body import kept_reply
from shared.error_codes import BlockedCode

NOW = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
SIX_DAYS = 6 * 86_400.0


def _classify(reply: Reply | NoReply, *, accepted_before: bool = False, records: int = 3) -> ReplyDecision:
    return classify_reply(reply, records=records, accepted_before=accepted_before, now=NOW)


def _reply(status: int, body: Any = b"", **headers: str) -> Reply:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, data)


JOB = b'"jobId and corresponding appId do not match."'
LEFT = NoReply("The connector did not answer in time", left=True)
NOT_LEFT = NoReply("The connector's host could not be reached", left=False)
UNTRUSTED = NoReply(
    "The TLS handshake with the connector failed", left=False, code=BlockedCode.UNTRUSTED_CERTIFICATE
)
# reply, whether a batch was accepted before, action, code, whether it was answered
TABLE: dict[str, tuple[Reply | NoReply, bool, Action, str, bool]] = {
    "200": (_reply(200), False, Action.ACCEPTED, "", True),
    "201": (_reply(201), False, Action.ACCEPTED, "", True),
    "207": (_reply(207), False, Action.ACCEPTED, "", True),
    **{str(one): (_reply(one), False, Action.STOP, "reply-unknown", False) for one in (202, 203, 204, 205, 206, 226, 299)},
    **{str(one): (_reply(one), False, Action.STOP, "connector-redirects", True) for one in (300, 301, 302, 303, 304, 307, 308)},
    **{
        str(one): (_reply(one), False, Action.RETRY, "connector-unavailable", True)
        for one in (408, 425, 500, 501, 502, 503)
    },
    "504": (_reply(504), False, Action.RETRY, "connector-unavailable", False),
    "429": (_reply(429), False, Action.RETRY, "connector-throttled", True),
    "503 after an acceptance": (_reply(503), True, Action.RETRY, "connector-unavailable", True),
    "401": (_reply(401), False, Action.NEW_TOKEN, "token-refused", True),
    "401 after an acceptance": (_reply(401), True, Action.NEW_TOKEN, "token-refused", True),
    "413": (_reply(413), False, Action.HALVE, "", True),
    "413 after an acceptance": (_reply(413), True, Action.HALVE, "", True),
    "400 on the first request": (_reply(400), False, Action.STOP, "connector-refused", True),
    "400 after an acceptance": (_reply(400), True, Action.HALVE, "", True),
    "403": (_reply(403), False, Action.STOP, "connector-refused", True),
    "403 after an acceptance": (_reply(403), True, Action.STOP, "connector-refused", True),
    "403 job": (_reply(403, JOB), False, Action.STOP, "job-mismatch", True),
    **{
        str(one): (_reply(one), True, Action.STOP, "connector-refused", True)
        for one in (402, 404, 405, 406, 409, 410, 411, 412, 414, 415, 417, 418, 421, 422, 423, 424, 426, 428, 431, 451, 499)
    },
    **{str(one): (_reply(one), False, Action.STOP, "connector-refused", True) for one in (505, 507, 511, 599, 600, 999)},
    "no answer": (LEFT, False, Action.RETRY, "connector-unavailable", False),
    "never left": (NOT_LEFT, False, Action.RETRY, "connector-unavailable", True),
    "untrusted": (UNTRUSTED, False, Action.STOP, "untrusted-certificate", True),
}  # fmt: skip


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in TABLE.items()])
def test_every_reply_has_its_decision(row: tuple[Reply | NoReply, bool, Action, str, bool]) -> None:
    """Action, code, and whether the batch is in doubt; the status is carried along."""
    reply, accepted_before, action, code, answered = row
    decision = _classify(reply, accepted_before=accepted_before)
    assert (decision.action, decision.stop.code if decision.stop else "", decision.answered) == (
        action,
        code,
        answered,
    )
    assert decision.http_status == (reply.status if isinstance(reply, Reply) else None)
    assert decision.shrink is (isinstance(reply, Reply) and reply.status == 413)
    assert decision.stop is None or decision.error().message.endswith(".")


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (503, "The connector answered 503."),
        (403, "The connector rejected the request: 403 Forbidden."),
        (499, "The connector rejected the request: 499."),
        (401, "The connector answered 401: it refused the token."),
        (302, "The connector answered 302: a redirect, which is never followed."),
    ],
)
def test_a_status_is_named_as_people_look_it_up(status: int, message: str) -> None:
    """With its phrase, if it has one."""
    assert _classify(_reply(status)).error().message == message


def test_no_reply_text_gets_into_a_message() -> None:
    """The connector's words may hold personal data; they are kept in `replies` alone."""
    for status in (202, 207, 302, 400, 401, 403, 404, 413, 429, 503):
        stop = _classify(_reply(status, b"person1@example.com")).stop
        assert stop is None or "person1" not in str(stop)


RETRY_AFTER = {
    "seconds": ("20", 20.0),
    "zero": ("0", 0.0),
    "white space": (" 7 ", 7.0),
    "a date": ("Sun, 22 Nov 2026 05:01:00 GMT", 60.0),
    "a date in another zone": ("Sun, 22 Nov 2026 06:01:00 +0100", 60.0),
    "a date without a zone": ("Sun, 22 Nov 2026 05:01:00", 60.0),
    "the past": ("Sun, 22 Nov 2020 05:00:00 GMT", 0.0),
    "a year": ("31536000", SIX_DAYS),
    "a number without end": ("9" * 5_000, SIX_DAYS),
    "next century": ("Sun, 22 Nov 2126 05:00:00 GMT", SIX_DAYS),
    "nothing": ("", None),
    "words": ("soon", None),
    "negative": ("-5", None),
    "a fraction": ("1.5", None),
    "other digits": ("\u0662\u0660", None),
    "a year too far": ("Mon, 01 Jan 99999999999 00:00:00 GMT", None),
    "an offset too far": ("Sun, 22 Nov 2026 05:00:20 +99999999999999999999", None),
    "an impossible day": ("Sun, 99 Nov 2026 05:00:20 GMT", None),
}


@pytest.mark.parametrize(
    ("header", "wait"), [pytest.param(*row, id=name) for name, row in RETRY_AFTER.items()]
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_read_in_both_forms_and_bounded(header: str, wait: float | None, status: int) -> None:
    """Never negative, never longer than a queue can hide a message; nonsense is passed over."""
    assert _classify(_reply(status, retry_after=header)).error().retry_after_seconds == wait


REPORTED = {
    "as documented": ({"RecordsSaved": 2, "RecordsSkipped": 1}, (2, 1)),
    "another case": ({"recordssaved": 2, "RECORDSSKIPPED": 0}, (2, 0)),
    "one of them": ({"RecordsSaved": 3}, (3, None)),
    "digits as text": ({"RecordsSaved": "3", "RecordsSkipped": "0"}, (3, 0)),
    "words": ({"RecordsSaved": "all", "RecordsSkipped": "-1"}, (None, None)),
    "other digits": ({"RecordsSaved": "\u0663", "RecordsSkipped": "\u00b2"}, (None, None)),
    "text without end": ({"RecordsSaved": "9" * 60_000}, (None, None)),
    "truths": ({"RecordsSaved": True, "RecordsSkipped": False}, (None, None)),
    "fractions": ({"RecordsSaved": 2.0, "RecordsSkipped": 1e3}, (None, None)),
    "negative": ({"RecordsSaved": -1, "RecordsSkipped": -1}, (None, None)),
    "huge": ({"RecordsSaved": 1 << 53, "RecordsSkipped": (1 << 53) - 1}, (None, (1 << 53) - 1)),
    "an array": ([{"RecordsSaved": 2}], (None, None)),
    "one level down": ({"result": {"RecordsSaved": 2}}, (2, None)),
    "on both levels": ({"result": {"RecordsSaved": 2}, "RecordsSaved": 3}, (3, None)),
    "two levels down": ({"result": {"of": {"RecordsSaved": 2}}}, (None, None)),
    "a number": (3, (None, None)),
    "null": (None, (None, None)),
    "nothing": (b"", (None, None)),
    "not JSON": (b"fine", (None, None)),
    "cut off": (b'{"RecordsSaved": 2', (None, None)),
    "not a number": (b'{"RecordsSaved": NaN, "RecordsSkipped": Infinity}', (None, None)),
    "an integer without end": (b'{"RecordsSaved": ' + b"9" * 60_000 + b"}", (None, None)),
    "deep": (b"[" * 65_536, (None, None)),
    "deep objects": (b'{"a":' * 13_000, (None, None)),
    "not UTF-8": (b'{"RecordsSaved": 2, "\xff": 1}', (None, None)),
    "half a character": (b'{"RecordsSaved": 2, "\\ud800": 1}', (2, None)),
    "UTF-16": ('{"RecordsSaved": 2}'.encode("utf-16"), (2, None)),
}


@pytest.mark.parametrize(("body", "counts"), [pytest.param(*row, id=name) for name, row in REPORTED.items()])
@pytest.mark.parametrize("status", [200, 201, 207])
def test_what_the_reply_reports_is_taken_if_it_is_a_count(
    body: Any, counts: tuple[int | None, int | None], status: int
) -> None:
    """Whatever else is in the body, the batch was accepted; nothing in it breaks anything."""
    decision = _classify(_reply(status, body))
    assert decision.action is Action.ACCEPTED
    assert (decision.saved, decision.skipped) == counts


FAILED_ITEMS = {
    "array": ([{"index": 1, "status": 400}], (1,)),
    "array in an object": ({"items": [{"index": 2, "status": 500}, {"index": 0, "status": 201}]}, (2,)),
    "a redirect for one": ([{"index": 1, "status": 300}, {"index": 0, "status": 299}], (1,)),
    "another case": ({"Results": [{"Index": 0, "Status": 404}], "Count": 1}, (0,)),
    "twice the same": ([{"index": 1, "status": 400}, {"index": 1, "status": 400}], (1,)),
    "all of them": ([{"index": one, "status": 400} for one in (2, 0, 1)], (0, 1, 2)),
    "index out of the batch": ([{"index": 3, "status": 400}], None),
    "negative index": ([{"index": -1, "status": 400}], None),
    "index as text": ([{"index": "1", "status": 400}], None),
    "index as truth": ([{"index": True, "status": 400}], None),
    "no status": ([{"index": 1, "error": "bad"}], None),
    "one good name, one bad": ([{"index": 1, "status": 400}, {"index": 9, "status": 400}], None),
    "items that are no objects": ([1, 2], None),
    "two arrays": ({"a": [{"index": 1, "status": 400}], "b": []}, None),
    "no array": ({"index": 1, "status": 400}, None),
    "empty array": ([], None),
    "none failed": ([{"index": 0, "status": 200}], None),
    "not JSON": (b"?", None),
    "deep": (b"[" * 65_536, None),
    "nothing": (b"", None),
}


@pytest.mark.parametrize(
    ("body", "refused"), [pytest.param(*row, id=name) for name, row in FAILED_ITEMS.items()]
)
def test_a_207_is_taken_at_its_word_only_where_no_doubt_is_left(
    body: Any, refused: tuple[int, ...] | None
) -> None:
    """Failed items that are named by index are refused; otherwise the whole batch is unconfirmed."""
    decision = _classify(_reply(207, body))
    assert decision.refused == (refused or ())
    assert decision.unconfirmed == (3 if refused is None else 0)


def test_a_date_is_measured_against_the_given_clock() -> None:
    """No hidden look at the machine's time."""
    later = NOW + timedelta(seconds=30)
    decision = classify_reply(
        _reply(503, retry_after="Sun, 22 Nov 2026 05:01:00 GMT"), records=1, accepted_before=False, now=later
    )
    assert decision.error().retry_after_seconds == 30.0


@pytest.mark.parametrize(
    "answer",
    [
        _reply(200, b"<html>signed in</html>"),
        _reply(201, b"\xef\xbb\xbf\r\n <!DOCTYPE html>"),
        _reply(200, b"ok", content_type="Text/HTML; charset=utf-8"),
        _reply(207, b"<p>"),
        _reply(204, b"<p>"),
    ],
)
def test_a_page_is_no_answer_of_the_connector(answer: Reply) -> None:
    """Something in between answered: a person must act, and the batch may or may not have been taken."""
    decision = _classify(answer)
    assert (decision.action, decision.error().code, decision.answered) == (
        Action.STOP,
        "reply-not-connector",
        False,
    )


# reply, how many of the batch's three records it leaves unconfirmed
UNCONFIRMED: dict[str, tuple[Any, int]] = {
    "adds up": ({"RecordsSaved": 2, "RecordsSkipped": 1}, 0),
    "says nothing": ({}, 0),
    "says only what it skipped": ({"RecordsSkipped": 1}, 0),
    "two missing": ({"RecordsSaved": 1}, 2),
    "one too many": ({"RecordsSaved": 4}, 1),
    "far too many": ({"RecordsSaved": 4_000}, 3),
    "none": ({"RecordsSaved": 0, "RecordsSkipped": 0}, 3),
    "an error": ({"error": "quota"}, 3),
    "an error beside good figures": ({"RecordsSaved": 3, "Errors": ["x"]}, 3),
    "an empty error": ({"error": "", "errors": []}, 0),
    "an error further down": ({"result": {"error": "x"}}, 0),
}


@pytest.mark.parametrize(
    ("body", "unconfirmed"), [pytest.param(*row, id=name) for name, row in UNCONFIRMED.items()]
)
def test_what_a_reply_does_not_confirm_is_counted(body: Any, unconfirmed: int) -> None:
    """Accepted it is all the same; never more than the batch holds."""
    decision = _classify(_reply(200, body))
    assert (decision.action, decision.unconfirmed) == (Action.ACCEPTED, unconfirmed)


def test_a_kept_reply_holds_no_token() -> None:
    """Neither the one that was sent, whatever it looks like, nor anything that looks like one."""
    reply = '{"got": "s3cret", "auth": "Bearer abc.def", "jwt": "eyJh.eyJi.c"} Zoë'
    assert kept_reply(reply.encode(), "s3cret") == '{"got": "(token)", "auth": "(token) "jwt": "(token)"} Zoë'
    assert kept_reply(b"no token was sent", "") == "no token was sent"


def test_a_kept_reply_has_at_most_4_kb_and_whole_characters() -> None:
    """Whatever bytes it is made of."""
    assert kept_reply(b"a" + "ü".encode() * 3_000, "") == "a" + "ü" * 1_999
    assert kept_reply(b"\xff\xfeno", "") == "\ufffd\ufffdno"
