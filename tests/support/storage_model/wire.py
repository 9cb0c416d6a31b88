"""The way from a worker to storage: the one place where calls are switched, fail, lose their replies or end the worker.

A *call* is what the product asks of its storage module's SDK; each *try* of it passes the hook. What the SDK does about
a try that fails is done here as the SDK does it: it repeats, after a pause, what was not answered or answered 5xx, so a
conditional write whose reply was lost meets its own echo.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
    ServiceRequestError,
    ServiceResponseError,
)

from shared.clock import Clock
from tests.support.storage_model.refusals import RefusedError


class CrashError(BaseException):
    """The process dies here: nothing that catches exceptions sees it, nothing is cleaned up on purpose."""


class End(Enum):
    """How a try ends."""

    ANSWERED = auto()
    UNREACHED = auto()
    """It never arrives; the SDK repeats it."""
    UNANSWERED = auto()
    """It is done, its reply is lost; the SDK repeats it."""
    BUSY = auto()
    """Storage answers 503 and does nothing; the SDK repeats it."""
    FAILS = auto()
    """It never arrives, and neither do the SDK's repetitions."""
    LOST = auto()
    """It is done, its reply is lost, and the SDK's repetitions do not arrive."""
    DIES_BEFORE = auto()
    """The worker dies before it arrives."""
    DIES_AFTER = auto()
    """The worker dies when it is done."""


_ARRIVE: Final = frozenset({End.ANSWERED, End.UNANSWERED, End.LOST, End.DIES_AFTER})
_FINAL: Final = frozenset({End.FAILS, End.LOST})


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a try.

    Attributes:
        end: how it ends.
        before_seconds: how long it is on its way, by the worker's clock.
        after_seconds: how long until the worker has the reply, or notices that there is none.
    """

    end: End = End.ANSWERED
    before_seconds: float = 0.0
    after_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Call:
    """One try of a call.

    Attributes:
        worker: whose.
        what: `head`, `get`, `put`, `create`, `append`, `stage`, `commit`, `delete`, `list`, `acquire`, `renew`,
            `release`, `send`, `count`.
        where: the container's or queue's name.
        name: the blob's, or a listing's prefix.
        attempt: 1 for the first try, 2 for the SDK's first repetition.
    """

    worker: str
    what: str
    where: str
    name: str = ""
    attempt: int = 1


type OnCall = Callable[[Call], Fate | None]
"""Asked before every try; `None` lets it pass. Whatever else it does (let another worker run, say) happens first."""


def answered(_call: Call) -> None:
    """The hook of a storage that always answers."""


@dataclass
class Wire:
    """One worker's way to storage.

    Attributes:
        backoff: the SDK's pauses in seconds: this much, and a base that is raised to the number of the repetition.
        jitter_seconds: by how much a pause may be shorter or longer.
    """

    worker: str
    clock: Clock
    on_call: OnCall = answered
    backoff: tuple[float, float] = (1.0, 2.0)
    jitter_seconds: float = 3.0

    def send[Answer](
        self, what: str, where: str, name: str, effect: Callable[[], Answer], *, tries: int = 4
    ) -> Answer:
        """Make a call; gives the answer of the try that was answered.

        Args:
            what: see `Call`.
            where: the container's or queue's name.
            name: the blob's.
            effect: what it does to the model.
            tries: how often the SDK tries it in all.

        Raises:
            AzureError: as the SDK raises it for what storage answered, or because nothing did.
        """
        for attempt in range(1, tries + 1):
            fate = self.on_call(Call(self.worker, what, where, name, attempt)) or Fate()
            self._pass(fate.before_seconds)
            if fate.end is End.DIES_BEFORE:
                raise CrashError
            answer, refused = _do(effect) if fate.end in _ARRIVE else (None, None)
            if fate.end is End.DIES_AFTER:
                raise CrashError
            self._pass(fate.after_seconds)
            if fate.end is End.ANSWERED:
                if refused:
                    raise sdk_error(refused)
                return answer  # type: ignore[return-value]  # an answer that is None is one
            if fate.end in _FINAL or attempt == tries:
                raise _failure(fate.end)
            self._pass(self._pause(attempt))
        raise AssertionError("a call is tried at least once")

    def _pause(self, attempt: int) -> float:
        initial, base = self.backoff
        usual = initial + base**attempt
        return self.clock.between(max(0.0, usual - self.jitter_seconds), usual + self.jitter_seconds)

    def _pass(self, seconds: float) -> None:
        if seconds:
            self.clock.sleep(seconds)


def sdk_error(refused: RefusedError) -> HttpResponseError:
    """The exception that the SDK makes of an answer."""
    kinds: dict[int, type[HttpResponseError]] = {
        401: ClientAuthenticationError,
        403: ClientAuthenticationError,
        404: ResourceNotFoundError,
        409: ResourceExistsError,
        412: ResourceModifiedError,
    }
    error = kinds.get(refused.status, HttpResponseError)(f"storage answered {refused}")
    error.status_code = refused.status
    error.error_code = refused.code  # type: ignore[attr-defined]  # as azure.storage sets it
    return error


def _do[Answer](effect: Callable[[], Answer]) -> tuple[Answer | None, RefusedError | None]:
    try:
        return effect(), None
    except RefusedError as refused:
        return None, refused


def _failure(end: End) -> Exception:
    if end is End.BUSY:
        return sdk_error(RefusedError(503, "ServerBusy"))
    if end in {End.LOST, End.UNANSWERED}:
        return ServiceResponseError("the connection broke before the reply came")
    return ServiceRequestError("no connection")
