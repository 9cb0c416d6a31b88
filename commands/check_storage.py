"""The steps of `check` towards storage: containers, queues, and what the app did last."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from commands.check_steps import Step, ok, tried, warning
from commands.console.command_line import command
from commands.console.formatting import ago, count
from commands.deployment import Deployment, PoisonQueue
from shared.clock import Clock
from shared.delivery.outcome_listing import ListedOutcome, list_outcomes
from shared.delivery.ports import Container, Queue
from shared.error_codes import Status
from shared.errors import MissingBlobError

SWEEP_AGE: Final = timedelta(hours=26)
EXPORT_AGE: Final = timedelta(days=3)
REPORT: Final = "reports/latest.html"
"""The sweep writes it last, so its age is the sweep's."""
_WAITING: Final = (Status.BLOCKED, Status.REJECTED, Status.FAILED)


def storage_steps(azure: Deployment, poison: PoisonQueue) -> Iterator[Step]:
    """Every container and queue, then the last sweep, the last export, and what needs action."""
    settings, results = azure.settings, azure.results
    for container, what in ((azure.exports, "exports"), (results, "results")):
        yield _container(f"{what} container", container)
    yield _queue(azure.queue, settings.exports_queue)
    yield _poison(poison, f"{settings.exports_queue}-poison")
    listed = cache(lambda: [*list_outcomes(results)])  # both steps that follow need all of them
    yield tried("last sweep", lambda: _last_sweep(results, azure.clock))
    yield tried("last export", lambda: _last_export(listed(), azure.clock))
    yield tried("outcomes", lambda: _outcomes(listed()))


def _container(name: str, container: Container) -> Step:
    def ask() -> Step:
        container.read("gatepost-check")  # there is none of that name; permission to look is what counts
        return ok(name, f"{container.name} can be read")

    return tried(name, ask)


def _queue(queue: Queue, name: str) -> Step:
    return tried("queue", lambda: ok("queue", f"{name} holds {count(queue.waiting(), 'message')}"))


def _poison(queue: PoisonQueue, name: str) -> Step:
    def ask() -> Step:
        number = queue.waiting()
        if not number:
            return ok("poison queue", f"{name} is empty")
        return warning(
            "poison queue",
            f"{name} holds {count(number, 'message')} that could not be processed",
            "Each names an export: peek at them in the portal. Fix the cause, then retry the export:",
            command("retry", "NAME"),
        )

    return tried("poison queue", ask)


def _last_sweep(results: Container, clock: Clock) -> Step:
    try:
        age = clock.now() - results.head(REPORT).last_modified
    except MissingBlobError:
        return warning(
            "last sweep",
            "there has been none yet",
            "Wait for the first one (UPLOAD_SCHEDULE, in UTC), or check that the function app runs.",
        )
    if age > SWEEP_AGE:
        return warning(
            "last sweep",
            f"{ago(age)}; it should run once a day",
            "Check that the function app runs, and UPLOAD_SCHEDULE. Until then:",
            command("sweep"),
        )
    return ok("last sweep", ago(age))


def _last_export(outcomes: Iterable[ListedOutcome], clock: Clock) -> Step:
    sent: datetime | None = None
    for listed in outcomes:
        if listed.finished_at and listed.sent:
            sent = max(sent or listed.finished_at, listed.finished_at)
    if sent is None:
        return warning(
            "last export",
            "no records have been sent yet",
            "Make an export and upload it (best with a test job of the connector):",
            command("sample", "badging.json"),
            command("upload", "badging.json"),
        )
    age = clock.now() - sent
    detail = f"records were last sent {ago(age)}"
    if age > EXPORT_AGE:
        return warning("last export", detail, "Ask whether the badging system still exports.")
    return ok("last export", detail)


def _outcomes(outcomes: Iterable[ListedOutcome]) -> Step:
    waiting: Counter[str] = Counter()
    for listed in outcomes:
        if listed.status in _WAITING:
            waiting[listed.status] += 1
    counts = ", ".join(f"{number:,} {status}" for status, number in sorted(waiting.items()))
    if waiting[Status.BLOCKED]:
        see = command("list", days="400", status=Status.BLOCKED)
        return warning("outcomes", counts, "Blocked exports wait for something to be fixed. See what:", see)
    return ok("outcomes", counts or "nothing waits")
