"""Asks for the report in time.

Every attempt that ends asks for one, five minutes later, unless one is on its way (`reports/pending`). The message is queued
first and `pending` written then; the writer (`publish.py`) deletes `pending` before it lists. So what ends while the report is
being made asks for another one.
"""

import logging
from datetime import datetime, timedelta
from typing import Final

from shared.blob_names import REPORT_PENDING_PATH
from shared.delivery.ports import Container, Queue
from shared.delivery.waiting import REPORT_DELAY_SECONDS, REPORT_PENDING
from shared.delivery.worker_memory import WorkerMemory
from shared.errors import GatepostError, MissingBlobError
from shared.log import REPORT_FAILED, say
from shared.messages import TaskMessage

_SURELY_WAITS: Final = timedelta(seconds=REPORT_DELAY_SECONDS // 2)
"""Half the delay: the queue's clock is another one."""


def request_report(results: Container, queue: Queue, now: datetime, memory: WorkerMemory) -> None:
    """Ask for a report, unless one is on its way; it never raises: an export is not lost for want of a page.

    Args:
        results: the results container.
        queue: of messages.
        now: UTC.
        memory: of the worker: while a message that it has put waits, nothing is asked of storage.
    """
    if memory.report_is_on_its_way(now, _SURELY_WAITS):
        return
    try:
        if not _is_pending(results, now):
            queue.put(TaskMessage("report").encode(), REPORT_DELAY_SECONDS)
            memory.asked_for_report(now)
            results.write(REPORT_PENDING_PATH, b"{}", None)
    except GatepostError as error:
        say(logging.WARNING, REPORT_FAILED, str(error))


def _is_pending(results: Container, now: datetime) -> bool:
    try:
        return now - results.head(REPORT_PENDING_PATH).last_modified < REPORT_PENDING
    except MissingBlobError:
        return False
