"""The report in a real browser: draws without a word on the console, fits its window, can be read by everybody."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.report.collect import Scope, collect
from shared.report.page import render
from tests.support.chromium import Chromium, ChromiumError
from tests.support.fake_clock import FakeClock
from tests.support.fake_storage import FakeContainer
from tests.support.reports import ordinary_weeks
from tests.support.situations import SITUATIONS, WEDNESDAY_MORNING, Situation

pytestmark = pytest.mark.browser
NOW = datetime(2026, 11, 25, 9, 10, tzinfo=UTC)
ACCESSIBILITY = Path(__file__).with_name("accessibility.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """One Chromium for all tests of this file."""
    with Chromium() as running:
        yield running


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Pages of different lengths after busy weeks, and one of a new deployment."""
    folder = tmp_path_factory.mktemp("report")
    full, empty = (FakeContainer("badging-results", FakeClock(NOW)) for _ in range(2))
    ordinary_weeks(full, NOW, days=100)
    made = {
        "busy": render(collect(full, Scope(NOW))),
        "week": render(collect(full, Scope(NOW, days=7))),
        "quarter": render(collect(full, Scope(NOW, days=92))),
        "year": render(collect(full, Scope(NOW, days=366))),
        "empty": render(collect(empty, Scope(NOW))),
    }
    for name, page in made.items():
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
    return {name: folder / f"{name}.html" for name in made}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 768, 1280])
@pytest.mark.parametrize("which", ["busy", "week", "quarter", "year", "empty"])
def test_the_report_can_be_read(
    chromium: Chromium, pages: dict[str, Path], which: str, width: int, scheme: str
) -> None:
    """At every width and in both schemes: no error, nothing beyond the window, contrast of 4.5, words for everything."""
    chromium.open(pages[which], width=width, dark=scheme == "dark")
    seen = chromium.evaluate(ACCESSIBILITY)
    assert seen["faults"] == []
    assert seen["measured"] > 40
    assert chromium.messages == []


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda one: one.name)
def test_the_verdict_can_be_read_at_once(
    chromium: Chromium, tmp_path: Path, situation: Situation, width: int
) -> None:
    """In each of eight situations the first line stands in the window that opens, whole, and nothing is wrong with it."""
    page = tmp_path / "page.html"
    page.write_text(render(collect(situation.container(), Scope(WEDNESDAY_MORNING))), encoding="utf-8")
    chromium.open(page, width=width)
    said, bottom = chromium.evaluate(
        "(one => [one.innerText, one.getBoundingClientRect().bottom])(document.querySelector('.verdict'))"
    )
    assert all(part in " ".join(said.split()) for part in situation.said)
    assert bottom < 700
    assert chromium.evaluate(ACCESSIBILITY)["faults"] == []
    assert chromium.messages == []


def test_the_figures_of_a_chart_can_be_opened(chromium: Chromium, pages: dict[str, Path]) -> None:
    """The table behind the bars opens without a script and shows a line for each day."""
    chromium.open(pages["busy"], width=390)
    chromium.evaluate("document.querySelector('summary').click()")
    assert chromium.evaluate("document.querySelector('details').open")
    assert chromium.evaluate("document.querySelectorAll('details tbody tr').length") == 35
    assert chromium.evaluate(ACCESSIBILITY)["faults"] == []


def test_every_bar_is_drawn(chromium: Chromium, pages: dict[str, Path]) -> None:
    """The chart has a visible bar for each day with records, in its colours."""
    chromium.open(pages["busy"], width=390)
    bars = chromium.evaluate(
        "[...document.querySelectorAll('.chart .bar')].map(one => [one.getBoundingClientRect().width, "
        "one.getBoundingClientRect().height, getComputedStyle(one).fill])"
    )
    assert len(bars) > 20
    assert all(width > 1 and height >= 2 for width, height, _ in bars)
    assert len({fill for *_, fill in bars}) == 2


def test_a_hostile_name_does_not_run(chromium: Chromium, pages: dict[str, Path]) -> None:
    """A blob named like a script is only text, and even a script put into the page by force would not run."""
    chromium.open(pages["busy"], width=1280)
    assert chromium.evaluate("document.scripts.length") == 0
    assert chromium.evaluate(
        "[...document.querySelectorAll('bdi')].some(one => one.textContent.startsWith('<script>alert(1)'))"
    )
    chromium.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = true'}))"
    )
    assert chromium.evaluate("window.ran === undefined")
    assert any("Content Security Policy" in said for said in chromium.messages)


def test_the_report_prints(chromium: Chromium, pages: dict[str, Path]) -> None:
    """Paper gets a light page, whatever the screen's scheme, in a handful of sheets."""
    chromium.open(pages["busy"], width=1280, dark=True)
    printed = chromium.pdf()
    assert printed.startswith(b"%PDF-")
    assert 1 < printed.count(b"/Type /Page\n") <= 5


def test_the_checks_find_what_is_wrong(chromium: Chromium, tmp_path: Path) -> None:
    """The looking itself is tried on a bad page: each kind of fault is found."""
    page = tmp_path / "bad.html"
    page.write_text(
        "<!doctype html><h2>x</h2><p style='color:#999;background:#fff'>pale</p><svg><rect/></svg>"
        "<svg><text y=9>one</text><text y=9>other</text></svg>"
        "<table><tr><td>1</td></tr><tr><td>1</td><td>2</td></tr></table><a href='#'></a>"
        "<div style='width:3000px'>wide</div><script>console.log('noise'); missing()</script>"
    )
    chromium.open(page, width=390)
    found = " ".join(chromium.evaluate(ACCESSIBILITY)["faults"])
    for fault in (
        "headings begin", "no single main", "no language", "no title", "contrast 2.8", "a drawing without words",
        "a table without a caption", "a table without headers", "rows of different lengths", "a link without words",
        "px wide", "beyond the window", "run into each other",
    ):  # fmt: skip
        assert fault in found
    assert any("noise" in said for said in chromium.messages)
    assert any("exception" in said for said in chromium.messages)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks at processes as Linux shows them")
def test_chromium_leaves_nothing_behind(tmp_path: Path) -> None:
    """When the block ends by an exception, the browser's processes and its profile are gone."""
    page = tmp_path / "page.html"
    page.write_text("<!doctype html><title>page</title>")
    profiles: list[Path] = []

    def use() -> None:
        with Chromium() as chromium:
            chromium.open(page, width=390)
            profiles.append(chromium.profile)
            assert chromium.profile.exists()
            assert _running(chromium.profile)
            chromium.evaluate("missing()")

    with pytest.raises(ChromiumError, match="threw"):
        use()
    assert not profiles[0].exists()
    assert not _running(profiles[0])


def _running(profile: Path) -> bool:
    """Whether a process was started with this profile."""
    for command in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it may end while we look
            if str(profile).encode() in command.read_bytes():
                return True
    return False


def test_an_age_is_no_matter(chromium: Chromium, tmp_path: Path) -> None:
    """A page of one single day is drawn like any other."""
    results = FakeContainer("badging-results", FakeClock(NOW))
    ordinary_weeks(results, NOW - timedelta(days=1), days=1)
    page = tmp_path / "page.html"
    page.write_text(render(collect(results, Scope(NOW, days=1))), encoding="utf-8")
    chromium.open(page, width=390)
    assert chromium.evaluate(ACCESSIBILITY)["faults"] == []
