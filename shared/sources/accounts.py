"""Whether a text may be a UserId: the rule of records, asked for one property alone."""

import json
import re
from functools import lru_cache
from typing import Final

from shared.exports.decoding import Decoded
from shared.exports.validate import Valid, validate_record

_SURE: Final = re.compile(r"[!-?A-~]{1,64}@[!-?A-~]{1,255}")
_REST: Final = {"AssetId": "door", "EventTime": "2026-11-22T05:00:00", "AccessStatus": "Success"}


def is_account(text: str) -> bool:
    """Whether the rules of records take this text as UserId."""
    return _SURE.fullmatch(text) is not None or _judged(text)


@lru_cache(maxsize=1024)
def _judged(text: str) -> bool:
    value = _REST | {"UserId": text}
    return isinstance(
        validate_record(Decoded(value, json.dumps(value).encode(), repeated=False, inexact=False)), Valid
    )
