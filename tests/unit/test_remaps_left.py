"""What a sweep has left for the next one, as those read it who may read results."""

import pytest

from shared.delivery.remaps_left import RemapsLeft, remaps_left
from tests.support.fake_clock import FakeClock
from tests.support.fake_storage import FakeContainer

LEFT = b'{"sweptAt": "2026-11-22T05:00:00Z", "queued": 1000, "left": 300}'


@pytest.mark.parametrize(
    ("data", "left"),
    [
        (None, None),
        (LEFT, RemapsLeft("2026-11-22T05:00:00Z", 1_000, 300)),
        (LEFT.replace(b"2026", b"x"), None),
        (LEFT[:-1], None),
        (LEFT.replace(b"1000", b"true"), None),
        (b"", None),
    ],
)
def test_what_is_damaged_says_nothing(data: bytes | None, left: RemapsLeft | None) -> None:
    """The next sweep writes it anew, or deletes it."""
    results = FakeContainer("badging-results", FakeClock())
    if data is not None:
        results.put("sweeps/remaps.json", data)
    assert remaps_left(results) == left
