"""Puts the report where people find it: `reports/latest.html` in the results container. `request.py` asks for it in time."""

import logging
from datetime import tzinfo

from shared.blob_names import REPORT_PATH, REPORT_PENDING_PATH
from shared.clock import Clock
from shared.completeness.due import Expected
from shared.completeness.sentences import notice_line
from shared.delivery.ports import ABSENT, Container
from shared.delivery.source_store import SourceStore
from shared.errors import ConditionError, GatepostError, MissingBlobError
from shared.log import DAY_JUDGED, REPORT_FAILED, say
from shared.report.collect import Scope, collect
from shared.report.expected import expected_of
from shared.report.figures import Figures
from shared.report.page import render
from shared.report.yesterday import first_line, yesterday


def publish(
    results: Container, clock: Clock, zone: tzinfo, sources: SourceStore, *, sending: bool = True
) -> bool:
    """Write the report; gives whether it was written.

    Args:
        results: the results container.
        clock: says which day it is.
        zone: of days, where a source has none of its own.
        sources: say what is due.
        sending: whether the app sends at all.

    It never raises: what was to be sent is on the queue by now, and a page that is a day old harms nobody.
    """
    try:
        etag = _etag(results)
        results.delete(REPORT_PENDING_PATH)
        figures = collect(
            results, Scope(clock.now(), zone=zone, expected=_expected(sources, zone, sending=sending))
        )
        results.write(REPORT_PATH, render(figures).encode(), etag or ABSENT)
        _say_verdict(figures)
    except ConditionError:
        return False  # another one has written a page at the same time
    except GatepostError as error:
        say(logging.WARNING, REPORT_FAILED, str(error))
        return False
    except Exception as error:  # noqa: BLE001  (see above; a bug here must not stop the sweep's function)
        say(logging.WARNING, REPORT_FAILED, f"{type(error).__name__}; please report this")
        return False
    return True


def _expected(sources: SourceStore, zone: tzinfo, *, sending: bool) -> dict[str, Expected]:
    """Without profiles the report judges by what is usual alone."""
    try:
        return expected_of(sources.listed(), zone, sending=sending)
    except GatepostError as error:
        say(logging.WARNING, REPORT_FAILED, f"schedules of sources are left out: {error}")
        return {}


def _say_verdict(figures: Figures) -> None:
    """For the workbook and the daily notice."""
    day, line = yesterday(figures), first_line(figures)
    say(
        logging.INFO,
        DAY_JUDGED,
        line,
        day=day.date.isoformat(),
        state=day.state.value,
        records=day.records,
        usual_low=day.usual.low if day.usual else "",
        usual_high=day.usual.high if day.usual else "",
        summary=line,
        notice=notice_line(day.verdict, figures.zone, figures.not_sent),
    )


def _etag(results: Container) -> str:
    try:
        return results.head(REPORT_PATH).etag
    except MissingBlobError:
        return ""
