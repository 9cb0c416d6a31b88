"""What goes wrong in the made-up year, and what has to be told of it: no more, no less."""

from datetime import date, datetime, timedelta
from typing import Final

from tests.support.alert_year import YEAR, Expected, Incident, at, ended
from tests.support.telemetry_tables import Row, line, request

_HOUR: Final = timedelta(hours=1)


def _hourly(start: datetime, end: datetime, name: str, status: str, **attributes: object) -> tuple[Row, ...]:
    count = int((end - start) / _HOUR) + 1
    return tuple(ended(start + number * _HOUR, name, status, **attributes) for number in range(count))


def _failed(when: datetime) -> tuple[Row, ...]:
    return request(when, "BlobUploadTrigger", success=False), line(
        when, "invocation failed: bug", code="bug", export="-"
    )


def _days(*days: tuple[int, int]) -> frozenset[date]:
    return frozenset(date(YEAR, month, day) for month, day in days)


INCIDENTS: Final = (
    Incident(
        "The platform stops two workers within an hour (Tue 3 Feb)",
        rows=(*_failed(at(2, 3, 6, 10)), *_failed(at(2, 3, 6, 40))),
    ),
    Incident(
        "The connector is down from 05:00 to 22:00 (Tue 10 Mar)",
        (
            Expected(
                "export-failed-for-hours",
                (at(3, 10, 12), at(3, 10, 13)),
                (at(3, 10, 23), at(3, 11, 1)),
                ("connector-unavailable",),
            ),
            Expected("no-records-sent", (at(3, 10, 8), at(3, 10, 9, 30)), (at(3, 10, 23), at(3, 11, 1))),
        ),
        no_export=_days((3, 10)),
        rows=(
            *_hourly(at(3, 10, 6, 5), at(3, 10, 21, 5), "Tue.json", "Failed", code="connector-unavailable"),
            ended(at(3, 10, 22, 5), "Tue.json", "Succeeded"),
        ),
    ),
    Incident(
        "A message fails five times on Friday night and is taken out of the poison queue on Monday (17 Apr)",
        (
            Expected(
                "failing-invocations",
                (at(4, 17, 22, 20), at(4, 17, 22, 45)),
                (at(4, 17, 23, 30), at(4, 18, 0)),
            ),
            Expected("poison-queue", (at(4, 18, 5, 31), at(4, 18, 7)), (at(4, 21, 6), at(4, 21, 8))),
        ),
        rows=tuple(row for minutes in range(0, 25, 5) for row in _failed(at(4, 17, 22, 10 + minutes))),
        poison=(at(4, 17, 22, 31), at(4, 20, 9)),
    ),
    Incident(
        "An export is blocked on Friday afternoon, only a person can go on, who is back on Tuesday (22 May)",
        (
            Expected(
                "export-blocked",
                (at(5, 22, 17), at(5, 22, 17, 30)),
                (at(5, 24, 17), at(5, 24, 18)),
                ("reply-not-connector",),
            ),
            Expected(
                "exports-waiting",
                (at(5, 23, 5, 31), at(5, 23, 7)),
                (at(5, 27, 6), at(5, 27, 8)),
                ("Blocked",),
            ),
        ),
        rows=(
            ended(at(5, 22, 17), "late.json", "Blocked", code="reply-not-connector", retry="person"),
            ended(at(5, 26, 10), "late.json", "Succeeded"),
        ),
        waiting=(at(5, 22, 17), at(5, 26, 10), "Blocked"),
    ),
    Incident(
        "The secret is refused from Wednesday to Monday, every sweep tries again (10 to 15 Jun)",
        (
            Expected(
                "export-blocked",
                (at(6, 10, 6), at(6, 10, 6, 30)),
                (at(6, 15, 9), at(6, 15, 10)),
                ("secret-refused",),
            ),
            Expected("no-records-sent", (at(6, 10, 8), at(6, 10, 9, 30)), (at(6, 15, 9), at(6, 15, 12))),
            Expected(
                "exports-waiting",
                (at(6, 11, 5, 31), at(6, 11, 7)),
                (at(6, 16, 6), at(6, 16, 8)),
                ("Blocked",),
            ),
        ),
        no_export=_days((6, 10), (6, 11), (6, 12), (6, 15)),
        rows=(
            *(
                ended(at(6, day, 6, 5), f"{name}.json", "Blocked", code="secret-refused", retry="auto")
                for day, name in (
                    (10, "Wed"),
                    (11, "Thu"),
                    (12, "Fri"),
                    (13, "Fri"),
                    (14, "Fri"),
                    (15, "Fri"),
                )
            ),
            *(
                ended(at(6, day, 5, 35), f"{name}.json", "Blocked", code="secret-refused", retry="auto")
                for day in (12, 13, 14, 15)
                for name in ("Wed", "Thu")
            ),
            *(ended(at(6, 15, 9, 5), f"{name}.json", "Succeeded") for name in ("Wed", "Thu", "Fri", "Mon")),
        ),
        waiting=(at(6, 10, 6), at(6, 15, 9), "Blocked"),
    ),
    Incident(
        "Friday's export is broken and comes again on Monday (3 Jul)",
        (
            Expected(
                "export-rejected",
                (at(7, 3, 6), at(7, 3, 6, 30)),
                (at(7, 5, 6), at(7, 5, 7)),
                ("broken-json",),
            ),
            Expected("no-records-sent", (at(7, 3, 8), at(7, 3, 9, 30)), (at(7, 6, 6), at(7, 6, 9))),
            Expected(
                "exports-waiting", (at(7, 4, 5, 31), at(7, 4, 7)), (at(7, 7, 6), at(7, 7, 8)), ("Rejected",)
            ),
        ),
        no_export=_days((7, 3)),
        rows=(
            ended(at(7, 3, 6, 5), "Fri.json", "Rejected", code="broken-json"),
            ended(at(7, 6, 11), "Fri.json", "Succeeded"),
        ),
        waiting=(at(7, 3, 6, 5), at(7, 6, 11), "Rejected"),
    ),
    Incident(
        "The badging system is silent on Wednesday and Thursday (12, 13 Aug)",
        (Expected("no-records-sent", (at(8, 12, 8), at(8, 12, 9, 30)), (at(8, 14, 6), at(8, 14, 9))),),
        no_export=_days((8, 12), (8, 13)),
    ),
    Incident(
        "The badging system is silent on Friday (4 Sep)",
        (Expected("no-records-sent", (at(9, 4, 8), at(9, 4, 9, 30)), (at(9, 7, 6), at(9, 7, 9))),),
        no_export=_days((9, 4)),
    ),
    Incident(
        "The app is down over the weekend (Sat 12, Sun 13 Sep)",
        (Expected("sweep-missing", (at(9, 12, 7), at(9, 12, 9)), (at(9, 14, 6), at(9, 14, 8))),),
        no_sweep=_days((9, 12), (9, 13)),
    ),
    Incident(
        "The queue stands still from 05:30 to 12:00 (Thu 1 Oct)",
        (
            Expected("sweep-missing", (at(10, 1, 7), at(10, 1, 9)), (at(10, 1, 12), at(10, 1, 14))),
            Expected(
                "queue-stands-still", (at(10, 1, 8, 30), at(10, 1, 9, 30)), (at(10, 1, 12), at(10, 1, 14))
            ),
            Expected("no-records-sent", (at(10, 1, 8), at(10, 1, 9, 30)), (at(10, 1, 12), at(10, 1, 14))),
        ),
        no_export=_days((10, 1)),
        no_sweep=_days((10, 1)),
        rows=(
            request(at(10, 1, 5, 30), "TimerUploadTrigger", success=True),
            ended(at(10, 1, 12), "Thu.json", "Succeeded"),
            line(at(10, 1, 12, 1), "sweep finished: 0 queued, 0 waiting"),
        ),
    ),
    Incident(
        "The secret ends on 20 Oct and is renewed on the 16th",
        tuple(
            Expected(
                "secret-expiry",
                (told, told + 2 * _HOUR),
                (over, over + 4 * _HOUR),
                (f"the credential expires within {days} days",),
            )
            for days, told, over in (
                (30, at(9, 20, 5, 31), at(10, 6, 5, 31)),
                (14, at(10, 6, 5, 31), at(10, 13, 5, 31)),
                (7, at(10, 13, 5, 31), at(10, 17, 5, 31)),
            )
        ),
    ),
    Incident(
        "A fifth of a day's records is rejected (Wed 11 Nov)",
        (Expected("records-rejected", (at(11, 11, 6), at(11, 11, 7, 30)), (at(11, 12, 6), at(11, 12, 9))),),
        no_export=_days((11, 11)),
        rows=(ended(at(11, 11, 6, 5), "Wed.json", "PartiallySucceeded", read=100, rejected=20),),
    ),
    Incident(
        "Of three sources munich is silent on Tuesday and Wednesday (24, 25 Nov)",
        (
            Expected(
                "source-late", (at(11, 24, 6), at(11, 24, 7)), (at(11, 27, 6), at(11, 27, 8)), ("munich",)
            ),
        ),
    ),
    Incident(
        "Another one uploads the same file again and again (2 to 4 Dec)",
        (Expected("source-late", (at(12, 2, 18), at(12, 2, 19)), (at(12, 4, 5), at(12, 4, 7)), ("oslo",)),),
    ),
    Incident(
        "Sending is off on Tuesday and Wednesday, on purpose (8, 9 Dec)",
        (
            Expected("no-records-sent", (at(12, 8, 8), at(12, 8, 9, 30)), (at(12, 10, 6), at(12, 10, 9))),
            Expected(
                "exports-waiting",
                (at(12, 9, 5, 31), at(12, 9, 7)),
                (at(12, 11, 6), at(12, 11, 8)),
                ("Blocked",),
            ),
        ),
        no_export=_days((12, 8), (12, 9)),
        rows=(
            ended(at(12, 8, 6, 5), "Tue.json", "Blocked", code="sending-off", retry="auto"),
            ended(at(12, 9, 6, 5), "Wed.json", "Blocked", code="sending-off", retry="auto"),
            ended(at(12, 10, 5, 50), "Tue.json", "Succeeded"),
            ended(at(12, 10, 5, 51), "Wed.json", "Succeeded"),
        ),
        waiting=(at(12, 8, 6, 5), at(12, 10, 5, 50), "Blocked"),
    ),
)
