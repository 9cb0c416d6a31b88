"""What Microsoft's sample script would have sent of a file: for people who move over, and ask what Purview holds today.

The script was run (its commit 6f434e9, PowerShell 7.6 on Linux, against a loopback stand-in) to see each of these.
"""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

MAX_BYTES: Final = 100_000_000
"""Unpacked; a larger file is not looked into, since the whole of it is decoded at once."""
REQUEST_RECORDS: Final = 50_000
_GZIP: Final = b"\x1f\x8b"
_WITH_OFFSET: Final = re.compile(r"[T ][0-9:.]+[+-][0-9]{2}:?[0-9]{2}$")
_TRAILING_ZERO: Final = re.compile(r"\.[0-9]*0(Z|[+-][0-9:]+)?$")


def script_remarks(file: Path) -> list[str]:
    """What the script would have made of a file, one sentence each.

    Raises:
        OSError: the file cannot be read.
    """
    with file.open("rb") as opened:
        data = opened.read(MAX_BYTES + 1)
    if data.startswith(_GZIP):
        return ["The sample script does not unpack: it would have sent nothing of this file."]
    if len(data) > MAX_BYTES:
        return [
            f"The file is larger than {MAX_BYTES // 1_000_000} MB and was not compared with the sample script."
        ]
    records = _records(data)
    if records is None:
        return [
            "The sample script would have refused this file, or sent a part of it: it is not JSON as it stands."
        ]
    return list(_of(records)) or ["The sample script would have sent these records as they are."]


def _records(data: bytes) -> list[Any] | None:
    """The records as the script reads them: an array, one object, or one object a line."""
    try:
        text = data.decode("utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig")
    except UnicodeDecodeError:
        return None
    for candidate in (text, f"[{','.join(filter(str.strip, text.splitlines()))}]"):
        try:
            found = json.loads(candidate)
        except (ValueError, RecursionError):
            continue
        return found if isinstance(found, list) else [found]
    return None


def _of(records: Sequence[Any]) -> Iterator[str]:
    objects = [one for one in records if isinstance(one, dict)]
    if len(records) == 1:
        yield (
            "It has one record: the sample script sent an empty body for it, and said that the upload was successful. "
            "Purview does not have this record."
        )
    elif len(records) > REQUEST_RECORDS:
        requests = -(-len(records) // REQUEST_RECORDS)
        yield (
            f"It needs {requests} requests: if one of them failed, the sample script ended with exit code 0 and never "
            "sent the rest."
        )
    if len(records) % REQUEST_RECORDS == 1 and len(records) > 1:
        yield "Its last request has one record, which the sample script sent as an object, not as a list."
    times = [one["EventTime"] for one in objects if isinstance(one.get("EventTime"), str)]
    yield from _counted(
        sum(bool(_WITH_OFFSET.search(one)) for one in times),
        "a time with an offset: the sample script rewrote it into the time zone of its computer. Purview may show "
        "another hour.",
    )
    yield from _counted(
        sum(bool(_TRAILING_ZERO.search(one)) for one in times),
        "a fraction of a second that ends in zero, which the sample script cut off: Purview takes the two for different texts.",
    )
    yield from _counted(
        sum(any(isinstance(value, dict | list) for value in one.values()) for one in objects),
        "a property that holds an object or a list: the sample script made it a text, or lost it.",
    )
    yield from _counted(
        len(records) - len(objects), "no object: the sample script sent it as it is, also null."
    )


def _counted(count: int, said: str) -> Iterator[str]:
    if count:
        yield f"{count:,} record{' has' if count == 1 else 's have'} {said}"
