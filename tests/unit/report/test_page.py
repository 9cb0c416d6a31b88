"""The page: self-contained, escaped, complete; what it says for quiet, busy and empty times."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from shared.error_codes import Status
from shared.report.charts import records_by_day, share
from shared.report.figures import Day, ExportRow, Figures, TopReason
from shared.report.formatting import STATUS_STYLES, short_figure
from shared.report.page import render

NOW = datetime(2026, 11, 25, 9, 10, tzinfo=UTC)
QUIET = Figures(
    made_at=NOW,
    container="badging-results",
    days=[Day(date(2026, 11, 11) + timedelta(days=n)) for n in range(15)],
    statuses={},
    latest=[],
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
    assert re.search(r"Yesterday\s+0 exports\s+nothing arrived", words)
    for said in (
        "no export with records yet",
        "nobody needs to act",
        "There was no export in this time.",
        "No record was rejected, no export failed.",
        "14 days without an export",
    ):
        assert said in words
    assert "Waiting for a person" not in words


@pytest.mark.parametrize(("a_week_before", "sign"), [(0, ""), (2, "▲ ")])
def test_a_day_without_exports_alarms_only_where_it_is_unusual(a_week_before: int, sign: str) -> None:
    """A Sunday without exports after a Sunday without exports is nothing to look at."""
    days = [
        replace(day, exports=a_week_before if day.date == date(2026, 11, 17) else 0) for day in QUIET.days
    ]
    words = _words(render(replace(QUIET, days=days)))
    assert f"Yesterday {sign}0 exports" in words


@pytest.mark.parametrize(("days", "sign"), [(3, ""), (5, "▲ ")])
def test_records_that_were_last_sent_long_ago_alarm(days: int, sign: str) -> None:
    """A long weekend is nothing to look at; five days are."""
    words = _words(render(replace(QUIET, last_sent_at=NOW - timedelta(days=days))))
    sent = NOW - timedelta(days=days)
    assert f"Records last sent {sign}{sent.day} Nov" in words


def test_yesterday_is_the_first_thing_it_says() -> None:
    """Did yesterday's badge data arrive? Exports, records sent and rejected, in the first tile."""
    days = [*QUIET.days[:-2], Day(date(2026, 11, 24), 3, 41_203, 12, 1, 0), QUIET.days[-1]]
    words = _words(render(replace(QUIET, days=days)))
    assert re.search(r"Yesterday\s+3 exports\s+41,203 records sent, 12 rejected", words)
    assert "Tuesday, 24 Nov 2026: 3 exports, 1 with records rejected, 41,203 records sent" in words


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (Day(date(2026, 11, 24), 1, 5, 0), "1 export, 5 records sent"),
        (Day(date(2026, 11, 24), 2, 5, 0, 0, 1), "2 exports, 1 that did not come through, 5 records sent"),
        (Day(date(2026, 11, 24)), "no export"),
    ],
)
def test_the_calendar_says_each_day_in_a_sentence(day: Day, said: str) -> None:
    """What colour and sign show is also said in words."""
    page = render(replace(QUIET, days=[*QUIET.days[:-2], day, QUIET.days[-1]]))
    assert f"Tuesday, 24 Nov 2026: {said}<" in page
    assert "Wednesday, 25 Nov 2026: no export yet<" in page


def test_an_export_links_to_its_outcome_wherever_the_page_lies() -> None:
    """Relative beside the outcomes, absolute where a command writes the page elsewhere; always percent-encoded."""
    busy = replace(QUIET, latest=[ROW])
    assert 'href="../outcomes/2026/11/24/day%201.json/0x1.json"' in render(busy)
    root = "https://example.blob.core.windows.net/badging-results/"
    assert f'href="{root}outcomes/2026/11/24/day%201.json/0x1.json"' in render(busy, root=root)


def test_a_hostile_name_is_only_text() -> None:
    """A name made of markup shows as it is written, in the text and in the link."""
    name = "\"><script>alert(1)</script><a href='javascript:x'>\u202e.json"
    page = render(replace(QUIET, latest=[replace(ROW, name=name, path=f"outcomes/{name}/0x1.json")]))
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert r"\u202e.json" in page
    assert all(link.startswith("../outcomes/%22%3E") for link in re.findall(r'href="([^"]*)"', page))


def test_what_waits_for_a_person_is_shown_with_its_reason() -> None:
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
    assert "next try 10:10 UTC" in render(replace(QUIET, latest=[failed]))


def test_every_status_has_a_style() -> None:
    """A status that is added later must get a word, a sign of its own and a meaning."""
    assert set(STATUS_STYLES) == set(Status)
    assert len({style.sign for style in STATUS_STYLES.values()}) == len(Status)


@pytest.mark.parametrize(
    ("most", "top"), [(0, "10"), (9, "10"), (11, "20"), (30_999, "40k"), (2_400_000, "4M"), (500, "500")]
)
def test_the_scale_ends_at_a_round_figure(most: int, top: str) -> None:
    """The highest line of the chart is the next round figure above the highest bar."""
    drawn = records_by_day([Day(date(2026, 11, 24), 1, most, 0)])
    assert re.findall(r'class="scale">([^<]+)<', drawn)[-1] == top


def test_bars_stand_on_each_other_and_small_ones_can_be_seen() -> None:
    """Rejected records stand on the sent ones; one record among thousands still shows as 2 pixels."""
    drawn = records_by_day([Day(date(2026, 11, 24), 1, 10_000, 1)])
    (sent, rejected) = re.findall(r'<rect x="[^"]+" y="([\d.]+)" width="[^"]+" height="([\d.]+)"', drawn)
    assert float(rejected[0]) + float(rejected[1]) == pytest.approx(float(sent[0]))
    assert float(rejected[1]) == 2.0


@pytest.mark.parametrize(("count", "width"), [(0, "0%"), (1, "1%"), (50, "50%"), (100, "100%")])
def test_a_share_is_as_wide_as_its_part(count: int, width: str) -> None:
    """Nothing is no bar; little is a bar that can be seen."""
    assert f'width="{width}" height="10"' in share(count, 100, "good")


def test_a_scale_is_short() -> None:
    """Thousands and millions are letters."""
    assert [short_figure(count) for count in (5, 2_500, 1_000_000)] == ["5", "2.5k", "1M"]
