"""What a sweep found and did."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from shared.delivery.source_watch import SourceUploads
from shared.sources.silence import Standing


class DueRemap(msgspec.Struct, frozen=True, order=True, array_like=True):
    """An export whose rejected records are to be tried under another mapping; the one that ended first comes first."""

    ended_at: str
    name: str
    etag: str


@dataclass(slots=True)
class SweepResult:
    """What a sweep found and did; a sweep of several slices adds them up.

    Attributes:
        queued: messages put on the queue.
        expiring: names of exports that wait on purpose and will be deleted within 10 days.
        remaps: exports of sources whose mapping has changed, before they are queued.
        remaps_due: how many there were in all.
        remaps_left: how many of them are left for the next sweep.
        waiting: outcomes that are not final, and rejected exports that were not replaced for two weeks, by status.
        last_sent_at: when an export was last sent, a closed day's without records included.
        poison: messages in the poison queue; `None` if it is not known.
        secret_days_left: days until the app secret or certificate expires; `None` if it has no expiry date or is unknown.
        expiry_problem: why the expiry date is unknown, or that there is none; empty if all is well.
        uploads: of each source, as far as its schedule needs them.
        standings: how each source with a profile stands; empty until everything was listed, or if profiles cannot be read.
        finished: whether everything was listed; if not, the rest follows with the next message.
    """

    queued: int = 0
    expiring: list[str] = field(default_factory=list)
    waiting: Counter[str] = field(default_factory=Counter)
    last_sent_at: datetime | None = None
    poison: int | None = None
    secret_days_left: float | None = None
    expiry_problem: str = ""
    uploads: SourceUploads = field(default_factory=dict)
    standings: dict[str, Standing] = field(default_factory=dict)
    finished: bool = True
    remaps: list[DueRemap] = field(default_factory=list)
    remaps_due: int = 0
    remaps_left: int = 0
