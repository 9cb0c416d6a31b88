"""The page: self-contained, escaped, complete; what it says for quiet, busy and empty times."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from shared.completeness.source_notes import SourceNote
from shared.completeness.usual import UsualRange
from shared.completeness.verdict import DayVerdict, SourceDay, State
from shared.error_codes import Status
from shared.report.charts import records_by_day, share
from shared.report.figures import Day, ExportRow, Figures, TopReason
from shared.report.formatting import STATUS_STYLES, rough_figure, short_figure
from shared.report.page import render

NOW = datetime(2026, 11, 25, 9, 10, tzinfo=UTC)
YESTERDAY = date(2026, 11, 24)


def _day(
    day: date,
    state: State = State.NO_HISTORY,
    records: int = 0,
    usual: UsualRange | None = None,
    **counts: int,
) -> Day:
    return Day(DayVerdict(day, state, records, usual, []), **counts)


QUIET = Figures(
    made_at=NOW,
    zone=UTC,
    container="badging-results",
    days=[_day(date(2026, 11, 11) + timedelta(days=n)) for n in range(14)] + [_day(NOW.date(), State.SO_FAR)],
    statuses={},
    latest=[],
    open=[],
    notes=[],
    waiting=[],
    waiting_total=0,
    reasons=[],
    faults=[],
    read=0,
    unread=0,
    last_sent_at=None,
)
ROW = ExportRow(
    name="2026/11/24/day 1.json",
    path="outcomes/2026/11/24/day 1.json/0x1.json",
    status=Status.BLOCKED,
    retry="auto",
    moment=NOW - timedelta(hours=3),
    sent=1_234,
    rejected=None,
    summary="The job and the app do not match.",
)


def test_sources_to_look_at_are_named_above_everything_but_the_verdict() -> None:
    """A name is text; without any there is no such part."""
    assert "Sources to look at" not in _words(render(QUIET))
    note = SourceNote("<munich>", "late", "nothing since 23 Nov; an export was due by 24 Nov, 07:00.")
    words = _words(render(replace(QUIET, notes=[note])))
    assert "&lt;munich&gt; nothing since 23 Nov; an export was due by 24 Nov, 07:00." in words
    assert words.index("nothing since 23 Nov") < words.index("At a glance")


def _words(page: str) -> str:
    """The page's text as one line."""
    body = page.partition("<body>")[2]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def test_nothing_runs_and_nothing_is_loaded() -> None:
    """No script, no handler, no address of anything to load; and a policy that forbids it all the same."""
    page = render(replace(QUIET, latest=[ROW]))
    assert not re.search(r"<(script|link|img|iframe|object|embed|form)|\son[a-z]+=|url\(|@import|src=", page)
    assert "default-src &#x27;none&#x27;" in page


def test_a_time_without_exports_is_said_in_words() -> None:
    """A new deployment's page says that nothing arrived, rather than showing empty frames."""
    words = _words(render(QUIET))
    for said in (
        "Tue 24 Nov: cannot be told. No export has come yet.",
        "no export with records yet",
        "no action needed",
        "nothing waits",
        "There was no export in this time.",
        "No record was rejected, and no export failed.",
        "Tuesday, 24 Nov 2026: no export",
    ):
        assert said in words
    assert "Needs action Exports of any age" not in words


@pytest.mark.parametrize(("days", "sign"), [(3, ""), (5, "▲ ")])
def test_records_that_were_last_sent_long_ago_alarm(days: int, sign: str) -> None:
    """A long weekend is nothing to look at; five days are."""
    words = _words(render(replace(QUIET, last_sent_at=NOW - timedelta(days=days))))
    sent = NOW - timedelta(days=days)
    assert f"Records last sent {sign}{sent.day} Nov" in words


def _with(*days: Day) -> Figures:
    """The last days of the page, today among them."""
    return replace(QUIET, days=[*QUIET.days[: -len(days)], *days])


def _source(name: str, state: State, records: int) -> SourceDay:
    return SourceDay(name, state, records, UsualRange(900, 1_100), [], date(2026, 11, 23), NOW)


def test_the_verdict_is_the_first_thing_it_says() -> None:
    """Also in the title, and each source beneath it, the worst first."""
    sources = [_source("bergen", State.COMPLETE, 1_000), _source("oslo", State.MISSING, 0)]
    verdict = DayVerdict(YESTERDAY, State.MISSING, 1_000, UsualRange(1_800, 2_200), sources)
    page = render(_with(Day(verdict, exports=1), QUIET.days[-1]))
    line = (
        "Tue 24 Nov: not complete. oslo: nothing since 23 Nov. In all 1,000 records "
        "(usual for a Tuesday: 1,800 to 2,200)."
    )
    assert f"<title>{line}</title>" in page
    words = _words(page)
    assert words.index(line) < words.index("At a glance")
    assert re.search(r"oslo\s+0\s+900 to 1,100\s+nothing since 23 Nov\. +\S*\s*bergen\s+1,000", words)


def test_while_yesterday_is_not_due_the_day_before_is_judged() -> None:
    """Early in the morning the question is about the last day that can be answered."""
    before = DayVerdict(
        date(2026, 11, 23), State.COMPLETE, 5, UsualRange(1, 9), [_source("a", State.COMPLETE, 5)]
    )
    now = DayVerdict(YESTERDAY, State.SO_FAR, 0, UsualRange(1, 9), [_source("a", State.SO_FAR, 0)])
    words = _words(render(_with(Day(before), Day(now), QUIET.days[-1])))
    assert "Tue 24 Nov: so far 0 records (usual for a Tuesday: 1 to 9). a: due by 25 Nov, 09:10." in words
    assert "Mon 23 Nov: complete. 1 of 1 source, 5 records (usual for a Monday: 1 to 9)." in words


def test_what_is_not_sent_is_a_figure() -> None:
    """Records of whatever waits, and how many exports do not say theirs."""
    waiting = [replace(ROW, not_sent=9_100), replace(ROW, path="other", not_sent=None)]
    words = _words(render(replace(QUIET, open=waiting)))
    assert re.search(r"Not sent\s+▲ 9,100\s+records, in 2 exports; 1 of unknown size", words)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (_day(YESTERDAY, State.COMPLETE, 5, exports=1), "complete, 5 records"),
        (_day(YESTERDAY, State.STUCK, 5, exports=2, not_sent=3), "not complete, 5 records, 3 not sent"),
        (_day(YESTERDAY, State.FEWER, 1), "fewer records than usual, 1 record"),
    ],
)
def test_the_calendar_says_each_day_in_a_sentence(day: Day, said: str) -> None:
    """What colour and sign show is also said in words."""
    page = render(_with(day, QUIET.days[-1]))
    assert f"Tuesday, 24 Nov 2026: {said}<" in page
    assert "Wednesday, 25 Nov 2026: so far, 0 records<" in page


def test_an_export_shows_its_details_in_place() -> None:
    """What went wrong and what to do, and where the outcome lies; no link, which a browser could not follow."""
    told = replace(ROW, details=[ROW.summary, "Copy both from the portal."])
    page = render(replace(QUIET, latest=[told]))
    assert "href=" not in page
    assert re.search(
        r"<summary>Details</summary><p class=\"note\">Copy both from the portal\.</p><p class=\"note\">Outcome: "
        r"<code>outcomes/2026/11/24/day 1\.json/0x1\.json</code></p></details>",
        page,
    )


def test_a_hostile_name_is_only_text() -> None:
    """A name made of markup shows as it is written, wherever it shows."""
    name = "\"><script>alert(1)</script><a href='javascript:x'>\u202e.json"
    page = render(
        replace(QUIET, latest=[replace(ROW, name=name, path=f"outcomes/{name}/0x1.json", details=["No."])])
    )
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert r"\u202e.json" in page
    assert "<code>outcomes/&quot;&gt;&lt;script&gt;" in page


def test_what_needs_action_is_shown_with_its_reason() -> None:
    """Blocked exports stand near the top, with what happened and whether they are tried again."""
    waiting = [ROW, replace(ROW, retry="person", name="other.json")]
    words = _words(render(replace(QUIET, waiting=waiting, waiting_total=7)))
    for said in (
        "The job and the app do not match.",
        "tried again daily",
        "only when asked",
        "And 5 older ones.",
    ):
        assert said in words


def test_reasons_say_how_much_was_read_for_them() -> None:
    """A count that is not whole says so."""
    reasons = [TopReason("UserId is missing", exports=3, records=1_603)]
    faults = [TopReason("job-mismatch", exports=2, help="Copy both.")]
    busy = replace(QUIET, reasons=reasons, faults=faults, read=175, unread=40)
    words = _words(render(busy))
    assert "Counted from 175 outcomes, the newest; 40 older ones were not read." in words
    assert "Counted from 175 outcomes." in _words(render(replace(busy, unread=0)))
    assert re.search(r"UserId is missing\s+1,603\s+3", words)
    assert re.search(r"job-mismatch\s+Copy both\.\s+2", words)


def test_the_next_try_is_shown() -> None:
    """An export that failed for now says when it is tried again."""
    failed = replace(ROW, status=Status.FAILED, next_attempt_at="2026-11-25T10:10:00Z")
    assert "next try 25 Nov, 10:10" in render(replace(QUIET, latest=[failed]))


def test_every_status_has_a_style() -> None:
    """A status that is added later must get a word, a sign of its own and a meaning."""
    assert set(STATUS_STYLES) == set(Status)
    assert len({style.sign for style in STATUS_STYLES.values()}) == len(Status)


@pytest.mark.parametrize(
    ("most", "top"), [(0, "10"), (9, "10"), (11, "20"), (30_999, "40k"), (2_400_000, "4M"), (500, "500")]
)
def test_the_scale_ends_at_a_round_figure(most: int, top: str) -> None:
    """The highest line of the chart is the next round figure above the highest bar."""
    drawn = records_by_day([_day(YESTERDAY, records=most)])
    assert re.findall(r'class="scale">([^<]+)<', drawn)[-1] == top


def test_bars_stand_on_each_other_and_small_ones_can_be_seen() -> None:
    """What waits stands on what was sent; one record among thousands still shows as 2 pixels."""
    drawn = records_by_day([_day(YESTERDAY, records=10_000, not_sent=1), QUIET.days[-1]])
    (sent, waiting) = re.findall(r'y="([\d.]+)" width="[^"]+" height="([\d.]+)" class="bar', drawn)
    assert float(waiting[0]) + float(waiting[1]) == pytest.approx(float(sent[0]))
    assert float(waiting[1]) == 2.0


def test_the_chart_shows_what_is_usual_and_what_is_a_weekend() -> None:
    """A band behind the bar, from low to high, shaded Saturdays and Sundays, and words for each bar."""
    usual = UsualRange(800, 1_000)
    drawn = records_by_day(
        [_day(date(2026, 11, 21) + timedelta(days=n), State.COMPLETE, 900, usual) for n in range(3)]
    )
    assert drawn.count('class="weekend"') == 2
    assert drawn.count('y="10.0" width="33.333%" height="36.0" class="band"') == 3
    assert "<title>Saturday, 21 Nov 2026: 900 records, usual 800 to 1,000</title>" in drawn
    assert "<title>Monday, 23 Nov 2026 (so far): 900 records, usual 800 to 1,000</title>" in drawn


@pytest.mark.parametrize(("count", "width"), [(0, "0%"), (1, "1%"), (50, "50%"), (100, "100%")])
def test_a_share_is_as_wide_as_its_part(count: int, width: str) -> None:
    """Nothing is no bar; little is a bar that can be seen."""
    assert f'width="{width}" height="10"' in share(count, 100, "good")


def test_a_scale_is_short() -> None:
    """Thousands and millions are letters; in the calendar there is room for four characters."""
    rough = [rough_figure(count) for count in (5, 1_249, 27_198, 1_200_000)]
    assert rough == ["5", "1.2k", "27k", "1.2M"]
    assert [short_figure(count) for count in (5, 2_500, 1_000_000)] == ["5", "2.5k", "1M"]
