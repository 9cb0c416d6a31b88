"""Outcomes as a listing shows them: the only reader of what `shared.delivery.outcome_metadata` writes.

Sweep, report and the command-line tool list thousands of outcomes without a download. What is damaged in one of them
never stops the others: a status that cannot be read counts as unfinished, a time or a count as unknown.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

import msgspec

from shared.blob_names import OUTCOMES_PREFIX, UNSAFE_FOLDER
from shared.clock import utc_time
from shared.delivery.event_metadata import from_metadata, newest_event
from shared.delivery.on_purpose import ON_PURPOSE
from shared.delivery.outcome import Outcome, decode
from shared.delivery.outcome_metadata import metadata
from shared.delivery.ports import Blob, Container
from shared.error_codes import Retry, Status

_STATUSES: Final = {status.value: status for status in Status}
_UNSAFE: Final = re.compile(rf"{UNSAFE_FOLDER}/[0-9a-f]{{64}}")


@dataclass(frozen=True, slots=True)
class ListedOutcome:
    """One outcome.

    Attributes:
        path: in the results container.
        name: of the export; of one with an unsafe name, the folder that stands for it.
        etag: of its version.
        status: what became of it.
        retry: who starts the next try.
        code: of the error, if there is one.
        sent: records sent; `None` if it is not known.
        rejected: records rejected; `None` if it is not known.
        finished_at: when its last attempt ended; `None` if none has.
        next_attempt_at: when the next one is due by itself; `None` if it has no such time.
        source: its source; of an export that has none, its first folder; empty for one in no folder.
        last_modified: when the document was written.
        mapping: of its source, under which it was last tried; empty if there was none.
        uploaded_at: when the export itself was written; `None` if it is not known.
        events: their days and the newest one, as the metadata have them.
    """

    path: str
    name: str
    etag: str
    status: Status
    retry: Retry
    code: str
    sent: int | None
    rejected: int | None
    finished_at: datetime | None
    next_attempt_at: datetime | None
    source: str
    last_modified: datetime
    mapping: str = ""
    uploaded_at: datetime | None = None
    events: str = ""

    @property
    def days(self) -> Mapping[date, int] | None:
        """Records sent of each day that it has events of; `None` if they are not known."""
        return from_metadata(self.events)

    @property
    def newest_event(self) -> datetime | None:
        """The newest event of its valid records; `None` if it has none, or that is not known."""
        return newest_event(self.events)

    @property
    def waits_on_purpose(self) -> bool:
        """Whether nothing of it is sent because sending is off, or its source on trial."""
        return self.status is Status.BLOCKED and self.code in ON_PURPOSE

    @property
    def has_rejected_rows(self) -> bool:
        """Whether it was sent in part, and another mapping of its source may help the rest."""
        return self.status is Status.PARTIALLY_SUCCEEDED and bool(self.rejected) and self.mapping != ""

    @property
    def moment(self) -> datetime:
        """When its last attempt ended, or when it was last written if none has."""
        return self.finished_at or self.last_modified

    @property
    def has_unsafe_name(self) -> bool:
        """Whether `name` only stands for a name that must not be touched."""
        return _UNSAFE.fullmatch(self.name) is not None


def list_outcomes(results: Container, name: str = "") -> Iterator[ListedOutcome]:
    """Every outcome, or those of all versions of one export, in the order of their paths.

    Args:
        results: the results container.
        name: of the export; empty: of all.

    Raises:
        StorageError: the container may not be listed.
        TransientError: storage cannot be reached.
    """
    prefix = f"{OUTCOMES_PREFIX}{name}/" if name else OUTCOMES_PREFIX
    found = (listed(blob) for blob in results.blobs(prefix))
    return (one for one in found if not name or one.name == name)


def listed(blob: Blob) -> ListedOutcome:
    """An outcome out of its listing."""
    return _of(blob, blob.metadata)


def listed_or_read(blob: Blob, results: Container) -> ListedOutcome:
    """An outcome out of its listing; where a copy has lost its metadata, the document says it.

    Raises:
        StorageError: the document may not be read.
        TransientError: storage cannot be reached.
    """
    if blob.metadata.get("status"):
        return listed(blob)
    outcome = read_outcome(results, blob.name)
    return _of(blob, metadata(outcome) if outcome else {})


def read_outcome(results: Container, path: str) -> Outcome | None:
    """The document that a listing shows; `None` if it is gone or cannot be decoded.

    Raises:
        StorageError: it may not be read.
        TransientError: storage cannot be reached.
    """
    document = results.read(path)
    try:
        return decode(document.data) if document else None
    except msgspec.MsgspecError:
        return None


def _of(blob: Blob, known: Mapping[str, str]) -> ListedOutcome:
    status = known.get("status", "")
    name, _, file = blob.name.removeprefix(OUTCOMES_PREFIX).rpartition("/")
    return ListedOutcome(
        path=blob.name,
        name=name,
        etag=file.removesuffix(".json"),
        status=_STATUSES.get(status, Status.IN_PROGRESS),
        retry=_retry(known.get("retry", "")),
        code=known.get("code", ""),
        sent=_count(known.get("recordssent", "")),
        rejected=_count(known.get("recordsrejected", "")),
        finished_at=_moment(known.get("finishedat", "")),
        next_attempt_at=_moment(known.get("nextattemptat", "")),
        source=known.get("source") or name.partition("/")[0] * ("/" in name),
        mapping=known.get("mapping", ""),
        last_modified=blob.last_modified,
        uploaded_at=_moment(known.get("uploadedat", "")),
        events=known.get("events", ""),
    )


def _retry(text: str) -> Retry:
    if text == "auto":
        return "auto"
    return "person" if text == "person" else None


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        return utc_time(text).astimezone(UTC)
    except (ValueError, OverflowError):  # no time, or one that is beyond the calendar's ends in UTC
        return None


def _count(text: str) -> int | None:
    return int(text[:20]) if text.isascii() and text.isdecimal() else None
