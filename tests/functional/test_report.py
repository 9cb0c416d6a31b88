"""The report out of a results container: what it counts, how little it reads, and that it harms nothing."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from shared import app
from shared.blob_names import REPORT_PATH
from shared.delivery.event_days import DayRecords, Events
from shared.delivery.outcome import Records
from shared.delivery.ports import Document
from shared.delivery.sweep import new_sweep
from shared.error_codes import Status
from shared.errors import StorageError
from shared.messages import TaskMessage
from shared.report.collect import Scope, collect
from shared.report.documents import MAX_DOCUMENTS
from shared.report.publish import publish
from tests.support.exports import export
from tests.support.fake_clock import MORNING, FakeClock
from tests.support.fake_connector import reply
from tests.support.fake_storage import FakeContainer
from tests.support.reports import HOSTILE_NAME, no_sources, ordinary_weeks, rejections, written
from tests.support.world import World

NOW = datetime(2026, 11, 25, 9, 10, tzinfo=UTC)


class _CountingContainer(FakeContainer):
    """Counts the documents that are read."""

    reads = 0

    def read(self, name: str) -> Document | None:
        self.reads += 1
        return super().read(name)


@pytest.fixture
def results() -> _CountingContainer:
    """A results container whose clock stands at `NOW`."""
    clock = FakeClock(NOW)
    return _CountingContainer("badging-results", clock)


def test_the_figures_of_a_day_add_up() -> None:
    """Real attempts on real exports: the statuses, the reasons, what needs action, and when records were last sent."""
    world = World()
    world.upload("good.json", export(7))
    world.upload("partly.json", export(20, first=100, bad=(101, 102)))
    world.upload("broken.json", b"[")
    world.run()
    figures = collect(world.results, Scope(world.clock.now()))
    assert figures.days[-1].date == MORNING.date()
    assert [row.name for row in figures.waiting] == ["broken.json"]
    assert figures.statuses == {Status.SUCCEEDED: 1, Status.PARTIALLY_SUCCEEDED: 1, Status.REJECTED: 1}
    assert [(one.records, one.exports) for one in figures.reasons] == [(2, 1)]
    assert [one.text for one in figures.faults] == ["truncated"]
    assert figures.last_sent_at == MORNING
    assert {seen.name for seen in figures.latest} == {"good.json", "partly.json", "broken.json"}


def test_blocked_exports_are_shown_whatever_their_age(results: _CountingContainer) -> None:
    """What waits for a person for months stays in sight."""
    written(
        results,
        "old.json",
        Status.BLOCKED,
        NOW - timedelta(days=200),
        code="job-mismatch",
        message="No match.",
    )
    figures = collect(results, Scope(NOW))
    assert figures.statuses == {}
    assert [(seen.name, seen.error, seen.retry) for seen in figures.waiting] == [
        ("old.json", "job-mismatch", "auto")
    ]


def test_what_passes_by_itself_does_not_wait_for_a_person() -> None:
    """`Failed` shows among the last exports with its next try, not among those that need a person."""
    world = World()
    world.connector.always = reply(503)
    world.upload("day.json", export(3))
    world.run()
    figures = collect(world.results, Scope(world.clock.now()))
    assert (figures.waiting, figures.waiting_total) == ([], 0)
    assert figures.latest[0].next_attempt_at == world.outcome("day.json").next_attempt_at != ""


def test_a_busy_month_is_read_within_bounds(results: _CountingContainer) -> None:
    """However many outcomes tell of rejections, at most 200 documents are read, the newest; the rest is said."""
    why = rejections(users=1)
    for number in range(MAX_DOCUMENTS + 50):
        finished = NOW - timedelta(minutes=number)
        written(results, f"{number:04d}.json", Status.PARTIALLY_SUCCEEDED, finished, rejections=why)
    results.reads = 0
    figures = collect(results, Scope(NOW))
    assert results.reads == MAX_DOCUMENTS
    assert (figures.read, figures.unread) == (MAX_DOCUMENTS, 50)
    assert figures.reasons[0].records == MAX_DOCUMENTS
    assert len(figures.latest) == 25
    assert figures.latest[0].name == "0000.json"


@pytest.mark.parametrize("order", [("a", "b", "c"), ("c", "b", "a"), ("b", "c", "a")])
def test_records_were_last_sent_when_they_were_last_sent(
    results: _CountingContainer, order: tuple[str, ...]
) -> None:
    """The latest of all, wherever it is listed; not of what sent nothing since."""
    for age, name in enumerate(order, 1):
        sent = Records(read=3, sent=3)
        written(results, f"{name}.json", Status.SUCCEEDED, NOW - timedelta(hours=age), records=sent)
    written(results, "d.json", Status.REJECTED, NOW, code="not-json", records=Records(read=3, rejected=3))
    assert collect(results, Scope(NOW)).last_sent_at == NOW - timedelta(hours=1)


def test_only_the_days_asked_for_are_counted(results: _CountingContainer) -> None:
    """A week's report has seven days, today the last, and nothing older."""
    ordinary_weeks(results, NOW)
    figures = collect(results, Scope(NOW, days=7))
    assert [day.date for day in figures.days] == [date(2026, 11, 19) + timedelta(days=n) for n in range(7)]
    assert sum(figures.statuses.values()) == 21
    assert min(seen.moment for seen in figures.latest).date() >= date(2026, 11, 19)


def test_a_damaged_outcome_spoils_nothing(results: _CountingContainer) -> None:
    """Nonsense in metadata or in the document counts as unfinished, like in the sweep; the page is made all the same."""
    nonsense = {"status": "Fine", "finishedat": "yesterday", "recordssent": "many", "retry": "maybe"}
    results.put("outcomes/a.json/1.json", b"{", metadata=nonsense)
    results.put("outcomes/b.json/1.json", b"[]", metadata={"status": "Rejected", "recordssent": "٣"})
    figures = collect(results, Scope(NOW))
    assert figures.statuses == {Status.IN_PROGRESS: 1, Status.REJECTED: 1}
    assert [(seen.sent, seen.retry, seen.summary) for seen in figures.latest] == [(None, None, "")] * 2


def test_a_clock_that_is_ahead_adds_no_day(results: _CountingContainer) -> None:
    """Events of tomorrow, by another machine's clock or zone, are counted when it is tomorrow."""
    events = Events(by_day={f"{NOW + timedelta(days=1):%Y-%m-%d}": DayRecords(sent=3)})
    written(results, "early.json", Status.SUCCEEDED, NOW, events=events)
    figures = collect(results, Scope(NOW))
    assert (figures.days[-1].date, figures.days[-1].records) == (NOW.date(), 0)
    assert figures.statuses == {Status.SUCCEEDED: 1}


def test_a_code_of_a_newer_gatepost_is_shown(results: _CountingContainer) -> None:
    """After a rollback there are codes this version does not know; the report names them."""
    outcome = written(results, "day.json", Status.BLOCKED, NOW, code="job-mismatch")
    (name,) = results.names()
    document = json.loads(results.data(name))
    document["error"]["code"] = "from-the-future"
    results.put(name, json.dumps(document).encode(), metadata=dict(results.head(name).metadata))
    (fault,) = collect(results, Scope(NOW)).faults
    assert (fault.text, "newer Gatepost" in fault.help, outcome.status) == (
        "from-the-future",
        True,
        Status.BLOCKED,
    )


def test_the_page_holds_no_user() -> None:
    """UserIds of valid and of invalid records stay out of the report."""
    world = World()
    world.upload("partly.json", export(20, bad=(3, 4)))
    world.upload("broken.json", b'[{"UserId": "person@example.com"')
    world.run()
    assert publish(world.results, world.clock, UTC, world.source_store)
    page = world.results.data(REPORT_PATH).decode()
    assert "partly.json" in page
    assert "@example.com" not in page


def test_hostile_names_reach_the_page_as_text(results: _CountingContainer) -> None:
    """A blob may be called anything; on the page it is only a name."""
    ordinary_weeks(results, NOW)
    assert publish(results, FakeClock(NOW), UTC, no_sources(FakeClock(NOW)))
    page = results.data(REPORT_PATH).decode()
    assert "<script" not in page
    assert HOSTILE_NAME.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")[:30] in page


def test_the_sweep_writes_the_report_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every sweep replaces `reports/latest.html`, after it has queued what is due."""
    world = World()
    world.upload("day.json", export(3))
    world.run()
    world.exports.put("missed.json", export(3, first=10))
    world.clock.sleep(3_600)
    order: list[str] = []
    world.queue.on_change = world.results.on_change = lambda what, name: order.append(f"{what} {name}")
    monkeypatch.setattr(app, "_dependencies_or_raise", lambda: world.deps)
    app.start_sweep()
    world.run()
    assert order[:2] == ["write queue", "wrote queue"]
    assert order[-2:] == [f"write {REPORT_PATH}", f"wrote {REPORT_PATH}"]
    assert b"day.json" in world.results.data(REPORT_PATH)


@pytest.mark.parametrize("trouble", [StorageError("storage answers 403"), RuntimeError("a bug")])
def test_a_report_that_cannot_be_written_harms_no_sweep(
    trouble: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The sweep's figures are out and its function ends well; a warning says that the page is old."""

    def refuse(_what: str, _name: str) -> None:
        raise trouble

    world = World()
    world.exports.put("missed.json", export(3))
    world.clock.sleep(3_600)
    world.results.on_change = refuse
    monkeypatch.setattr(app, "_dependencies_or_raise", lambda: world.deps)
    app.process_message(new_sweep().encode().encode(), "an-invocation")
    app.process_message(TaskMessage("report").encode().encode(), "an-invocation")
    assert len(world.queue.messages) == 2
    assert "report failed: " in caplog.text
    assert "a bug" not in caplog.text
