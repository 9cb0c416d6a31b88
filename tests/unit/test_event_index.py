"""The index of events in storage: made once, read while it is being put together, never trusted when it is damaged."""

import json
from array import array
from typing import Final

import pytest

from shared.blob_names import events_prefix, hash_key_path
from shared.delivery.compaction import Compaction
from shared.delivery.event_index import EventIndex
from shared.delivery.index_warnings import INDEX_DAMAGED, INDEX_LOST
from shared.delivery.job_lease import JobLease
from shared.delivery.ports import Document
from shared.delivery.settled_events import Share
from shared.delivery.worker_memory import WorkerMemory
from shared.errors import ActionRequiredError, LeaseLostError, TransientError
from shared.events.identity import Key
from shared.events.run_names import RunName
from shared.events.runs import Run, encode_run, run_of
from tests.support.fake_clock import FakeClock
from tests.support.fake_storage import FakeContainer

JOB: Final = "11111111-2222-3333-4444-555555555555"
PREFIX: Final = events_prefix(JOB, None)
DATE: Final = "2026-11-21"


def _nothing(name: str) -> Document | None:
    """What a container says of a blob that is gone."""
    return None


class Index:
    """An index on a container in memory."""

    def __init__(self, *, repeat_days: int = 35) -> None:
        self.clock = FakeClock()
        self.state = FakeContainer("gatepost-state", self.clock)
        self.index = EventIndex(self.state, JOB, self.clock, repeat_days)

    def put(self, *hashes: int, accepted: str = "2026-11-22", doubt: bool = False, date: str = DATE) -> str:
        """Another worker writes a run; gives its path."""
        other = EventIndex(self.state, JOB, self.clock, 35)
        name = other.write(None, Share(date, accepted, doubt), run_of(self.index.key.id, hashes))
        return f"{PREFIX}{name}"

    def known(self, *hashes: int) -> tuple[list[int], list[int]]:
        """Which of these are known: surely, and in doubt."""
        found = self.index.of_date(DATE, None)
        return found.accepted.known(hashes), found.doubt.known(hashes)

    def runs(self) -> list[str]:
        """The paths of all runs."""
        return [name for name in self.state.names() if name.startswith("events/")]

    def compact(self) -> bool:
        """Put runs together, under the lease."""
        with JobLease(self.state, "lease/test", self.clock) as lease:
            return Compaction(self.index, lease, self.clock).compact()


def test_a_date_knows_what_was_accepted_and_what_was_never_confirmed() -> None:
    """Each in a run of its own kind; other dates do not count, nor does what is no run."""
    made = Index()
    made.put(1, 2)
    made.put(2, 3, doubt=True)
    made.put(4, date="2026-11-20")
    made.state.put(f"{PREFIX}{DATE}/notes.txt", b"")
    assert made.known(1, 2, 3, 4, 5) == ([1, 2], [2, 3])


@pytest.mark.parametrize(("repeat_days", "known"), [(1, [1]), (2, [1, 2]), (400, [1, 2, 3])])
def test_what_is_too_old_does_not_count(repeat_days: int, known: list[int]) -> None:
    """By the day of acceptance; the clock stands at 22 November."""
    made = Index(repeat_days=repeat_days)
    for number, day in enumerate(("2026-11-21", "2026-11-20", "2026-01-01"), 1):
        made.put(number, accepted=day)
    assert made.known(1, 2, 3)[0] == known


def test_of_two_that_make_the_key_one_reads_the_others() -> None:
    """So that all hashes of a job are made under one key."""
    one = Index()
    two = EventIndex(one.state, JOB, one.clock, 35)

    def just_before(what: str, _name: str) -> None:
        if what == "write":
            one.state.on_change = lambda _what, _name: None
            assert two.key.secret

    one.state.on_change = just_before
    assert one.index.key == two.key
    assert EventIndex(one.state, JOB, one.clock, 35).key == two.key


def test_a_key_that_comes_and_goes_is_a_fault_that_passes() -> None:
    """It cannot be written since it is there, and cannot be read since it is not."""
    made = Index()

    def appearing(what: str, name: str) -> None:
        if what == "write":
            made.state.on_change = lambda _what, _name: None
            made.state.put(name, b"{}")
            made.state.read = _nothing  # type: ignore[method-assign]

    made.state.on_change = appearing
    with pytest.raises(TransientError):
        _ = made.index.key


def test_a_run_that_is_put_together_while_a_date_is_read_is_found_again() -> None:
    """A listed run that is gone: the date is listed again."""
    made = Index()
    gone = made.put(1)
    made.put(2)
    read, away = made.state.read, [gone]

    def reading(name: str) -> Document | None:
        if away and name == away[0]:
            away.clear()
            assert made.compact()
        return read(name)

    made.state.read = reading  # type: ignore[method-assign]
    assert made.known(1, 2)[0] == [1, 2]
    assert len(made.runs()) == 1


def test_runs_that_are_replaced_all_the_time_are_a_fault_that_passes() -> None:
    """An attempt does not list for ever."""
    made = Index()
    made.put(1)
    read = made.state.read
    made.state.read = lambda name: None if name.startswith("events/") else read(name)  # type: ignore[method-assign]
    with pytest.raises(TransientError):
        made.known(1)


def test_damaged_runs_and_runs_of_another_key_are_not_used_and_said() -> None:
    """The others are."""
    made = Index()
    made.put(1)
    made.state.stored(made.put(2)).data += b"x"
    made.put(3)
    made.index.write(None, Share(DATE, "2026-11-22", doubt=False), run_of(b"another!", [4]))
    assert made.known(1, 2, 3, 4)[0] == [1, 3]
    assert made.index.warnings == {INDEX_DAMAGED, INDEX_LOST}
    assert made.compact()
    assert len(made.runs()) == 3


@pytest.mark.parametrize("place", [0, 1, 2])
def test_whichever_run_of_a_date_is_damaged_the_others_are_used(place: int) -> None:
    """They are named by their content, so each may come first."""
    made = Index()
    paths = {made.put(number): number for number in (1, 2, 3)}
    damaged = sorted(paths)[place]
    made.state.stored(damaged).data += b"x"
    assert made.known(1, 2, 3)[0] == [number for path, number in paths.items() if path != damaged]
    assert made.index.warnings == {INDEX_DAMAGED}


@pytest.mark.parametrize("place", [0, 1, 2])
def test_whichever_run_is_gone_the_others_are_used_and_read_once(place: int) -> None:
    """The date is listed again; what was read before need not be read again."""
    made = Index()
    paths = {made.put(number): number for number in (1, 2, 3)}
    gone = sorted(paths)[place]
    read, asked = made.state.read, list[str]()

    def reading(name: str) -> Document | None:
        asked.append(name)
        if name == gone:
            made.state.delete(name)
        return read(name)

    made.state.read = reading  # type: ignore[method-assign]
    assert made.known(1, 2, 3)[0] == [number for path, number in paths.items() if path != gone]
    assert sorted(name for name in asked if name in paths) == sorted(paths)


def test_a_run_in_the_place_of_another_is_damaged() -> None:
    """It is sound in itself, but nobody knows of which day its events are."""
    made = Index()
    made.state.stored(made.put(1)).data = encode_run(run_of(made.index.key.id, [2]))
    assert made.known(1, 2)[0] == []
    assert made.index.warnings == {INDEX_DAMAGED}


@pytest.mark.parametrize(
    ("runs", "request_id", "crowded"), [(49, None, False), (50, None, True), (50, "r", False)]
)
def test_a_date_of_fifty_runs_is_crowded(runs: int, request_id: str | None, *, crowded: bool) -> None:
    """They are put together at the end of the attempt; those of a resend never are."""
    made = Index()
    for number in range(runs):
        share = Share(DATE, "2026-11-22", doubt=False)
        made.index.write(request_id, share, run_of(made.index.key.id, [number]))
    assert made.index.of_date(DATE, request_id).accepted.known(range(60)) == [*range(runs)]
    assert made.index.of_date("2026-11-20", request_id).accepted.known([1]) == []
    assert made.index.crowded is crowded


def test_what_a_resend_has_sent_counts_whatever_its_age() -> None:
    """Its index is its own, and ends with it."""
    made = Index(repeat_days=1)
    for request_id in (None, "r"):
        share = Share(DATE, "2026-01-01", doubt=False)
        made.index.write(request_id, share, run_of(made.index.key.id, [1]))
    assert made.index.of_date(DATE, None).accepted.known([1]) == []
    assert made.index.of_date(DATE, "r").accepted.known([1]) == [1]


def test_what_a_worker_has_written_it_does_not_read() -> None:
    """The next export of the day needs one listing more, and no download."""
    made = Index()
    made.index.write(None, Share(DATE, "2026-11-22", doubt=False), run_of(made.index.key.id, [1]))
    made.state.read = _nothing  # type: ignore[method-assign]
    assert made.known(1, 2)[0] == [1]


def test_a_run_of_another_key_makes_the_next_attempt_read_the_key_again() -> None:
    """It was deleted, and another worker has made a new one; within an attempt the key stays what it was."""
    made, memory = Index(), WorkerMemory()
    known = EventIndex(made.state, JOB, made.clock, 35, memory)
    old = known.key
    made.state.delete(hash_key_path(JOB))
    assert EventIndex(made.state, JOB, made.clock, 35, memory).key == old
    other = EventIndex(made.state, JOB, made.clock, 35)
    other.write(None, Share(DATE, "2026-11-22", doubt=False), run_of(other.key.id, [1]))
    assert known.of_date(DATE, None).accepted.known([1]) == []
    assert known.warnings == {INDEX_LOST}
    assert known.key == old
    after = EventIndex(made.state, JOB, made.clock, 35, memory)
    assert after.key == other.key != old
    assert after.of_date(DATE, None).accepted.known([1]) == [1]


def test_runs_are_put_together_by_date_day_and_kind() -> None:
    """What a run says stays the same; one that is alone stays as it is."""
    made = Index()
    made.put(1, 2)
    made.put(2, 3)
    made.put(4, accepted="2026-11-21")
    made.put(5, doubt=True)
    made.put(6, doubt=True)
    made.put(7, date="2026-11-20")
    assert made.compact()
    assert len(made.runs()) == 4
    assert made.known(*range(1, 8)) == ([1, 2, 3, 4], [5, 6])
    before = made.runs()
    assert made.compact()
    assert made.runs() == before


def test_a_union_that_is_there_already_is_not_deleted() -> None:
    """A worker that died after writing it left its parts behind."""
    made = Index()
    whole = made.put(1, 2, 3)
    made.put(1, 2)
    made.put(3)
    assert made.compact()
    assert made.runs() == [whole]


def test_nothing_is_deleted_where_the_union_cannot_be_read_back() -> None:
    """Or where the lease is lost meanwhile."""
    made = Index()
    parts = [made.put(1), made.put(2)]
    read = made.index.read
    union = run_of(made.index.key.id, [1, 2])

    def losing(request_id: str | None, name: RunName) -> Run | None:
        found = read(request_id, name)
        return None if found == union else found

    made.index.read = losing  # type: ignore[method-assign]
    assert made.compact()
    assert set(parts) < set(made.runs())
    made.index.read = read  # type: ignore[method-assign]
    with JobLease(made.state, "lease/test", made.clock) as lease:
        made.state.steal_lease("lease/test")
        with pytest.raises(LeaseLostError):
            Compaction(made.index, lease, made.clock).compact()
    assert set(parts) < set(made.runs())


def test_a_union_that_comes_back_damaged_deletes_nothing() -> None:
    """The parts still say everything."""
    made = Index()
    parts = [made.put(1), made.put(2)]

    def damaging(what: str, name: str) -> None:
        if what == "wrote" and name.startswith("events/"):
            made.state.stored(name).data += b"x"

    made.state.on_change = damaging
    assert made.compact()
    assert set(parts) < set(made.runs())


def test_compaction_takes_a_few_seconds_at_a_time() -> None:
    """What is left is for the next sweep."""
    made = Index()
    for date in ("2026-11-19", "2026-11-20"):
        made.put(1, date=date)
        made.put(2, date=date)
    read = made.state.read

    def slow(name: str) -> Document | None:
        made.clock.pass_until(made.clock.monotonic() + 3)
        return read(name)

    made.state.read = slow  # type: ignore[method-assign]
    assert not made.compact()
    assert len(made.runs()) == 3
    assert made.compact()
    assert len(made.runs()) == 2


def test_compaction_begins_nothing_when_its_seconds_are_over() -> None:
    """Not even at that very moment."""
    made = Index()
    for date in ("2026-11-19", "2026-11-20"):
        made.put(1, date=date)
        made.put(2, date=date)
    read, ends = made.state.read, made.clock.monotonic() + 5

    def slow(name: str) -> Document | None:
        made.clock.pass_until(ends)
        return read(name)

    made.state.read = slow  # type: ignore[method-assign]
    assert not made.compact()
    assert len(made.runs()) == 3


def test_compaction_reads_no_run_that_is_alone_and_writes_none_that_stays_alone() -> None:
    """A year of quiet days costs a listing; a run beside a damaged one is not written anew."""
    made = Index()
    made.put(1, date="2026-11-19")
    made.put(2, date="2026-11-20")
    pair = {made.put(3), made.put(4)}
    made.state.stored(max(pair)).data += b"x"
    read, asked, changed = made.state.read, list[str](), list[str]()

    def reading(name: str) -> Document | None:
        asked.append(name)
        return read(name)

    made.state.read = reading  # type: ignore[method-assign]
    made.state.on_change = lambda _what, name: changed.append(name)
    assert made.compact()
    assert {name for name in asked if name.startswith("events/")} == pair
    assert [name for name in changed if name.startswith("events/")] == []


def test_runs_do_not_grow_beyond_what_is_held_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that would be too large together stay apart."""
    monkeypatch.setattr("shared.delivery.compaction._MOST_EVENTS", 5)
    made = Index()
    for begin in (0, 2, 4, 6):
        made.put(begin, begin + 1)
    made.compact()
    assert len(made.runs()) == 3
    assert made.known(*range(8))[0] == [*range(8)]


@pytest.mark.parametrize(("size", "named", "good"), [(32, True, True), (16, True, False), (32, False, False)])
def test_a_key_is_of_the_right_length_and_named_by_itself(size: int, *, named: bool, good: bool) -> None:
    """A shorter one would hash every event to something else, and nobody would know it again."""
    made, key = Index(), Key(bytes(range(size)))
    document = {"id": key.id.hex() if named else "00" * 8, "secret": key.secret.hex()}
    made.state.put(hash_key_path(JOB), json.dumps(document).encode())
    if good:
        assert made.index.key == key
        return
    with pytest.raises(ActionRequiredError) as raised:
        _ = made.index.key
    assert raised.value.code == "events-key-damaged"


def test_the_key_never_shows() -> None:
    """Neither in the index's words nor in a run."""
    made = Index()
    secret = made.index.key.secret
    assert secret.hex() not in repr(made.index.key)
    assert secret not in encode_run(run_of(made.index.key.id, array("Q", [1])))
    assert made.state.read(hash_key_path(JOB)) is not None
