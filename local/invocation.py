"""What passes between the functions host and its worker: plain values, one line of JSON each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

type Metadata = dict[str, tuple[str, str]]
"""A trigger's metadata: name -> (kind, text); the kinds are the worker library's `string` and `json`."""


@dataclass(frozen=True)
class Function:
    """One loaded function: its name, and the trigger's binding out of `function.json`."""

    name: str
    trigger: Mapping[str, Any]


@dataclass(frozen=True)
class Invocation:
    """One call of a function.

    Attributes:
        function: its name.
        kind: of the trigger's data: `string` for a queue message, `json` for a timer.
        text: the trigger's data.
        metadata: what the host knows about the trigger beside that.
        trace_parent: the operation it belongs to; empty where the host has none.
    """

    function: str
    kind: str
    text: str
    metadata: Metadata = field(default_factory=dict)
    trace_parent: str = ""


@dataclass(frozen=True)
class Result:
    """How an invocation ended.

    Attributes:
        invocation_id: the worker's name for it; empty if the worker died.
        error: what the worker reports to the host, or how the worker ended.
        died: whether the worker process ended before the function did.
    """

    invocation_id: str
    succeeded: bool
    error: str | None = None
    died: bool = False


@dataclass(frozen=True)
class Ended:
    """How an invocation ended; `tries` is which try of its message it was."""

    function: str
    tries: int
    succeeded: bool
    error: str | None
    invocation_id: str = ""
    trace_parent: str = ""

    def said(self) -> dict[str, Any]:
        """As the host says it."""
        ids = {"invocationId": self.invocation_id, "traceParent": self.trace_parent}
        return {
            "function": self.function,
            "tries": self.tries,
            "succeeded": self.succeeded,
            "error": self.error,
        } | ids


class Invoker(Protocol):
    """Runs functions, in a process that may die of it."""

    @property
    def pid(self) -> int:
        """The worker's process id; another after `restart`."""
        ...

    @property
    def functions(self) -> Sequence[Function]:
        """The loaded functions."""
        ...

    def invoke(self, invocation: Invocation) -> Result:
        """Run a function and wait for its end, or for the worker's."""
        ...

    def kill(self) -> None:
        """End the worker at once; a running invocation ends as `died`."""
        ...

    def restart(self) -> None:
        """Start a new worker where the old one has died."""
        ...
