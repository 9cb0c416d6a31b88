"""What Microsoft's sample script would have made of a file: the cases that were seen when it was run."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from commands.sample_script import script_remarks

_GOOD = {
    "UserId": "a@example.com",
    "AssetId": "d",
    "EventTime": "2026-11-22T05:00:00",
    "AccessStatus": "Success",
}


def _of(tmp_path: Path, data: bytes) -> str:
    file = tmp_path / "export.json"
    file.write_bytes(data)
    return " ".join(script_remarks(file))


def _records(*changes: dict[str, Any]) -> bytes:
    return json.dumps([_GOOD | change for change in changes]).encode()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (_records({}), "sent an empty body for it"),
        (json.dumps(_GOOD).encode(), "sent an empty body for it"),
        (json.dumps({"records": [_GOOD, _GOOD]}).encode(), "sent an empty body for it"),
        (_records({}, {}), "would have sent these records as they are"),
        (_records({}, {"EventTime": "2026-11-22T05:00:00+02:00"}), "1 record has a time with an offset"),
        (_records({"EventTime": "2026-11-22T05:00:00.120Z"}, {}), "1 record has a fraction of a second"),
        (_records({"more": {"a": 1}}, {"more": [1]}), "2 records have a property that holds an object"),
        (b"[null, null]", "2 records have no object"),
        (b"\n".join([json.dumps(_GOOD).encode()] * 3), "as they are"),
        (b'[{"UserId": "a"', "would have refused this file, or sent a part of it"),
        (b"\xe9", "would have refused this file"),
        (gzip.compress(b"[]", mtime=0), "does not unpack"),
        ("[1, 2]".encode("utf-16"), "2 records have no object"),
    ],
)
def test_what_the_script_would_have_sent(tmp_path: Path, data: bytes, said: str) -> None:
    """One sentence for each thing that Purview may lack or hold otherwise."""
    assert said in _of(tmp_path, data)


@pytest.mark.parametrize(
    ("records", "said"),
    [(50_001, "Its last request has one record"), (100_002, "It needs 3 requests: if one of them failed")],
)
def test_many_records(tmp_path: Path, records: int, said: str) -> None:
    """More than one request: what is behind a failed one never went."""
    assert said in _of(tmp_path, b"[" + b",".join([b"{}"] * records) + b"]")


def test_a_large_file_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would have to be decoded whole."""
    monkeypatch.setattr("commands.sample_script.MAX_BYTES", 10)
    assert "was not compared" in _of(tmp_path, _records({}, {}))
