"""The daily sweep: finds what nobody is working on and puts it on the queue, a slice at a time.

It lists and reads hardly any document: exports and outcomes are compared by their listings. It only queues; what is to
be closed is closed by an attempt, under the job's lease. A slice says in `sweeps/latest.json` how far the sweep has come;
the message for the next one is queued before that, and a copy of a slice that is over does nothing.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from functools import cache

import msgspec

from shared.blob_names import SWEEP_PATH, bare, is_safe
from shared.clock import utc_text
from shared.delivery.compaction import compact_index
from shared.delivery.connector_ports import Tokens
from shared.delivery.dependencies import Dependencies
from shared.delivery.outcome_listing import ListedOutcome, listed_or_read
from shared.delivery.people_refresh import refresh_people
from shared.delivery.ports import ABSENT, Blob
from shared.delivery.source_watch import note_upload, standings, watched_sources
from shared.delivery.sweep_listing import Cursor, Listed, join
from shared.delivery.sweep_place import decode_place, found_so_far, is_next, place_after
from shared.delivery.sweep_remaps import RemapSearch, queue_remaps
from shared.delivery.sweep_result import SweepResult
from shared.delivery.unsafe_outcomes import has_outcome, message_of
from shared.delivery.waiting import (
    DEAD_WORKER,
    MISSED,
    OVERDUE,
    REJECTED_WAITS,
    RETENTION_MARGIN,
    SWEEP_AGAIN_SECONDS,
)
from shared.error_codes import BlockedCode, Status
from shared.errors import (
    BadMessageError,
    ConditionError,
    OutcomeError,
    StorageError,
    TransientError,
)
from shared.messages import Message, TaskMessage


def new_sweep() -> TaskMessage:
    """The message that starts a sweep."""
    return TaskMessage("sweep", str(uuid.uuid4()))


def sweep(deps: Dependencies, message: TaskMessage) -> SweepResult | None:
    """Take one slice of a sweep: queue what is due, then the next slice, or the report.

    Args:
        deps: the outside world.
        message: names the sweep and where it goes on.

    Returns:
        What the sweep has found so far; `None` if this slice was taken before, or a newer sweep has begun.

    Raises:
        BadMessageError: the message's cursor is none.
        StorageError: the containers may not be listed, or the queue or the sweep's place cannot be written.
    """
    try:
        result = _slice(deps, message)
    except TransientError:  # storage cannot be read: the same slice again later
        deps.queue.put(message.encode(), SWEEP_AGAIN_SECONDS)
        return None
    if result:
        compact_index(deps)
    return result


def _slice(deps: Dependencies, message: TaskMessage) -> SweepResult | None:
    cursor = _cursor(message.cursor)
    document = deps.state.read(SWEEP_PATH)
    place = decode_place(document.data) if document else None
    if not is_next(place, message, cursor):
        return None
    if cursor.number == 0 and deps.source_files:
        refresh_people(deps.source_files, deps.users)  # before anything is tried under a changed mapping
    result = found_so_far(place if cursor.number else None)
    following = _take(deps, cursor, result)
    if following is None:
        _finish(deps, result)
    else:
        result.finished = False
        text = msgspec.json.encode(following).decode()
        deps.queue.put(TaskMessage("sweep", message.sweep_id, text).encode(), 0)
    now = utc_text(deps.clock.now())
    done = place_after(message.sweep_id, cursor.number + 1, result, now)
    try:
        deps.state.write(SWEEP_PATH, msgspec.json.encode(done), document.etag if document else ABSENT)
    except ConditionError:
        return None  # a newer sweep has begun meanwhile, or this slice was taken twice at once
    if result.finished:
        deps.observer.sweep_ended(result, deps.clock.now())
    return result


def _cursor(text: str) -> Cursor:
    try:
        return msgspec.json.decode(text, type=Cursor) if text else Cursor()
    except msgspec.MsgspecError:
        raise BadMessageError("the message's cursor is no place in a sweep") from None


def _take(deps: Dependencies, cursor: Cursor, result: SweepResult) -> Cursor | None:
    """Queue what is due until time is used up; where to go on, `None` if all was listed."""
    clock, now = deps.clock, deps.clock.now()
    ends = clock.monotonic() + deps.settings.invocation_seconds
    on_trial = cache(deps.sources.on_trial)  # a profile is asked for once a slice
    remaps = RemapSearch(deps, result, now, on_trial)
    watched = watched_sources(deps.sources)
    for found in join(deps.exports, deps.results, cursor, lambda blob: listed_or_read(blob, deps.results)):
        for message in _due(deps, found, result, now, on_trial):
            deps.queue.put(message.encode(), 0)
            result.queued += 1
        for outcome in found.outcomes:
            if watched is None or outcome.source in watched:
                note_upload(result.uploads, outcome)
            remaps.look_at(outcome, is_current=found.has_now(outcome))
        if clock.monotonic() >= ends:
            return msgspec.structs.replace(found.cursor, number=cursor.number + 1)
    return None


def _due(
    deps: Dependencies,
    found: Listed,
    result: SweepResult,
    now: datetime,
    on_trial: Callable[[str], bool],
) -> Iterator[Message]:
    """The messages that one name needs.

    Args:
        deps: the outside world.
        found: the name's export and outcomes.
        result: takes what is counted.
        now: UTC.
        on_trial: whether the source of a folder is on trial.
    """
    export = found.export
    known = export is not None and not is_safe(export.name) and has_outcome(deps.results, export)
    for outcome in found.outcomes:
        current = found.has_now(outcome)
        known = known or current
        _count(result, outcome)
        if current or export is None:
            _count_rejected(result, outcome, now)
        if current and export and outcome.waits_on_purpose:
            if (
                now - export.last_modified
                > timedelta(days=deps.settings.exports_retention_days) - RETENTION_MARGIN
            ):
                result.expiring.append(export.name)
            trial = outcome.code == BlockedCode.SOURCE_ON_TRIAL and on_trial(outcome.name.partition("/")[0])
            if trial or not deps.settings.connector_sending:
                continue
        if is_due(outcome, now, is_current=current):
            message = message_of(deps.results, outcome)
            if message:
                yield message
    if export and not known and _is_missed(deps, export, now):
        yield Message(export.name, bare(export.etag), "sweep")


def is_due(outcome: ListedOutcome, now: datetime, *, is_current: bool) -> bool:
    """Whether an outcome needs a message: nobody works on it, and its own requeued message has not come.

    Args:
        outcome: as listed.
        now: UTC.
        is_current: whether its export is there in this very version.
    """
    if outcome.status.final:
        return False
    if outcome.status is Status.IN_PROGRESS:
        return now - outcome.last_modified > DEAD_WORKER
    if outcome.retry != "auto":
        return False
    if not is_current:
        return True
    return outcome.next_attempt_at is None or now - outcome.next_attempt_at > OVERDUE


def _is_missed(deps: Dependencies, export: Blob, now: datetime) -> bool:
    """Whether an export without an outcome was never announced; one older than outcomes are kept has lost its own."""
    age = now - export.last_modified
    oldest = timedelta(days=deps.settings.outcomes_retention_days) - RETENTION_MARGIN
    return MISSED < age < oldest


def _count(result: SweepResult, outcome: ListedOutcome) -> None:
    if not outcome.status.final:
        result.waiting[outcome.status.value] += 1
    quiet_day = outcome.status is Status.SUCCEEDED and outcome.sent == 0
    if outcome.finished_at and (outcome.sent or quiet_day):
        result.last_sent_at = max(result.last_sent_at or outcome.finished_at, outcome.finished_at)


def _count_rejected(result: SweepResult, outcome: ListedOutcome, now: datetime) -> None:
    """A rejected export waits for a corrected one, until a newer version of that name is there or two weeks are over."""
    if outcome.status is Status.REJECTED and now - outcome.moment < REJECTED_WAITS:
        result.waiting[Status.REJECTED.value] += 1


def _finish(deps: Dependencies, result: SweepResult) -> None:
    """What a sweep does once, after everything that is due is queued."""
    now = deps.clock.now()
    queue_remaps(deps, result, now)
    with suppress(StorageError):  # it is made when the first message fails
        result.poison = deps.poison.waiting()
    result.standings = standings(deps.sources, deps.settings, result.uploads, now)
    _check_secret_expiry(deps.tokens, result, now)
    deps.queue.put(TaskMessage("report").encode(), 0)


def _check_secret_expiry(tokens: Tokens, result: SweepResult, now: datetime) -> None:
    try:
        credential = tokens.credential()
    except OutcomeError as error:
        result.expiry_problem = error.message
        return
    if not credential.expires:
        return
    if credential.expires_on is None:
        result.expiry_problem = (
            "The app secret in the vault has no expiry date, so nobody is warned before it expires."
        )
        return
    result.secret_days_left = (credential.expires_on - now) / timedelta(days=1)
