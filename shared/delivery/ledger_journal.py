"""The ledger as a document: a journal, one JSON line a step.

So what is written does not grow with the square of the export: a `plan` line says what is to be sent (closed entries stay as
they are), a `change` line what became of a few entries. Reading it back is following the lines. Pure.
"""

from collections.abc import Iterable

import msgspec

from shared.delivery.ledger import SCHEMA_VERSION, Entry, Ledger, Plan
from shared.delivery.ledger_steps import planned
from shared.delivery.outcome import ExportVersion
from shared.error_codes import BlockedCode
from shared.errors import ActionRequiredError


class _Change(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """From entry `at` on, `replaces` of them are replaced by `entries`; everything else as it is now."""

    at: int
    replaces: int
    entries: list[Entry] = []
    max_bytes: int | None = None
    rejected_cut: bool = False
    completed_by: ExportVersion | None = None
    completed_at: str | None = None


class _Line(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """One step: either a plan or a change; `by` names the worker that wrote it, so that no two write the same line."""

    by: str = ""
    plan: Plan | None = None
    change: _Change | None = None


def encode_plan(plan: Plan, by: str) -> bytes:
    """The line that a new plan appends; `by` names the worker."""
    return msgspec.json.encode(_Line(by=by, plan=plan)) + b"\n"


def encode_change(before: Ledger, after: Ledger, by: str) -> bytes:
    """The line that leads from one ledger to the next under the same plan.

    Args:
        before: as it was last written.
        after: as it is now.
        by: names the worker.
    """
    old, new = before.entries, after.entries
    shortest, begin, end = min(len(old), len(new)), 0, 0
    while begin < shortest and old[begin] is new[begin]:
        begin += 1
    while end < shortest - begin and old[-1 - end] is new[-1 - end]:
        end += 1
    change = _Change(
        at=begin,
        replaces=len(old) - begin - end,
        entries=new[begin : len(new) - end],
        max_bytes=after.max_bytes,
        rejected_cut=after.rejected_cut,
        completed_by=after.completed_by,
        completed_at=after.completed_at,
    )
    return msgspec.json.encode(_Line(by=by, change=change)) + b"\n"


def read(data: bytes) -> Ledger | None:
    """Read a journal, and make sure that it can be gone on with; `None` if there is no plan in it yet.

    Raises:
        ActionRequiredError: `ledger-damaged`, `newer-ledger`.
    """
    try:
        version = schema_version(data)
        ledger = decode(data) if version <= SCHEMA_VERSION else None
    except msgspec.MsgspecError:
        message = "The export's ledger cannot be read."
        raise ActionRequiredError(BlockedCode.LEDGER_DAMAGED, message) from None
    if version > SCHEMA_VERSION:
        message = f"The export's ledger has version {version}, newer than this program."
        raise ActionRequiredError(BlockedCode.NEWER_LEDGER, message)
    if ledger and not ledger.sound:
        message = "The export's ledger does not add up; batches are missing in it."
        raise ActionRequiredError(BlockedCode.LEDGER_DAMAGED, message)
    return ledger


def decode(data: bytes) -> Ledger | None:
    """Follow a journal; `None` if there is no plan in it yet.

    Raises:
        msgspec.MsgspecError: if it is none.
    """
    return _follow(msgspec.json.decode(line, type=_Line) for line in data.splitlines())


def _follow(lines: Iterable[_Line]) -> Ledger | None:
    ledger: Ledger | None = None
    for line in lines:
        if line.plan:
            ledger = planned(ledger, line.plan)
        elif line.change and ledger:
            change = line.change
            entries = ledger.entries  # changed in place: a copy for every line would be the square of them
            entries[change.at : change.at + change.replaces] = change.entries
            ledger = Ledger(
                plan=ledger.plan,
                entries=entries,
                max_bytes=change.max_bytes,
                rejected_cut=change.rejected_cut,
                completed_by=change.completed_by,
                completed_at=change.completed_at,
            )
        else:
            raise msgspec.ValidationError("a line of the ledger is neither a plan nor a change of one")
    return ledger


class _AnyPlan(msgspec.Struct, rename="camel"):
    schema_version: int = 0


class _AnyLine(msgspec.Struct):
    plan: _AnyPlan | None = None


def schema_version(data: bytes) -> int:
    """The newest schema version of a journal's plans, whatever else it holds.

    Raises:
        msgspec.MsgspecError: if it is none.
    """
    lines = (msgspec.json.decode(line, type=_AnyLine) for line in data.splitlines() if b'"plan":' in line)
    return max((line.plan.schema_version for line in lines if line.plan), default=SCHEMA_VERSION)
