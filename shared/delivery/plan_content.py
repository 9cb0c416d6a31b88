"""Step 4: what pass 1 found becomes the plan of our own ledger."""

from shared.delivery import outcome_builder
from shared.delivery.ledger_steps import is_as_planned
from shared.delivery.ledger_store import LedgerStore, StoredLedger
from shared.delivery.plan import make_plan
from shared.delivery.validate_content import ValidatedContent


def own_ledger(
    ledgers: LedgerStore, validated: ValidatedContent, rules: str, request_id: str | None
) -> StoredLedger:
    """Our own ledger as it was found, of this content, these rules, and the resend, if there is one; empty if there is none.

    Args:
        ledgers: of the job.
        validated: by pass 1.
        rules: digest of the rules by which it judged.
        request_id: of the resend this is for, if it is for one.
    """
    path = ledgers.path(validated.found.key, rules, request_id)
    return validated.ledgers.get(path, StoredLedger(path, ""))


def planned(
    ledgers: LedgerStore, validated: ValidatedContent, rules: str, request_id: str | None, now: str
) -> StoredLedger:
    """Our own ledger with the plan of this attempt; it is written only where it says something new.

    Args:
        ledgers: of the job.
        validated: by pass 1.
        rules: digest of the rules by which it judged.
        request_id: of the resend this is for, if it is for one.
        now: UTC.

    Raises:
        ActionRequiredError: `ledger-mismatch`, `batches-too-small`.
        LeaseLostError: the lease or the ledger is not ours any more.
        StorageError: storage cannot be written.
    """
    own = own_ledger(ledgers, validated, rules, request_id)
    newest = outcome_builder.newest_ledger([*validated.ledgers.values()])
    number = newest.plan.number + 1 if newest else 1
    plan = make_plan(validated.found, validated.decided, rules, request_id, now, number=number)
    if own.ledger is None or own.ledger is not newest or not is_as_planned(own.ledger, plan):
        own = ledgers.plan(own, plan, validated.found.bits)
    return own
