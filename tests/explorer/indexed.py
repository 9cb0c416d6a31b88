"""The index of events at rest, held against the ledgers: what was accepted is in it, and nothing else."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import msgspec

from shared.blob_names import events_prefix, hash_key_path, open_prefix
from shared.delivery.ledger import Entry
from shared.events.identity import EventHashing, Key
from shared.events.open_file import decode_open_file
from shared.events.runs import decode_run, name_of
from tests.explorer.scenario import event_record
from tests.explorer.site import Site
from tests.support.storage_model.account import STATE
from tests.support.storage_model.refusals import RefusedError


@dataclass(slots=True)
class Accepted:
    """Events by what ledgers say of them.

    Attributes:
        sure: accepted and confirmed.
        doubtful: accepted, without the reply saying so.
    """

    sure: set[str] = field(default_factory=set)
    doubtful: set[str] = field(default_factory=set)

    def add(self, entry: Entry, numbers: Iterable[int], events: list[str]) -> None:
        """Take in a batch.

        Args:
            entry: of a ledger.
            numbers: of its records.
            events: of the content's records, in their order.
        """
        if entry.state == "accepted":
            into = self.doubtful if entry.unconfirmed else self.sure
            into.update(events[number - 1] for number in numbers if number not in entry.refused)


def index_at_rest(site: Site, accepted: Accepted, request: str | None) -> Iterator[str]:
    """(m): an index holds what was accepted, and nothing else; what no worker has folded yet is in an open file.

    Args:
        site: at rest.
        accepted: by the ledgers that the index is of.
        request: the resend whose index it is; `None`: that of all that was sent.
    """
    key = _key(site)
    if key is None:
        return
    runs, doubts, opened = _stored(site, request)
    hashes = {event: _hash_of(key, event) for event in accepted.sure | accepted.doubtful}
    of_all = f"of {request}" if request else "of all"
    if not site.history.index_lost:
        for event in sorted(accepted.sure):
            if hashes[event] not in runs | opened:
                yield f"(m) {event} was accepted and is not in the index {of_all}"
        for event in sorted(accepted.doubtful):
            if hashes[event] not in runs | doubts | opened:
                yield f"(m) {event} may have been accepted and is not in the index {of_all}"
    if runs - {hashes[event] for event in accepted.sure}:
        yield f"(m) the index {of_all} holds an event that was not accepted"
    if doubts - {*hashes.values()}:
        yield f"(m) the index {of_all} doubts an event that was not sent"


def _stored(site: Site, request: str | None) -> tuple[set[int], set[int], set[int]]:
    """The hashes in runs, in those of unconfirmed batches, and in open files; damaged ones are left out."""
    job = site.settings.job_id
    runs, doubts, opened = set[int](), set[int](), set[int]()
    for name, data in _blobs(site, events_prefix(job, request)):
        if name_of(data) == name.rpartition("-")[2].partition(".")[0]:
            (doubts if name.endswith(".doubt") else runs).update(decode_run(data).hashes)
    for name, data in _blobs(site, open_prefix(job)):
        if name_of(data) == name.rpartition("/")[2]:
            opened.update(decode_open_file(data).hashes)
    return runs, doubts, opened


def _blobs(site: Site, prefix: str) -> list[tuple[str, bytes]]:
    return [
        (blob.name, site.blobs.stored(STATE, blob.name).data) for blob in site.blobs.page(STATE, prefix).blobs
    ]


def _key(site: Site) -> Key | None:
    try:
        stored: dict[str, Any] = msgspec.json.decode(
            site.blobs.stored(STATE, hash_key_path(site.settings.job_id)).data
        )
    except RefusedError:
        return None
    return Key(bytes.fromhex(stored["secret"]))


@cache
def _hash_of(key: Key, event: str) -> int:
    (found,) = EventHashing(key).events_of([event_record(event)]).hashes
    return found
