"""What a file is, if it is none that a profile can read: said by its first bytes, with what to do about it."""

import re
from typing import Final

from shared.error_codes import RejectedCode
from shared.errors import ExportError, Place

_BINARY: Final = (
    (b"PK\x03\x04", "an Excel workbook or another zip file", "save the sheet as CSV UTF-8"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "save the sheet as CSV UTF-8"),
    (b"%PDF", "a PDF", "have the system export a table (CSV) instead"),
)
_TEXTS: Final = (
    (
        re.compile(r"<\?xml|<!doctype|<html|<soap", re.IGNORECASE),
        "XML or HTML",
        "have the system export CSV or JSON, or convert the file",
    ),
    (
        re.compile(r"(?:<[0-9]{1,3}>[^\n]{0,200})?[^\n]{0,100}CEF:[0-9]"),
        "CEF, a syslog format",
        "have the system export CSV or JSON, or convert the file",
    ),
    (re.compile(r"<[0-9]{1,3}>"), "syslog", "have the system export CSV or JSON, or convert the file"),
    (
        re.compile(r'[\w.-]+ ?= ?"[^"\n]*"[ ,;]+[\w.-]+ ?= ?"'),
        'lines of key="value"',
        "have the system export CSV or JSON, or convert the file",
    ),
)
_UTF16_CHARACTERS: Final = 20


def refuse_binary(head: bytes) -> None:
    """Refuse what is no text at all.

    Raises:
        ExportError: `not-a-table`, with what the file is.
    """
    for mark, what, remedy in _BINARY:
        if head.startswith(mark):
            raise _foreign(what, remedy)


def refuse_text(head: str) -> None:
    """Refuse a text that no table begins with.

    Raises:
        ExportError: `not-a-table`, with what the file is; `wrong-encoding` for UTF-16 that is not declared.
    """
    begin = head.lstrip()
    for pattern, what, remedy in _TEXTS:
        if pattern.match(begin):
            raise _foreign(what, remedy)
    for every_other in (head[: 2 * _UTF16_CHARACTERS : 2], head[1 : 2 * _UTF16_CHARACTERS : 2]):
        if len(every_other) == _UTF16_CHARACTERS and not every_other.strip("\0"):
            message = 'The export looks like UTF-16 without a byte order mark; the profile must say encoding = "utf-16".'
            raise ExportError(RejectedCode.WRONG_ENCODING, message, place=Place(1, 1, 0))


def _foreign(what: str, remedy: str) -> ExportError:
    message = f"The export is no table of text: it looks like {what}. To be read, {remedy}."
    return ExportError(RejectedCode.NOT_A_TABLE, message, place=Place(1, 1, 0))
