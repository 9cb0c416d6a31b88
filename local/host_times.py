"""How long the functions host waits for what; a test shortens these instead of waiting."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

HIDDEN_SECONDS: Final = 600


@dataclass(frozen=True)
class HostTimes:
    """The host's times and tries; the defaults are fixed in the real host, the first three come from host.json.

    Attributes:
        most_tries: after so many failures a message goes to the poison queue.
        pause_seconds: between a failure and the next try (`visibilityTimeout`).
        function_seconds: how long a function may run (`functionTimeout`).
        hidden_seconds: how long a message that was taken stays hidden; renewed at half of it while the function runs.
        cancel_seconds: from the end of `function_seconds` until the worker is killed.
        grace_seconds: how long the running function has left after SIGTERM.
    """

    most_tries: int
    pause_seconds: int
    function_seconds: float
    hidden_seconds: int = HIDDEN_SECONDS
    cancel_seconds: float = 2.0
    grace_seconds: float = 10.0

    @classmethod
    def of(cls, root: Path) -> Self:
        """Read a folder's host.json."""
        document = json.loads((root / "host.json").read_text())
        queues = document["extensions"]["queues"]
        pause = _seconds(queues["visibilityTimeout"])
        return cls(queues["maxDequeueCount"], pause, _seconds(document["functionTimeout"]))


def _seconds(span: str) -> int:
    hours, minutes, seconds = map(int, span.split(":"))
    return hours * 3_600 + minutes * 60 + seconds
