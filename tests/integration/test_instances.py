"""Instances that are stopped, held up, or lost in part in the middle of an export, with real processes and signals."""

import random
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pytest
from azure.core.exceptions import ResourceNotFoundError

from local.azure import LocalAzure
from local.connector import Connector, Fault, Records, slow
from local.host_process import HostProcess
from local.listener import listener_program
from local.servers import Answer, Request
from shared.delivery.waiting import LEASE_SECONDS
from shared.error_codes import Status
from tests.integration.conftest import StartHost
from tests.integration.conservation import Figures, tally
from tests.integration.doom import break_leases
from tests.integration.outcomes import outcome_of
from tests.support.exports import export, record
from tests.support.recorder import until

BATCHES: Final = 10
SETTINGS: Final = {"BATCH_MAX_RECORDS": "10"}


def _upload(azure: LocalAzure) -> None:
    azure.exports.upload_blob("day.json", export(10 * BATCHES))
    azure.event_grid.poll()


def _announce(azure: LocalAzure, name: str = "day.json") -> None:
    etag = azure.exports.get_blob_client(name).get_blob_properties().etag
    azure.event_grid.announce(name, etag)


def _figures(azure: LocalAzure) -> Figures:
    """Every record of the one export arrived, and every repeat is counted."""
    until(lambda: outcome_of(azure, "day.json").status == "Succeeded")
    figures = Figures()
    tally(figures, azure, [record(number) for number in range(1, 10 * BATCHES + 1)], ["day.json"])
    figures.check()
    return figures


def _holds_up(host: Callable[[], HostProcess], *, taken: bool) -> Fault:
    """The instance stands still before it sees the reply to this request; taken or not, the connection ends."""

    def fault(connector: Connector, request: Request, records: Records) -> Answer:
        if taken:
            connector.take(request, records)
        host().suspend()
        return Answer(0, wire=lambda _handler: None)

    return fault


def test_a_stop_in_the_middle_of_an_export_loses_nothing(azure: LocalAzure, start_host: StartHost) -> None:
    """SIGTERM, and the time for the function is over: the message shows again, and another instance goes on."""
    azure.connector.script.extend([None, None, slow(30)])
    _upload(azure)
    stopped = start_host(SETTINGS, hidden_seconds=2, grace_seconds=0.2)
    until(lambda: azure.connector.requests == 3)
    stopped.terminate()
    assert stopped.wait(60) == 0
    break_leases(azure)
    host = start_host(SETTINGS)
    assert host.next()["tries"] == 2
    assert _figures(azure).repeats == 0


def test_a_worker_that_outlives_its_host_and_the_next_delivery_are_kept_apart(
    azure: LocalAzure, start_host: StartHost
) -> None:
    """The message shows again while the old worker still sends: the lease keeps the new one from sending, too."""
    azure.connector.always = slow(0.5)
    _upload(azure)
    lost = start_host(SETTINGS, hidden_seconds=1)
    until(lambda: azure.connector.requests == 2)
    lost.kill_host()
    assert start_host(SETTINGS).next()["succeeded"]
    assert _figures(azure).repeats == 0
    assert azure.connector.requests == BATCHES


def test_an_instance_held_up_for_less_than_its_lease_goes_on(
    azure: LocalAzure, start_host: StartHost
) -> None:
    """SIGSTOP, and its message shows elsewhere: no request there; afterwards it finishes what it began."""
    hosts: list[HostProcess] = []
    azure.connector.script.extend([None, None, _holds_up(lambda: hosts[0], taken=True)])
    _upload(azure)
    hosts.append(start_host(SETTINGS, hidden_seconds=1))
    until(lambda: azure.connector.requests == 3)
    assert start_host(SETTINGS).next()["tries"] == 2
    assert azure.connector.requests == 3
    hosts[0].resume()
    assert _figures(azure).repeats == 1


@pytest.mark.soak
@pytest.mark.parametrize("taken", [False, True], ids=["request lost", "reply lost"])
def test_an_instance_held_up_for_longer_than_its_lease_sends_no_more(
    azure: LocalAzure, start_host: StartHost, *, taken: bool
) -> None:
    """SIGSTOP until another has the lease and has sent everything; back again, it makes no request."""
    hosts: list[HostProcess] = []
    azure.connector.script.extend([None, None, _holds_up(lambda: hosts[0], taken=taken)])
    _upload(azure)
    hosts.append(start_host(SETTINGS, hidden_seconds=1))
    until(lambda: azure.connector.requests == 3)
    held_up = time.monotonic()
    host = start_host(SETTINGS)
    while not host.next()["succeeded"] or outcome_of(azure, "day.json").status != "Succeeded":
        assert time.monotonic() - held_up < 2 * LEASE_SECONDS + 10
        _announce(azure)
        time.sleep(2)
    waited = time.monotonic() - held_up
    requests = azure.connector.requests
    hosts[0].resume()
    assert hosts[0].next()["function"] == "BlobUploadTrigger"
    assert azure.connector.requests == requests
    figures = _figures(azure)
    print(f"held up for {waited:.0f} s, {requests} requests for {BATCHES} batches; {figures}")
    assert figures.repeats == taken


@dataclass
class Campaign:
    """Exports on one queue and two instances, one of which meets with something after every few requests."""

    azure: LocalAzure
    folder: Path
    listener: Path | None
    dice: random.Random
    exports: int = 12
    records: int = 200
    figures: Figures = field(default_factory=Figures)
    _stack: ExitStack = field(default_factory=ExitStack)

    def run(self) -> Figures:
        """Upload, let things happen until every export has come to rest, and count."""
        self.azure.connector.always = slow(0.2)
        names = [f"{number:02d}.json" for number in range(self.exports)]
        for number, name in enumerate(names):
            self.azure.exports.upload_blob(name, export(self.records, first=1 + self.records * number))
        self.azure.event_grid.poll()
        with self._stack:
            instances = [self._instance(), self._instance()]
            while self._go_on(names):
                which = self.dice.randrange(len(instances))
                instances[which] = self._befall(instances[which])
                if self.dice.random() < _BREAKS:
                    break_leases(self.azure)
        valid = [record(number) for number in range(1, 1 + self.records * self.exports)]
        tally(self.figures, self.azure, valid, names)
        return self.figures

    def _go_on(self, names: list[str]) -> bool:
        """Wait for the next few requests; whether anything is left. What waits is announced again, as by the sweep."""
        connector = self.azure.connector
        enough = connector.requests + self.dice.randint(1, 9)
        end = time.monotonic() + _PATIENCE_SECONDS
        while waiting := [name for name in names if not self._is_finished(name)]:
            assert time.monotonic() < end, (waiting, self.figures)
            _announce(self.azure, self.dice.choice(waiting))
            soon = time.monotonic() + 1
            while time.monotonic() < soon:
                if connector.requests >= enough:
                    return True
                time.sleep(0.02)
        return False

    def _is_finished(self, name: str) -> bool:
        try:
            return outcome_of(self.azure, name).status is Status.SUCCEEDED
        except ResourceNotFoundError:
            return False

    def _instance(self) -> HostProcess:
        environment = self.azure.environment | SETTINGS
        return self._stack.enter_context(
            HostProcess(
                environment,
                self.folder / "host.log",
                listener=self.listener,
                hidden_seconds=20,
                pause_seconds=1,
                grace_seconds=1,
            )
        )

    def _befall(self, instance: HostProcess) -> HostProcess:
        """Let something happen to an instance; gives it, or what takes its place."""
        what = self.dice.choice(_EVENTS)
        self.figures.moments[what] += 1
        match what:
            case "worker killed":
                instance.kill_worker()
                return instance
            case "held up":
                instance.suspend()
                time.sleep(self.dice.uniform(0, 3))
                instance.resume()
                return instance
            case "host killed alone":
                instance.kill_host()
            case "instance lost":
                instance.kill()
            case "stopped":
                instance.terminate()
        return self._instance()


_EVENTS: Final = ("worker killed", "held up", "host killed alone", "instance lost", "stopped")
_BREAKS: Final = 0.8  # how often leases are broken after it; the others are waited for
_PATIENCE_SECONDS: Final = 240


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["local host", "queue listener"])
def test_two_instances_that_meet_with_everything_lose_nothing(
    azure: LocalAzure, tmp_path: Path, kind: str
) -> None:
    """Workers and hosts killed, instances lost, stopped, held up, leases broken: nothing lost, every repeat counted."""
    listener = listener_program() if kind == "queue listener" else None
    if kind == "queue listener" and not listener:
        pytest.skip("Microsoft's queue listener is not on this machine (GATEPOST_QUEUE_LISTENER)")
    started = time.monotonic()
    figures = Campaign(azure, tmp_path, listener, random.Random(1)).run()
    print(f"{kind}, {time.monotonic() - started:.0f} s: {figures}")
    print(*(f"  {times:4d} {what}" for what, times in sorted(figures.moments.items())), sep="\n")
    figures.check()
    assert azure.poison.peek_messages() == []
