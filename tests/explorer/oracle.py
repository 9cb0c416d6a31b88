"""What must hold at rest: over what the connector stored, ledgers, outcomes, rejected files and operators' requests."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import msgspec

from shared.blob_names import outcome_path, plan_path, request_of_ledger
from shared.delivery.ledger import Entry, Ledger
from shared.delivery.ledger_journal import decode
from shared.delivery.outcome import Outcome
from shared.delivery.record_bits import RecordBits
from shared.error_codes import BlockedCode, Status
from tests.explorer import sources
from tests.explorer.indexed import Accepted, index_at_rest
from tests.explorer.passed import healed, lines_by_key, nowhere, renumbered, untried
from tests.explorer.rules import MarkedRules
from tests.explorer.scenario import events_in
from tests.explorer.site import Site, Upload
from tests.support.storage_model.account import RESULTS, STATE
from tests.support.storage_model.refusals import RefusedError

_UNDER_RULES: Final = frozenset({BlockedCode.RULES_CHANGED})
_SENT: Final = frozenset({Status.SUCCEEDED, Status.PARTIALLY_SUCCEEDED})


@dataclass(frozen=True, slots=True)
class Kept:
    """A ledger at rest, with what the connector stored under it.

    Attributes:
        numbers: which records each entry is about.
        stored: how often each record number was stored.
        is_pass: whether it is of a pass over rejected records.
    """

    path: str
    ledger: Ledger
    numbers: list[tuple[Entry, list[int]]]
    stored: Counter[int]
    is_pass: bool = False

    @property
    def request(self) -> str | None:
        """The resend it belongs to."""
        return request_of_ledger(self.path)

    @property
    def rules(self) -> MarkedRules:
        """By which it was planned."""
        return sources.marks_by_rules()[self.ledger.plan.rules]

    @property
    def accepted(self) -> set[int]:
        """Records the connector accepted."""
        return {
            number
            for entry, numbers in self.numbers
            if entry.state == "accepted"
            for number in numbers
            if number not in entry.refused
        }

    @property
    def counted_copies(self) -> int:
        """Repeats that it counts, in records."""
        return sum(entry.possible_copies * len(numbers) for entry, numbers in self.numbers) + sum(
            entry.in_doubt_elsewhere for entry, _ in self.numbers
        )


def find_wrong(site: Site) -> Iterator[str]:
    """Everything that is wrong, each with the letter of its rule."""
    yield from site.history.wrong
    kept = {content: _kept(site, content) for content in site.contents}
    for content, ledgers in kept.items():
        yield from _spurious(site, content, ledgers)
        for ledger in ledgers:
            yield from _repeats(ledger)
        yield from _repeats_between(ledgers)
    for version in site.versions:
        yield from _version(site, version, kept[version.content])
        yield from _missing(site, version, kept[version.content])
    passes = [(one.path, one.accepted) for ledgers in kept.values() for one in ledgers if one.is_pass]
    yield from nowhere(site, passes)
    yield from _copies(site, [one for ledgers in kept.values() for one in ledgers])
    yield from _index(site, kept)
    yield from _requests(site)
    yield from _poison(site)


def _kept(site: Site, content: str) -> list[Kept]:
    key, found = site.key_of(content), []
    lines = lines_by_key(site, content) if site.scenario.source else {}
    for name in _names(site, STATE, "ledger/"):
        ledger = decode(site.blobs.stored(STATE, name).data)
        if ledger is None or ledger.plan.key != name.split("/")[2] or ledger.plan.key not in {key, *lines}:
            continue
        stored = {
            int(one.split("-")[1]): times
            for one, times in site.history.stored.get(name, {}).items()
            if one.split("-")[0] == content
        }
        numbers, is_pass = _numbers(site, ledger), ledger.plan.key != key
        if is_pass:
            numbers = renumbered(numbers, lines[ledger.plan.key])
        found.append(Kept(name, ledger, numbers, Counter(stored), is_pass))
    return found


def _numbers(site: Site, ledger: Ledger) -> list[tuple[Entry, list[int]]]:
    path = plan_path(site.settings.job_id, ledger.plan.key, ledger.plan.bits)
    bits = RecordBits(site.blobs.stored(STATE, path).data)
    return [
        (entry, [number for number in range(entry.first, entry.last + 1) if number in bits])
        for entry in ledger.entries
    ]


def _spurious(site: Site, content: str, ledgers: list[Kept]) -> Iterator[str]:
    """(c): only records that some rules in force accepted, each under a ledger of its content."""
    kinds = site.contents[content]
    paths = {one.path: one for one in ledgers}
    for path, stored in site.history.stored.items():
        ours = [one for one, times in stored.items() if times and one.split("-")[0] == content]
        if ours and path not in paths:
            yield f"(c) records of {content} were stored under {path or 'no ledger'}"
        for one in ours:
            kind = kinds[int(one.split("-")[1]) - 1]
            if path in paths and not paths[path].rules.accepts(kind):
                yield f"(c) {one} was stored, and is invalid"


def _repeats(kept: Kept) -> Iterator[str]:
    """(a), (b): each record was stored as often as its ledger says it may have been."""
    if not kept.ledger.sound:
        yield "(d) a ledger does not add up"
    covered: Counter[int] = Counter()
    for entry, numbers in kept.numbers:
        sure = entry.state == "accepted"
        most = entry.possible_copies + (entry.state in {"accepted", "sending"})
        for number in numbers:
            covered[number] += 1
            times = kept.stored[number]
            if times > most:
                yield f"(b) record {number} was stored {times} times, its ledger knows of {most} ({entry.state})"
            if sure and number not in entry.refused and not times and not entry.unconfirmed:
                yield f"(a) record {number} is accepted by the ledger and was never stored"
    if any(times > 1 for times in covered.values()):
        yield "(b) a record stands in two batches of one ledger"
    if any(times and number not in covered for number, times in kept.stored.items()):
        yield "(b) a record was stored that no batch of its ledger holds"


def _repeats_between(ledgers: list[Kept]) -> Iterator[str]:
    """(b): repeats over ledgers of several rules are counted as well."""
    for request in {one.request for one in ledgers}:
        ours = [one for one in ledgers if one.request == request]
        stored: Counter[int] = Counter()
        for one in ours:
            stored.update(one.stored)
        copies = sum(times - 1 for times in stored.values() if times > 1)
        counted = sum(one.counted_copies for one in ours)
        if copies > counted:
            yield f"(b) {copies} copies of records, {counted} counted, over {len(ours)} ledgers"


def _version(site: Site, version: Upload, ledgers: list[Kept]) -> Iterator[str]:
    """(a), (d), (e) of one version."""
    outcome = site.blobs.outcomes.get(outcome_path(version.name, version.etag))
    if outcome is None:
        if version.is_there or (version.is_announced and not site.history.messages_lost):
            yield f"(e) {version.name} {version.etag} has no outcome"
        return
    said = f"{version.name} {outcome.status}"
    yield from (f"{one}: {said}" for one in _rest(outcome))
    if outcome.unfinished_starts:
        yield f"(e) {outcome.unfinished_starts} unfinished starts: {said}"
    records = outcome.records
    if records is None:
        return
    if records.read != len(site.contents[version.content]):
        yield f"(d) {records.read} records read: {said}"
    parts = msgspec.structs.astuple(records)[1:]
    if records.read != sum(parts):
        yield f"(d) the counts do not add up: {said}"
    if min(parts) < 0:
        yield f"(d) a negative count: {said}"
    found = [[*_sent(site, version, outcome, scope)] for scope in _scopes(outcome, ledgers)]
    yield from (f"{one}: {said}" for one in min(found, key=len))


def _missing(site: Site, version: Upload, ledgers: list[Kept]) -> Iterator[str]:
    """(j): of an export that is said to be sent, every event was stored, or is reported as refused or unconfirmed."""
    outcome = site.blobs.outcomes.get(outcome_path(version.name, version.etag))
    if outcome is None or outcome.status not in {*_SENT, Status.DUPLICATE} or not ledgers:
        return
    kinds = site.contents[version.content]
    events = events_in(version.content, kinds, shared=site.scenario.shared)
    stored: Counter[str] = Counter()
    for times in site.history.events.values():
        stored.update(times)
    reported = {
        events[number - 1]
        for one in ledgers
        for entry, numbers in one.numbers
        for number in numbers
        if number in entry.refused or entry.unconfirmed
    }
    for event, kind in zip(events, kinds, strict=True):
        accepts = all(one.rules.accepts(kind) for one in ledgers)
        if accepts and not stored[event] and event not in reported:
            yield f"(j) {event} of {version.name} {outcome.status} was never stored"


def _copies(site: Site, ledgers: list[Kept]) -> Iterator[str]:
    """(k): of each event that was stored more than once, every copy is counted somewhere."""
    if site.history.index_lost:
        return
    for request in {one.request for one in ledgers}:
        ours = {one.path: one for one in ledgers if one.request == request}
        stored: Counter[str] = Counter()
        for path, times in site.history.events.items():
            if path in ours:
                stored.update(times)
        copies = sum(times - 1 for times in stored.values() if times > 1)
        counted = sum(one.counted_copies for one in ours.values())
        if copies > counted:
            yield f"(k) {copies} copies of events, {counted} counted, over {len(ours)} ledgers"


def _index(site: Site, kept: dict[str, list[Kept]]) -> Iterator[str]:
    """(m): the index of all that was sent, and those of resends."""
    ids = {one.request for ledgers in kept.values() for one in ledgers}
    for request in [None, *sorted(one for one in ids if one)]:
        accepted = Accepted()
        for content, ledgers in kept.items():
            events = events_in(content, site.contents[content], shared=site.scenario.shared)
            for ledger in ledgers:
                if request in {None, ledger.request}:
                    for entry, numbers in ledger.numbers:
                        accepted.add(entry, numbers, events)
        yield from index_at_rest(site, accepted, request)


def _rest(outcome: Outcome) -> Iterator[str]:
    """(e): nothing is left to do, or a person has to."""
    if outcome.status.final or outcome.retry == "person":
        return
    code = outcome.error.code if outcome.error else ""
    repeated = outcome.records is not None and outcome.records.repeated > 0
    if code == BlockedCode.CONNECTOR_REFUSED and repeated:
        return  # all that was left is what the connector refuses
    if outcome.status is not Status.BLOCKED or code not in _UNDER_RULES:
        yield f"(e) not at rest ({code})"


def _scopes(outcome: Outcome, ledgers: list[Kept]) -> list[list[Kept]]:
    """The ledgers that the outcome may count: of the last resend, or what was there before it sent nothing."""
    requests = [
        one.id for one in outcome.requests if one.kind == "resend" and one.result in {"begun", "done"}
    ]
    named = {one.ledger for one in outcome.passes}
    return [
        [one for one in ledgers if (one.ledger.plan.key in named if one.is_pass else one.request == request)]
        for request in [None, *requests]
    ]


def _sent(site: Site, version: Upload, outcome: Outcome, scope: list[Kept]) -> Iterator[str]:
    records = outcome.records
    assert records is not None
    accepted = {number for one in scope for number in one.accepted}
    shared = sum(one.content == version.content for one in site.versions) > 1
    touched = any(one.ledger.touched for one in scope)
    if outcome.status is Status.DUPLICATE:
        if not any(one.ledger.completed_by for one in scope):
            yield "(a) a duplicate of what was never sent to its end"
        return
    if outcome.status in {Status.SUPERSEDED, Status.REJECTED} and touched and not shared:
        yield "(a) something of it was sent or is in doubt"
    if outcome.status in _SENT and records.unsent:
        yield f"(a) {records.unsent} records unsent"
    if outcome.status in _SENT and records.read and records.sent + records.unconfirmed != len(accepted):
        yield f"(d) {records.sent} sent and {records.unconfirmed} unconfirmed, the ledgers have {len(accepted)}"
    if outcome.status not in _SENT and not shared and records.sent + records.unconfirmed != len(accepted):
        yield f"(d) {records.sent} sent, the ledgers have {len(accepted)}"
    if outcome.status in _SENT and scope and version.is_there and not shared:
        yield from _rejected(site, version, outcome, scope, accepted)


def _rejected(
    site: Site, version: Upload, outcome: Outcome, scope: list[Kept], accepted: set[int]
) -> Iterator[str]:
    """(d): the rejected file holds what was rejected or refused, and nothing else."""
    passes = [one for one in scope if one.is_pass]
    scope = [one for one in scope if not one.is_pass]
    if not scope:
        return
    newest = max(scope, key=_age)
    kinds = site.contents[version.content]
    bad = {number for number, kind in enumerate(kinds, 1) if not newest.rules.accepts(kind)} - accepted
    if site.scenario.source:
        bad -= healed(outcome, kinds, bad)
        yield from untried(site, version, bad)
    refused = {number for entry in newest.ledger.entries for number in entry.refused}
    of_passes = {number for one in passes for entry, _ in one.numbers for number in entry.refused}
    refused |= of_passes - accepted - bad  # a later mapping may reject what was refused under an earlier one
    records = outcome.records
    if records and len(scope) == 1 and (records.rejected, records.refused) != (len(bad), len(refused)):
        yield f"(d) {records.rejected} rejected and {records.refused} refused, not {len(bad)} and {len(refused)}"
    path = outcome.rejections.blob  # a file that no outcome names is litter of a worker that woke up late
    lines = _lines(site, path) if path and path in _names(site, RESULTS, "rejected/") else []
    if len(scope) == 1 and sorted(lines) != sorted(bad | refused):
        yield f"(d) the rejected file holds {sorted(lines)}, not {sorted(bad | refused)}"
    if accepted & set(lines):
        yield f"(d) the rejected file holds {sorted(accepted & set(lines))}, which were accepted"


def _age(kept: Kept) -> tuple[int, bool, bool]:
    """By its plan; one that a suspended worker wrote late may have the number of another, and then nothing is sent under it."""
    return kept.ledger.plan.number, bool(kept.ledger.completed_by), kept.ledger.touched


def _requests(site: Site) -> Iterator[str]:
    """(i): every request is answered once."""
    if site.history.messages_lost or _poisoned(site):
        return
    for id_, (kind, version) in site.asked.items():
        outcome = site.blobs.outcomes.get(outcome_path(version.name, version.etag))
        results = [one.result for one in outcome.requests if one.id == id_] if outcome else []
        if len(results) != 1:
            yield f"(i) a {kind} was answered {len(results)} times"
        if results == ["begun"] and kind == "resend" and outcome and outcome.status in _SENT:
            yield "(i) a resend goes on for ever"
        if site.history.taken_up[id_, version.etag] > 1:
            yield f"(i) a {kind} was taken up {site.history.taken_up[id_, version.etag]} times"


def _poison(site: Site) -> Iterator[str]:
    """(f): nothing needs a person but bugs, bad messages, and storage that cannot be written."""
    # the host counts how often a message was taken: five deaths, standstills or faults with it are enough
    faults, taken_again = site.history.write_faults, site.history.deaths + site.scheduler.freezes
    if _poisoned(site) and faults < 4 and taken_again < 4 and faults + taken_again < 5:
        yield "(f) a message in the poison queue"


def _poisoned(site: Site) -> int:
    try:
        return site.queues.count("badging-exports-poison")
    except RefusedError:
        return 0


def _names(site: Site, container: str, prefix: str) -> list[str]:
    return [blob.name for blob in site.blobs.page(container, prefix).blobs]


def _lines(site: Site, path: str) -> list[int]:
    data = site.blobs.stored(RESULTS, path).data
    return [json.loads(line)["record"] for line in data.splitlines()]
