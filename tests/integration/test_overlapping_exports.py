"""Exports that hold the same events, at the same moment, with real processes: each event once, and every copy counted."""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest
from azure.core.exceptions import ResourceNotFoundError

from local.azure import LocalAzure
from local.connector import slow
from shared.delivery.outcome import Outcome
from shared.error_codes import Status
from tests.integration.conftest import StartHost
from tests.integration.doom import DoomedHost, break_leases
from tests.integration.outcomes import outcome_of
from tests.support.exports import array, record

pytestmark = pytest.mark.unmeasured

NIGHTS = DAYS = 7
EACH = 20
BATCH = 10
RECORDS = 40
PATIENCE_SECONDS = 240


def _upload(azure: LocalAzure, exports: dict[str, bytes]) -> None:
    """Upload exports and announce them all together."""
    for name, data in exports.items():
        azure.exports.upload_blob(name, data)
    azure.event_grid.poll()


def _end(azure: LocalAzure, name: str) -> Outcome | None:
    """The outcome of an export that has come to its end."""
    try:
        outcome = outcome_of(azure, name)
    except ResourceNotFoundError:
        return None
    return outcome if outcome.status is Status.SUCCEEDED else None


def _waiting(azure: LocalAzure, names: Sequence[str]) -> Iterator[list[str]]:
    """The exports that have not ended, again and again until all have; each is announced anew, as by a sweep."""
    end = time.monotonic() + PATIENCE_SECONDS
    while waiting := [name for name in names if _end(azure, name) is None]:
        assert time.monotonic() < end, waiting
        yield waiting
        time.sleep(0.2)
        for name in waiting:
            azure.event_grid.announce(name, azure.exports.get_blob_client(name).get_blob_properties().etag)


def _taken(azure: LocalAzure) -> Counter[tuple[str, str]]:
    """How often the connector took each event."""
    return Counter((one["AssetId"], one["EventTime"]) for one in azure.connector.records())


def _counted(outcomes: Sequence[Outcome]) -> int:
    """Copies that outcomes admit."""
    batches = (batch.possible_copies * batch.records for one in outcomes for batch in one.batches)
    return sum(batches) + sum(one.in_doubt_elsewhere for one in outcomes)


def test_seven_exports_of_seven_days_at_the_same_moment_send_each_event_once(
    azure: LocalAzure, start_host: StartHost
) -> None:
    """Three instances take them from one queue; whichever comes first sends, the others leave out what it sent."""
    azure.connector.always = slow(0.05)
    nights = {f"night{night}.json": _of_days(night, night + DAYS - 1) for night in range(1, NIGHTS + 1)}
    _upload(azure, nights)
    for _ in range(3):
        start_host({"BATCH_MAX_RECORDS": str(BATCH)})
    for _ in _waiting(azure, [*nights]):
        time.sleep(2)  # the lease is taken for some of them
    events = EACH * (NIGHTS + DAYS - 1)
    outcomes = [outcome_of(azure, name) for name in nights]
    records = [one.records for one in outcomes if one.records]
    taken = _taken(azure)
    assert (len(taken), taken.total()) == (events, events)
    assert sum(one.sent for one in records) == events
    assert sum(one.repeated for one in records) == EACH * DAYS * NIGHTS - events
    assert _counted(outcomes) == 0


def _of_days(first: int, last: int) -> bytes:
    """An export with the events of some days in November."""
    return array(
        record(EACH * day + number, EventTime=f"2026-11-{day:02}T08:00:{number:02}Z")
        for day in range(first, last + 1)
        for number in range(EACH)
    )


@dataclass
class Campaign:
    """Two overlapping exports for each moment at which the worker of one of them can be killed; another worker is beside it.

    Attributes:
        moments: at which one was killed, and how often.
        missing: events that the connector never took.
        copies: how often it took one again.
        uncounted: of these, how many no outcome admits.
    """

    azure: LocalAzure
    doomed: DoomedHost
    beside: DoomedHost
    moments: Counter[str] = field(default_factory=Counter)
    missing: int = 0
    copies: int = 0
    counted: int = 0
    uncounted: int = 0
    _pairs: int = 0

    def undisturbed(self) -> list[str]:
        """What happens at the one that sends when nobody is killed."""
        first, second = self._upload_pair()
        moments = max((self.doomed.run() for _ in (first, second)), key=len)
        self._count([first, second])
        assert self.copies == self.counted == 0
        return moments

    def kill_at(self, moment: int, what: str) -> None:
        """Upload a pair, let two workers take them at the same time, kill the one at this moment, and count at the end."""
        names = self._upload_pair()
        with self._working_beside():
            self.moments[what] += "killed" in self.doomed.offer(moment)
            break_leases(self.azure)
            for _ in _waiting(self.azure, names):
                self.doomed.offer()
        self._count(names)

    @contextmanager
    def _working_beside(self) -> Iterator[None]:
        """From the moment on at which the other one has the lease, or if it never has it, after a second."""
        over = threading.Event()

        def work() -> None:
            begins = time.monotonic() + 1
            while time.monotonic() < begins and not self._is_leased():
                time.sleep(0.01)
            while not over.wait(0.02):
                self.beside.offer()

        thread = threading.Thread(target=work, name="beside")
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _is_leased(self) -> bool:
        leases = self.azure.state.list_blobs("lease/")
        return any(one.lease.state == "leased" for one in leases)

    def _upload_pair(self) -> list[str]:
        self.azure.queue.clear_messages()  # of the pair before
        self._pairs += 1
        names = [f"{self._pairs:04}-{place}.json" for place in "ab"]
        _upload(
            self.azure,
            {name: self._export(self._first + place * RECORDS // 2) for place, name in enumerate(names)},
        )
        return names

    def _export(self, first: int) -> bytes:
        """Each pair has a day of its own: what is read of the index, and so when what happens, is the same for all."""
        day = date(2026, 1, 1) + timedelta(days=self._pairs)
        return array(record(number, EventTime=f"{day}T08:00:00") for number in range(first, first + RECORDS))

    @property
    def _first(self) -> int:
        return 1 + 2 * RECORDS * (self._pairs - 1)

    def _count(self, names: Sequence[str]) -> None:
        outcomes = [outcome_of(self.azure, name) for name in names]
        assert {one.status for one in outcomes} == {Status.SUCCEEDED}
        taken = _taken(self.azure)
        expected = {f"door-{number:06}" for number in range(self._first, self._first + RECORDS * 3 // 2)}
        assert {asset for asset, _ in taken} <= expected
        copies, counted = taken.total() - len(taken), _counted(outcomes)
        self.missing += len(expected) - len(taken)
        self.copies += copies
        self.counted += counted
        self.uncounted += max(0, copies - counted)
        assert copies <= 2 * BATCH, "more than the one batch that was on its way, once by each of the two"
        self.azure.connector.accepted.clear()

    def __str__(self) -> str:
        """One line for a person."""
        return (
            f"{self.moments.total()} deaths, {self._pairs} pairs of exports: events missing {self.missing}, "
            f"taken again {self.copies}, admitted {self.counted}, uncounted {self.uncounted}"
        )


def _campaign(azure: LocalAzure, folder: Path, every: int) -> Campaign:
    """Kill at every so manyth moment, and where a request was taken and nobody has noted it."""
    environment = azure.environment | {"BATCH_MAX_RECORDS": str(BATCH), "RETRY_MAX_SECONDS": "0"}
    with (
        DoomedHost(environment, folder / "doomed") as doomed,
        DoomedHost(environment, folder / "beside") as beside,
    ):
        campaign = Campaign(azure, doomed, beside)
        campaign.undisturbed()
        moments = [*enumerate(campaign.undisturbed())]
        posted = [one for one in moments if one[1] == "after POST connector"]
        for moment, what in sorted({*moments[::every], *posted[:2]}):
            campaign.kill_at(moment, what)
    return campaign


def _check(campaign: Campaign) -> None:
    print(campaign)
    assert (campaign.missing, campaign.uncounted) == (0, 0)
    assert campaign.copies, "no event was taken again, so nothing was tested"


def test_two_overlapping_exports_at_the_same_moment_with_a_worker_killed(
    azure: LocalAzure, tmp_path: Path
) -> None:
    """A spread of moments: nothing is missing, and what went twice is counted."""
    campaign = _campaign(azure, tmp_path, 18)
    _check(campaign)
    assert campaign.moments.total() >= 5


@pytest.mark.soak
def test_two_overlapping_exports_at_the_same_moment_with_a_worker_killed_at_every_step(
    azure: LocalAzure, tmp_path: Path
) -> None:
    """Every request and every storage call, before and after."""
    campaign = _campaign(azure, tmp_path, 1)
    _check(campaign)
    print(*(f"  {times:4d} {what}" for what, times in sorted(campaign.moments.items())), sep="\n")
    assert campaign.moments.total() > 60
