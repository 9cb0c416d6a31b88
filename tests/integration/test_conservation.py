"""Conservation with real processes: killed with SIGKILL at every request and every storage write, nothing is lost."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pytest
from azure.storage.blob import ContainerClient

from local.azure import LocalAzure
from local.connector import says
from tests.integration.conservation import Figures, tally
from tests.integration.doom import DoomedHost, break_leases
from tests.integration.outcomes import outcome_of
from tests.support.exports import export, record

pytestmark = pytest.mark.unmeasured

BAD = 7  # this record of each export is invalid


@dataclass
class Campaign:
    """One export for each moment at which a worker can be killed."""

    azure: LocalAzure
    host: DoomedHost
    records: int
    batch: int
    failing: bool = False
    parallel: int = 1
    figures: Figures = field(default_factory=Figures)
    _exports: int = 0

    def begin(self) -> None:
        """What only the very first export needs (the blob of the job's lease, the report's message) is there."""
        name = self._upload_export()
        self.host.run()
        self._count(name)

    def moments(self) -> list[str]:
        """What happens when nobody is killed."""
        name = self._upload_export()
        self._arm()
        moments = self.host.run()
        self.azure.connector.script.clear()
        if self.failing:  # its requeue shows in 5 minutes; what is due now is that it was put
            assert outcome_of(self.azure, name).status == "Failed"
        self.azure.connector.accepted.clear()
        return moments

    def kill_at(self, moment: int, what: str) -> None:
        """Upload an export, kill its worker at this moment, let the next worker finish, and count."""
        name = self._upload_export()
        self._arm()
        killed = self.host.kill_at(moment)
        self.azure.connector.script.clear()
        self.figures.moments[what] += killed
        break_leases(self.azure)
        if killed:
            self.host.run()
        if outcome_of(self.azure, name).status == "Failed":
            self._requeue(name)
        self._count(name)

    def _requeue(self, name: str) -> None:
        """The worker died when all was said: its message was a stray, and its requeue would show in 5 minutes."""
        outcome = outcome_of(self.azure, name)
        assert self.azure.queue.get_queue_properties().approximate_message_count
        early = {"gatepost": 1, "name": name, "etag": outcome.export.etag, "trigger": "upload", "tries": 1}
        self.azure.queue.send_message(json.dumps(early | {"after": outcome.attempts}))
        self.host.run()

    def _upload_export(self) -> str:
        """The next one, announced by the only message on the queue.

        What earlier ones have left there (a requeue, the report's message) shows after five minutes, and a worker that takes it
        would be taken for this one's.
        """
        self.azure.queue.clear_messages()
        self._exports += 1
        name = f"{self._exports:04d}.json"
        first = self._first
        data = export(self.records, first=first, bad=(first + BAD - 1,))
        self.azure.exports.upload_blob(name, data)
        self.azure.event_grid.poll()
        return name

    def _arm(self) -> None:
        if self.failing:
            others = [None] * (
                self.parallel - 1
            )  # on their way beside it; without time to retry, it ends the attempt
            self.azure.connector.script.extend([None, says(503), *others])

    @property
    def _first(self) -> int:
        return 1 + self.records * (self._exports - 1)

    def _count(self, name: str) -> None:
        numbers = range(self._first, self._first + self.records)
        valid = [record(number) for number in numbers if number != self._first + BAD - 1]
        tally(self.figures, self.azure, valid, [name])
        outcome = outcome_of(self.azure, name)
        assert outcome.status == "PartiallySucceeded", outcome
        assert outcome.unfinished_starts == 0
        assert outcome.records is not None
        assert (outcome.records.sent, outcome.records.rejected) == (self.records - 1, 1)


def _check(figures: Figures, parallel: int = 1) -> None:
    figures.check()
    assert figures.most_repeats_an_export <= parallel, figures  # each export has one death
    assert parallel == 1 or figures.most_repeats_an_export > 1, "no group was seen to die"
    assert figures.repeats >= 1, "no repeat was seen, so nothing was tested"
    assert figures.acceptances > 100, "too little was accepted to have tested anything"


class Size(NamedTuple):
    """Of a campaign: records an export and a batch, every how many moments a worker dies, requests on their way."""

    records: int
    batch: int
    every: int
    parallel: int = 1


def _campaign(azure: LocalAzure, log: Path, size: Size) -> Figures:
    """Kill at every moment (or every so many) of an export that goes well, then of one that fails half-way."""
    records, batch, every, parallel = size
    environment = azure.environment | {
        "BATCH_MAX_RECORDS": str(batch),
        "RETRY_MAX_SECONDS": "0",
        "CONNECTOR_PARALLEL_REQUESTS": str(parallel),
    }
    with DoomedHost(environment, log) as host:
        well = Campaign(azure, host, records, batch, parallel=parallel)
        well.begin()
        moments = list(enumerate(well.moments()))
        posts = [one for one in moments if one[1] == "after POST connector"]
        ends = {
            posts[1],
            posts[parallel],
        }  # the first request goes alone; then a group, of which all were taken
        for moment, what in sorted({*moments[:: every or 1], *ends}):
            well.kill_at(moment, what)
        fails = Campaign(azure, host, records, batch, failing=True, parallel=parallel, figures=well.figures)
        fails._exports = well._exports
        moments = list(enumerate(fails.moments()))
        failed = [one[1] for one in moments].index("before POST requeue")
        for moment, what in moments[failed:][:: max(1, every // 4)]:
            fails.kill_at(moment, what)
    return well.figures


def test_nothing_is_lost_when_workers_are_killed(azure: LocalAzure, tmp_path: Path) -> None:
    """A spread of moments, 600 records each: missing 0, spurious 0, altered 0, every repeat counted; nothing leaks."""
    log = tmp_path / "log"
    figures = _campaign(azure, log, Size(600, 100, 9))
    print(figures)
    _check(figures)
    _check_leaks(azure, log)


def test_nothing_is_lost_when_workers_are_killed_with_four_requests_on_their_way(
    azure: LocalAzure, tmp_path: Path
) -> None:
    """The same, and up to four batches of an export are repeated after its one death, each counted."""
    figures = _campaign(azure, tmp_path / "log", Size(400, 50, 15, parallel=4))
    print(figures)
    _check(figures, 4)


@pytest.mark.soak
@pytest.mark.parametrize("parallel", [1, 4])
def test_nothing_is_lost_whenever_a_worker_is_killed(
    azure: LocalAzure, tmp_path: Path, parallel: int
) -> None:
    """Every request and every storage write, before and after, 10,000 records each."""
    log = tmp_path / "log"
    figures = _campaign(azure, log, Size(10_000, 500, 1, parallel))
    print(figures)
    print(*(f"  {times:4d} {what}" for what, times in sorted(figures.moments.items())), sep="\n")
    _check(figures, parallel)
    _check_leaks(azure, log)


def _check_leaks(azure: LocalAzure, log: Path) -> None:
    """Secret, token and UserIds are nowhere but in the exports and the rejected files; the job id is in no log."""
    text = log.read_text(errors="replace")
    assert "export finished" in text
    secrets = [azure.secret, *azure.entra.issued, azure.identity.header]
    personal = ["@example.com", "door-0"]
    assert [one for one in (*secrets, *personal, azure.connector.job_id) if one in text] == []
    written = {"state": _all(azure.state), "outcomes": _all(azure.results, "outcomes/")}
    written["messages"] = json.dumps([one.content for one in azure.queue.receive_messages()])
    for where, content in written.items():
        assert content, where
        assert [one for one in (*secrets, *personal) if one in content] == [], where
    assert [one for one in secrets if one in _all(azure.results, "rejected/")] == []


def _all(container: ContainerClient, prefix: str = "") -> str:
    """Names, metadata and contents of all blobs."""
    texts = []
    for blob in container.list_blobs(prefix, include=["metadata"]):
        content = container.download_blob(blob.name).readall().decode(errors="replace")  # plans are bits
        texts.append(f"{blob.name} {blob.metadata} {content}")
    return "\n".join(texts)
