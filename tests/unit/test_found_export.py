"""The version that a message is about, beside what the container holds."""

from datetime import timedelta
from typing import Literal

import pytest

from shared.delivery.found_export import FoundExport, find_export
from shared.delivery.ports import Blob
from shared.delivery.waiting import YOUNG
from shared.messages import Message
from tests.support.fake_clock import MORNING, FakeClock
from tests.support.fake_storage import FakeContainer

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("state", "current", "current_or_unsafe"),
    [("current", True, True), ("overwritten", False, False), ("gone", False, False), ("unsafe", False, True)],
)
def test_a_state_says_whether_there_is_something_to_do(
    state: Literal["current", "overwritten", "gone", "unsafe"],
    current: object,
    current_or_unsafe: object,
) -> None:
    """Also about a name that must not be touched: it is there to be rejected."""
    found = FoundExport("day.json", "0x1", state)
    assert found.is_current is current
    assert found.is_current_or_unsafe is current_or_unsafe


@pytest.mark.parametrize(
    ("size", "age", "state", "waits"),
    [
        (0, YOUNG - SECOND, "current", True),
        (0, YOUNG, "current", False),
        (1, timedelta(), "current", False),
        (0, timedelta(), "overwritten", False),
    ],
)
def test_an_empty_blob_is_waited_for_a_minute(
    size: int, age: timedelta, state: Literal["current", "overwritten"], waits: object
) -> None:
    """SFTP and Data Lake announce a file before it is filled; a minute later it is an empty export."""
    blob = Blob("day.json", "0x1", size, MORNING - age)
    assert FoundExport("day.json", "0x1", state, blob).is_not_filled_yet(MORNING) is waits


def test_what_a_message_names_is_found() -> None:
    """The current version if it names none; another one is overwritten; what is not there is gone."""
    exports = FakeContainer("badging-exports", FakeClock())
    blob = exports.put("day.json", b"[]")
    assert find_export(exports, Message("day.json")) == FoundExport("day.json", blob.etag, "current", blob)
    assert find_export(exports, Message("day.json", blob.etag)).is_current
    assert find_export(exports, Message("day.json", "0x0")) == FoundExport(
        "day.json", "0x0", "overwritten", blob
    )
    assert find_export(exports, Message("other.json")) == FoundExport("other.json", "unknown", "gone")
    assert find_export(exports, Message("a/../b.json", "0x1")) == FoundExport("a/../b.json", "0x1", "unsafe")
