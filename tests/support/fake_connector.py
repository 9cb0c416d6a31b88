"""A connector and a token source that do as they are told, and remember what they took."""

import json
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.delivery.connector_ports import CredentialState, Fence, NoReply, Reply
from shared.errors import LeaseLostError, OutcomeError

OK = Reply(200, {}, b"")
REFUSED_CONNECTION = NoReply("The connector's host could not be reached", left=False)
BROKEN = NoReply("The connection to the connector broke", left=True)


class OpenFence:
    """Lets every body begin."""

    def seconds_left(self) -> float:
        """As long as a renewal is trusted."""
        return 40.0

    def check(self) -> None:
        """Nothing is in the way."""


def reply(status: int, body: bytes = b"", **headers: str) -> Reply:
    """A reply; header names are given with underscores."""
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def in_order[T](calls: Sequence[Callable[[], T]], meanwhile: Callable[[], None]) -> list[T]:
    """Requests one after another, all of them, though they may be on their way at the same time."""
    meanwhile()
    results: list[T] = []
    lost: LeaseLostError | None = None
    for call in calls:
        try:
            results.append(call())
        except LeaseLostError as error:
            lost = error
    if lost:
        raise lost
    return results


@dataclass(frozen=True)
class Stored:
    """A reply that is lost after the connector has stored the batch."""

    then: Reply | NoReply = BROKEN


@dataclass
class FakeConnector:
    """Answers from a script, then `always`; keeps what it took.

    Attributes:
        script: what to answer next, in order.
        always: what to answer when the script is over; a function decides by the records.
        requests: bodies of all requests, decoded.
        tokens: the tokens that came with them.
        taken: bodies that were accepted, decoded.
    """

    script: deque[Reply | NoReply | Stored] = field(default_factory=deque)
    always: Reply | NoReply | Stored | Callable[[list[Any]], Reply | NoReply | Stored] = OK
    on_post: Callable[[str, str], None] = lambda _when, _what: None
    requests: list[list[Any]] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    taken: list[list[Any]] = field(default_factory=list)

    def post(self, body: bytes, token: str, fence: Fence) -> Reply | NoReply:
        """Take or refuse a body, as the script says."""
        self.on_post("post", "connector")
        fence.check()
        records = json.loads(body)
        self.requests.append(records)
        self.bodies.append(body)
        self.tokens.append(token)
        answer = self.script.popleft() if self.script else self.always
        if callable(answer):
            answer = answer(records)
        if isinstance(answer, Stored):
            self.taken.append(records)
            answer = answer.then
        elif isinstance(answer, Reply) and 200 <= answer.status < 300:
            self.taken.append(records)
        self.on_post("posted", "connector")
        return answer

    def times_taken(self) -> Counter[str]:
        """How often each record was taken, by its AssetId."""
        return Counter(record["AssetId"] for batch in self.taken for record in batch)


@dataclass
class FakeTokens:
    """Tokens with numbers; fails as told.

    Attributes:
        failures: raised one after another, then tokens come.
        always: raised for ever, if set.
    """

    failures: deque[OutcomeError] = field(default_factory=deque)
    always: OutcomeError | None = None
    expires_on: datetime | None = None
    note: str = ""
    expires: bool = True
    made: int = 1
    asked: int = 0

    def token(self, *, fresh: bool = False) -> str:
        """A token."""
        self.asked += 1
        if self.failures:
            raise self.failures.popleft()
        if self.always:
            raise self.always
        self.made += fresh
        return f"token-{self.made}"

    def credential(self) -> CredentialState:
        """As told."""
        if self.always:
            raise self.always
        return CredentialState(self.expires_on, self.note, self.expires)
