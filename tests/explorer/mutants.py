"""Deliberate mistakes in the delivery protocol. The explorer must find them, or else it proves nothing.

Each is one replacement in the source of one module, made while that module is imported (see `tests.explorer.mutate`).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mistake.

    Attributes:
        name: as people call it.
        module: whose source is changed.
        old: what is replaced; it must be there exactly once.
        new: what takes its place.
    """

    name: str
    module: str
    old: str
    new: str


MUTANTS = (
    Mutant(
        "lease-trusted-too-long",
        "shared.delivery.waiting",
        "TRUSTED_SECONDS: Final = 40.0",
        "TRUSTED_SECONDS: Final = 90.0",
    ),
    Mutant(
        "no-renewal-between-sending-and-body",
        "shared.delivery.send",
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
        "shared.delivery.send",
        "            if self._unanswered:\n",
        "            if False:\n",
    ),
    Mutant(
        "halves-forget-copies",
        "shared.delivery.ledger_steps",
        "entry_of(part), possible_copies=whole.possible_copies, file",
        "entry_of(part), possible_copies=0, file",
    ),
    Mutant(
        "doubt-forgotten-at-the-end-of-an-attempt",
        "shared.delivery.send",
        "self._cursor.rest(unanswered=self._unanswered)",
        "self._cursor.rest(unanswered=False)",
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
        "self._ended(ledger) if following is None else self._sending(ledger, following)",
        "self._ended(ledger) if following is None else ledger",
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
        "            cut = self.rejected.commit_refused(refused, accepted_by(others))\n",
        "            pass\n",
    ),
    Mutant(
        "superseded-although-sent",
        "shared.delivery.open_attempt",
        "    if error.code is BlockedCode.EXPORT_OVERWRITTEN and not is_touched(stored):\n",
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
    ),
    Mutant(
        "events-in-doubt-not-kept",
        "shared.delivery.settled_events",
        "            kept += file.hashes[first:end]\n",
        "            pass\n",
    ),
    Mutant(
        "unconfirmed-events-taken-for-accepted",
        "shared.delivery.settled_events",
        "entry.unconfirmed > 0",
        "False",
    ),
    Mutant(
        "refused-events-in-the-index",
        "shared.delivery.settled_events",
        "                if file.numbers[place] not in refused:\n",
        "                if True:\n",
    ),
    Mutant(
        "open-file-deleted-although-in-doubt",
        "shared.delivery.fold",
        "for listed, _, settled in waiting if not settled.kept]",
        "for listed, _, settled in waiting]",
    ),
    Mutant(
        "open-file-not-written-ahead",
        "shared.delivery.send",
        "ledger_steps.sending(self._ahead.named(ledger, index), index)",
        "ledger_steps.sending(ledger, index)",
    ),
    Mutant(
        "a-union-deletes-itself",
        "shared.delivery.compaction",
        "            if other != name:\n",
        "            if True:\n",
    ),
)
