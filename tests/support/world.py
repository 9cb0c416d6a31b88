"""A small world without sockets: the product's delivery on fakes, and a host that plays the queue trigger."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import msgspec

from shared.blob_names import lease_path, outcome_path
from shared.clock import utc_text
from shared.delivery.connector_ports import Parallel
from shared.delivery.dependencies import Dependencies
from shared.delivery.ledger import Ledger
from shared.delivery.ledger_journal import decode as decode_ledger
from shared.delivery.ledger_journal import encode_change, encode_plan
from shared.delivery.observer import NULL_OBSERVER, Observer
from shared.delivery.outcome import Outcome, decode
from shared.delivery.people_refresh import Users
from shared.delivery.process_export import process_export
from shared.delivery.source_store import SourceStore
from shared.delivery.sweep import new_sweep, sweep
from shared.delivery.sweep_result import SweepResult
from shared.errors import BadMessageError, StorageError
from shared.messages import Message, OperatorRequest, RequestKind, TaskMessage, read_messages
from shared.read_settings import read_settings
from shared.report.publish import publish
from shared.settings import Settings
from tests.support.fake_clock import FakeClock
from tests.support.fake_connector import FakeConnector, FakeTokens, in_order
from tests.support.fake_storage import FakeContainer, FakeQueue
from tests.support.outcome_schema import check_outcome
from tests.support.storage_model.wire import CrashError

__all__ = ["ENVIRONMENT", "CrashError", "World", "crashing_after"]

ENVIRONMENT = {
    "EXPORTS_QUEUE": "badging-exports",
    "UPLOAD_SCHEDULE": "0 30 5 * * *",
    "CONNECTOR_TENANT_ID": "11111111-1111-1111-1111-111111111111",
    "CONNECTOR_APP_ID": "22222222-2222-2222-2222-222222222222",
    "CONNECTOR_JOB_ID": "33333333-3333-3333-3333-333333333333",
    "KEY_VAULT_URI": "https://vault.example",
    "ExportStorage": "UseDevelopmentStorage=true",
    "BATCH_MAX_RECORDS": "10",
}
REQUEST_ID = "0b7c2a52-1111-4222-8333-444455556666"
HOST_TRIES = 5
HOST_DELAY_SECONDS = 300


@dataclass
class World:
    """Everything an attempt needs, and a host around it.

    Attributes:
        poison: messages the host gave up on.
        outcomes: every outcome an attempt returned.
    """

    settings: Settings = field(default_factory=lambda: read_settings(ENVIRONMENT))
    clock: FakeClock = field(default_factory=FakeClock)
    connector: FakeConnector = field(default_factory=FakeConnector)
    tokens: FakeTokens = field(default_factory=FakeTokens)
    observer: Observer = NULL_OBSERVER
    parallel: Parallel = in_order
    users: Users | None = None
    poison: list[str] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    attempts: int = 0

    def __post_init__(self) -> None:
        """Make empty containers and an empty queue."""
        self.exports = FakeContainer("badging-exports", self.clock)
        self.results = FakeContainer("badging-results", self.clock)
        self.state = FakeContainer("gatepost-state", self.clock)
        self.sources = FakeContainer("gatepost-sources", self.clock)
        self.source_store = SourceStore(self.sources, self.state, self.clock)
        self.queue = FakeQueue(self.clock)
        self.poison_queue = FakeQueue(self.clock)
        self._dequeued: dict[str, int] = {}
        self._checked: set[str] = set()

    def with_settings(self, **changes: str) -> "World":
        """Change app settings from here on; an invocation may be shorter than a deployment's."""
        seconds = changes.pop("INVOCATION_SECONDS", "1500")
        settings = read_settings(ENVIRONMENT | changes)
        self.settings = replace(settings, invocation_seconds=int(seconds))
        return self

    @property
    def deps(self) -> Dependencies:
        """What an attempt or a sweep is given."""
        return Dependencies(
            settings=self.settings,
            exports=self.exports,
            results=self.results,
            state=self.state,
            sources=self.source_store,
            queue=self.queue,
            poison=self.poison_queue,
            connector=self.connector,
            tokens=self.tokens,
            clock=self.clock,
            observer=self.observer,
            parallel=self.parallel,
            source_files=self.sources,
            users=self.users,
        )

    def upload(self, name: str, data: bytes) -> Message:
        """Upload an export and announce it, as Event Grid does."""
        blob = self.exports.put(name, data)
        message = Message(name, blob.etag)
        self.queue.messages.append((self.clock.monotonic(), message.encode()))
        return message

    def put_source(self, folder: str, profile: str | bytes, **files: str | bytes) -> None:
        """Put a source into its container; `people="..."` is its people.csv."""
        texts = {"profile.toml": profile} | {f"{name}.csv": text for name, text in files.items()}
        for name, text in texts.items():
            self.sources.put(f"{folder}/{name}", text.encode() if isinstance(text, str) else text)

    def announce(self, message: Message) -> None:
        """Put a message on the queue, as a person's command does."""
        self.queue.messages.append((self.clock.monotonic(), message.encode()))

    def request(
        self, kind: RequestKind, message: Message, *, named: bool = True, id_: str = REQUEST_ID
    ) -> Message:
        """An operator's message about the version that another message names."""
        asked = OperatorRequest(id_, kind, utc_text(self.clock.now()), named)
        return Message(message.name, message.etag, "command", request=asked)

    def process(self, message: Message) -> Outcome | None:
        """One attempt, straight."""
        self.attempts += 1
        outcome = process_export(self.deps, message, f"00000000-0000-0000-0000-{self.attempts:012d}")
        self.check_outcomes()
        if outcome:
            self.outcomes.append(outcome)
        return outcome

    def run(self, *, hours: float = 0.0, steps: int = 10_000) -> None:
        """Play the host: take messages one after another as they show, for so much time (0: those that show now)."""
        end = self.clock.monotonic() + hours * 3_600
        for _ in range(steps):
            self.queue.messages.sort(key=lambda one: one[0])
            if hours and self.clock.monotonic() >= end:
                break
            if not self.queue.messages or self.queue.messages[0][0] > max(end, self.clock.monotonic()):
                break
            shows, text = self.queue.messages.pop(0)
            self.clock.pass_until(shows)
            self._take(text)
        self.clock.pass_until(end)

    def run_days(self, days: float, *, sweep_hour: int = 5) -> None:
        """Play the host with its daily sweep."""
        end = self.clock.now() + timedelta(days=days)
        while self.clock.now() < end:
            now = self.clock.now()
            due = now.replace(hour=sweep_hour, minute=30, second=0, microsecond=0)
            due = due if due > now else due + timedelta(days=1)
            self.run(hours=(min(due, end) - now).total_seconds() / 3_600)
            if due < end:
                self.sweep()

    def announce_sweep(self) -> None:
        """Put the message that starts a sweep on the queue, as the timer does."""
        self.queue.messages.append((self.clock.monotonic(), new_sweep().encode()))

    def sweep(self, *, check: bool = True) -> SweepResult:
        """One sweep, slice after slice; what it queues is left on the queue."""
        message = new_sweep()
        while True:
            result = sweep(self.deps, message)
            if check:
                self.check_outcomes()
            assert result is not None, "a slice was not taken"
            if result.finished:
                return result
            message = next(one for one in self._tasks() if one.task == "sweep")
            self.queue.messages = [one for one in self.queue.messages if one[1] != message.encode()]

    def _tasks(self) -> list[TaskMessage]:
        found = [one for _, text in self.queue.messages for one in read_messages(text, "badging-exports")]
        return [one for one in found if isinstance(one, TaskMessage)]

    @property
    def lease(self) -> str:
        """The blob whose lease an attempt holds."""
        return lease_path(self.settings.job_id)

    def outcome(self, name: str) -> Outcome:
        """The outcome of the newest version of an export."""
        return decode(self.results.data(outcome_path(name, self.exports.head(name).etag)))

    def rejected(self, name: str) -> list[Any]:
        """The rejected records of the newest version of an export."""
        blob = self.outcome(name).rejections.blob
        assert blob is not None
        return [json.loads(line) for line in self.results.data(blob).splitlines()]

    def ledgers(self) -> list[Ledger]:
        """All ledgers."""
        paths = [name for name in self.state.names() if name.startswith("ledger/")]
        found = [decode_ledger(self.state.data(path)) for path in paths]
        return [one for one in found if one]

    def only_ledger(self) -> tuple[str, Ledger]:
        """The path of the one ledger there is, and what it says."""
        (path,) = [name for name in self.state.names() if name.startswith("ledger/")]
        ledger = decode_ledger(self.state.data(path))
        assert ledger is not None
        return path, ledger

    def put_ledger(self, path: str, ledger: Ledger) -> bytes:
        """Write a ledger as a worker could have left it; gives its journal."""
        bare = msgspec.structs.replace(ledger, entries=[])
        plan = msgspec.structs.replace(ledger.plan, entries=[])
        lines = encode_plan(plan, "test") + encode_change(
            msgspec.structs.replace(bare, plan=plan, completed_by=None), ledger, "test"
        )
        self.state.put_journal(path, lines)
        return lines

    def check_outcomes(self) -> None:
        """Every outcome there is fits the schema and adds up."""
        for name in self.results.names():
            etag = self.results.head(name).etag
            if name.startswith("outcomes/") and etag not in self._checked:
                self._checked.add(etag)
                document = json.loads(self.results.data(name))
                check_outcome(document)
                records = document["records"]
                if records:
                    assert records["read"] == sum(count for key, count in records.items() if key != "read"), (
                        document
                    )

    def _take(self, text: str) -> None:
        self._dequeued[text] = self._dequeued.get(text, 0) + 1
        try:
            for message in read_messages(text, self.settings.exports_container):
                if isinstance(message, Message):
                    self.process(message)
                elif message.task == "sweep":
                    sweep(self.deps, message)
                else:
                    sending = self.settings.connector_sending
                    zone = self.settings.report_zone
                    publish(self.results, self.clock, zone, self.source_store, sending=sending)
        except (BadMessageError, StorageError, CrashError):
            if self._dequeued[text] >= HOST_TRIES:
                self.poison.append(text)
            else:
                self.queue.messages.append((self.clock.monotonic() + HOST_DELAY_SECONDS, text))
            return
        self._dequeued.pop(text)


def crashing_after(steps: int) -> Callable[[str, str], None]:
    """A hook that lets so many writes and requests begin or end, and dies at the next."""
    left = [steps]

    def hook(_what: str, _name: str) -> None:
        if left[0] == 0:
            left[0] = -1
            raise CrashError
        left[0] -= 1

    return hook
