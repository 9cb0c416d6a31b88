"""What should be known of sources beside a day's verdict: which are silent, which stopped, whose clock is doubtful. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Final, Literal

from shared.completeness.day_names import short_day
from shared.completeness.due import Expected
from shared.completeness.history import SourceHistory
from shared.counted import counted
from shared.sources.silence import Standing, standing
from shared.sources.uploads import Uploads

type NoteKind = Literal["late", "unusual", "zone-doubtful"]

_DAY: Final = timedelta(days=1)
_HISTORY_DAYS: Final = 28
_MIN_WEEKS: Final = 2
_MISSES: Final = 2
_FORGOTTEN_DAYS: Final = 35
_SATURDAY: Final = 5
_DOUBTFUL_EXPORTS: Final = 5
_WHOLE_HOURS: Final = range(1, 15)
_TOLERANCE: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class SourceNote:
    """One sentence about a source; `late` is an alert as well, the others are only said."""

    source: str
    kind: NoteKind
    text: str


def source_notes(
    known: Mapping[str, SourceHistory], expected: Mapping[str, Expected], now: datetime
) -> list[SourceNote]:
    """Everything that should be known, by source; late ones first.

    Args:
        known: each source's history of ten weeks or more.
        expected: of the sources that have a profile.
        now: UTC.
    """
    notes = [
        note
        for name in sorted(known.keys() | expected.keys())
        for note in _notes(name, known.get(name) or SourceHistory(), expected.get(name), now)
    ]
    return sorted(notes, key=lambda note: note.kind != "late")


def _notes(
    name: str, history: SourceHistory, expected: Expected | None, now: datetime
) -> Iterator[SourceNote]:
    if expected and expected.owing and expected.owing.schedule:
        stands = standing(expected.owing, history.uploads, now, now)
        if stands.late:
            yield SourceNote(name, "late", _late(stands, expected.zone))
    elif text := _unusual(history.upload_days, now.date()):
        yield SourceNote(name, "unusual", text)
    hours = _whole_hours(history.uploads) if expected else None
    if hours:
        yield SourceNote(name, "zone-doubtful", _doubtful(hours))


def _late(stands: Standing, zone: tzinfo) -> str:
    """`nothing since 23 Nov; an export was due by 24 Nov, 06:00.`, in the source's own zone."""
    due = stands.due[0]
    by = due.by.astimezone(zone)
    since = f"nothing since {short_day(stands.last.astimezone(zone).date())}"
    if not stands.has_exported:
        since = "nothing yet"
    elif due.missing <= 0:
        return "of the exports of the last two days one is missing."
    return f"{since}; an export was due by {short_day(by.date())}, {by:%H:%M}."


def _unusual(days: set[date], today: date) -> str:
    """A source that exported every day, or every weekday, of four weeks (two are enough) and has stopped since."""
    last = max(days, default=None)
    if last is None or not timedelta() < today - last <= _FORGOTTEN_DAYS * _DAY:
        return ""
    first = max(min(days), last - (_HISTORY_DAYS - 1) * _DAY)
    if last - first < (_MIN_WEEKS * 7 - 1) * _DAY:
        return ""
    for word, weekdays in (("day", range(7)), ("weekday", range(_SATURDAY))):
        usual = [one for one in _days(first, last) if one.weekday() in weekdays]
        came = sum(1 for one in usual if one in days)
        missed = [one for one in _days(last + _DAY, today - _DAY) if one.weekday() in weekdays]
        if len(usual) - came <= _MISSES and missed:
            return (
                f"unusual: nothing since {short_day(last)}, after exports on {came} of {counted(len(usual), word)}. No "
                "schedule watches it, so no alert tells of it."
            )
    return ""


def _days(first: date, last: date) -> Iterator[date]:
    return (first + number * _DAY for number in range((last - first).days + 1))


def _whole_hours(uploads: Uploads) -> int | None:
    """By how many whole hours the newest event of each of the last exports was older than its upload; `None`: it differs."""
    ages = [uploaded_at - newest for uploaded_at, newest in uploads.counting() if newest][-_DOUBTFUL_EXPORTS:]
    hours = {round(age / timedelta(hours=1)) for age in ages}
    if len(ages) < _DOUBTFUL_EXPORTS or len(hours) != 1:
        return None
    (whole,) = hours
    close = all(abs(age - timedelta(hours=whole)) <= _TOLERANCE for age in ages)
    return whole if close and whole in _WHOLE_HOURS else None


def _doubtful(hours: int) -> str:
    return (
        f"zone doubtful: in each of its last {_DOUBTFUL_EXPORTS} exports the newest event is {counted(hours, 'hour')} older "
        "than the upload. Compare an event's time with a clock on site; [time] zone in the profile may be wrong."
    )
