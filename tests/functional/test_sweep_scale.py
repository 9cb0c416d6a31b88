"""A sweep over more exports than fit into one invocation, or into memory."""

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from shared.blob_names import SWEEP_PATH
from shared.delivery.ports import Blob, Page
from shared.delivery.sweep import new_sweep, sweep
from shared.delivery.sweep_result import SweepResult
from shared.messages import TaskMessage, read_messages
from tests.support.fake_storage import FakeContainer
from tests.support.world import World

A_PAGE = 500
PROFILE = """version = 1
name = "One site"
[input]
format = "connector"
[schedule]
every = "1 day"
"""


class Listing(FakeContainer):
    """A container that lists blobs which nobody has stored.

    Attributes:
        many: how many.
        slow: seconds a page takes.
    """

    many = 0
    slow = 0.0

    def pages(self, prefix: str = "", marker: str = "") -> Iterator[Page]:
        """Pages of exports, or of their outcomes."""
        for begin in range(int(marker or 0), self.many, A_PAGE):
            self.clock.sleep(self.slow)
            end = min(begin + A_PAGE, self.many)
            blobs = [self._listed(number, is_outcome=bool(prefix)) for number in range(begin, end)]
            yield Page(str(begin), blobs, str(end) if end < self.many else "")

    def _listed(self, number: int, *, is_outcome: bool) -> Blob:
        name, etag = f"site-{number // 100:05d}/day-{number % 100:03d}.json", f"0x8D{number:08X}"
        morning = self.clock.now() - timedelta(hours=2)
        if not is_outcome:
            return Blob(name, etag, 1, morning)
        waits = number % 1_000 == 7
        metadata = {
            "status": "Failed" if waits else "Succeeded",
            "retry": "auto" if waits else "",
            "recordssent": "300",
            "finishedat": "2026-11-22T03:00:00Z",
            "uploadedat": "2026-11-22T03:00:00Z",
            "events": "2026-11-20=120 2026-11-21=180 last=2026-11-21T22:04:58",
        }
        return Blob(f"outcomes/{name}/{etag}.json", "0x1", 1, morning, metadata)


def _world(many: int, *, slow: float = 0.0) -> World:
    world = World()
    for container in ("exports", "results"):
        listing = Listing(container, world.clock)
        listing.many, listing.slow = many, slow
        setattr(world, container, listing)
    return world


def _swept(world: World) -> tuple[list[SweepResult], list[str]]:
    """All slices, one message after another, and the exports that they queued."""
    message, slices, queued = new_sweep(), list[SweepResult](), list[str]()
    while True:
        found = sweep(world.deps, message)
        assert found is not None
        slices.append(replace(found))
        texts = [text for _, text in world.queue.messages]
        world.queue.messages.clear()
        asked = [one for text in texts for one in read_messages(text, "badging-exports")]
        queued += [one.name for one in asked if not isinstance(one, TaskMessage)]
        if found.finished:
            return slices, queued
        (message,) = (one for one in asked if isinstance(one, TaskMessage))


def test_a_sweep_that_one_invocation_is_too_short_for_goes_on_where_it_was() -> None:
    """Its message says where; every export that is due is queued once, and what was counted adds up."""
    at_once, in_slices = _world(6_000), _world(6_000, slow=10.0).with_settings(INVOCATION_SECONDS="60")
    (whole,), queued = _swept(at_once)
    slices, queued_by_slices = _swept(in_slices)
    assert len(slices) > 3
    assert queued == queued_by_slices == [f"site-{number:05d}/day-007.json" for number in range(0, 60, 10)]
    assert (slices[-1].queued, slices[-1].waiting) == (whole.queued, whole.waiting) == (6, {"Failed": 6})
    assert slices[-1].last_sent_at == whole.last_sent_at


@pytest.mark.unmeasured
@pytest.mark.parametrize("scheduled", [False, True], ids=["folders", "with a source"])
def test_a_sweep_needs_no_more_memory_for_more_exports(*, scheduled: bool) -> None:
    """Of a folder without a profile nothing is remembered."""

    def peak(many: int) -> int:
        world = _world(many)
        if scheduled:
            world.put_source("site-00001", PROFILE)
        tracemalloc.start()
        try:
            (found,), _ = _swept(world)
            assert set(found.uploads) == ({"site-00001"} if scheduled else set())
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(2_000)  # what is imported and remembered once
    assert peak(10_000) < 1.5 * peak(2_000)


def test_of_sources_that_cannot_be_read_everything_is_remembered() -> None:
    """They may be read when the sweep ends, and what they owe is held against what was seen."""
    world = _world(1_000)
    world.put_source("site-00003", PROFILE)
    listing, refused = world.sources.pages, [True]

    def pages(prefix: str = "", marker: str = "") -> Iterator[Page]:
        world.sources.refuses = "storage answers 403" if refused.pop() else ""
        refused.append(False)
        return listing(prefix, marker)

    world.sources.pages = pages  # type: ignore[method-assign]
    (found,), _ = _swept(world)
    assert len(found.uploads) == 10
    assert found.standings["site-00003"].has_exported


def test_what_is_remembered_of_sources_goes_from_slice_to_slice() -> None:
    """Of those with a profile."""
    world = _world(6_000, slow=10.0).with_settings(INVOCATION_SECONDS="60")
    world.put_source("site-00001", PROFILE)
    message = new_sweep()
    assert sweep(world.deps, message) is not None
    assert list(msgspec.json.decode(world.state.data(SWEEP_PATH))["uploads"]) == ["site-00001"]
