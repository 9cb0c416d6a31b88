"""Everything of one schedule: storage, the queue, the workers, and what people and other systems do beside them."""

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from hashlib import sha256
from typing import Final

from shared import app
from shared.blob_names import lease_path
from shared.clock import utc_text
from shared.delivery.dependencies import Dependencies
from shared.delivery.source_store import SourceStore
from shared.delivery.sweep import new_sweep
from shared.delivery.worker_memory import WorkerMemory
from shared.errors import InvocationError
from shared.messages import Message, OperatorRequest, RequestKind
from shared.settings import Settings
from tests.explorer import sources
from tests.explorer.choices import Chooser
from tests.explorer.connector import SteppedConnector, SteppedTokens, calm
from tests.explorer.history import History, WatchedBlobs
from tests.explorer.rules import MARKED, MarkedRules
from tests.explorer.scenario import Scenario, content_name, export_of, settings_of
from tests.explorer.scheduler import Process, Scheduler, StepClock, in_tasks
from tests.explorer.sources import FOLDER
from tests.support.storage_model.account import EXPORTS, QUEUE, RESULTS, SOURCES, STATE
from tests.support.storage_model.clock import WorldTime
from tests.support.storage_model.host import Delivery, QueueListener
from tests.support.storage_model.leases import Lease
from tests.support.storage_model.queues import NEVER, QueueModel
from tests.support.storage_model.refusals import RefusedError
from tests.support.storage_model.wire import Call, CrashError, End, Fate, Wire
from tests.support.storage_model.workers import WorkerContainer, WorkerQueue

_RANGES: Final = {EXPORTS: 400}
"""An export is read in several requests, so that it can change in between."""

_KINDS: Final = {
    **dict.fromkeys(("head", "get", "list", "count"), "read"),
    **dict.fromkeys(("acquire", "renew", "release"), "lease"),
}
_ENDS: Final = {
    "unanswered": End.UNANSWERED,
    "lost": End.LOST,
    "fails": End.FAILS,
    "busy": End.BUSY,
}


@dataclass(eq=False)
class Upload:
    """One version of an export that was uploaded.

    Attributes:
        content: its name, which its records bear.
        is_announced: whether a message about it was put.
        is_there: whether the container holds it.
    """

    name: str
    etag: str
    content: str
    is_announced: bool
    is_there: bool = True


@dataclass
class Site:
    """A deployment.

    Attributes:
        contents: the records of each content, a letter each.
        versions: all that were ever uploaded.
        asked: requests of operators, by id.
        settings: of the invocations that begin from now on.
        rules: likewise.
    """

    scenario: Scenario
    chooser: Chooser
    world: WorldTime = field(default_factory=WorldTime)
    history: History = field(default_factory=History)
    contents: dict[str, str] = field(default_factory=dict)
    versions: list[Upload] = field(default_factory=list)
    asked: dict[str, tuple[RequestKind, Upload]] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Make everything and upload the exports."""
        self.queues = QueueModel(self.world)
        self.queues.create_queue(QUEUE)
        self.blobs = WatchedBlobs(self.world, self.history, self.queues)
        for container in (EXPORTS, RESULTS, STATE, SOURCES):
            self.blobs.create_container(container)
        self.settings: Settings = self.scenario.settings
        self.rules: MarkedRules = MARKED["" if self.scenario.source else self.scenario.rules]
        self.marks, self.variant = self.scenario.rules, 0
        if self.scenario.source:
            self._put_source()
        self.scheduler = Scheduler(self.world, self.chooser, self.act, self.possible)
        self.workers = [
            Worker(self, f"w{number + 1}", self.scenario.offsets[number])
            for number in range(self.scenario.workers)
        ]
        for number, kinds in enumerate(self.scenario.contents):
            self.upload(f"{number}.json", kinds)
            self.announce(self.texts[-1])

    def possible(self) -> list[str]:
        """What may happen outside."""
        return [*self.scenario.actions]

    def act(self, action: str) -> None:
        """Let a person or another system do something."""
        what, _, value = action.partition("=")
        if what == "rules":
            self.rules = MARKED[value]
        elif what == "people":
            self.marks = value
            self._put_source()
        elif what in {"resend", "retry", "give-up"}:
            self._ask(what)  # type: ignore[arg-type]  # one of its three values
        else:
            _ACTIONS[what](self)

    def announce(self, text: str) -> None:
        """Put a message on the queue."""
        self.texts.append(text)
        self.queues.put(QUEUE, text, live_seconds=NEVER)

    def upload(
        self, name: str, kinds: str, *, content: str = "", announced: bool = True, shift: int | None = None
    ) -> None:
        """Upload a new content under a name, or a known one, and announce it.

        Args:
            name: of the blob.
            kinds: its records.
            content: of a known one.
            announced: whether there is a message about it.
            shift: by how many its events lie later than those of the first content.
        """
        if self.scenario.source and "/" not in name:
            name = f"{FOLDER}/{name}"
        number = len(self.contents)
        content = content or content_name(number, number % 3 if shift is None else shift)
        self.contents[content] = kinds
        for version in self.versions:
            version.is_there &= version.name != name
        etag = self.blobs.put(EXPORTS, name, self.bytes_of(content, kinds))
        self.versions.append(Upload(name, etag, content, announced))
        if announced:
            self.announce(Message(name, etag).encode())

    def bytes_of(self, content: str, kinds: str) -> bytes:
        """The bytes of a content."""
        return export_of(content, kinds, shared=self.scenario.shared, source=self.scenario.source)

    def key_of(self, content: str) -> str:
        """Names a content in ledgers."""
        digest = sha256(self.bytes_of(content, self.contents[content])).hexdigest()
        return sources.key(digest) if self.scenario.source else digest

    def sweep(self) -> None:
        """What the timer does."""
        self.announce(new_sweep().encode())

    def at_rest(self) -> None:
        """Nothing happens any more but the usual, and sending is on."""
        self.scheduler.calm = True
        self.settings = replace(self.settings, connector_sending=True)

    def _put_source(self) -> None:
        """The source as it is from now on; the people file first."""
        self.blobs.put(SOURCES, f"{FOLDER}/people.csv", sources.people_of(self.marks))
        self.blobs.put(SOURCES, f"{FOLDER}/profile.toml", sources.PROFILES[self.variant])

    def _profile(self) -> None:
        self.variant = 1 - self.variant
        self._put_source()

    def _remap(self) -> None:
        version = self.versions[-1]
        self.announce(Message(version.name, version.etag, "sweep", remap=True).encode())

    def _ask(self, kind: RequestKind, *, remap: bool = False) -> None:
        version = self.versions[-1]
        id_ = str(uuid.UUID(int=len(self.asked) + 1, version=4))
        now = utc_text(self.world.now() + timedelta(seconds=len(self.asked)))
        self.asked[id_] = kind, version
        self.announce(
            Message(
                version.name,
                version.etag,
                "command",
                request=OperatorRequest(id_, kind, now, named=True),
                remap=remap,
            ).encode()
        )

    def _overwrite(self) -> None:
        version = self.versions[-1]
        kinds = self.contents[version.content]
        kinds = kinds[::-1] if kinds[-1] == "p" else kinds[:-1] or "p"
        self.upload(version.name, kinds, shift=_shift(version))

    def _delete(self) -> None:
        version = self.versions[-1]
        if version.is_there:
            self.blobs.delete(EXPORTS, version.name)
            version.is_there = False

    def _copy(self) -> None:
        version = self.versions[-1]
        kinds = self.contents[version.content]
        self.upload(f"copy{len(self.versions)}.json", kinds, content=version.content)

    def _overlap(self) -> None:
        self.upload(f"overlap{len(self.versions)}.json", self.contents[self.versions[-1].content] + "p")

    def _correct(self) -> None:
        version = self.versions[-1]
        corrected = self.contents[version.content].translate(str.maketrans("iabx", "pppp"))
        self.upload(f"corrected{len(self.versions)}.json", corrected, shift=_shift(version))

    def _lose_run(self) -> None:
        self.history.index_lost = True
        for blob in self.blobs.page(STATE, "events/").blobs[:1]:
            self.blobs.delete(STATE, blob.name)

    def _damage(self, prefix: str) -> None:
        self.history.index_lost = True
        for blob in self.blobs.page(STATE, prefix).blobs[:1]:
            stored = self.blobs.stored(STATE, blob.name)
            stored.data = stored.data[:-1] + bytes([stored.data[-1] ^ 1])

    def _repeat_days(self) -> None:
        self.history.index_lost = True  # what is older than the new number of days is as good as lost
        self.settings = replace(self.settings, repeat_days=1 if self.settings.repeat_days > 1 else 35)

    def _unannounced(self) -> None:
        self.upload(f"quiet{len(self.versions)}.json", "pip", announced=False)

    def _settings(self) -> None:
        others = {1: 3, 2: 1, 3: 2}
        now = self.settings
        parallel = self.scenario.parallel if now.connector_parallel_requests == 1 else 1
        percent = {50: 90, 90: 20, 20: 50}[now.max_invalid_percent]
        changed = settings_of(
            others[now.batch_max_records],
            percent,
            self.scenario.retry_seconds,
            sending=now.connector_sending,
            repeat_days=now.repeat_days,
        )
        self.settings = replace(changed, connector_parallel_requests=parallel)

    def _send(self, *, on: bool) -> None:
        self.settings = replace(self.settings, connector_sending=on)

    def _break(self) -> None:
        self.history.lease_broken = True
        try:
            self.blobs.break_lease(STATE, lease_path(self.settings.job_id), 0)
        except RefusedError:
            return

    def _steal(self) -> None:
        self.history.lease_broken = True
        try:
            stored = self.blobs.stored(STATE, lease_path(self.settings.job_id))
        except RefusedError:
            return
        stored.lease = Lease("another-holder", 60, self.world.seconds + 60)

    def _lose(self) -> None:
        self.history.messages_lost = True
        self.queues.clear(QUEUE)

    def _again(self) -> None:
        self.announce(self.texts[0])

    def _asked_again(self) -> None:
        asked = [one for one in self.texts if '"request"' in one]
        if asked:
            self.announce(asked[-1])

    def _sweep_again(self) -> None:
        swept = [one for one in self.texts if '"sweep' in one]
        if swept:
            self.announce(swept[-1])


_ACTIONS: Final[dict[str, Callable[[Site], None]]] = {
    "again": Site._again,
    "overwrite": Site._overwrite,
    "delete": Site._delete,
    "copy": Site._copy,
    "overlap": Site._overlap,
    "correct": Site._correct,
    "lose-run": Site._lose_run,
    "damage-run": lambda site: site._damage("events/"),
    "damage-open": lambda site: site._damage("open/"),
    "repeat-days": Site._repeat_days,
    "unannounced": Site._unannounced,
    "settings": Site._settings,
    "off": lambda site: site._send(on=False),
    "on": lambda site: site._send(on=True),
    "break": Site._break,
    "steal": Site._steal,
    "lose": Site._lose,
    "asked-again": Site._asked_again,
    "sweep": Site.sweep,
    "sweep-again": Site._sweep_again,
    "profile": Site._profile,
    "remap": Site._remap,
    "retry-remap": lambda site: site._ask("retry", remap=True),
}


def _shift(version: Upload) -> int:
    return int(version.content.partition(".")[2])


class Worker:
    """One instance: the host's listener, and the process in which functions run."""

    def __init__(self, site: Site, name: str, offset: float) -> None:
        self._site = site
        clock = StepClock(site.world, timedelta(seconds=offset), 1.0, random.Random(f"worker {name}"))
        self._process = Process(name, clock)
        clock.scheduler, clock.process = site.scheduler, self._process
        self._listener = QueueListener(site.queues, site.world, QUEUE)
        self._process.held = self._listener
        wire = Wire(name, clock, self._on_call)
        self._wire = wire
        self._containers = [
            WorkerContainer(
                site.blobs, wire, container, range_bytes=_RANGES.get(container, 1 << 20), page_blobs=2
            )
            for container in (EXPORTS, RESULTS, STATE, SOURCES)
        ]
        *_, state, sources = self._containers
        self._sources = SourceStore(sources, state, clock)
        self._memory, self._remembers = WorkerMemory(), self._process.lives
        self._queue = WorkerQueue(site.queues, wire, QUEUE)
        self._poison = WorkerQueue(site.queues, wire, self._listener.poison)
        self._task = site.scheduler.spawn(self._process, name, self._serve)

    def _serve(self) -> None:
        """Take messages one after another, for ever."""
        site = self._site
        while True:
            site.scheduler.wait_until(lambda: _or_never(site.queues.next_shows(QUEUE)))
            delivery = self._listener.take()
            if delivery:
                self._handle(delivery)

    def _handle(self, delivery: Delivery) -> None:
        site, scheduler = self._site, self._site.scheduler
        site.history.invocations += 1
        try:
            app._process(
                self._dependencies(site.settings),
                delivery.message.text.encode(),
                f"00000000-0000-0000-0000-{site.history.invocations:012d}",
            )
            calm(scheduler, self._process, scheduler.point("end"))
        except InvocationError:
            delivery.fail()
        except CrashError:
            site.history.deaths += 1
            self._task.life = self._process.lives
            delivery.fail() if site.history.deaths % 2 else delivery.die()
        else:
            delivery.succeed()

    def _dependencies(self, settings: Settings) -> Dependencies:
        exports, results, state, _ = self._containers
        site, process = self._site, self._process
        if self._remembers != process.lives:
            self._memory, self._remembers = WorkerMemory(), process.lives
        return Dependencies(
            settings=settings,
            exports=exports,
            results=results,
            state=state,
            sources=self._sources,
            queue=self._queue,
            poison=self._poison,
            connector=SteppedConnector(
                site.scheduler,
                process,
                site.history,
                self._holder,
                site.blobs.is_named,
                site.scenario.refuses_marked,
            ),
            tokens=SteppedTokens(site.scheduler, process),
            clock=process.clock,
            rules=site.rules,
            parallel=partial(in_tasks, site.scheduler, process),
            memory=self._memory,
        )

    def _holder(self) -> str:
        site = self._site
        lease = site.blobs.stored(STATE, lease_path(site.settings.job_id)).lease
        return lease.lease_id if lease.is_locked(site.world.seconds) else ""

    def _on_call(self, call: Call) -> Fate | None:
        """Before every try of every call to storage."""
        site, process = self._site, self._process
        asked_at = process.clock.monotonic()
        kind = _KINDS.get(call.what, "write")
        told = calm(site.scheduler, process, site.scheduler.point(kind))
        site.blobs.who, site.blobs.asked_at = process, asked_at
        if told == "dies-after":
            process.lives += 1  # it is done, and nothing of this process after it
            return Fate(End.DIES_AFTER)
        what, _, seconds = told.partition("=")
        if what == "late":
            return Fate(after_seconds=float(seconds))
        if kind == "write" and what in {"lost", "fails", "busy"}:
            site.history.write_faults += 1
        return Fate(_ENDS[what]) if what in _ENDS else None


def _or_never(moment: float | None) -> float:
    return float("inf") if moment is None else moment
