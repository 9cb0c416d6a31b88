"""Open files say of each record of a request its number, its event's date and hash."""

from array import array
from zoneinfo import ZoneInfo

import pytest

from shared.events.days import Days
from shared.events.event_log import EventLog
from shared.events.identity import Key
from shared.events.open_file import DamagedOpenFileError, OpenFile, decode_open_file, encode_open_file
from shared.exports.record_values import Period

KEY = Key(bytes(32))


def made_file() -> OpenFile:
    """Three records of two dates."""
    return OpenFile(
        "ledger/job/key/rules.jsonl",
        KEY.id,
        "2026-11-22T05:00:02Z",
        "worker-1",
        ["2026-11-20", "2026-11-21"],
        array("I", [1, 2, 70_000]),
        array("H", [0, 1, 1]),
        array("Q", [5, 2**64 - 1, 0]),
    )


def test_an_open_file_comes_back_as_it_was() -> None:
    """14 bytes a record, and a line about all of them."""
    data = encode_open_file(made_file())
    assert decode_open_file(data) == made_file()
    assert len(data) - data.index(b"\n") - 1 == 14 * 3


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}\n",
        b"nothing",
        encode_open_file(made_file())[:-1],
        encode_open_file(made_file()) + b"\0",
        encode_open_file(made_file()).replace(KEY.id.hex().encode(), b"no hex"),
        encode_open_file(made_file()).replace(b'"2026-11-20","2026-11-21"', b'"2026-11-20"'),
    ],
)
def test_half_an_open_file_is_none(data: bytes) -> None:
    """Cut, longer, or of dates that it does not name."""
    with pytest.raises(DamagedOpenFileError):
        decode_open_file(data)


def test_two_workers_never_write_the_same_file() -> None:
    """A worker that comes late must not delete what another one has just written."""
    log = EventLog([("2026-11-20", "2026-11-20")])
    log.add([1], [5], [0])
    one = encode_open_file(log.open_file("ledger", KEY, "2026-11-22T05:00:02Z", "a", [(1, 1)]))
    other = encode_open_file(log.open_file("ledger", KEY, "2026-11-22T05:00:02Z", "b", [(1, 1)]))
    assert one != other


def log_with_gaps() -> EventLog:
    """Records 1 to 3, 5 and 6, 10."""
    log = EventLog([("2026-11-20", "2026-11-20"), ("2026-11-20", "2026-11-21"), ("2026-11-19", "2026-11-19")])
    log.add(range(1, 3), [11, 12], [0, 0])
    log.add([3, 5, 6], [13, 15, 16], [1, 2, 1])
    log.add([10], [20], [0])
    return log


@pytest.mark.parametrize(
    ("within", "numbers", "hashes", "dates"),
    [
        ([(1, 10)], [1, 2, 3, 5, 6, 10], [11, 12, 13, 15, 16, 20], ["2026-11-19", "2026-11-20"]),
        ([(2, 5)], [2, 3, 5], [12, 13, 15], ["2026-11-19", "2026-11-20"]),
        ([(6, 9)], [6], [16], ["2026-11-20"]),
        ([(4, 4)], [], [], []),
        ([(11, 20)], [], [], []),
        ([(1, 2), (6, 10)], [1, 2, 6, 10], [11, 12, 16, 20], ["2026-11-20"]),
    ],
)
def test_the_log_gives_each_request_its_records(
    within: list[tuple[int, int]], numbers: list[int], hashes: list[int], dates: list[str]
) -> None:
    """By the ranges of the ledger's entries, whatever stands between their records."""
    file = log_with_gaps().open_file("ledger", KEY, "now", "me", within)
    assert [*file.numbers] == numbers
    assert [*file.hashes] == hashes
    assert file.dates == dates
    assert all(file.dates[index] <= "2026-11-20" for index in file.date_of)
    assert len(file.date_of) == len(numbers)


def test_days_are_counted_in_the_zone_of_people() -> None:
    """Two records of one date in UTC may be of two days in the zone."""
    assert log_with_gaps().days(1, 6) == {"2026-11-19": 1, "2026-11-20": 2, "2026-11-21": 2}
    assert log_with_gaps().days(4, 4) == {}
    assert len(log_with_gaps()) == 6


def test_dates_and_days_of_times() -> None:
    """The date in UTC, and the day where people are."""
    days = Days(ZoneInfo("Asia/Kathmandu"))  # 5:45 ahead
    times = ["2026-11-20T18:14:59", "2026-11-20T18:15:00.5", "2026-11-20T18:14:00"]
    numbers = days.numbers_of(times)
    assert [days.pairs[number] for number in numbers] == [
        ("2026-11-20", "2026-11-20"),
        ("2026-11-20", "2026-11-21"),
        ("2026-11-20", "2026-11-20"),
    ]


@pytest.mark.parametrize(
    ("zone", "times", "days_there"),
    [
        ("UTC", ["2026-11-20T00:00:00", "2026-11-20T23:59:59"], ["20", "20"]),
        ("Europe/Paris", ["2026-11-20T00:00:00", "2026-11-20T22:59:59"], ["20", "20"]),
        ("Europe/Paris", ["2026-11-20T00:00:00", "2026-11-20T23:00:00"], ["20", "21"]),
        ("Asia/Kathmandu", ["2026-11-20T18:14:59", "2026-11-20T18:15:00"], ["20", "21"]),
        (
            "America/St_Johns",
            ["2010-11-07T02:30:00", "2010-11-07T02:31:00", "2010-11-07T03:30:00"],
            ["07", "06", "07"],
        ),
        ("America/St_Johns", ["2010-11-06T12:00:00", "2010-11-06T13:00:00"], ["06", "06"]),
    ],
)
def test_days_of_times_of_one_date(zone: str, times: list[str], days_there: list[str]) -> None:
    """The same as of each, also where clocks went back over midnight and a date came twice."""
    days = Days(ZoneInfo(zone))
    known, each = days.numbers_of(times, Period.of(times)), days.numbers_of(times)
    assert list(known) == list(each)
    assert [days.pairs[number] for number in known] == [
        (time[:10], time[:8] + day) for time, day in zip(times, days_there, strict=True)
    ]


def test_days_remember_few_minutes() -> None:
    """However many minutes an export has events in."""
    days = Days()
    for hour in range(24):
        times = [
            f"2026-{month:02}-{day:02}T{hour:02}:{minute:02}:00"
            for month in range(1, 13)
            for day in (1, 2)
            for minute in range(60)
        ]
        numbers = days.numbers_of(times)
        assert [days.pairs[number][0] for number in numbers] == [time[:10] for time in times]
    assert len(days.pairs) == 24
    assert len(days._remembered) <= 1 << 14
