"""Settings out of a file, for people at a desk: what local.settings.json, the Azure CLI, or a plain list looks like."""

import json
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from pathlib import Path
from typing import Any, Final

from commands.console.errors import CommandError

_LINE: Final = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_:]*)\s*=\s*(.*)")
_HELP: Final = (
    "It may be a local.settings.json, what `az functionapp config appsettings list` prints, or lines like "
    "EXPORTS_QUEUE=badging-exports."
)


def read_settings_file(path: Path) -> dict[str, str]:
    """The settings a file holds.

    Args:
        path: a local.settings.json (its `Values`), the JSON the Azure CLI prints, or `NAME=value` lines.

    Raises:
        CommandError: it is not there, or is none of these.
    """
    try:
        data = path.read_bytes()
    except OSError:
        raise CommandError(
            f"The settings file {path} cannot be read.", "Check the name after --settings."
        ) from None
    try:
        # what `>` writes in Windows PowerShell is UTF-16
        text = data.decode("utf-16" if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig")
    except UnicodeDecodeError:
        raise CommandError(f"The settings file {path} is no text.", "Save it as UTF-8. " + _HELP) from None
    if text.lstrip()[:1] in ("{", "["):
        return _from_json(path, text)
    return _from_lines(path, text)


def _from_json(path: Path, text: str) -> dict[str, str]:
    try:
        document = json.loads(text)
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        raise CommandError(f"The settings file {path} is broken JSON, at line {line}.", _HELP) from None
    if isinstance(document, list):
        return _texts(path, {one.get("name"): one.get("value") for one in document if isinstance(one, dict)})
    return _texts(path, document.get("Values", document))


def _texts(path: Path, found: Any) -> dict[str, str]:
    if not isinstance(found, dict) or not found:
        raise CommandError(f"The settings file {path} holds no settings.", _HELP)
    return {
        str(name): value if isinstance(value, str) else json.dumps(value)
        for name, value in found.items()
        if value is not None
    }


def _from_lines(path: Path, text: str) -> dict[str, str]:
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        match = _LINE.fullmatch(stripped)
        if not match:
            raise CommandError(f"Line {number} of the settings file {path} is no NAME=value.", _HELP)
        found[match[1]] = _unquoted(match[2])
    return found


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value
