"""What is counted."""

import pytest

from shared.sources.reader import SourceReader
from tests.support.sources import PEOPLE, TABLE, source

CONNECTOR = 'version = 1\nname = "x"\n[input]\nformat = "connector"\n'


def test_connector_format_has_nothing_to_map() -> None:
    """Such a source's exports go to the reader of records."""
    with pytest.raises(ValueError, match="nothing to map"):
        SourceReader([], source(CONNECTOR), "x")


def test_nothing_is_counted_before_reading() -> None:
    """Counts can be asked at any time."""
    reader = SourceReader([], source(TABLE, people=PEOPLE), "x")
    assert (reader.read, reader.latest_event, reader.earliest_event, reader.counts.judged) == (0, "", "", 0)
