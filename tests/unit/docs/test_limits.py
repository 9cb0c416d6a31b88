"""The limits the guide names are the code's."""

import re

import pytest

from shared.blob_names import MAX_NAME_BYTES
from shared.delivery.outcome import MAX_REPLIES, MAX_REPLY_CHARACTERS
from shared.delivery.rejected_file import MAX_OF_REJECTED_EXPORT
from shared.delivery.send import MANY_COPIES, MAX_REFUSED_SINGLY
from shared.exports.messages import MAX_DEPTH, MAX_RECORD_BYTES
from shared.exports.validate import _RULES
from shared.report.collect import DAYS, MAX_DOCUMENTS
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
        "One record": f"{MAX_RECORD_BYTES >> 20} MiB, nested at most {MAX_DEPTH} levels deep",
        "UserId": f"{_RULES['UserId']['maxLength']} characters",
        "EventTime": "years 2000 to 2099, at most 7 digits after the second",
        "Name of an export": f"{MAX_NAME_BYTES} bytes, percent-encoded",
        "Rejected records kept of a `Rejected` export": f"the first {MAX_OF_REJECTED_EXPORT:,}",
        "Single records the connector may refuse in an export": f"{MAX_REFUSED_SINGLY}",
        "Replies kept in an outcome": f"{MAX_REPLIES} different ones, {MAX_REPLY_CHARACTERS:,} characters each",
        "Documents read for a report": f"{MAX_DOCUMENTS}, the newest; {DAYS} days",
    }
    assert "years 2000 to 2099" in _RULES["EventTime"]["x-gatepost"]["reason"]
    assert "{1,7}" in _RULES["EventTime"]["pattern"]


def test_every_setting_that_limits_is_named() -> None:
    """A limit that is added to the settings must be added to the guide."""
    limiting = {name for name in SETTINGS if re.search(r"MAX_|_SECONDS|RETRY_DAYS", name)}
    assert {setting.strip("`") for _, setting in LIMITS.values() if setting != "-"} == limiting


def test_the_promise_counts_as_the_code_does() -> None:
    """After so many possible copies there is one try a day."""
    assert f"After {MANY_COPIES} possible copies of one batch" in TEXT
