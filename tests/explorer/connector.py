"""The connector and the tokens as one worker sees them; what the connector stores goes into the history."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from shared.delivery.connector_ports import CredentialState, Fence, NoReply, Reply
from shared.error_codes import BlockedCode, FailedCode
from shared.errors import ActionRequiredError, TransientError
from tests.explorer.history import History
from tests.explorer.scheduler import Process, Scheduler

_LOST: Final = NoReply("The connection to the connector broke", left=True)
_REFUSED: Final = NoReply("The connector's host could not be reached", left=False)
_STATUSES: Final = {"503": 503, "429": 429, "400": 400, "403": 403, "401": 401, "413": 413}
_AFTER_STORING: Final[dict[str, Reply | NoReply]] = {
    "stored-lost": _LOST,
    "504-stored": Reply(504, {}, b""),
    "207": Reply(207, {}, b""),
    "202": Reply(202, {}, b""),
    "html": Reply(200, {"content-type": "text/html"}, b"<html>"),
}
_DOOR: Final = len("Door ")


def calm(scheduler: Scheduler, process: Process, told: str) -> str:
    """What every call can meet: dying, being stopped, being slow. Gives the rest of its fate."""
    what, _, seconds = told.partition("=")
    if what in {"stop", "stand", "freeze"}:
        scheduler.pause(what, float(seconds))
        return ""
    if what == "slow":
        process.clock.sleep(float(seconds))
        return ""
    if what == "dies-before":
        scheduler.die()
    return told


@dataclass
class SteppedConnector:
    """Takes bodies (`shared.delivery.ports.Connector`).

    Attributes:
        holder: tells who has the job's lease in storage.
        named: whether an outcome names the ledger of this path.
        refuses_marked: whether records with an `x` are refused, and how: empty, `207` or `413`.
    """

    scheduler: Scheduler
    process: Process
    history: History
    holder: Callable[[], str]
    named: Callable[[str], bool]
    refuses_marked: str = ""

    def post(self, body: bytes, _token: str, fence: Fence) -> Reply | NoReply:
        """Take or refuse a body."""
        if calm(self.scheduler, self.process, self.scheduler.point("connect")) == "refused":
            return _REFUSED
        fence.check()
        self.history.body_begins(self.process, self.holder())
        # where it is noted is known now: a later write is about something else
        ledger = self.history.holdings[self.process.name].ledger
        if not self.named(ledger):
            self.history.wrong.append("(a) a body begins and no outcome names its ledger")
        told = calm(self.scheduler, self.process, self.scheduler.point("body"))
        reply = self._taken(json.loads(body), told, ledger)
        what, _, seconds = told.partition("=")
        if what == "dies-after":
            self.scheduler.die()
        if what == "late":
            self.process.clock.sleep(float(seconds))
        return reply

    def _taken(self, records: list[dict[str, Any]], told: str, ledger: str) -> Reply | NoReply:
        if told == "lost":
            return _LOST
        if told in _STATUSES:
            return Reply(_STATUSES[told], {"retry-after": "7"} if told == "429" else {}, b"")
        if told == "207-none":  # nothing says of any record what became of it
            return Reply(207, {}, b"")
        marked = [index for index, record in enumerate(records) if record["AssetName"][_DOOR] == "x"]
        if marked and self.refuses_marked == "413":
            return Reply(413, {}, b"")
        refused = set(marked) if self.refuses_marked == "207" and not told else set()
        if told == "207-item":
            refused.add(0)
        for index, record in enumerate(records):
            self.history.stored[ledger][record["AssetName"].split()[-1]] += index not in refused
            self.history.events[ledger][record["AssetId"]] += index not in refused
        return _answer(told, len(records), refused)


def _answer(told: str, records: int, refused: set[int]) -> Reply | NoReply:
    if told in _AFTER_STORING:
        return _AFTER_STORING[told]
    if refused:
        items = [{"index": one, "status": 400 if one in refused else 200} for one in range(records)]
        return Reply(207, {}, json.dumps(items).encode())
    if told == "figures":
        return Reply(200, {}, json.dumps({"RecordsSaved": records - 1, "RecordsSkipped": 1}).encode())
    return Reply(200, {}, b"")


@dataclass
class SteppedTokens:
    """Makes tokens (`shared.delivery.ports.Tokens`)."""

    scheduler: Scheduler
    process: Process

    def token(self, *, fresh: bool = False) -> str:
        """A token."""
        del fresh
        told = calm(self.scheduler, self.process, self.scheduler.point("token"))
        if told == "fails":
            raise TransientError(FailedCode.VAULT_UNAVAILABLE, "The vault cannot be reached.")
        if told == "refused":
            raise ActionRequiredError(BlockedCode.VAULT_FORBIDDEN, "The vault refuses the app.")
        return "token"

    def credential(self) -> CredentialState:
        """Far from its end."""
        return CredentialState(datetime(2028, 1, 1, tzinfo=UTC))
