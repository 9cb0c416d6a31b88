"""Which exports count for a source, and what it owes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.delivery.outcome_listing import ListedOutcome
from shared.delivery.source_listing import ListedProfile
from shared.delivery.source_watch import SourceUploads, note_upload, owing, standings
from shared.error_codes import Status
from shared.sources.profile import read_profile
from tests.support.fake_clock import MORNING
from tests.support.sources import TABLE
from tests.support.world import World

WEEKLY = """
[schedule]
every = "1 day"
days = ["{day}"]
by = "09:00"
"""
LISTED = ListedOutcome(
    path="outcomes/munich/1.csv/0x1.json",
    name="munich/1.csv",
    etag="0x1",
    status=Status.SUCCEEDED,
    retry=None,
    code="",
    sent=3,
    rejected=0,
    finished_at=MORNING,
    next_attempt_at=None,
    source="munich",
    last_modified=MORNING,
    uploaded_at=MORNING,
)


@pytest.mark.parametrize(
    ("one", "counts"),
    [
        (LISTED, True),
        (replace(LISTED, status=Status.BLOCKED, code="sending-off"), True),
        (replace(LISTED, source=""), False),
        (replace(LISTED, uploaded_at=None), False),
        (replace(LISTED, status=Status.DUPLICATE), False),
        (replace(LISTED, status=Status.BLOCKED, code="token-refused"), False),
        (replace(LISTED, status=Status.GIVEN_UP, code="sending-off"), False),
        (replace(LISTED, source="", uploaded_at=None), False),
    ],
)
def test_only_exports_of_a_source_that_came_as_they_should_count(one: ListedOutcome, *, counts: bool) -> None:
    """And of which it is known when they came."""
    uploads: SourceUploads = {}
    note_upload(uploads, one)
    assert {name: len(found.kept) for name, found in uploads.items()} == ({"munich": 1} if counts else {})


@pytest.mark.parametrize(
    ("code", "waits"), [("sending-off", True), ("source-on-trial", True), ("token-refused", False)]
)
def test_only_what_is_blocked_on_purpose_waits_on_purpose(code: str, *, waits: bool) -> None:
    """An operator who gave it up ended that, though its outcome still says why it had waited."""
    assert replace(LISTED, status=Status.BLOCKED, code=code).waits_on_purpose is waits
    assert not replace(LISTED, status=Status.GIVEN_UP, code=code).waits_on_purpose


@pytest.mark.parametrize(
    ("send", "sending", "owes"),
    [(True, True, True), (True, False, False), (False, True, False), (False, False, False)],
)
def test_nothing_is_owed_while_nothing_is_sent(*, send: bool, sending: bool, owes: bool) -> None:
    """Neither on trial, nor while sending is off."""
    text = TABLE + f"[policy]\nsend = {str(send).lower()}\n" + WEEKLY.format(day="Mon")
    listed = ListedProfile(read_profile(text.encode()), MORNING)
    assert (owing(listed, UTC, sending=sending).schedule is not None) == owes


@pytest.mark.parametrize(("day", "ahead"), [("Mon", True), ("Tue", False)])
def test_a_sweep_says_what_is_due_until_the_day_after_tomorrow(day: str, *, ahead: bool) -> None:
    """Until the next sweep, and for a day on which it does not run; the clock stands at five on a Sunday."""
    world = World()
    world.put_source("munich", TABLE + WEEKLY.format(day=day))
    (found,) = standings(world.source_store, world.settings, {}, MORNING).values()
    due = datetime(2026, 11, 23 + ["Mon", "Tue"].index(day), 9, tzinfo=UTC)
    assert ([one.begins for one in found.due][-1:] == [due - timedelta(hours=9)]) == ahead
