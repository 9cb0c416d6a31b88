"""Deliberate mistakes in the delivery protocol. The explorer must find them, or else it proves nothing.

Each is one replacement in the source of one module, made while that module is imported (see `tests.explorer.mutate`).
"""

from dataclasses import dataclass

from tests.explorer.schedule import EVENTS, PARALLEL, PASSES, SOURCES


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mistake.

    Attributes:
        name: as people call it.
        module: whose source is changed.
        old: what is replaced; it must be there exactly once.
        new: what takes its place.
        first: of the schedules of its kind (see `scenario`), among which it is looked for; 0: among all kinds.
    """

    name: str
    module: str
    old: str
    new: str
    first: int = 0


MUTANTS = (
    Mutant(
        "lease-trusted-too-long",
        "shared.delivery.waiting",
        "TRUSTED_SECONDS: Final = 40.0",
        "TRUSTED_SECONDS: Final = 90.0",
    ),
    Mutant(
        "no-renewal-between-sending-and-body",
        "shared.delivery.post_group",
        "        self._lease.renew()\n",
        "        self._lease.check()\n",
    ),
    Mutant(
        "no-clock-check-before-a-request",
        "shared.delivery.job_lease",
        "        if self.seconds_left() <= 0:\n",
        "        if self._lost:\n",
    ),
    Mutant(
        "batch-found-sending-not-counted",
        "shared.delivery.ledger_steps",
        'copies = entry.possible_copies + (entry.state == "sending")',
        "copies = entry.possible_copies",
    ),
    Mutant(
        "repeat-within-an-invocation-not-counted",
        "shared.delivery.ledger_cursor",
        "            if first not in self._ours or first in self._unanswered:\n",
        "            if first not in self._ours:\n",
    ),
    Mutant(
        "halves-forget-copies",
        "shared.delivery.ledger_steps",
        "entry_of(part), possible_copies=whole.possible_copies, file",
        "entry_of(part), possible_copies=0, file",
    ),
    Mutant(
        "doubt-forgotten-at-the-end-of-an-attempt",
        "shared.delivery.ledger_cursor",
        "entry.first in self._ours - self._unanswered",
        "entry.first in self._ours",
    ),
    Mutant(
        "doubt-under-other-rules-not-counted",
        "shared.delivery.plan",
        "    if not doubtful:\n",
        "    if True:\n",
    ),
    Mutant(
        "ledger-not-named-before-the-first-request",
        "shared.delivery.deliver",
        "        if not self.store.replace_own(named):\n",
        "        if False:\n",
    ),
    Mutant(
        "outcome-before-message",
        "shared.delivery.finish",
        "            self._put(again, failure.delay_seconds)\n"
        "            outcome = attempt_end.due_at(outcome, self.clock.now(), failure.delay_seconds)\n",
        "            outcome = attempt_end.due_at(outcome, self.clock.now(), failure.delay_seconds)\n"
        "            self._write(opening, outcome, touched=delivered.touched)\n"
        "            self._put(again, failure.delay_seconds)\n",
    ),
    Mutant(
        "ledger-without-if-match",
        "shared.delivery.ledger_store",
        "            return self._state.append(stored.path, line, stored.etag)\n",
        '            now = self._state.head(stored.path).etag if stored.etag else ""\n            return self._state.append(stored.path, line, now)\n',
    ),
    Mutant(
        "outcome-without-if-match",
        "shared.delivery.outcome_store",
        "self._etag or ABSENT",
        "None",
    ),
    Mutant(
        "sweep-ignores-in-progress",
        "shared.delivery.sweep",
        "        return now - outcome.last_modified > DEAD_WORKER\n",
        "        return False\n",
    ),
    Mutant(
        "sweep-ignores-blocked",
        "shared.delivery.sweep",
        '    if outcome.retry != "auto":\n',
        '    if outcome.retry != "auto" or outcome.status is Status.BLOCKED:\n',
    ),
    Mutant(
        "next-sending-not-noted",
        "shared.delivery.send",
        "        self._write_sending(group)\n",
        "        self._cursor.write(self._cursor.ledger)\n",
    ),
    Mutant(
        "end-over-that-of-another-attempt",
        "shared.delivery.outcome_store",
        "                if current and not _same_attempt(current, outcome):\n",
        "                if False:\n",
    ),
    Mutant(
        "request-not-remembered",
        "shared.delivery.operator_requests",
        "    return outcome is None or all(one.id != request.id for one in outcome.requests)\n",
        "    return True\n",
    ),
    Mutant(
        "rejected-file-without-refused-records",
        "shared.delivery.deliver",
        "            cut = self.rejected.commit_refused(ledger.refused, accepted_by(others))\n",
        "            pass\n",
    ),
    Mutant(
        "superseded-although-sent",
        "shared.delivery.open_attempt",
        "    if error.code is BlockedCode.EXPORT_OVERWRITTEN and not (\n"
        "        known.ledger and ledgers.was_touched(known.ledger)\n"
        "    ):\n",
        "    if error.code is BlockedCode.EXPORT_OVERWRITTEN:\n",
    ),
    Mutant(
        "accepted-under-other-rules-sent-again",
        "shared.delivery.selection",
        "        self._taken = decided.taken\n",
        "        self._taken = RecordBits()\n",
    ),
    Mutant(
        "accepted-events-not-in-the-index",
        "shared.delivery.settled_events",
        '        elif entry.state == "accepted":\n',
        "        elif False:\n",
        first=EVENTS,
    ),
    Mutant(
        "events-in-doubt-not-kept",
        "shared.delivery.settled_events",
        "            kept.update(zip(file.numbers[first:end], file.hashes[first:end], strict=True))\n",
        "            pass\n",
        first=EVENTS,
    ),
    Mutant(
        "unconfirmed-events-taken-for-accepted",
        "shared.delivery.settled_events",
        "entry.unconfirmed > 0",
        "False",
        first=EVENTS,
    ),
    Mutant(
        "refused-events-in-the-index",
        "shared.delivery.settled_events",
        "    if refused:\n",
        "    if False:\n",
        first=EVENTS,
    ),
    Mutant(
        "open-file-deleted-although-in-doubt",
        "shared.delivery.fold",
        "for listed, _, settled in waiting if not settled.kept]",
        "for listed, _, settled in waiting]",
        first=EVENTS,
    ),
    Mutant(
        "open-file-not-written-ahead",
        "shared.delivery.send",
        "        self._write_ahead(group)\n",
        "",
    ),
    Mutant(
        "of-a-group-only-the-first-says-sending",
        "shared.delivery.ledger_cursor",
        "        for first in firsts:\n",
        "        for first in firsts[:1]:\n",
    ),
    Mutant(
        "doubt-of-an-earlier-group-forgotten",
        "shared.delivery.ledger_cursor",
        "entry.first in self._ours - self._unanswered",
        "entry.first not in self._unanswered",
    ),
    Mutant(
        "doubt-forgotten-by-a-cut",
        "shared.delivery.ledger_cursor",
        "whole = self.ledger if first in self._ours else ledger_steps.sending(self.ledger, place)",
        "whole = self.ledger",
    ),
    Mutant(
        "acceptances-beside-an-end-forgotten",
        "shared.delivery.send",
        "        for body, decision in zip(group, decisions, strict=True):\n",
        "        self._fault([one for one in decisions if one.action is not Action.HALVE])\n"
        "        for body, decision in zip(group, decisions, strict=True):\n",
    ),
    Mutant(
        "a-groups-open-file-holds-its-first-batch-only",
        "shared.delivery.write_ahead",
        "(ledger.entries[place].first, ledger.entries[place].last) for place in without]",
        "(ledger.entries[place].first, ledger.entries[place].last) for place in without[:1]]",
    ),
    Mutant(
        "a-file-that-was-folded-taken-for-one-that-is-there",
        "shared.delivery.write_ahead",
        "            self._written &= self._folding.fold(deadline).kept.keys()\n",
        "            self._folding.fold(deadline)\n",
        first=PARALLEL + EVENTS,
    ),
    Mutant(
        "a-pass-that-begins-is-not-noted",
        "shared.delivery.remap",
        "        self.begin()\n",
        "        pass\n",
        first=SOURCES,
    ),
    Mutant(
        "what-was-refused-is-tried-again",
        "shared.delivery.rejected_lines",
        "        if any(one.code == REFUSED for one in said.errors):\n",
        "        if False:\n",
        first=SOURCES,
    ),
    Mutant(
        "what-a-pass-has-sent-is-not-counted",
        "shared.delivery.remap_figures",
        "sent=before.sent + found.sent",
        "sent=before.sent",
        first=SOURCES,
    ),
    Mutant(
        "changed-mappings-not-swept",
        "shared.delivery.sweep_remaps",
        "        if mapping in {None, outcome.mapping} or",
        "        if True or",
        first=SOURCES,
    ),
    Mutant(
        "lines-accepted-under-another-mapping-stay-in-the-rejected-file",
        "shared.delivery.remap",
        "write_remaining(writer, refused, accepted_by(stored))",
        "write_remaining(writer, refused, accepted_by([]))",
        first=PASSES,
    ),
    Mutant(
        "a-union-deletes-itself",
        "shared.delivery.compaction",
        "            if other != name:\n",
        "            if True:\n",
        first=PARALLEL + EVENTS,
    ),
    Mutant(
        "a-union-of-accepted-and-unconfirmed-events",
        "shared.delivery.compaction",
        "            kinds[name.kind].append(name)\n",
        '            kinds["run"].append(name)\n',
        first=EVENTS,
    ),
    Mutant(
        "an-open-file-is-deleted-before-its-runs-are-there",
        "shared.delivery.fold",
        "        self._flush(waiting)\n        self.last = Folded(kept)\n",
        "        for listed, _, settled in waiting:\n"
        "            if not settled.kept:\n"
        "                self._files.delete(listed)\n"
        "        self._flush(waiting)\n"
        "        self.last = Folded(kept)\n",
        first=EVENTS,
    ),
    Mutant(
        "nothing-is-folded-before-an-export-is-read",
        "shared.delivery.process_export",
        "        events.folding.fold(attempt.deadline)  # step 1\n",
        "        pass\n",
        first=EVENTS,
    ),
    Mutant(
        "events-in-doubt-elsewhere-are-not-counted",
        "shared.events.repeat_filter",
        "                if one in doubtful:\n",
        "                if False:\n",
        first=EVENTS,
    ),
    Mutant(
        "nothing-in-the-index-is-new-enough",
        "shared.delivery.event_index",
        "name.counts(today, self._repeat_days)",
        "False",
        first=EVENTS,
    ),
    Mutant(
        "a-damaged-run-ends-the-attempt",
        "shared.delivery.event_index",
        "            except DamagedRunError:\n",
        "            except KeyError:\n",
        first=EVENTS,
    ),
    Mutant(
        "a-damaged-open-file-is-used",
        "shared.delivery.open_files",
        "        if name_of(document.data) != listed.name:\n",
        "        if False:\n",
        first=EVENTS,
    ),
    Mutant(
        "what-a-resend-sends-is-not-in-its-own-index",
        "shared.delivery.fold",
        "    return [None, request_id] if request_id else [None]\n",
        "    return [None]\n",
        first=EVENTS,
    ),
    Mutant(
        "every-attempt-taken-for-the-first",
        "shared.delivery.process_export",
        "        is_first=begun.attempts == 1 and not store.was_unreadable,\n",
        "        is_first=True,\n",
    ),
)
