"""Names of runs, and which of them still count."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

type Kind = Literal["run", "doubt"]
"""`doubt`: of batches that were accepted without the reply saying so for each of their records."""

_NAME: Final = re.compile(r"(\d{4}-\d\d-\d\d)/(\d{4}-\d\d-\d\d)-([0-9a-f]{64})\.(run|doubt)", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class RunName:
    """The last two parts of a run's path.

    Attributes:
        event_date: of the events in it, in UTC.
        accepted_date: on which they were accepted, in UTC.
        kind: `run` or `doubt`.
        sha256: of its bytes.
    """

    event_date: str
    accepted_date: str
    kind: Kind
    sha256: str

    def __str__(self) -> str:
        """The path below the index."""
        return f"{self.event_date}/{self.accepted_date}-{self.sha256}.{self.kind}"

    def counts(self, today: date, repeat_days: int) -> bool:
        """Whether what was accepted on its day is still not to be sent again.

        Args:
            today: in UTC.
            repeat_days: how long an event that was sent is not sent again.
        """
        return self.accepted_date >= (today - timedelta(days=repeat_days)).isoformat()


def parse_run_name(path: str) -> RunName | None:
    """Read the path of a run below its index; `None` if it is none."""
    found = _NAME.fullmatch(path)
    if not found:
        return None
    kind: Kind = "doubt" if found[4] == "doubt" else "run"
    return RunName(found[1], found[2], kind, found[3])
