"""The product's storage module on the models: lost replies and the SDK's repetitions, faults, deaths, slow calls."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import pytest

from shared.delivery.ports import ABSENT
from shared.errors import (
    ConditionError,
    ExportChangedError,
    LeaseTakenError,
    StorageError,
    TransientError,
)
from tests.support.storage_model.blobs import BlobModel
from tests.support.storage_model.clock import WorkerClock, WorldTime
from tests.support.storage_model.queues import QueueModel
from tests.support.storage_model.refusals import RefusedError
from tests.support.storage_model.wire import Call, CrashError, End, Fate, Wire, sdk_error
from tests.support.storage_model.workers import WorkerContainer, WorkerQueue

NAME = "ledger.json"


@dataclass
class Scene:
    """Two workers in one world; what becomes of the first one's tries is told, the rest is answered.

    Attributes:
        calls: the first worker's tries.
        fates: of its next tries.
    """

    world: WorldTime = field(default_factory=WorldTime)
    calls: list[Call] = field(default_factory=list)
    fates: list[Fate | End] = field(default_factory=list)

    def __post_init__(self) -> None:
        """An account with a container and a queue."""
        self.blobs, self.queues = BlobModel(self.world), QueueModel(self.world)
        self.blobs.create_container("state")
        self.queues.create_queue("exports")
        self.wire = Wire("one", WorkerClock(self.world), self._told)
        self.other_wire = Wire("two", WorkerClock(self.world))
        self.one = WorkerContainer(self.blobs, self.wire, "state")
        self.two = WorkerContainer(self.blobs, self.other_wire, "state")
        self.queue = WorkerQueue(self.queues, self.wire, "exports")

    def _told(self, call: Call) -> Fate | None:
        self.calls.append(call)
        fate = self.fates.pop(0) if self.fates else None
        return Fate(fate) if isinstance(fate, End) else fate

    def tries(self, what: str) -> list[int]:
        """The numbers of the first worker's tries of a kind of call."""
        return [call.attempt for call in self.calls if call.what == what]


@pytest.fixture
def scene() -> Scene:
    """Two workers."""
    return Scene()


def test_a_conditional_write_whose_reply_is_lost_meets_its_own_echo(scene: Scene) -> None:
    """It is written, and the worker is told that its condition does not hold."""
    etag = scene.one.write(NAME, b"1", ABSENT)
    scene.fates = [End.UNANSWERED]
    with pytest.raises(ConditionError):
        scene.one.write(NAME, b"2", etag)
    assert scene.blobs.get("state", NAME)[0] == b"2"
    assert scene.tries("put") == [1, 1, 2]


def test_a_first_write_whose_reply_is_lost_finds_that_the_blob_exists(scene: Scene) -> None:
    """Its own."""
    scene.fates = [End.UNANSWERED]
    with pytest.raises(ConditionError):
        scene.one.write(NAME, b"1", ABSENT)
    assert scene.blobs.get("state", NAME)[0] == b"1"


def test_taking_a_lease_again_after_a_lost_reply_is_harmless(scene: Scene) -> None:
    """The SDK's repetition takes it under the same id; the other worker does not get it."""
    scene.blobs.put("state", NAME, b"1")
    scene.fates = [End.UNANSWERED]
    scene.one.acquire(NAME, "a", 60)
    with pytest.raises(LeaseTakenError):
        scene.two.acquire(NAME, "b", 60)


def test_a_renewal_is_one_try(scene: Scene) -> None:
    """Done or not, the worker learns nothing when its reply is lost."""
    scene.blobs.put("state", NAME, b"1")
    scene.one.acquire(NAME, "a", 60)
    scene.world.move_to(50.0)
    scene.fates = [End.UNANSWERED, End.UNREACHED]
    for _ in range(2):
        with pytest.raises(StorageError):
            scene.one.renew(NAME, "a")
    assert scene.tries("renew") == [1, 1]
    scene.world.move_to(100.0)
    with pytest.raises(LeaseTakenError):
        scene.two.acquire(NAME, "b", 60)


def test_giving_a_lease_back_never_fails(scene: Scene) -> None:
    """Its reply is lost: it is free all the same."""
    scene.blobs.put("state", NAME, b"1")
    scene.one.acquire(NAME, "a", 60)
    scene.fates = [End.UNANSWERED]
    scene.one.release(NAME, "a")
    scene.two.acquire(NAME, "b", 60)


def test_a_message_whose_reply_is_lost_is_there_twice(scene: Scene) -> None:
    """The SDK puts it again."""
    scene.fates = [End.UNANSWERED]
    scene.queue.put("x", 0)
    assert scene.queues.texts("exports") == ["x", "x"]
    assert scene.queue.waiting() == 2


@pytest.mark.parametrize(
    ("fates", "is_done", "tries"),
    [
        ([End.FAILS], False, 1),
        ([End.LOST], True, 1),
        ([End.UNREACHED] * 4, False, 4),
        ([End.BUSY] * 4, False, 4),
        ([End.UNREACHED, End.UNANSWERED, End.LOST], True, 3),
    ],
)
def test_the_sdk_gives_up_after_four_tries(
    scene: Scene, fates: list[Fate | End], tries: int, *, is_done: bool
) -> None:
    """The worker is told that storage cannot be reached, whether it was done or not."""
    scene.fates = fates
    with pytest.raises(StorageError):
        scene.one.write(NAME, b"1", None)
    assert (len(scene.blobs.page("state").blobs) == 1) is is_done
    assert len(scene.calls) == tries


@pytest.mark.parametrize(("end", "is_done"), [(End.DIES_BEFORE, False), (End.DIES_AFTER, True)])
def test_a_worker_dies_before_or_after_what_it_does(scene: Scene, end: End, *, is_done: bool) -> None:
    """Nothing that catches exceptions notices."""
    scene.fates = [end]
    with pytest.raises(CrashError):
        scene.one.write(NAME, b"1", None)
    assert (len(scene.blobs.page("state").blobs) == 1) is is_done


def test_calls_take_their_time(scene: Scene) -> None:
    """The effect is between the two halves; the SDK's pauses before its repetitions come on top."""
    scene.fates = [Fate(before_seconds=2, after_seconds=3)]
    scene.one.write(NAME, b"1", None)
    assert scene.world.seconds == 5
    assert scene.one.head(NAME).last_modified == scene.world.now().replace(second=2)
    scene.wire.jitter_seconds = 0
    scene.fates = [End.UNREACHED, End.UNREACHED, End.UNREACHED]
    scene.one.head(NAME)
    assert scene.world.seconds == 5 + 3 + 5 + 9


def test_a_download_notices_an_overwrite_between_two_ranges(scene: Scene) -> None:
    """And survives a reply that is lost."""
    small = WorkerContainer(scene.blobs, scene.wire, "state", range_bytes=2)
    etag = scene.blobs.put("state", NAME, b"abcde")
    scene.fates = [Fate(), Fate(End.UNANSWERED)]
    pieces = small.chunks(NAME, etag)
    assert [next(pieces), next(pieces)] == [b"ab", b"cd"]
    scene.blobs.put("state", NAME, b"ABCDE")
    with pytest.raises(ExportChangedError):
        list(pieces)
    scene.fates = [End.FAILS]
    with pytest.raises(TransientError):
        list(small.chunks(NAME, etag))


def test_a_listing_shows_one_page_after_another(scene: Scene) -> None:
    """What is deleted while a page is read is on it all the same; each page is a call."""
    paged = WorkerContainer(scene.blobs, scene.wire, "state", page_blobs=2)
    for name in "abcd":
        scene.blobs.put("state", name, b"x")
    listed = paged.blobs()
    seen = [next(listed).name]
    for name in "bc":
        scene.blobs.delete("state", name)
    assert [*seen, *(blob.name for blob in listed)] == ["a", "b", "d"]
    assert scene.tries("list") == [1, 1]


def test_a_writer_whose_blocks_another_one_discarded_is_refused(scene: Scene) -> None:
    """Its commit names blocks that are no longer there; the other's file is whole."""
    ours, theirs = scene.one.block_writer(NAME), scene.two.block_writer(NAME)
    ours.add(b"ours")
    ours.mark()
    theirs.add(b"theirs")
    theirs.commit()
    with pytest.raises((StorageError, ConditionError)):
        ours.commit()
    assert scene.blobs.get("state", NAME)[0] == b"theirs"


def test_the_hook_lets_another_worker_in_between(scene: Scene) -> None:
    """It runs before the try: what it does comes first."""

    def interrupt(call: Call) -> None:
        if call.what == "put":
            scene.two.write(NAME, b"theirs", None)

    scene.wire.on_call = interrupt
    with pytest.raises(ConditionError):
        scene.one.write(NAME, b"ours", ABSENT)


@pytest.mark.parametrize(("status", "why"), [(403, "permission"), (400, "unknown"), (404, "missing")])
def test_what_storage_answers_is_translated_by_the_product(scene: Scene, status: int, why: str) -> None:
    """As the SDK's exceptions are."""

    def refuse(_call: Call) -> None:
        raise sdk_error(RefusedError(status, "ContainerNotFound" if status == 404 else "Other"))

    scene.wire.on_call = refuse
    for request in _requests(scene):
        with pytest.raises(StorageError) as caught:
            request()
        assert caught.value.why == why


def _requests(scene: Scene) -> Iterable[Callable[[], object]]:
    yield lambda: scene.one.head(NAME)
    yield lambda: scene.one.read(NAME)
    yield lambda: scene.one.write(NAME, b"x", None)
    yield lambda: list(scene.one.blobs())
    yield lambda: scene.one.acquire(NAME, "a", 60)
    yield lambda: scene.queue.put("x", 0)
