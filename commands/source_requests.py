"""What `retry --source` and `resend --source` are about: the exports of one source."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from commands.console.errors import CommandError
from commands.deployment import Deployment
from commands.operator_requests import Target, can_be_tried
from shared.blob_names import bare
from shared.completeness.arrivals import ENDED_WELL
from shared.delivery.outcome_listing import ListedOutcome, list_outcomes
from shared.delivery.ports import Container
from shared.error_codes import Status
from shared.printable import printable
from shared.sources.file_names import is_source_name

_WAITING: Final = frozenset({Status.BLOCKED, Status.FAILED, Status.REJECTED})


@dataclass(frozen=True, slots=True)
class Resend:
    """What is to be sent again.

    Attributes:
        targets: the versions that are still in the container.
        days: of their events, from the first one that was asked for.
        gone: names of exports that were sent and are no longer in the container.
    """

    targets: list[Target]
    days: set[date]
    gone: list[str]


def check_source_name(source: str) -> None:
    """Make sure that a source can have this name.

    Raises:
        CommandError: it cannot.
    """
    if not is_source_name(source):
        raise CommandError(
            f"{printable(source)} cannot be the name of a source.",
            "Name the first folder of its exports, as `source list` shows it.",
        )


def to_retry(results: Container, source: str) -> list[Target]:
    """The exports of a source of which something still waits to be sent, rejected records of those that were sent too.

    Args:
        results: the results container.
        source: its name.

    Raises:
        StorageError: the container cannot be read.
    """
    return [
        Target(one.name, one.etag, one.status, remap=one.status is Status.PARTIALLY_SUCCEEDED)
        for one in _of_source(results, source)
        if (one.status in _WAITING and can_be_tried(one)) or one.has_rejected_rows
    ]


def to_resend(azure: Deployment, source: str, since: date) -> Resend:
    """The exports of a source that were sent and have events on a day, or after it.

    Args:
        azure: has the containers.
        source: its name.
        since: the first day, in the source's zone.

    Raises:
        StorageError: a container cannot be read.
    """
    there = {(blob.name, bare(blob.etag)) for blob in azure.exports.blobs(f"{source}/")}
    found = Resend([], set(), [])
    for one in _of_source(azure.results, source):
        days = _days_from(one, since)
        if one.status not in ENDED_WELL or not days:
            continue
        if (one.name, one.etag) not in there:
            found.gone.append(one.name)
            continue
        found.targets.append(Target(one.name, one.etag, one.status))
        found.days.update(days)
    return found


def _of_source(results: Container, source: str) -> Iterator[ListedOutcome]:
    """The outcomes of all versions of a source's exports."""
    found = (one for one in list_outcomes(results) if one.source == source)
    return (one for one in found if not one.has_unsafe_name)


def _days_from(outcome: ListedOutcome, since: date) -> set[date]:
    """The days that an export has events of; where they are not known, that of its last attempt stands for them."""
    days = {outcome.moment.date()} if outcome.days is None else set(outcome.days)
    return {day for day in days if day >= since}
