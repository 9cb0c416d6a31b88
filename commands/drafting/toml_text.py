"""Texts as TOML writes them: what comes out of a file can neither end a string nor a comment."""

import json
import re
from collections.abc import Iterable
from typing import Final

from shared.blob_names import printable

_PLAIN: Final = re.compile(
    r"[^'\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ud800-\udfff]*"
)
_ODD: Final = re.compile(r"[\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


def quoted(text: str) -> str:
    """A string; in single quotes where it has double ones or backslashes and nothing odd."""
    if ('"' in text or "\\" in text) and _PLAIN.fullmatch(text):
        return f"'{text}'"
    escaped = json.dumps(text, ensure_ascii=False)
    return _ODD.sub(lambda found: f"\\u{ord(found[0]):04x}", escaped)


def listed(texts: Iterable[str]) -> str:
    """A list of strings on one line."""
    return f"[{', '.join(map(quoted, texts))}]"


def comment(text: str) -> str:
    """A comment of one line."""
    return "# " + printable(text)
