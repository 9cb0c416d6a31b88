"""Settings from a file: a local.settings.json, what the Azure CLI prints, or a plain list."""

import json
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Container
from pathlib import Path
from typing import Any, Final

from commands.console.errors import CommandError
from commands.console.exit_codes import Exit
from shared.exports.rules import RULES

_LINE: Final = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_:]*)\s*=\s*(.*)")
_HELP: Final = (
    "It may be a local.settings.json, what `az functionapp config appsettings list` prints, or lines like "
    "EXPORTS_QUEUE=badging-exports."
)


def read_settings_file(path: Path, known: Container[str]) -> dict[str, str]:
    """The settings a file holds.

    Args:
        path: a local.settings.json (its `Values`), the JSON the Azure CLI prints, or `NAME=value` lines.
        known: names of settings; a file with none of them is a wrong file.

    Raises:
        CommandError: it does not exist, or is none of these.
    """
    text = _text(path)
    found = _from_json(path, text) if text.lstrip()[:1] in ("{", "[") else _from_lines(path, text)
    if not any(name in known for name in found):
        raise CommandError(f"The settings file {path} has no setting of Gatepost.", _HELP)
    return found


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        help_text = "Check the name after --settings (or in GATEPOST_SETTINGS)."
        raise CommandError(f"File not found: {path}", help_text, Exit.NOT_FOUND) from None
    except OSError as error:
        help_text = "Check the name after --settings (or in GATEPOST_SETTINGS), and that you may read it."
        raise CommandError(f"The settings file {path} cannot be read: {error.strerror}.", help_text) from None
    try:
        # what `>` writes in Windows PowerShell is UTF-16
        return data.decode("utf-16" if data.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig")
    except UnicodeDecodeError:
        message = f"The settings file {path} is not a text file."
        raise CommandError(message, "Save it as UTF-8. " + _HELP) from None


def _from_json(path: Path, text: str) -> dict[str, str]:
    try:
        document = json.loads(text)
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        raise CommandError(f"The settings file {path} is not valid JSON: line {line}.", _HELP) from None
    _refuse_export(path, document)
    if isinstance(document, list):
        pairs = {one.get("name"): one.get("value") for one in document if isinstance(one, dict)}
        return _texts(path, pairs)
    return _texts(path, document.get("Values", document))


def _refuse_export(path: Path, document: Any) -> None:
    """Refuse an export that is named in the place of the settings.

    Raises:
        CommandError: the document is an export.
    """
    first = document[0] if isinstance(document, list) and document else document
    if isinstance(first, dict) and not RULES.required.isdisjoint(first):
        help_text = "Name the export without --settings, and the file with the app settings after --settings."
        raise CommandError(f"{path} is an export, not a settings file.", help_text)


def _texts(path: Path, found: Any) -> dict[str, str]:
    if not isinstance(found, dict) or not found:
        raise CommandError(f"The settings file {path} has no settings.", _HELP)
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
            raise CommandError(f"Line {number} of the settings file {path} is not NAME=value.", _HELP)
        found[match[1]] = _unquoted(match[2])
    return found


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value
