"""What a file is, if it is no JSON at all: told by how it begins, in words for a badge administrator.

A guess is called a guess. No sentence quotes the file.
"""

import re
from base64 import b64decode
from typing import Final

from shared.error_codes import RejectedCode
from shared.errors import ExportError, Place

_BINARY: Final = (
    (b"PK\x03\x04", "an Excel workbook or another zip file, whatever its name says"),
    (b"PK\x05\x06", "an empty zip file"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook or another Office document"),
    (b"%PDF", "a PDF"),
    (b"BZh", "packed with bzip2; only gzip is read"),
    (b"\xfd7zXZ\0", "packed with xz; only gzip is read"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd; only gzip is read"),
    (b"7z\xbc\xaf", "a 7-Zip archive; only gzip is read"),
    (b"Rar!\x1a", "a RAR archive; only gzip is read"),
    (b"x\x9c", "packed with zlib; only gzip is read"),
    (b"x\xda", "packed with zlib; only gzip is read"),
    (b"PAR1\x15", "a Parquet file"),
    (b"Obj\x01", "an Avro file"),
    (b"SQLite format 3\0", "an SQLite database"),
)
_EBCDIC: Final = re.compile(rb"[\xad\xba\x4a][\x15\x25\x40]*\xc0[\x15\x25\x40]*\x7f|\xc0[\x15\x25\x40]*\x7f")
"""`[`, `{` and a quote as mainframes write them."""

_ENCODED_TWICE: Final = re.compile(r'"(?:\s|\\[nrt])*(?:\[(?:\s|\\[nrt])*)?\{(?:\s|\\[nrt])*\\"')
_TEXTS: Final = (
    (re.compile("\ufeff"), "an invisible byte order mark stands where it should begin; remove it"),
    (_ENCODED_TWICE, "its JSON is written inside a text (encoded twice); write the list itself"),
    (re.compile(r"null\s*$"), "it is null; write [] for a day without events"),
    (re.compile(r"<{7} "), "it holds an unresolved merge of two versions"),
    (re.compile(r"<\d{1,3}>"), "it looks like syslog"),
    (
        re.compile(r"<!doctype\s+html|<html", re.IGNORECASE),
        "it is an HTML page, often an error message or a login page that was saved in place of the data",
    ),
    (re.compile("<"), "it looks like XML or HTML"),
    (re.compile(r"//|/\*|#"), "it begins with a comment, which JSON does not have"),
    (re.compile(r"HTTP/\d"), "it is an HTTP reply with its headers; save the reply's body alone"),
    (re.compile(r"version https://git-lfs"), "it is a Git LFS pointer, not the file itself"),
    (re.compile(r"-----BEGIN "), "it looks encrypted or signed"),
    (
        re.compile(r"JSON_[0-9A-F]{8}-"),
        "it is the printed output of sqlcmd with its heading; switch the heading off",
    ),
    (re.compile(r"%(?:5B|7B|EF%BB%BF)", re.IGNORECASE), "it looks URL-encoded"),
    (re.compile(r"@\{"), "it looks like PowerShell's own notation; use ConvertTo-Json"),
    (
        re.compile(r"(?:var|let|const|export|module)\b|[A-Za-z_$][\w$.]{0,60}\s{0,4}\(|\)\]\}'|while\s?\("),
        "it looks like JavaScript around the JSON; write the list alone",
    ),
    (re.compile(r"---\s|- "), "it looks like YAML"),
    (re.compile(r"[|+][-| +=]"), "it looks like a printed table"),
    (re.compile("'"), "it begins with a single quote, so it may be Python's or JavaScript's own notation"),
)
_HEAD: Final = 4_096
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]{8}[A-Za-z0-9+/]*={0,2}(?:\r?\n|$)")


def refuse_binary(head: bytes) -> None:
    """Refuse what is no text, by the first bytes of a file.

    Raises:
        ExportError: `not-json`, with what the file is; `wrong-encoding` for a mainframe's.
    """
    for mark, what in _BINARY:
        if head.startswith(mark):
            raise ExportError(
                RejectedCode.NOT_JSON,
                f"The file must begin with [ or {{; it is {what}.",
                place=Place(1, 1, 0),
            )
    if _EBCDIC.match(head):
        message = "The file is not UTF-8; it looks like EBCDIC, which mainframes write."
        raise ExportError(RejectedCode.WRONG_ENCODING, message, place=Place(1, 1, 0))


def begins_as(data: bytes) -> str:
    """What a text is that begins with none of JSON's brackets, as the end of a sentence."""
    text = data[:_HEAD].decode(errors="ignore")
    for pattern, what in _TEXTS:
        if pattern.match(text):
            return what
    if _is_base64(text):
        return "it looks like Base64; write the JSON itself"
    return "it looks like CSV or plain text" if text[:1] == '"' or text[:1].isalnum() else "it is not JSON"


def _is_base64(text: str) -> bool:
    """Whether a text's first characters are Base64 of what a JSON export begins with."""
    if not _BASE64.match(text):
        return False
    return b64decode(text[:8]).lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"[", b"{"))
