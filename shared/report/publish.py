"""Puts the report where people find it: `reports/latest.html` in the results container, anew every day."""

import logging
from typing import Final

from shared.clock import Clock
from shared.delivery.ports import Container
from shared.errors import GatepostError
from shared.log import REPORT_FAILED, say
from shared.report.collect import collect
from shared.report.page import render

PATH: Final = "reports/latest.html"


def publish(results: Container, clock: Clock) -> bool:
    """Write the report; gives whether it was written.

    It never raises: what was to be sent is on the queue by now, and a page that is a day old harms nobody.
    """
    try:
        page = render(collect(results, clock.now()))
        results.write(PATH, page.encode(), None)
    except GatepostError as error:
        say(logging.WARNING, REPORT_FAILED, str(error))
        return False
    except Exception as error:  # noqa: BLE001  (see above; a bug here must not stop the sweep's function)
        say(logging.WARNING, REPORT_FAILED, f"{type(error).__name__}; please report this")
        return False
    return True
