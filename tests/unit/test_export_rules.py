"""What decides how an export is read: its source, or else the app's own settings."""

from datetime import UTC, tzinfo
from zoneinfo import ZoneInfo

import pytest

from shared.delivery.export_rules import ExportRules, counts_of
from shared.delivery.record_bits import RecordBits
from shared.delivery.validate_export import ValidationResult, with_mapping
from shared.errors import ExportError
from shared.exports.rules import RULES
from shared.exports.unpacking import Unpacked
from tests.support.sources import PEOPLE, TABLE, source

START, LATER = "2024-11-01T00:00:00", "2024-11-20T00:00:00"
NATIVE = """
version = 1
name = "The connector's own records"
[input]
format = "connector"
"""


def rules(
    profile: str | None = None, *, name: str = "munich/day.csv", not_before: str = "", more: str = ""
) -> ExportRules:
    """How an export of a source is read; of none, if there is no profile."""
    made = source(profile + more, people=PEOPLE) if profile else None
    return ExportRules(name, RULES, made, not_before)


def test_everything_that_decides_about_a_record_is_in_the_digest() -> None:
    """Without source and start it is that of the record rules: ledgers of all such exports agree."""
    plain = rules()
    assert plain.digest == RULES.digest
    digests = {
        one.digest
        for one in (
            plain,
            rules(not_before=START),
            rules(not_before=LATER),
            rules(TABLE),
            rules(TABLE, not_before=START),
            rules(TABLE, more='[policy]\nnot_before = "2024-11-20T00:00:00Z"\n'),
        )
    }
    assert len(digests) == 6


@pytest.mark.parametrize("profile", [None, TABLE, NATIVE])
def test_events_begin_where_the_source_says_or_else_the_app(profile: str | None) -> None:
    """A source that maps looks at its own start itself; of the connector's records nobody else does."""
    usual = rules(profile, not_before=START)
    assert usual.start == START
    assert usual.start_of_records == ("" if profile == TABLE else START)
    assert rules(profile).start == rules(profile).start_of_records == ""
    if profile:
        own = rules(profile, not_before=START, more='[policy]\nnot_before = "2024-11-20T00:00:00Z"\n')
        assert own.start == LATER
        assert own.start_of_records == ("" if profile == TABLE else LATER)


@pytest.mark.parametrize(
    ("profile", "more", "zone"),
    [
        (None, "", UTC),
        (NATIVE, "", UTC),
        (
            NATIVE,
            '[schedule]\nevery = "1 day"\nby = "06:00"\nzone = "Europe/Vienna"\n',
            ZoneInfo("Europe/Vienna"),
        ),
        (TABLE.replace('zone = "UTC"', 'zone = "Europe/Berlin"'), "", ZoneInfo("Europe/Berlin")),
        (
            TABLE.replace('zone = "UTC"', 'zone = "Europe/Berlin"'),
            '[schedule]\nevery = "1 day"\nby = "06:00"\nzone = "Europe/Vienna"\n',
            ZoneInfo("Europe/Vienna"),
        ),
    ],
)
def test_days_are_those_of_the_schedule_of_the_times_or_of_the_app(
    profile: str | None, more: str, zone: tzinfo
) -> None:
    """In this order."""
    assert rules(profile, more=more).zone(UTC) == zone


def test_only_a_source_that_does_not_send_is_on_trial() -> None:
    """Not one that says nothing of it, and no export without a source."""
    assert [one.on_trial for one in (rules(), rules(TABLE), rules(NATIVE))] == [False] * 3
    assert rules(TABLE, more="[policy]\nsend = false\n").on_trial is True


def test_a_source_may_bear_more_invalid_records_or_none() -> None:
    """0 is a limit of its own, not the lack of one."""
    assert [one.max_invalid_percent(20) for one in (rules(), rules(TABLE))] == [20, 20]
    found = [rules(TABLE, more=f"[policy]\nmax_invalid_percent = {percent}\n") for percent in (0, 50)]
    assert [one.max_invalid_percent(20) for one in found] == [0, 50]


def test_a_content_is_named_by_its_bytes_and_by_what_of_its_source_decides_which_rows_there_are() -> None:
    """Without a source by its bytes alone, in whatever folder it lies."""
    sha256 = "9f" * 32
    assert rules().key(sha256) == rules(name="day.json").key(sha256) == sha256
    assert rules(TABLE).key(sha256) != sha256
    assert rules(TABLE).key(sha256) == rules(TABLE, name="munich/other.csv").key(sha256)


@pytest.mark.parametrize(
    ("profile", "name", "fits"),
    [
        (None, "day.json", True),
        (None, "munich/day.jsonl.gz", True),
        (None, "munich/day.csv", False),
        (TABLE, "munich/day.csv", True),
        (TABLE, "munich/deep/day.csv.gz", True),
        (TABLE, "munich/day.json", False),
        (TABLE.replace('format = "csv"', 'format = "csv"\nfiles = "door-*.csv"'), "munich/door-1.csv", True),
        (TABLE.replace('format = "csv"', 'format = "csv"\nfiles = "door-*.csv"'), "munich/day.csv", False),
    ],
)
def test_only_files_of_the_expected_kind_are_read(profile: str | None, name: str, *, fits: bool) -> None:
    """The message says which endings, and which names if the profile does."""
    found = rules(profile, name=name)
    if fits:
        found.check_name()
        return
    with pytest.raises(ExportError) as raised:
        found.check_name()
    assert raised.value.code == "not-an-export"
    assert (".csv" in raised.value.message) == (profile is not None)
    assert ("door-*.csv" in raised.value.message) == (profile is not None and "door-" in profile)


@pytest.mark.parametrize("stopped", [False, True])
@pytest.mark.parametrize("profile", [None, NATIVE, TABLE])
def test_only_a_content_that_was_mapped_to_its_end_has_a_key_of_its_own(
    profile: str | None, *, stopped: bool
) -> None:
    """Any other is named by its bytes."""
    made = rules(profile, name="munich/day.csv" if profile == TABLE else "munich/day.json")
    data = b"Time,Id,Door,Name,Event\n" if profile == TABLE else b"[]"
    reader = made.reader(Unpacked([data], 99))
    assert [*reader] == []
    found = ValidationResult("9f" * 32, 0, 0, [], "", [], RecordBits(), stopped=stopped)
    mapped = with_mapping(found, made, reader).mapped_key
    assert mapped == (made.key("9f" * 32) if profile == TABLE and not stopped else "")


def test_only_a_mapping_counts() -> None:
    """The connector's own format has nothing to say but its records."""
    assert counts_of(rules(name="day.json").reader(Unpacked([b"[]"], 99))) is None
    row = b"Time,Id,Door,Name,Event\n2026-11-22 04:00:00,1,D0,,Granted\n"
    reader = rules(TABLE).reader(Unpacked([row], 999))
    assert len([*reader]) == 1
    counts = counts_of(reader)
    assert counts is not None
    assert counts.unknown_keys == 0
