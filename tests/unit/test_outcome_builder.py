"""What a ledger comes to: figures that add up, status, summary, replies, warnings."""

import msgspec
import pytest

from shared.delivery import outcome_builder, outcome_texts
from shared.delivery.ledger import Entry, Ledger, Plan
from shared.delivery.ledger_store import StoredLedger
from shared.delivery.mapping_figures import MappingFigures
from shared.delivery.outcome import (
    Error,
    Export,
    ExportVersion,
    Ignored,
    Notice,
    Outcome,
    Reason,
    Records,
    Rejections,
    SourceVersion,
)
from shared.delivery.record_bits import RecordBits
from shared.delivery.validate_export import ValidationResult
from shared.error_codes import Status

REASONS = [
    Reason(property="AccessStatus", code="not-allowed", reason="must be Success or Failed", records=2),
    Reason(property="UserId", code="missing", reason="is missing", records=1),
]


def _entry(first: int, **changes: object) -> Entry:
    """Ten records from `first` on."""
    made = Entry(first=first, last=first + 9, records=10, bytes=100, sha256=f"{first:064x}", state="accepted")
    return msgspec.structs.replace(made, **({"http_status": 200, "requests": 1} | changes))


def _ledger(*entries: Entry, rejected: int = 0, latest: str = "", number: int = 1) -> Ledger:
    plan = Plan(
        schema_version=1,
        version="2.0.0",
        rules="r",
        key="9f" * 32,
        number=number,
        planned_at="2026-11-22T05:00:00Z",
        read=sum(entry.records for entry in entries) + rejected,
        rejected=rejected,
        by_reason=REASONS if rejected else [],
        latest_event=latest,
        bits="00" * 32,
    )
    return Ledger(plan=plan, entries=list(entries))


def _stored(ledger: Ledger, *ranges: tuple[int, int]) -> StoredLedger:
    """As it was read; `ranges` are the records of its plan, else all that its entries hold."""
    bits = RecordBits()
    for first, last in ranges or [(entry.first, entry.last) for entry in ledger.entries]:
        bits.add(first, last)
    return StoredLedger("ledger/j/k/r.jsonl", "1", 1, ledger, bits)


def _with(outcome: Outcome, ledger: Ledger, replies: dict[str, str] | None = None) -> Outcome:
    return outcome_builder.with_ledgers(outcome, [_stored(ledger)], replies)


def _status(ledger: Ledger) -> Status:
    return outcome_builder.status_of(_with(_outcome(), ledger))


def _outcome() -> Outcome:
    return Outcome(
        status=Status.IN_PROGRESS,
        export=Export(
            container="badging-exports", name="a/day.json", etag="0x8D", last_modified="2026-11-22T05:00:00Z"
        ),
        job_id="job",
        invocation_id="i",
        version="1.0.0",
        started_at="2026-11-22T05:00:00Z",
    )


FLAWS = {
    "nothing": ({}, 0, Status.SUCCEEDED),
    "skipped none": ({"saved": 10, "skipped": 0}, 0, Status.SUCCEEDED),
    "possible copies": ({"possible_copies": 3}, 0, Status.SUCCEEDED),
    "rejected": ({}, 3, Status.PARTIALLY_SUCCEEDED),
    "refused": ({"refused": [4]}, 0, Status.PARTIALLY_SUCCEEDED),
    "unconfirmed": ({"unconfirmed": 10}, 0, Status.PARTIALLY_SUCCEEDED),
    "skipped": ({"saved": 9, "skipped": 1}, 0, Status.PARTIALLY_SUCCEEDED),
}


@pytest.mark.parametrize(
    ("changes", "rejected", "status"), [pytest.param(*row, id=why) for why, row in FLAWS.items()]
)
def test_any_flaw_makes_it_partial(changes: dict[str, object], rejected: int, status: Status) -> None:
    """Succeeded means that every record was accepted."""
    assert _status(_ledger(_entry(1), _entry(11, **changes), rejected=rejected)) is status


def test_the_figures_add_up_in_every_state() -> None:
    """What was read is sent, rejected, refused, unconfirmed or unsent, whatever the batches are in."""
    ledger = _ledger(
        _entry(1),
        _entry(11, refused=[12, 13]),
        _entry(21, unconfirmed=10),
        msgspec.structs.replace(_entry(31, state="refused", refused=[31]), last=31, records=1),
        _entry(41, state="sending"),
        _entry(51, state="planned"),
        rejected=3,
    )
    records = _with(_outcome(), ledger).records
    assert records == Records(read=54, sent=18, rejected=3, refused=3, unconfirmed=10, unsent=20)
    assert (
        records.read
        == records.sent + records.rejected + records.refused + records.unconfirmed + records.unsent
    )


def test_what_is_left_out_is_counted_beside_what_is_sent() -> None:
    """Ignored and repeated records are neither sent nor unsent; of a repeated content all but the ignored ones are unsent."""
    ignored = [Ignored(code="rule", records=2)]
    ledger = _ledger(_entry(1), _entry(11, state="planned"), rejected=1)
    plan = msgspec.structs.replace(ledger.plan, read=26, repeated=3, ignored=ignored)
    ledger = msgspec.structs.replace(ledger, plan=plan)
    sent = _with(_outcome(), ledger)
    assert sent.records == Records(read=26, sent=10, rejected=1, unsent=10, ignored=2, repeated=3)
    assert sent.ignored == ignored
    duplicate = outcome_builder.as_duplicate(_outcome(), ledger)
    assert duplicate.records == Records(read=26, rejected=1, unsent=23, ignored=2)
    assert duplicate.ignored == ignored


def test_a_day_counts_as_sent_what_was_accepted_of_it() -> None:
    """Days of which nothing was sent yet are there with 0."""
    ledger = _ledger(
        _entry(1, days={"2026-11-20": 4, "2026-11-21": 6}),
        _entry(11, days={"2026-11-21": 10}),
        _entry(21, days={"2026-11-21": 3, "2026-11-22": 7}, state="planned"),
    )
    plan = msgspec.structs.replace(
        ledger.plan,
        first_event="2026-11-20T05:00:00",
        last_event="2026-11-22T05:00:00",
        repeated_days={"2026-11-20": 1},
    )
    ledger = msgspec.structs.replace(ledger, plan=plan)
    events = _with(_outcome(), ledger).events
    assert events is not None
    assert (events.first, events.last) == ("2026-11-20T05:00:00", "2026-11-22T05:00:00")
    assert {day: (one.sent, one.repeated) for day, one in events.by_day.items()} == {
        "2026-11-20": (4, 1), "2026-11-21": (16, 0), "2026-11-22": (0, 0),
    }  # fmt: skip


def test_of_a_duplicate_nothing_was_sent_on_any_day() -> None:
    """And nothing of it is in doubt under this name."""
    entry = _entry(1)
    plan = msgspec.structs.replace(
        _ledger(entry).plan, entries=[msgspec.structs.replace(entry, days={"2026-11-21": 10})]
    )
    ledger = msgspec.structs.replace(_ledger(entry), plan=plan)
    known = msgspec.structs.replace(_outcome(), in_doubt_elsewhere=3)
    duplicate = outcome_builder.as_duplicate(known, ledger)
    assert duplicate.in_doubt_elsewhere == 0
    assert duplicate.events is not None
    assert [(day, one.sent) for day, one in duplicate.events.by_day.items()] == [("2026-11-21", 0)]


def test_what_replies_report_adds_up_where_they_say_it() -> None:
    """Batches that say nothing add nothing; if none says anything it is null, not zero."""
    told = _with(
        _outcome(), _ledger(_entry(1, saved=8, skipped=2), _entry(11), _entry(21, saved=10)), {}
    ).reported
    assert told is not None
    assert (told.records_saved, told.records_skipped) == (18, 2)
    saved = _with(_outcome(), _ledger(_entry(1, saved=10))).reported
    assert saved is not None
    assert (saved.records_saved, saved.records_skipped) == (10, 0)
    assert _with(_outcome(), _ledger(_entry(1))).reported is None


def test_replies_are_kept_once_and_at_most_twenty() -> None:
    """Batches refer to them by number; a reply beyond the twentieth is left out."""
    entries = [_entry(1 + 10 * index) for index in range(25)]
    replies = {entry.sha256: f"reply {index % 23}" for index, entry in enumerate(entries)}
    outcome = _with(_outcome(), _ledger(*entries), replies)
    assert outcome.replies == [f"reply {index}" for index in range(20)]
    assert [batch.reply for batch in outcome.batches] == [*range(20), None, None, None, 0, 1]


@pytest.mark.parametrize(
    "changes",
    [{"state": "planned", "http_status": 403}, {"unconfirmed": 3}, {"refused": [252]}],
    ids=lambda changes: next(iter(changes)),
)
def test_the_reply_that_explains_a_trouble_is_among_the_kept(changes: dict[str, object]) -> None:
    """Twenty good replies, each with an id of its own, do not crowd it out."""
    good = [_entry(10 * number + 1) for number in range(25)]
    stopped = _entry(251, **changes)
    texts = {entry.sha256: f"reply {entry.first}" for entry in [*good, stopped]}
    outcome = _with(_outcome(), _ledger(*good, stopped), texts)
    assert outcome.batches[-1].reply is not None
    assert outcome.replies[outcome.batches[-1].reply] == "reply 251"
    assert len(outcome.replies) == 20


def test_replies_of_earlier_attempts_stay() -> None:
    """A batch that was accepted in the first attempt keeps its reply in the second; a new one takes its place."""
    ledger = _ledger(_entry(1), _entry(11))
    first = _with(_outcome(), ledger, {ledger.entries[0].sha256: "one", ledger.entries[1].sha256: "two"})
    second = _with(first, ledger, {ledger.entries[1].sha256: "three"})
    assert second.replies == ["one", "three"]
    assert [batch.reply for batch in second.batches] == [0, 1]


def test_a_reply_number_that_leads_nowhere_is_passed_over() -> None:
    """An outcome that was cut by hand does no harm."""
    ledger = _ledger(_entry(1))
    first = _with(_outcome(), ledger, {ledger.entries[0].sha256: "one"})
    cut = msgspec.structs.replace(first, replies=[])
    assert _with(cut, ledger).batches[0].reply is None
    assert _with(_with(_outcome(), ledger), ledger).batches[0].reply is None


def test_refused_records_are_a_reason_by_status() -> None:
    """They follow the reasons of the rules, counted, without a property."""
    ledger = _ledger(
        _entry(1, refused=[2]),
        _entry(11, state="refused", refused=[11], http_status=400),
        _entry(21, state="refused", refused=[21], http_status=400),
        rejected=3,
    )
    outcome = _with(_outcome(), ledger)
    assert [(one.property, one.code, one.records) for one in outcome.rejections.by_reason] == [
        ("AccessStatus", "not-allowed", 2), ("UserId", "missing", 1), (None, "refused", 1), (None, "refused", 2),
    ]  # fmt: skip
    assert outcome.rejections.blob == "rejected/a/day.json/0x8D.jsonl"
    assert _with(_outcome(), _ledger(_entry(1))).rejections == Rejections()


@pytest.mark.parametrize(
    ("latest", "modified", "warned"),
    [
        ("2026-11-22T05:05:00", "2026-11-22T05:00:00Z", False),
        ("2026-11-22T05:05:01", "2026-11-22T05:00:00Z", True),
        ("", "2026-11-22T05:00:00Z", False),
        ("2026-11-22T05:05:01", None, False),
    ],
)
def test_events_more_than_five_minutes_ahead_are_a_warning(
    latest: str, modified: str | None, warned: object
) -> None:
    """Clocks differ a little; hours are a time zone."""
    outcome = _outcome()
    outcome = msgspec.structs.replace(
        outcome, export=msgspec.structs.replace(outcome.export, last_modified=modified)
    )
    warnings = _with(outcome, _ledger(_entry(1), latest=latest)).warnings
    assert [one.code for one in warnings] == (["events-in-the-future"] if warned else [])


def test_copies_and_skipped_records_are_warnings() -> None:
    """An analyst can see what a 200 does not say."""
    ledger = _ledger(_entry(1, possible_copies=2), _entry(11, skipped=1))
    warnings = _with(_outcome(), ledger).warnings
    assert [one.code for one in warnings] == ["possible-copies", "records-skipped"]
    assert warnings[0].message.startswith("2 requests")


def test_an_export_without_a_ledger_has_sent_nothing() -> None:
    """Everything valid counts as unsent."""
    validation = ValidationResult("9f" * 32, 12, 7, REASONS, "", [], RecordBits())
    outcome = outcome_builder.with_validation(_outcome(), validation)
    assert outcome.export.sha256 == "9f" * 32
    assert outcome.records == Records(read=12, rejected=7, unsent=5)
    assert outcome.rejections.blob == "rejected/a/day.json/0x8D.jsonl"
    clean = outcome_builder.with_validation(
        _outcome(), ValidationResult("9f" * 32, 0, 0, [], "", [], RecordBits())
    )
    assert clean.rejections.blob is None
    unread = outcome_builder.with_validation(_outcome(), ValidationResult("", 3, 3, [], "", [], RecordBits()))
    assert unread.export.sha256 is None


def test_a_duplicate_has_sent_nothing_under_its_own_name() -> None:
    """Batches and replies belong to the version that sent the content."""
    sent = msgspec.structs.replace(
        _ledger(_entry(1, saved=10), rejected=3), completed_by=ExportVersion(name="first.json", etag="1")
    )
    outcome = outcome_builder.as_duplicate(_with(_outcome(), sent), sent)
    assert outcome.records == Records(read=13, rejected=3, unsent=10)
    assert (outcome.batches, outcome.replies, outcome.reported) == ([], [], None)
    assert outcome.duplicate_of == ExportVersion(name="first.json", etag="1")


def test_records_of_two_ledgers_are_counted_once() -> None:
    """The rules changed after a part was sent: what both say was accepted is one record, not two."""
    before = _ledger(_entry(1), _entry(11, state="planned"), number=1)
    sent_before = [_stored(before, (1, 20))]
    after = _ledger(_entry(6), number=2)
    plan = msgspec.structs.replace(after.plan, read=20, sent_elsewhere=5, rejected=5, by_reason=REASONS)
    after = msgspec.structs.replace(after, plan=plan)
    outcome = outcome_builder.with_ledgers(_outcome(), [*sent_before, _stored(after, (6, 15))])
    assert outcome.records == Records(read=20, sent=15, rejected=5, unsent=0)
    assert [(batch.first, batch.last) for batch in outcome.batches] == [(1, 10), (6, 15)]


def test_records_of_two_earlier_ledgers_are_counted_once() -> None:
    """Also where nothing was accepted under today's rules."""
    first, second = _ledger(_entry(1), number=1), _ledger(_entry(6), number=2)
    today = _ledger(_entry(16, state="planned"), number=3)
    today = msgspec.structs.replace(
        today, plan=msgspec.structs.replace(today.plan, read=25, sent_elsewhere=15)
    )
    outcome = outcome_builder.with_ledgers(_outcome(), [_stored(first), _stored(second), _stored(today)])
    assert outcome.records == Records(read=25, sent=15, unsent=10)


def test_what_was_refused_of_a_batch_is_not_unconfirmed_as_well() -> None:
    """A reply may say both: which items failed, and fewer saved than were sent."""
    ledger = _ledger(_entry(1), _entry(11), _entry(21, unconfirmed=10, refused=[21, 22]))
    assert _with(_outcome(), ledger).records == Records(read=30, sent=20, refused=2, unconfirmed=8)


def test_a_record_refused_once_and_accepted_under_other_rules_is_sent() -> None:
    """A ledger keeps its refusals; one that another ledger contradicts is not counted a second time."""
    ours = _ledger(_entry(1), _entry(11, state="refused", refused=[11], last=11, records=1))
    theirs = _ledger(_entry(11, last=11, records=1), number=0)
    outcome = outcome_builder.with_ledgers(_outcome(), [_stored(theirs), _stored(ours)])
    assert outcome.records == Records(read=11, sent=11)


def test_without_a_ledger_nothing_is_known_that_was_not_known_before() -> None:
    """A journal that was made and not written into says nothing."""
    assert outcome_builder.with_ledgers(_outcome(), []) == _outcome()
    empty = StoredLedger("p", "1")
    assert outcome_builder.with_ledgers(_outcome(), [empty]) == _outcome()
    ledger = _ledger(_entry(1), _entry(11, refused=[12]), rejected=3)
    beside = outcome_builder.with_ledgers(_outcome(), [empty, _stored(ledger)])
    assert beside == _with(_outcome(), ledger)
    assert beside.records == Records(read=23, sent=19, refused=1, rejected=3)


def test_the_hash_of_an_export_is_that_of_its_bytes() -> None:
    """Where a source decides which rows there are, its ledgers have another key."""
    ledger = _ledger(_entry(1))
    assert _with(_outcome(), ledger).export.sha256 == ledger.plan.key
    mapped = msgspec.structs.replace(ledger, plan=msgspec.structs.replace(ledger.plan, sha256="5a" * 32))
    outcome = _with(_outcome(), mapped)
    assert (outcome.export.sha256, outcome.ledger) == ("5a" * 32, ledger.plan.key)


def test_what_a_mapping_warns_of_is_said_of_an_export_that_is_not_sent() -> None:
    """It may be the reason."""
    notice = Notice(code="clock-went-back", message="Some rows are an hour apart.")
    mapping = MappingFigures(source=SourceVersion("munich", "5a" * 32, {}), warnings=[notice])
    validation = ValidationResult("9f" * 32, 2, 2, REASONS, "", [], RecordBits(), mapping=mapping)
    outcome = outcome_builder.with_validation(_outcome(), validation)
    assert notice in outcome.warnings
    assert outcome.source == mapping.source


def test_what_was_in_doubt_under_other_rules_is_a_warning_once_it_was_sent() -> None:
    """A batch that is still planned has doubled nothing."""
    ledger = _ledger(_entry(1, in_doubt_elsewhere=4), _entry(11, state="planned", in_doubt_elsewhere=2))
    outcome = _with(_outcome(), ledger)
    assert outcome.in_doubt_elsewhere == 4
    assert [one.code for one in outcome.warnings] == ["in-doubt-elsewhere"]
    assert outcome.warnings[0].message.startswith("4 records")


def test_figures_that_do_not_add_up_are_a_warning() -> None:
    """Saved and skipped are more or less than was sent."""
    for saved, warned in ((10, []), (9, ["figures-differ"]), (11, ["figures-differ"])):
        warnings = _with(_outcome(), _ledger(_entry(1, saved=saved))).warnings
        assert [one.code for one in warnings] == warned


SUMMARIES = {
    "all sent": (
        {"records": Records(read=1_234_567, sent=1_234_567)},
        "1,234,567 of 1,234,567 records sent.",
    ),
    "of everything": (
        {"records": Records(read=9, sent=1, rejected=2, refused=3, unconfirmed=2, unsent=1)},
        "1 of 9 records sent; 2 rejected; 3 refused by the connector; 2 unconfirmed; 1 not sent.",
    ),
    "with the first reason": (
        {"records": Records(read=3, sent=0, rejected=3), "rejections": Rejections(by_reason=REASONS)},
        "0 of 3 records sent; 3 rejected: AccessStatus must be Success or Failed (and 1 other reason).",
    ),
    "a reason without a property": (
        {
            "records": Records(read=1, refused=1),
            "rejections": Rejections(
                by_reason=[Reason(property=None, code="refused", reason="was refused", records=1)]
            ),
        },
        "0 of 1 records sent; 1 refused by the connector: record was refused.",
    ),
    "a reason without records": (
        {"rejections": Rejections(by_reason=[*REASONS, *REASONS])},
        "AccessStatus must be Success or Failed (and 3 other reasons).",
    ),
    "an error": (
        {"error": Error(code="truncated", message="It ends too early.", help="")},
        "It ends too early.",
    ),
    "an error and figures": (
        {
            "error": Error(code="x", message="The vault says no.", help=""),
            "records": Records(read=3, unsent=3),
        },
        "The vault says no. 0 of 3 records sent; 3 not sent.",
    ),
    "a duplicate": (
        {"duplicate_of": ExportVersion(name="first.json", etag="1"), "records": Records(read=3, unsent=3)},
        "This content was sent before, as first.json.",
    ),
    "nothing known": ({}, ""),
}


@pytest.mark.parametrize(("changes", "text"), [pytest.param(*row, id=why) for why, row in SUMMARIES.items()])
def test_a_summary_is_a_sentence_or_two(changes: dict[str, object], text: str) -> None:
    """What happened, in the order that matters, with thousands separated."""
    assert outcome_texts.summary(msgspec.structs.replace(_outcome(), **changes)) == text


@pytest.mark.parametrize(
    ("copies", "said"),
    [
        (1, "1 request got no answer and was repeated"),
        (1_200, "1,200 requests got no answer and were repeated"),
    ],
)
def test_possible_copies_are_said_in_a_sentence(copies: int, said: str) -> None:
    """Of one request, and of many."""
    (warning,) = _with(_outcome(), _ledger(_entry(1, possible_copies=copies))).warnings
    assert (warning.code, warning.message.partition(";")[0]) == ("possible-copies", said)
