"""The real delivery and a small model of it, in step, through random sequences of everything that can happen.

The model knows nothing of how ledgers and outcomes are written: only what was uploaded, what may be taken how often, and
which ends are allowed. After every step, and at the end when faults are over and time has passed, both must agree:
nothing lost, nothing spurious, nothing altered, every repeat counted, final outcomes final.

Sequences that ever failed are kept in `tests/seeds` (hypothesis's own database) and are tried first in every run.
"""

import hashlib
import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.database import DirectoryBasedExampleDatabase
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from shared.blob_names import outcome_path, request_of_ledger
from shared.delivery.connector_ports import NoReply, Reply
from shared.delivery.ledger_journal import decode as decode_ledger
from shared.delivery.outcome import Outcome, decode
from shared.error_codes import FailedCode, Status
from shared.errors import TransientError
from shared.messages import Message, RequestKind
from tests.support.exports import array, record
from tests.support.fake_connector import BROKEN, OK, REFUSED_CONNECTION, Stored, reply
from tests.support.world import CrashError, World

pytestmark = pytest.mark.unmeasured

NAMES: Final = ("a.json", "b/c.json", "d.jsonl")
RECORDS: Final = 8  # of one export: three batches
SEEDS: Final = Path(__file__).parent.parent / "seeds"


@dataclass
class ExportVersion:
    """One version of one export; `content` names its bytes, which may have been uploaded before."""

    name: str
    etag: str
    content: int
    gone: bool = False

    @property
    def path(self) -> str:
        """Where its outcome is written."""
        return outcome_path(self.name, self.etag)


@dataclass
class Model:
    """What must be true: the contents, the versions that had them, and what operators asked for.

    Attributes:
        valid: for every content, the numbers of its valid records; the numbers of two contents never meet.
        requests: how often operators asked to send a content again.
        ended: final outcomes as they were first seen.
        asked: outcomes for which an operator has asked for something, which may change once more.
        given_up: outcomes that an operator may have closed.
    """

    valid: list[frozenset[int]] = field(default_factory=list)
    versions: list[ExportVersion] = field(default_factory=list)
    requests: Counter[int] = field(default_factory=Counter)
    ended: dict[str, Status] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    given_up: set[str] = field(default_factory=set)

    def upload(self, name: str, etag: str, content: int) -> None:
        """A version takes the place of the one before."""
        self.remove(name)
        self.versions.append(ExportVersion(name, etag, content))

    def remove(self, name: str) -> None:
        """Whatever has this name is deleted or replaced."""
        for version in self.versions:
            version.gone |= version.name == name

    def there(self) -> list[ExportVersion]:
        """The versions that lie in the container now."""
        return [version for version in self.versions if not version.gone]

    def content_of(self, number: int) -> int | None:
        """Which content has this record as a valid one."""
        return next((index for index, numbers in enumerate(self.valid) if number in numbers), None)

    def most(self, number: int, possible_copies: int) -> int:
        """How often a record may have been taken: once, for every resend, and for every copy that is counted."""
        content = self.content_of(number)
        return 0 if content is None else 1 + self.requests[content] + possible_copies

    def must_be_taken(self) -> set[int]:
        """Records that must have been taken in the end: of all that is there and that no operator has given up."""
        kept = [version for version in self.there() if version.path not in self.given_up]
        return {number for version in kept for number in self.valid[version.content]}

    def may_end(self, version: ExportVersion) -> set[Status]:
        """The ends a version that was left alone may come to."""
        numbers = self.valid[version.content]
        given_up = {Status.GIVEN_UP} if version.path in self.given_up else set[Status]()
        if not numbers:
            return {Status.REJECTED} | given_up
        whole = Status.SUCCEEDED if len(numbers) == RECORDS else Status.PARTIALLY_SUCCEEDED
        shared = sum(other.content == version.content for other in self.versions) > 1
        return {whole, Status.DUPLICATE} | given_up if shared else {whole} | given_up


ANSWERS: Final[dict[str, Reply | NoReply | Stored]] = {
    "accepted": OK,
    "throttled": reply(429, retry_after="7"),
    "down": reply(503),
    "down for hours": reply(503, retry_after="9000"),
    "unauthorized": reply(401),
    "forbidden": reply(403),
    "unreachable": REFUSED_CONNECTION,
    "cut": BROKEN,
    "lost reply": Stored(),
    "lost reply and 504": Stored(reply(504)),
    "unknown": reply(202),
}
BROKEN_EXPORT: Final = b'[{"UserId": "person1@example.com"'


class Delivery(RuleBasedStateMachine):
    """Everything that can happen to exports, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World().with_settings(
            BATCH_MAX_RECORDS="3", RETRY_MAX_SECONDS="20", INVOCATION_SECONDS="90"
        )
        self.model = Model()
        self.bytes: list[bytes] = []
        self.deaths = 0
        self.bad_messages = 0
        self.requests = 0

    # What people and the badging system do.

    @rule(
        name=st.sampled_from(NAMES),
        bad=st.sets(st.integers(0, RECORDS - 1), max_size=3),
        announced=st.booleans(),
    )
    def upload(self, name: str, bad: set[int], *, announced: bool) -> None:
        """New content, announced or not."""
        first = 1 + 100 * len(self.bytes)
        made = [
            record(first + index, AccessStatus="Granted") if index in bad else record(first + index)
            for index in range(RECORDS)
        ]
        self.bytes.append(array(made))
        self.model.valid.append(frozenset(first + index for index in range(RECORDS) if index not in bad))
        self._put(name, len(self.bytes) - 1, announced=announced)

    @rule(name=st.sampled_from(NAMES))
    def upload_half_written(self, name: str) -> None:
        """An export that breaks off."""
        self.bytes.append(BROKEN_EXPORT)
        self.model.valid.append(frozenset())
        self._put(name, len(self.bytes) - 1, announced=True)

    @precondition(lambda self: self.bytes)
    @rule(name=st.sampled_from(NAMES), data=st.data(), announced=st.booleans())
    def reupload(self, name: str, data: st.DataObject, *, announced: bool) -> None:
        """Known bytes, under the same or another name."""
        content = data.draw(st.integers(0, len(self.bytes) - 1))
        self._put(name, content, announced=announced)

    @precondition(lambda self: self.model.there())
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        """An export is deleted."""
        version = data.draw(st.sampled_from(self.model.there()))
        self.world.exports.delete(version.name)
        self.model.remove(version.name)

    @precondition(lambda self: self.model.versions)
    @rule(
        data=st.data(), kind=st.sampled_from(["retry", "give-up"]), named=st.booleans(), twice=st.booleans()
    )
    def ask(self, data: st.DataObject, kind: RequestKind, *, named: bool, twice: bool) -> None:
        """An operator asks for another attempt, or closes a version; the message may be delivered twice."""
        version = data.draw(st.sampled_from(self.model.versions))
        self._ask(kind, version, named=named, times=1 + twice)
        if kind == "give-up":
            self.model.given_up.add(version.path)

    @precondition(lambda self: self.model.there())
    @rule(data=st.data(), named=st.booleans(), twice=st.booleans())
    def resend(self, data: st.DataObject, *, named: bool, twice: bool) -> None:
        """An operator wants known content sent again; the message may be delivered twice."""
        version = data.draw(st.sampled_from(self.model.there()))
        self.model.requests[version.content] += 1
        self._ask("resend", version, named=named, times=1 + twice)

    # What platform and connector do.

    @precondition(lambda self: self.model.versions)
    @rule(data=st.data())
    def deliver_again(self, data: st.DataObject) -> None:
        """An event is delivered once more, however old it is."""
        version = data.draw(st.sampled_from(self.model.versions))
        self.world.announce(Message(version.name, version.etag))

    @precondition(lambda self: self.world.queue.messages)
    @rule(data=st.data())
    def double_message(self, data: st.DataObject) -> None:
        """The host delivers a message twice: its worker died between the work and the deletion."""
        self.world.queue.messages.append(data.draw(st.sampled_from(self.world.queue.messages)))

    @precondition(lambda self: self.world.queue.messages)
    @rule(data=st.data())
    def lose_message(self, data: st.DataObject) -> None:
        """A message is cleared."""
        self.world.queue.messages.remove(data.draw(st.sampled_from(self.world.queue.messages)))

    @rule()
    def bad_message(self) -> None:
        """Something that is no message of ours."""
        self.bad_messages += 1
        self.world.queue.messages.append((self.world.clock.monotonic(), f"nonsense {self.bad_messages}"))

    @rule(names=st.lists(st.sampled_from(sorted(ANSWERS)), min_size=1, max_size=5))
    def answers(self, names: list[str]) -> None:
        """What the connector answers next."""
        self.world.connector.script.extend(ANSWERS[name] for name in names)

    @rule(kind=st.sampled_from(["well", "down", "unanswered", "too large", "no tokens"]))
    def weather(self, kind: str) -> None:
        """What it answers from then on."""
        connector = self.world.connector
        self.world.tokens.always = (
            TransientError(FailedCode.VAULT_UNAVAILABLE, "down") if kind == "no tokens" else None
        )
        weathers: dict[str, Reply | Stored] = {"down": reply(503), "unanswered": Stored()}
        connector.always = weathers.get(kind, OK)
        if kind == "too large":
            connector.always = lambda records: reply(413) if len(records) > 1 else OK

    @rule(steps=st.integers(0, 40))
    def die(self, steps: int) -> None:
        """The worker is killed before or after its n-th write or request."""

        def at_step() -> None:
            self.deaths += 1
            self.world.state.dead = True
            raise CrashError

        self._run_with(steps, at_step)

    @precondition(lambda self: self.model.there())
    @rule(steps=st.integers(0, 40), data=st.data())
    def second_worker(self, steps: int, data: st.DataObject) -> None:
        """While one worker is at its n-th write or request, another one takes a message from start to end."""
        version = data.draw(st.sampled_from(self.model.there()))
        self._run_with(steps, lambda: self.world.process(Message(version.name, version.etag)) and None)

    @rule(steps=st.integers(0, 40))
    def lose_leases(self, steps: int) -> None:
        """At the n-th write or request the job's lease is another worker's, and time passes."""

        def at_step() -> None:
            if self.world.lease in self.world.state.names():
                self.world.state.steal_lease(self.world.lease)
            self.world.clock.sleep(20)

        self._run_with(steps, at_step)

    @precondition(lambda self: self.model.there())
    @rule(steps=st.integers(0, 40), data=st.data())
    def overwrite_meanwhile(self, steps: int, data: st.DataObject) -> None:
        """At the n-th write or request an export is overwritten."""
        version = data.draw(st.sampled_from(self.model.there()))
        self._run_with(steps, lambda: self.upload(version.name, set(), announced=True))

    @rule(hours=st.sampled_from([0.0, 0.1, 1.0, 3.0]))
    def work(self, hours: float) -> None:
        """Time passes and the host does what is due."""
        self.world.run(hours=hours)

    @rule()
    def sweep(self) -> None:
        """The timer's function."""
        self.world.sweep()

    # What must be true.

    @invariant()
    def nothing_spurious_nothing_altered_every_repeat_counted(self) -> None:
        """What the connector took is what was uploaded, and not more often than the ledgers admit."""
        copies = self._copies()
        for number, times in self._taken().items():
            assert times <= self.model.most(number, copies[number]), (number, times, copies[number])

    @invariant()
    def final_outcomes_stay_final(self) -> None:
        """What has ended does not change, unless an operator asks."""
        for name in self.world.results.names():
            if name.startswith("outcomes/"):
                status = decode(self.world.results.data(name)).status
                if (status.final or name in self.model.ended) and name not in self.model.asked:
                    assert self.model.ended.setdefault(name, status) is status

    @invariant()
    def only_bad_messages_are_set_aside(self) -> None:
        """Or messages whose worker died five times."""
        set_aside = [text for text in self.world.poison if not text.startswith("nonsense")]
        assert len(set_aside) <= self.deaths // 5

    def teardown(self) -> None:
        """Faults are over and time passes: everything that lies there has been taken and says so."""
        world = self.world
        world.connector.script.clear()
        self.weather("well")
        world.run_days(3)
        for version in self.model.there():
            if not self._outcome(version).status.final:  # it waits for a person
                self._ask("retry", version)
        world.run_days(1)
        assert self.model.must_be_taken() <= set(self._taken())
        for version in self.model.there():
            outcome = self._outcome(version)
            assert outcome.status in self.model.may_end(version), outcome
            self._check_figures(version, outcome)
        for name in world.results.names():
            if name.startswith("outcomes/"):
                outcome = decode(world.results.data(name))
                assert outcome.status.final or (outcome.status, outcome.retry) == (Status.BLOCKED, "person")
        assert [text for _, text in world.queue.messages if '"task"' not in text] == []
        self.nothing_spurious_nothing_altered_every_repeat_counted()
        self.final_outcomes_stay_final()
        self.only_bad_messages_are_set_aside()

    def _check_figures(self, version: ExportVersion, outcome: Outcome) -> None:
        numbers = self.model.valid[version.content]
        if not numbers or outcome.status is Status.GIVEN_UP:
            return
        assert outcome.records is not None
        assert outcome.records.rejected == RECORDS - len(numbers)
        if outcome.status is not Status.DUPLICATE:
            assert outcome.records.sent + outcome.records.repeated == len(numbers)
            assert not outcome.records.repeated or self.model.requests[version.content]
        if outcome.records.rejected:
            assert len(self.world.rejected(version.name)) == outcome.records.rejected

    def _put(self, name: str, content: int, *, announced: bool) -> None:
        blob = self.world.exports.put(name, self.bytes[content])
        self.model.upload(name, blob.etag, content)
        if announced:
            self.world.announce(Message(name, blob.etag))

    def _ask(self, kind: RequestKind, version: ExportVersion, *, named: bool = True, times: int = 1) -> None:
        """An operator's message; what has ended may begin again, now or when the message shows."""
        self.requests += 1
        message = Message(version.name, version.etag)
        request_id = f"00000000-0000-4000-8000-{self.requests:012d}"
        for _ in range(times):
            self.world.announce(self.world.request(kind, message, named=named, id_=request_id))
        self.model.asked.add(version.path)

    def _run_with(self, steps: int, action: Any) -> None:
        """Play the host for a while, with something happening once at the n-th write or request."""
        left = [steps]
        places = (self.world.results, self.world.state, self.world.queue)

        def hook(_what: str, _name: str) -> None:
            left[0] -= 1
            if left[0] == -1:
                action()

        for place in places:
            place.on_change = hook
        self.world.connector.on_post = hook
        self.world.run(hours=0.01)
        for place in places:
            place.on_change = lambda _what, _name: None
        self.world.connector.on_post = lambda _what, _name: None
        self.world.state.dead = False

    def _taken(self) -> Counter[int]:
        taken: Counter[int] = Counter()
        for batch in self.world.connector.taken:
            for one in batch:
                number = int(one["AssetId"].removeprefix("door-"))
                assert one == record(number)
                taken[number] += 1
        return taken

    def _copies(self) -> Counter[int]:
        """What the ledgers admit: possible copies of each record."""
        copies: Counter[int] = Counter()
        for path in self.world.state.names():
            ledger = decode_ledger(self.world.state.data(path)) if path.startswith("ledger/") else None
            if ledger is None:
                continue
            assert ledger.plan.request_id == request_of_ledger(path)
            content = next(i for i, data in enumerate(self.bytes) if _sha256(data) == ledger.plan.key)
            for entry in ledger.entries:
                for number in range(entry.first, entry.last + 1):
                    copies[number + 100 * content] += entry.possible_copies
        return copies

    def _outcome(self, version: ExportVersion) -> Outcome:
        return decode(self.world.results.data(version.path))


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _run(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        Delivery,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=DirectoryBasedExampleDatabase(SEEDS),
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )


def test_delivery_does_what_the_model_says() -> None:
    """A few hundred random steps, and every sequence that ever failed."""
    _run(int(os.environ.get("MODEL_EXAMPLES", "40")), 20)


@pytest.mark.soak
def test_delivery_does_what_the_model_says_at_length() -> None:
    """The same, thousands of times."""
    _run(int(os.environ.get("MODEL_EXAMPLES", "3000")), 40)
