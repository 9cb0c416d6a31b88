"""The limits the guide names are the code's."""

import re

import pytest

from shared.blob_names import MAX_NAME_BYTES, MAX_SEGMENTS
from shared.delivery.ledger_store import MAX_LINES
from shared.delivery.outcome import MAX_REPLIES, MAX_REPLY_BYTES, MAX_REQUESTS
from shared.delivery.plan import MAX_ENTRIES, MAX_PLANNED
from shared.delivery.rejected_file import MAX_FILE_BYTES, MAX_OF_REJECTED_EXPORT
from shared.delivery.selection import MAX_INVALID_RECORDS
from shared.delivery.sweep_remaps import MAX_REMAPS
from shared.delivery.waiting import MANY_COPIES, MAX_REFUSED_SINGLY
from shared.exports.rules import RULES
from shared.report.collect import DAYS
from shared.report.documents import MAX_DOCUMENTS
from shared.settings import SETTINGS
from tests.support.guides import guide, rows, section

TEXT = guide("limits-and-promises.md")
LIMITS = {row[0]: row[1:] for row in rows(section(TEXT, "The limits"))}


@pytest.mark.parametrize("limit", [name for name, (_, setting) in LIMITS.items() if setting != "-"])
def test_a_limit_with_a_setting_is_its_default(limit: str) -> None:
    """The value begins with the default of the setting beside it."""
    value, setting = LIMITS[limit]
    found = re.match(r"[\d,]+", value)
    assert found
    assert found[0].replace(",", "") == SETTINGS[setting.strip("`")].default


def test_the_other_limits_are_the_codes() -> None:
    """Limits without a setting stand in the code as they stand in the guide."""
    values = {name: value for name, (value, setting) in LIMITS.items() if setting == "-"}
    assert values == {
        "One record": f"{RULES.max_record_bytes >> 20} MiB, nested at most {RULES.max_depth} levels deep",
        "UserId": f"{RULES.properties['UserId'].schema['maxLength']} characters",
        "EventTime": "years 2000 to 2099, at most 7 digits after the second",
        "Name of an export": f"{MAX_NAME_BYTES} bytes, percent-encoded; {MAX_SEGMENTS} folders and name together",
        "Rejected records kept of a `Rejected` export": f"the first {MAX_OF_REJECTED_EXPORT:,}",
        "A rejected file": f"{MAX_FILE_BYTES // 1_000_000} MB; beyond that records are only counted",
        "Rejected records after which reading ends, if they are more than the share allowed": f"{MAX_INVALID_RECORDS:,}",
        "Single records the connector may refuse in an export": f"{MAX_REFUSED_SINGLY}",
        "Replies kept in an outcome": f"{MAX_REPLIES} different ones, {MAX_REPLY_BYTES:,} bytes each",
        "Batches an export is planned as": f"{MAX_PLANNED:,}; beyond that they get larger",
        "Batches after the connector had them made smaller": f"{MAX_ENTRIES:,}",
        "Steps written in a ledger": f"{MAX_LINES:,}",
        "Requests of operators kept in an outcome": f"{MAX_REQUESTS}",
        "Exports whose rejected records a sweep queues": f"{MAX_REMAPS:,}",
        "Documents read for a report": f"{MAX_DOCUMENTS}, the newest; {DAYS} days",
    }
    assert "years 2000 to 2099" in RULES.properties["EventTime"].reason("")
    assert "{1,7}" in (RULES.properties["EventTime"].pattern or "")


def test_every_setting_that_limits_is_named() -> None:
    """A limit that is added to the settings must be added to the guide."""
    limiting = {name for name in SETTINGS if re.search(r"MAX_|_SECONDS|RETRY_DAYS|REMAP_DAYS|PARALLEL", name)}
    assert {setting.strip("`") for _, setting in LIMITS.values() if setting != "-"} == limiting


def test_the_promise_counts_as_the_code_does() -> None:
    """After so many possible copies there is one try a day."""
    assert f"After {MANY_COPIES} possible copies of one batch" in TEXT
