"""What the product logs, as rows of Application Insights' table `traces`."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from shared.log import LOGGER
from shared.telemetry.names import ATTRIBUTES
from tests.support.telemetry_tables import Row, line


class _Rows(logging.Handler):
    def __init__(self, now: Callable[[], datetime], rows: list[Row]) -> None:
        super().__init__()
        self._now = now
        self._rows = rows

    def emit(self, record: logging.LogRecord) -> None:
        attributes = {name: value for name, value in vars(record).items() if name in ATTRIBUTES}
        self._rows.append(line(self._now(), record.getMessage(), **attributes))


@contextmanager
def logged_rows(now: Callable[[], datetime]) -> Iterator[list[Row]]:
    """The lines that are logged in the block; `now` says at what time."""
    rows: list[Row] = []
    handler, level = _Rows(now, rows), LOGGER.level
    LOGGER.addHandler(handler)
    LOGGER.setLevel(logging.INFO)
    try:
        yield rows
    finally:
        LOGGER.removeHandler(handler)
        LOGGER.setLevel(level)
