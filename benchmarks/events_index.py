"""What the index of events costs: its size over many days, putting it together, and a lookup.

    python -m benchmarks.events_index [--days 400] [--sites 10] [--events 1000] [--large 1000000]

The product's index on a container in memory; storage's retention is played by deleting what is older than `REPEAT_DAYS` and two days.
Bytes and runs do not depend on the machine, seconds do.
"""

import argparse
import random
import time
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from shared.blob_names import events_prefix
from shared.delivery.compaction import Compaction
from shared.delivery.event_index import EventIndex
from shared.delivery.job_lease import JobLease
from shared.delivery.settled_events import Share
from shared.events.runs import run_of
from tests.support.fake_clock import FakeClock
from tests.support.fake_storage import FakeContainer

JOB: Final = "11111111-2222-3333-4444-555555555555"
REPEAT_DAYS: Final = 35
_FIRST: Final = date(2026, 1, 1)


class Site:
    """An index, and the days that pass."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.state = FakeContainer("gatepost-state", self.clock, page_blobs=5_000)
        self.index = EventIndex(self.state, JOB, self.clock, 400)
        self._chance = random.Random(1)

    def export(self, day: int, events: int) -> None:
        """One export's events of one day, accepted on it."""
        date_ = (_FIRST + timedelta(days=day)).isoformat()
        hashes = [self._chance.getrandbits(64) for _ in range(events)]
        share = Share(date_, date_, doubt=False)
        self.index.write(None, share, run_of(self.index.key.id, hashes))

    def sweep(self) -> float:
        """Put runs together; gives the seconds."""
        started = time.perf_counter()
        with JobLease(self.state, "lease/benchmark", self.clock) as lease:
            Compaction(self.index, lease, self.clock).compact()
        return time.perf_counter() - started

    def forget(self, day: int) -> None:
        """What storage's retention does."""
        oldest = (_FIRST + timedelta(days=day - REPEAT_DAYS - 2)).isoformat()
        for name in [*self.index.names(None)]:
            if name.accepted_date < oldest:
                self.index.delete(name)

    def as_read_by_another(self) -> EventIndex:
        """The index as a worker reads it that remembers nothing of it."""
        return EventIndex(self.state, JOB, self.clock, 400)

    def size(self) -> tuple[int, int]:
        """Runs, and their bytes."""
        runs = [*self.state.blobs(events_prefix(JOB, None))]
        return len(runs), sum(blob.bytes for blob in runs)


def growth(days: int, sites: int, events: int) -> Iterator[str]:
    """Lines of a Markdown table: the index after so many days.

    Args:
        days: that pass; every site exports once a day.
        sites: how many.
        events: of a site on a day.
    """
    site = Site()
    yield "| day | runs | bytes | bytes an event kept | putting together, s |"
    yield "|--:|--:|--:|--:|--:|"
    for day in range(1, days + 1):
        for _ in range(sites):
            site.export(day, events)
        seconds = site.sweep()
        site.forget(day)
        if day in {1, 10, 37, 100, days}:
            runs, size = site.size()
            kept = min(day, REPEAT_DAYS + 3) * sites * events
            yield f"| {day} | {runs} | {size:,} | {size / kept:.2f} | {seconds:.3f} |"


def large(events: int) -> Iterator[str]:
    """Lines: a date with very many events.

    Args:
        events: in 100 exports.
    """
    site = Site()
    for _ in range(100):
        site.export(1, events // 100)
    date_ = (_FIRST + timedelta(days=1)).isoformat()
    started = time.perf_counter()
    index = site.as_read_by_another().of_date(date_, None).accepted
    yield f"reading {len(index):,} events of a date in 100 runs: {time.perf_counter() - started:.2f} s"
    yield f"putting them together: {site.sweep():.2f} s"
    started = time.perf_counter()
    index = site.as_read_by_another().of_date(date_, None).accepted
    yield f"reading them in one run: {time.perf_counter() - started:.2f} s"
    asked = [random.getrandbits(64) for _ in range(100_000)]
    started = time.perf_counter()
    index.known(asked)
    yield f"looking up {len(asked):,}: {time.perf_counter() - started:.2f} s"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, usual in (("days", 400), ("sites", 10), ("events", 1_000), ("large", 1_000_000)):
        parser.add_argument(f"--{name}", type=int, default=usual)
    told = parser.parse_args()
    for line in (*growth(told.days, told.sites, told.events), "", *large(told.large)):
        print(line, flush=True)


if __name__ == "__main__":
    main()
