"""Texts as TOML writes them: what comes out of a file can neither end a string nor a comment."""

import json
from collections.abc import Iterable

from shared.printable import is_shown, printable


def quoted(text: str) -> str:
    """A string; in single quotes where it has double ones or backslashes and nothing odd."""
    whole = text.encode("utf-8", "replace").decode()  # JSON can bring halves of characters, TOML cannot
    if ('"' in whole or "\\" in whole) and "'" not in whole and all(map(is_shown, whole)):
        return f"'{whole}'"
    escaped = json.dumps(whole, ensure_ascii=False)
    return "".join(one if is_shown(one) else f"\\U{ord(one):08x}" for one in escaped)


def listed(texts: Iterable[str]) -> str:
    """A list of strings on one line."""
    return f"[{', '.join(map(quoted, texts))}]"


def comment(text: str) -> str:
    """A comment of one line."""
    return "# " + printable(text)
