"""Made-up exports: records that are numbered in their AssetId, so that a test can count them."""

import json
from typing import Any


def record(number: int, **changes: Any) -> dict[str, Any]:
    """A valid record; `changes` replace or add properties, `None` takes one away."""
    made: dict[str, Any] = {
        "UserId": f"person{number}@example.com",
        "AssetId": f"door-{number:06d}",
        "AssetName": "Main entrance",
        "EventTime": "2026-11-21T08:00:00",
        "AccessStatus": "Success" if number % 5 else "Failed",
    } | changes
    return {key: value for key, value in made.items() if value is not None}


def export(records: int, *, first: int = 1, bad: tuple[int, ...] = ()) -> bytes:
    """An array of numbered records; those in `bad` have an AccessStatus that is not allowed."""
    return array(
        record(number, AccessStatus="Granted") if number in bad else record(number)
        for number in range(first, first + records)
    )


def array(records: Any) -> bytes:
    """Records as an export, one a line inside the array."""
    return b"[\n" + b",\n".join(json.dumps(one, ensure_ascii=False).encode() for one in records) + b"\n]\n"
