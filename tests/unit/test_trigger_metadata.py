"""The metadata of a queue trigger: what the queue says, and the message's own properties laid over it."""

import json

import pytest

from local.trigger_metadata import Delivery, trigger_metadata


def _metadata(text: str) -> dict[str, tuple[str, str]]:
    times = {"InsertionTime": "2026-11-29T23:00:00+00:00"}
    return trigger_metadata(Delivery(text, "queue-id", 2, "receipt", times))


@pytest.mark.parametrize("text", ["plain", "[1, 2]", '"id"', "{broken", "[" * 100_000], ids=str.__len__)
def test_what_is_no_json_object_changes_nothing(text: str) -> None:
    """Only the queue's own words are there: the text, id, receipt, count and times."""
    assert _metadata(text) == {
        "QueueTrigger": ("string", text),
        "Id": ("string", "queue-id"),
        "PopReceipt": ("string", "receipt"),
        "DequeueCount": ("string", "2"),
        "InsertionTime": ("json", '"2026-11-29T23:00:00+00:00"'),
    }


def test_properties_win_by_name_whatever_the_case() -> None:
    """An event's `id` is what `Id` gives afterwards; there is no second entry."""
    metadata = _metadata('{"id": "event-id", "DEQUEUECOUNT": 7, "subject": "day.json"}')
    assert metadata["Id"] == ("string", "event-id")
    assert metadata["DequeueCount"] == ("string", "7")
    assert metadata["subject"] == ("string", "day.json")
    assert not {"id", "DEQUEUECOUNT"} & metadata.keys()


def test_values_become_text_as_dot_net_writes_it() -> None:
    """Dates in the American order and in UTC, words for booleans, objects as JSON; arrays and nulls are left alone."""
    document = {
        "InsertionTime": "2026-11-21T08:20:00+02:00",
        "flag": True,
        "data": {"api": "PutBlob"},
        "list": [1],
        "popReceipt": None,
    }
    metadata = _metadata(json.dumps(document))
    assert metadata["InsertionTime"] == ("string", "11/21/2026 06:20:00")
    assert metadata["flag"] == ("string", "True")
    assert metadata["data"] == ("json", '{"api": "PutBlob"}')
    assert metadata["PopReceipt"] == ("string", "receipt")
    assert "list" not in metadata
