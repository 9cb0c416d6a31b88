"""The join of two listings: what a dictionary would give, however the pages fall and wherever it goes on."""

from collections.abc import Iterator

from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.blob_names import outcome_path
from shared.delivery.outcome_listing import listed
from shared.delivery.sweep_listing import Cursor, Listed, join
from tests.support.fake_clock import FakeClock
from tests.support.fake_storage import FakeContainer

type Found = list[tuple[str, bool, int]]

NAMES = st.one_of(
    st.sampled_from(
        ["a.json", "a.json.gz", "a.json-b.json", "a-b.json", "a/b.json", "a.json/b.json", "a.json/b/c.json"]
    ),
    st.builds(
        lambda stem, end: stem.strip("/.") + end, st.text("ab-/.0~", min_size=1, max_size=5), st.just(".json")
    ),
).filter(lambda name: "//" not in name and "./" not in name and not name.startswith("/"))


class _Containers:
    """Exports and outcomes: for each name whether the blob is there, and how many versions have an outcome."""

    def __init__(self, names: dict[str, tuple[bool, int]], page_blobs: int) -> None:
        clock = FakeClock()
        self.exports = FakeContainer("badging-exports", clock, page_blobs=page_blobs)
        self.results = FakeContainer("badging-results", clock, page_blobs=page_blobs)
        for name, (there, outcomes) in names.items():
            if there:
                self.exports.put(name, b"[]")
            for version in range(outcomes):
                self.results.put(outcome_path(name, f"0x8D{version}"), b"{}")

    def join(self, cursor: Cursor) -> Iterator[Listed]:
        """From there on."""
        return join(self.exports, self.results, cursor, listed)


def _found(items: Iterator[Listed]) -> Found:
    return [(one.name, one.export is not None, len(one.outcomes)) for one in items]


STATES = st.tuples(st.booleans(), st.integers(0, 3)).filter(lambda state: state != (False, 0))


@settings(deadline=None)
@given(st.dictionaries(NAMES, STATES, max_size=12), st.integers(1, 4), st.data())
@example({"a.json": (True, 1), "a.json/-.json": (True, 1)}, 1, None)
@example({"a.json": (True, 1), "a.json!b.json": (True, 1), "a.json-c.json": (True, 1)}, 1, None)
@example({"2026": (True, 1), "2026/01/a.json": (True, 1), "2026/11/a.json": (True, 1)}, 1, None)
def test_every_name_comes_once_with_its_blob_and_all_its_outcomes(
    names: dict[str, tuple[bool, int]], page_blobs: int, data: st.DataObject | None
) -> None:
    """The same as a dictionary join; and going on at any cursor loses nothing and doubles nothing."""
    containers = _Containers(names, page_blobs)
    items = list(containers.join(Cursor()))
    expected = {(name, there, outcomes) for name, (there, outcomes) in names.items()}
    found = _found(iter(items))
    assert len(found) == len(expected)
    assert set(found) == expected
    for cut in range(len(items)) if data is None else [data.draw(st.integers(0, len(items)))]:
        cursor = items[cut - 1].cursor if cut else Cursor()
        assert _found(containers.join(cursor)) == found[cut:]


def test_folders_and_uploads_on_their_way_are_no_exports() -> None:
    """They are never announced as missed."""
    containers = _Containers({"day.json": (True, 0)}, 2)
    containers.exports.put("folder", b"", is_folder=True)
    containers.exports.put("day.json.tmp", b"")
    containers.exports.put("_SUCCESS", b"")
    assert _found(containers.join(Cursor())) == [("day.json", True, 0)]


def test_going_on_reads_no_page_that_is_done_with() -> None:
    """A sweep over a million names does not begin anew with every slice."""
    containers = _Containers({f"{number:02d}.json": (True, 1) for number in range(40)}, 4)
    item = list(containers.join(Cursor()))[29]
    assert item.cursor.after == "29.json/0x"
    assert item.cursor.exports >= "27.json"  # the marker of the fake is the last name before the page
    assert item.cursor.outcomes >= "outcomes/27.json/"


def test_what_is_new_behind_the_cursor_is_found_and_what_is_gone_is_not_missed() -> None:
    """Between two slices exports come and go."""
    containers = _Containers({f"{number}.json": (True, 1) for number in range(1, 9)}, 2)
    cursor = list(containers.join(Cursor()))[3].cursor
    containers.exports.delete("4.json")
    containers.exports.delete("5.json")
    containers.exports.put("0.json", b"[]")
    containers.exports.put("6.json.gz", b"[]")
    found = _found(containers.join(cursor))
    assert found == [
        ("5.json", False, 1), ("6.json.gz", True, 0), ("6.json", True, 1), ("7.json", True, 1), ("8.json", True, 1),
    ]  # fmt: skip
