"""How times are written: by elimination over all rows."""

from collections import Counter
from datetime import datetime

import pytest

from commands.drafting.time_guess import TimeGuess, guess_time


def _guess(*texts: str) -> TimeGuess:
    found = guess_time(Counter(texts))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("2026-11-22T07:58:12Z", "iso"),
        ("2026-11-22T07:58:12.5+01:00", "iso"),
        ("2026-11-22 07:58:12.000", "%Y-%m-%d %H:%M:%S"),
        ("2026-11-22 7:58:12", "%Y-%m-%d %-H:%M:%S"),
        ("2026-11-22 07:58:12,110", "%Y-%m-%d %H:%M:%S,%f"),
        ("2026/11/22 07:58:12", "%Y/%m/%d %H:%M:%S"),
        ("2026.11.22.07.58.12.1100001", "%Y.%m.%d.%H.%M.%S"),
        ("22-11-2026 07:58:12", "%d-%m-%Y %H:%M:%S"),
        ("22.11.2026 07:58", "%d.%m.%Y %H:%M"),
        ("11/22/2026 07:58:12 AM", "%m/%d/%Y %I:%M:%S %p"),
        ("11/22/2026 7:58:12 AM", "%-m/%-d/%Y %-I:%M:%S %p"),
        ("11/22/26 07:58:12", "%m/%d/%y %H:%M:%S"),
        ("22/11/2026:07:58:12 +0100", "%d/%m/%Y:%H:%M:%S %z"),
        ("07:58:12 22.11.2026", "%H:%M:%S %d.%m.%Y"),
        ("20261122075812", "%Y%m%d%H%M%S"),
        ("20261122075812-0500", "%Y%m%d%H%M%S%z"),
        ("20261122 075812", "%Y%m%d %H%M%S"),
        ("Nov 22, 2026 7:58 AM", "%b %-d, %Y %-I:%M %p"),
        ("Sun, 22 November 2026 07:58:12", "%a, %d %B %Y %H:%M:%S"),
    ],
)
def test_one_time_may_be_enough(text: str, pattern: str) -> None:
    """Where only one way of reading it makes sense."""
    found = _guess(text)
    assert (found.format, found.other, found.fitting) == (pattern, "", 1)


@pytest.mark.parametrize(
    ("text", "name"), [("1795352292", "epoch-s"), ("1795352292110", "epoch-ms"), ("1795352292.5", "epoch-s")]
)
def test_seconds_and_milliseconds_are_told_by_their_length(text: str, name: str) -> None:
    """Both are UTC."""
    assert (_guess(text).format, _guess(text).carries_offset) == (name, True)


@pytest.mark.parametrize("text", ["", "52017", "HQ Lobby", "10.2.3.4", "99999999999", "12:00", "2026-11-22"])
def test_what_is_no_time_is_none(text: str) -> None:
    """A date alone is none either."""
    assert guess_time(Counter([text] if text else [])) is None


def test_card_numbers_of_ten_digits_are_no_times() -> None:
    """They lie decades apart; times of an export do not."""
    assert guess_time(Counter(["1500000001", "1900000001"])) is None


def test_a_day_above_twelve_decides() -> None:
    """One such row is enough, wherever it stands."""
    found = _guess("05/04/2026 07:58", "06/04/2026 07:58", "22/04/2026 07:58")
    assert (found.format, found.other) == ("%d/%m/%Y %H:%M", "")


def test_undecided_days_and_months_are_said() -> None:
    """The reading with days close together is proposed, the other one is named."""
    found = _guess("05/04/2026 07:58", "05/05/2026 07:58", "05/06/2026 07:58")
    assert (found.format, found.other) == ("%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M")


def test_days_to_come_are_not_proposed() -> None:
    """An export has no events of next year."""
    day = f"01/02/{datetime.now().astimezone().year + 1} 07:58"
    past = "03/01/2020 07:58"
    assert _guess(day).other
    assert _guess(past).format.startswith("%d/%m")


def test_a_bad_row_does_not_spoil_the_rest() -> None:
    """It is named instead."""
    found = _guess("22-11-2026 07:58:12", "23-11-2026 07:58:12", "24-11-2026 07:58:12", "31-11-2026 07:58:12")
    assert (found.format, found.fitting, found.unread) == ("%d-%m-%Y %H:%M:%S", 3, "31-11-2026 07:58:12")


def test_half_of_the_rows_are_not_enough() -> None:
    """A column of notes that sometimes hold a time is no time."""
    assert guess_time(Counter(["22-11-2026 07:58:12", "see below 1234567", "later 7654321 maybe"])) is None


def test_one_short_hour_makes_the_others_lenient() -> None:
    """Systems that write 1:01 PM write 1/5/2026 as well."""
    found = _guess("11/22/2026 12:58:12 PM", "11/22/2026 1:01:44 PM")
    assert found.format == "%-m/%-d/%Y %-I:%M:%S %p"
