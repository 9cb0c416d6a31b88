"""The index of a job's events in the state container: the key of its hashes, and the runs of each date.

What is damaged is not used, and said: its events may be sent again. Only the holder of the job's lease writes here.
"""

import secrets
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import msgspec

from shared.blob_names import events_prefix, hash_key_path
from shared.clock import Clock
from shared.delivery.index_warnings import INDEX_DAMAGED, INDEX_LOST
from shared.delivery.ports import ABSENT, Container
from shared.delivery.settled_events import Share
from shared.delivery.waiting import MAX_CONFLICTS
from shared.delivery.worker_memory import WorkerMemory
from shared.error_codes import BlockedCode, FailedCode
from shared.errors import ActionRequiredError, ConditionError, TransientError
from shared.events.date_index import HashIndex
from shared.events.identity import SECRET_BYTES, Key
from shared.events.repeat_filter import DateEvents
from shared.events.run_names import Kind, RunName, parse_run_name
from shared.events.runs import DamagedRunError, Run, decode_run, encode_run, name_of

if TYPE_CHECKING:
    from array import array

_CROWD: Final = 50


class _KeyDocument(msgspec.Struct, frozen=True):
    id: str
    secret: str


class EventIndex:
    """Reads and writes the index.

    Args:
        state: the state container.
        job_id: the connector's job.
        clock: says which runs are too old.
        repeat_days: how long an event that was sent is not sent again.
        memory: of the worker: what it holds is not read again.

    Attributes:
        warnings: what was found on the way: `INDEX_DAMAGED`, `INDEX_LOST`.
        crowded: whether a date had so many runs that they should be put together.
    """

    def __init__(
        self,
        state: Container,
        job_id: str,
        clock: Clock,
        repeat_days: int,
        memory: WorkerMemory | None = None,
    ) -> None:
        self._state = state
        self._memory = memory or WorkerMemory()
        self._job_id = job_id
        self._clock = clock
        self._repeat_days = repeat_days
        self._key: Key | None = None
        self.warnings: set[str] = set()
        self.crowded = False

    @property
    def key(self) -> Key:
        """The job's key, the same one as long as this object lives; made if there is none; of two that make it, one reads the other's.

        Raises:
            ActionRequiredError: `events-key-damaged`.
        """
        if self._key is None:
            known = self._memory.keys.get(self._job_id) or self._read_key() or self._made_key()
            self._key = self._memory.keys[self._job_id] = known
        return self._key

    def of_date(self, date: str, request_id: str | None) -> DateEvents:
        """What was accepted of a date, in the last `REPEAT_DAYS` or for one resend.

        Args:
            date: in UTC.
            request_id: of a resend, which is judged by what it has sent itself; `None`: by all that was sent.

        Raises:
            TransientError: storage cannot be reached, or its runs are being replaced all the time.
        """
        today = self._clock.now().date()
        runs: dict[RunName, Run | None] = {}
        for _ in range(MAX_CONFLICTS):
            names = [
                name
                for name in self.names(request_id, date)
                if request_id or name.counts(today, self._repeat_days)
            ]
            self.crowded |= request_id is None and len(names) >= _CROWD
            if self._all_read(request_id, names, runs):
                return DateEvents(
                    HashIndex(_hashes(runs, names, doubt=False)), HashIndex(_hashes(runs, names, doubt=True))
                )
        raise TransientError(
            FailedCode.STORAGE_UNAVAILABLE, "The index of events is being replaced all the time."
        )

    def names(self, request_id: str | None, date: str = "") -> Iterator[RunName]:
        """The runs of an index, in the order of their names.

        Args:
            request_id: of a resend; `None`: the index of all that was sent.
            date: of their events; empty: all dates.
        """
        prefix = events_prefix(self._job_id, request_id)
        for blob in self._state.blobs(f"{prefix}{date}/" if date else prefix):
            name = parse_run_name(blob.name.removeprefix(prefix))
            if name:
                yield name

    def read(self, request_id: str | None, name: RunName) -> Run | None:
        """Read a run; `None` if it is gone.

        Args:
            request_id: of a resend; `None`: of the index of all that was sent.
            name: of the run.

        Raises:
            DamagedRunError: it is not the one that it is named after.
        """
        document = self._state.read(self._path(request_id, name))
        if document is None:
            return None
        if name_of(document.data) != name.sha256:
            raise DamagedRunError
        return decode_run(document.data)

    def write(self, request_id: str | None, share: Share, run: Run) -> RunName:
        """Write a run, if it is not there already.

        Args:
            request_id: of a resend; `None`: into the index of all that was sent.
            share: where its events belong.
            run: the events.
        """
        data = encode_run(run)
        kind: Kind = "doubt" if share.doubt else "run"
        name = RunName(share.event_date, share.accepted_date, kind, name_of(data))
        path = self._path(request_id, name)
        with suppress(ConditionError):  # it is named by its content: another writer wrote the same
            self._state.write(path, data, ABSENT)
        self._memory.keep(path, run)
        return name

    def delete(self, name: RunName) -> None:
        """Delete a run of the index of all that was sent."""
        self._state.delete(self._path(None, name))

    def _path(self, request_id: str | None, name: RunName) -> str:
        return f"{events_prefix(self._job_id, request_id)}{name}"

    def _all_read(
        self, request_id: str | None, names: list[RunName], runs: dict[RunName, Run | None]
    ) -> bool:
        """Read what was not read yet; whether all were there."""
        for name in names:
            if name in runs:
                continue
            try:
                run = self._remembered(request_id, name)
            except DamagedRunError:
                self.warnings.add(INDEX_DAMAGED)
                runs[name] = None
                continue
            if run is None:
                return False
            if run.key_id != self.key.id:
                self.warnings.add(INDEX_LOST)
                self._memory.keys.pop(self._job_id, None)  # the next attempt reads it: it may be another one
                run = None
            runs[name] = run
        return True

    def _remembered(self, request_id: str | None, name: RunName) -> Run | None:
        path = self._path(request_id, name)
        run = self._memory.run(path) or self.read(request_id, name)
        if run:
            self._memory.keep(path, run)
        return run

    def _read_key(self) -> Key | None:
        document = self._state.read(hash_key_path(self._job_id))
        if document is None:
            return None
        try:
            told = msgspec.json.decode(document.data, type=_KeyDocument)
            key = Key(bytes.fromhex(told.secret))
        except (msgspec.MsgspecError, ValueError):
            raise _damaged_key() from None
        if len(key.secret) != SECRET_BYTES or key.id.hex() != told.id:
            raise _damaged_key()
        return key

    def _made_key(self) -> Key:
        key = Key(secrets.token_bytes(SECRET_BYTES))
        document = msgspec.json.encode(_KeyDocument(key.id.hex(), key.secret.hex()))
        try:
            self._state.write(hash_key_path(self._job_id), document, ABSENT)
        except ConditionError:
            known = self._read_key()
            if known is None:
                raise TransientError(
                    FailedCode.STORAGE_UNAVAILABLE, "The key of the events comes and goes."
                ) from None
            return known
        return key


def _hashes(runs: dict[RunName, Run | None], names: list[RunName], *, doubt: bool) -> Iterator["array[int]"]:
    for name in names:
        run = runs[name]
        if run and (name.kind == "doubt") is doubt:
            yield run.hashes


def _damaged_key() -> ActionRequiredError:
    message = "The key of the index of events cannot be read."
    return ActionRequiredError(BlockedCode.EVENTS_KEY_DAMAGED, message)
