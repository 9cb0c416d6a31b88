"""One attempt on one version of one export: the order of these steps keeps records from being lost or sent twice.

0. Ask for the blob and read its outcome; if there is nothing to do, return.
1. Take the job's lease: for a job one attempt at a time. Fold: what became of the events that attempts were about to
   send goes into the index. Read the outcome again; answer an operator's request.
2. Write the outcome as `InProgress`. A version that is gone or overwritten is closed instead, by what its ledgers say.
3. Read what ledgers of this content say, load the export's source, then pass 1: read, map, check, cut, hash and count
   everything, and leave out events that were sent before. What cannot be sent is `Rejected`.
4. Write the plan into the ledger, commit the rejected file, and name the ledger in the outcome.
5. If a ledger is complete, the outcome follows from it.
6. Pass 2: post the batches, some at a time. The events of a batch stand in an open file, and the ledger says `sending`
   and names that file, before its request leaves; a renewal of the lease that began after that write must have succeeded
   before the first byte of the body is read.
7. Write the outcome, from the ledgers; fold; give the lease back.

A message is put back: after a random time while another attempt has the lease, after 5 minutes when the lease was lost,
at once when time was used up after progress, and after 5, 10, 20, 40, 60 minutes when the attempt failed.
"""

from dataclasses import replace

from shared.blob_names import Kind, classify_name, lease_path
from shared.clock import utc_text
from shared.delivery.attempt import Attempt, Invocation
from shared.delivery.deliver import Delivery, deliver
from shared.delivery.dependencies import Dependencies
from shared.delivery.export_rules import ExportRules
from shared.delivery.finish import Ending
from shared.delivery.found_export import FoundExport, find_export
from shared.delivery.job_lease import JobLease
from shared.delivery.ledger_store import LedgerStore
from shared.delivery.open_attempt import open_attempt
from shared.delivery.operator_requests import active_resend, is_new
from shared.delivery.outcome import Outcome
from shared.delivery.outcome_store import OutcomeStore
from shared.delivery.passes import Passes
from shared.delivery.remap_due import has_rejected_rows, is_due_in_part
from shared.delivery.remap_notes import RemapNote
from shared.delivery.repeats import EventState, Repeats, event_state
from shared.delivery.send_options import SendOptions
from shared.delivery.waiting import (
    EMPTY_EXPORT_SECONDS,
    LEASE_LOST_SECONDS,
    failed_delay_seconds,
    lease_taken_seconds,
    should_process,
)
from shared.errors import LeaseLostError, LeaseTakenError, TimeUsedUpError, TransientError
from shared.exports.batches import Limits
from shared.messages import Message


def process_export(deps: Dependencies, message: Message, invocation_id: str) -> Outcome | None:
    """Make the attempt that a message asks for.

    Args:
        deps: the outside world.
        message: names the export and its version.
        invocation_id: goes into the outcome.

    Returns:
        The outcome as this attempt left it; `None` if there was nothing to do, or it is to be done later.

    Raises:
        StorageError: the outcome, the ledger or a message cannot be written.
    """
    if classify_name(message.name) is Kind.IGNORED:
        return None
    started = deps.clock.monotonic()
    try:
        export = find_export(deps.exports, message)  # step 0
        store = OutcomeStore(deps.results, export.name, export.etag)
        mapping = _mapping_now(deps, message)
        if not _is_due(deps, message, export, store.load(), mapping):
            return None
        with JobLease(deps.state, lease_path(deps.settings.job_id), deps.clock) as lease:  # step 1
            attempt = Attempt(
                message,
                export,
                deps.exports.name,
                Invocation(invocation_id, deps.settings.job_id, utc_text(deps.clock.now())),
                started,
                started + deps.settings.invocation_seconds,
                deps.settings.retry_max_seconds,
                mapping,
            )
            return _attempt(deps, attempt, store, lease)
    except LeaseLostError:  # before anything has begun
        deps.queue.put(message.encode(), LEASE_LOST_SECONDS)
    except LeaseTakenError:
        delay = lease_taken_seconds(deps.clock, message.waits)
        deps.queue.put(replace(message, waits=message.waits + 1).encode(), delay)
    except TransientError as error:  # storage cannot be read; whatever was begun is taken up again
        delay = failed_delay_seconds(error, message.tries, deps.settings.retry_max_seconds)
        deps.queue.put(replace(message, tries=message.tries + 1).encode(), delay)
    return None


def _mapping_now(deps: Dependencies, message: Message) -> str | None:
    """The mapping under which rejected records are to be tried, if that is asked for."""
    if not message.remap or not (deps.settings.remap_days or message.request):
        return None
    return deps.sources.mapping(message.name.partition("/")[0])


def _is_due(
    deps: Dependencies,
    message: Message,
    export: FoundExport,
    previous: Outcome | None,
    mapping: str | None,
) -> bool:
    """Step 0: whether there is anything to do now."""
    now = deps.clock.now()
    if export.blob and export.blob.is_folder:
        return False
    if export.is_not_filled_yet(now):
        deps.queue.put(message.encode(), EMPTY_EXPORT_SECONDS)
        return False
    if message.remap and previous is None and not message.request:
        return False
    note = RemapNote(deps.state, deps.settings.job_id, export.version)
    if is_new(previous, message.request) or is_due_in_part(previous, message, mapping, note.look):
        return True
    return should_process(previous, message, now, is_current=export.is_current_or_unsafe, mapping=mapping)


def _attempt(deps: Dependencies, attempt: Attempt, store: OutcomeStore, lease: JobLease) -> Outcome | None:
    """Steps 1 to 7, under the lease."""
    settings = deps.settings
    ledgers = LedgerStore(deps.state, settings.job_id, lease)
    ending = Ending(attempt, store, ledgers, deps.queue, deps.clock, deps.observer)
    events = event_state(deps.state, ledgers, deps.clock, settings.repeat_days, deps.memory)
    try:
        events.folding.fold(attempt.deadline)  # step 1
    except TimeUsedUpError:  # what was folded stays so
        deps.queue.put(attempt.message.encode(), 0)
        return None
    if attempt.message.remap and has_rejected_rows(store.load()):
        from shared.delivery.remap_attempt import RemapAttempt

        note = RemapNote(deps.state, settings.job_id, attempt.export.version)
        return RemapAttempt(deps, attempt, store, events, _options(deps, attempt), note).run()
    opening = open_attempt(attempt, store, ledgers, deps.clock.now(), settings.retry_days)  # steps 1 and 2
    if opening.outcome is None or not opening.begun:
        return ending.closed(opening)

    begun = opening.outcome
    try:
        # steps 3 to 6
        delivered = deliver(
            begun, attempt.export.version, ledgers, lambda: _start(deps, attempt, store, events, begun)
        )
    except LeaseLostError:
        return ending.lost(begun)
    outcome = ending.finish(opening, delivered)  # step 7
    if outcome.status.final:
        deps.sources.note_sent(outcome)
    events.fold_at_the_end(attempt.deadline)
    return outcome


def _start(
    deps: Dependencies, attempt: Attempt, store: OutcomeStore, events: EventState, begun: Outcome
) -> Delivery:
    """Load the export's source, once for the attempt, and give the steps that read it."""
    settings = deps.settings
    name = attempt.export.name
    source = None if attempt.export.state == "unsafe" else deps.sources.of_export(name)
    changed = source is not None and source.profile.policy.send and deps.sources.values_changed(source)
    rules = ExportRules(name, deps.rules, source, settings.events_not_before, changed)
    passes = Passes(
        deps.exports,
        deps.results,
        deps.clock,
        attempt,
        settings.max_export_bytes,
        settings.max_invalid_percent,
        rules,
        Repeats(events, active_resend(begun), rules.start_of_records, rules.zone(settings.report_zone)),
        is_first=begun.attempts == 1 and not store.was_unreadable,
    )
    return Delivery(
        version=attempt.export.version,
        passes=passes,
        ledgers=events.folding.ledgers,
        store=store,
        options=_options(deps, attempt),
        limits=Limits(settings.batch_max_records, settings.batch_max_bytes),
        max_invalid_percent=settings.max_invalid_percent,
        sending=settings.connector_sending,
    )


def _options(deps: Dependencies, attempt: Attempt) -> SendOptions:
    return SendOptions(
        deps.connector,
        deps.tokens,
        deps.clock,
        deps.observer,
        deps.settings.retry_max_seconds,
        attempt.deadline,
        deps.parallel,
        deps.settings.connector_parallel_requests,
    )
