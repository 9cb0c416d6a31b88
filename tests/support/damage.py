"""Good exports and 53 named ways in which such files are broken on their way, each with the code that is to be said.

What is expected follows from how the damage was done, not from what the reader says about it.
"""

import base64
import bz2
import gzip
import html
import io
import json
import lzma
import random
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from tests.support.exports import record

NAMES: Final = ("Büro 1", "Haupteingang Süd", "東京 7", "Entrée", "Größe")
STATUS: Final = ("Success", "Failed")


@dataclass(frozen=True)
class Good:
    """A good export.

    Attributes:
        records: in it, as JSON values.
        lines: each record's JSON text.
        text: of the file.
        chance: whatever a way of breaking it leaves open.
    """

    records: list[dict[str, Any]]
    lines: list[str]
    text: str
    chance: random.Random

    @property
    def in_list(self) -> bool:
        """Whether the file is a list, and not one record a line."""
        return self.text.startswith("[")

    @property
    def one_a_line(self) -> str:
        """The same records, one a line."""
        return "".join(f"{line}\n" for line in self.lines)

    @property
    def as_list(self) -> str:
        """The same records as a list."""
        return "[" + ",\n".join(self.lines) + "]\n"

    def place_in(self, text: str, wanted: str) -> int:
        """Any place behind which a text has the wanted characters."""
        places = [at for at in range(len(text)) if text.startswith(wanted, at)]
        return self.chance.choice(places)


def good(chance: random.Random) -> Good:
    """A good export, whatever it holds and in whichever form."""
    records = [
        record(
            chance.randrange(1, 999_999),
            AssetName=chance.choice(NAMES),
            AccessStatus=chance.choice(STATUS),
            EventTime=f"2026-11-{chance.randrange(1, 31):02d}T{chance.randrange(24):02d}:15:00",
            **({"Floor": chance.randrange(-2, 40), "Note": "a b"} if chance.random() < 0.3 else {}),
        )
        for _ in range(chance.randrange(2, 30))
    ]
    lines = [json.dumps(one, ensure_ascii=False) for one in records]
    text = chance.choice([
        "[" + ",\n".join(lines) + "]\n",
        json.dumps(records, indent=2, ensure_ascii=False),
        json.dumps(records, separators=(",", ":"), ensure_ascii=False),
        "\n".join(lines) + "\n",
        "\r\n".join(lines),
    ])  # fmt: skip
    return Good(records, lines, text, chance)


type Broken = bytes | str
type Way = Callable[[Good], Broken]


def _cut(good: Good, text: str) -> str:
    """Ends somewhere inside a record."""
    line = good.chance.choice(good.lines)
    within = text.index(line[:20]) if line[:20] in text else 0
    return text[: within + good.chance.randrange(2, 15)]


def _zeros_from(good: Good) -> bytes:
    data = good.text.rstrip().encode()
    at = good.chance.randrange(len(data) // 4, len(data) - 20)
    while data[at] & 0xC0 == 0x80:  # not inside a character
        at += 1
    return data[:at] + bytes(len(data) - at)


def _inserted(good: Good, wanted: str, what: str) -> str:
    """With something inserted behind any place where the text has the wanted characters."""
    at = good.place_in(good.text, wanted) + len(wanted)
    return good.text[:at] + what + good.text[at:]


def _without_first(good: Good) -> str:
    text = good.text
    at = good.chance.randrange(1, len(text) // 2)
    while text[at] in "[{ \t\r\n/#'-<|+":
        at += 1
    return text[at:]


def _text_mode(packed: bytes) -> bytes:
    return packed.replace(b"\n", b"\r\n")


def _packed_with_line_feed(good: Good) -> bytes:
    for level in range(1, 10):
        packed = gzip.compress(good.text.encode(), level)
        if b"\n" in packed[10:]:
            return packed
    blanks = "".join(random.Random(1).choices(" \t", k=20_000))
    return gzip.compress((good.text + blanks).encode())


def _workbook(good: Good) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", good.text)
    return file.getvalue()


def _wrapped_at(good: Good) -> str:
    """Broken into lines of one width, as consoles do, with at least one break inside a text."""
    text = good.as_list.replace("\n", "")
    width = text.index('"UserId": "') + 15
    return text[:width] + "\r\n" + text[width:]


def _as_page(good: Good, number: int) -> dict[str, Any]:
    return {"page": number, good.chance.choice(["items", "events", "data"]): good.records}


WAYS: Final[dict[str, tuple[str, Way]]] = {
    # encodings
    "Windows-1252": ("wrong-encoding", lambda good: good.as_list.replace("東京", "ü").encode("cp1252")),
    "UTF-16 LE without a mark": ("wrong-encoding", lambda good: good.text.encode("utf-16-le")),
    "UTF-16 BE without a mark": ("wrong-encoding", lambda good: good.text.encode("utf-16-be")),
    "UTF-32": ("wrong-encoding", lambda good: good.text.encode(good.chance.choice(["utf-32", "utf-32-be"]))),
    "EBCDIC": ("wrong-encoding", lambda good: json.dumps(good.records).encode("cp037")),
    "UTF-8, then Windows-1252": (
        "wrong-encoding",
        lambda good: good.one_a_line.encode() + good.one_a_line.replace("東京", "ü").encode("cp1252"),
    ),
    "UTF-8, then UTF-16": (
        "wrong-encoding", lambda good: good.text.encode() + b"\r\n" + good.one_a_line.encode("utf-16-le"),
    ),
    "UTF-16, then UTF-8": (
        "wrong-encoding",
        lambda good: (good.one_a_line).encode("utf-16") + json.dumps(good.records[0]).encode() + b"\n",
    ),
    "a mark that lies": ("wrong-encoding", lambda good: b"\xfe\xff" + good.text.encode("utf-16-le")),
    "UTF-16 behind a mark of UTF-8": ("wrong-encoding", lambda good: b"\xef\xbb\xbf" + good.text.encode("utf-16-le")),
    "one byte of another encoding": (
        "wrong-encoding", lambda good: _inserted(good, '"AssetName"', "\udcfc").encode(errors="surrogateescape"),
    ),
    # joins
    "lists joined": ("broken-json", lambda good: good.as_list + good.as_list),
    "lines behind a list": ("broken-json", lambda good: good.as_list + good.one_a_line),
    "a list behind lines": ("broken-json", lambda good: good.one_a_line + good.as_list),
    "files with marks joined": ("broken-json", lambda good: f"\ufeff{good.one_a_line}\ufeff{good.one_a_line}"),
    "two marks": ("not-json", lambda good: f"\ufeff\ufeff{good.text}"),
    "an error page behind": ("broken-json", lambda good: f"{good.text}\n<html><body>504 Gateway</body></html>"),
    "a program's word before": ("not-json", lambda good: f"Exporting {len(good.lines)} records\r\n{good.text}"),
    "a program's word behind": ("broken-json", lambda good: f"{good.text}\r\n({len(good.lines)} rows affected)"),
    "text behind gzip": ("broken-gzip", lambda good: gzip.compress(good.text.encode()) + good.text.encode()),
    # paddings
    "NUL bytes behind": ("truncated", lambda good: good.text.encode() + bytes(good.chance.randrange(1, 5_000))),
    "NUL bytes from some place on": ("truncated", _zeros_from),
    "NUL bytes only": ("truncated", lambda good: bytes(len(good.text))),
    "white space only": ("empty-export", lambda good: " \r\n\t" * len(good.lines)),
    "Ctrl-Z behind": ("broken-json", lambda good: f"{good.text}\r\n\x1a"),
    "an invisible space": (
        "broken-json", lambda good: _inserted(good, '":', good.chance.choice(["\u00a0", "\u200b", "\u2003", "\ufeff"])),
    ),
    # wrappers
    "an object around the list": ("wrong-top-level", lambda good: json.dumps({"value": good.records, "count": 3})),
    "two objects around the list": ("wrong-top-level", lambda good: json.dumps({"d": {"results": good.records}})),
    "a search engine's answer": (
        "wrong-top-level",
        lambda good: json.dumps({"took": 1, "hits": {"hits": [{"_source": one} for one in good.records]}}),
    ),
    "pages in a list": ("wrong-top-level", lambda good: json.dumps([_as_page(good, 1), _as_page(good, 2)])),
    "pages one a line": (
        "wrong-top-level", lambda good: "\n".join(json.dumps(_as_page(good, number)) for number in (1, 2, 3)),
    ),
    "an object around each record": (
        "wrong-top-level", lambda good: "\n".join(json.dumps({"result": one}) for one in good.records),
    ),
    "a list in a text": ("not-json", lambda good: json.dumps(good.as_list)),
    "records in texts": ("broken-json", lambda good: json.dumps(good.lines)),
    # quoting and punctuation
    "single quotes": ("broken-json", lambda good: str(good.records)),
    "typographic quotes": ("broken-json", lambda good: good.text.replace('"', "\u201d")),
    "names without quotes": ("broken-json", lambda good: good.text.replace('"UserId"', "UserId")),
    "a quote inside a text": ("broken-json", lambda good: _inserted(good, "@example", '"')),
    "a backslash inside a text": ("broken-json", lambda good: _inserted(good, "@example", "\\d")),
    "a line break inside a text": ("broken-json", _wrapped_at),
    "a comma too many": (
        "broken-json", lambda good: _inserted(good, good.records[0]["EventTime"] + '"', ",,"),
    ),
    "a comma too few": ("broken-json", lambda good: good.text.replace(",", " ", 1)),
    "a comment": ("broken-json", lambda good: _inserted(good, "{", "/* the door */")),
    "a word that JSON has not": ("broken-json", lambda good: _inserted(good, '":', good.chance.choice(["None", "NaN"]) + ",")),
    # truncation and copies
    "cut in a record": ("truncated", lambda good: _cut(good, good.chance.choice([good.as_list, good.one_a_line]))),
    "gzip cut": ("broken-gzip", lambda good: gzip.compress(good.text.encode())[: -good.chance.randrange(1, 60)]),
    "gzip copied as text": ("broken-gzip", lambda good: _text_mode(_packed_with_line_feed(good))),
    "the beginning lost": ("not-json", _without_first),
    # wrong tools
    "CSV": ("not-json", lambda good: "UserId,AssetId\r\n" + "\r\n".join(one["UserId"] for one in good.records)),
    "a workbook or another archive": (
        "not-json",
        lambda good: good.chance.choice([_workbook(good), bz2.compress(good.text.encode()), lzma.compress(good.text.encode())]),
    ),
    "XML, YAML or a program's notation": (
        "not-json",
        lambda good: good.chance.choice([
            f"<events>{html.escape(good.text)}</events>", f"- UserId: {good.records[0]['UserId']}\n", f"var a = {good.text};",
            f"callback({good.text})", f"@{{UserId={good.records[0]['UserId']}}}",
        ]),
    ),
    "encoded for another way": (
        "not-json",
        lambda good: good.chance.choice([base64.b64encode(good.text.encode()), quote(good.text).encode()]),
    ),
    "escaped for HTML": ("broken-json", lambda good: html.escape(good.text)),
}  # fmt: skip


def damaged(way: str, chance: random.Random) -> tuple[bytes, str]:
    """A good file broken in one way, and the code that is to be said of it."""
    code, break_ = WAYS[way]
    data = break_(good(chance))
    return (data.encode() if isinstance(data, str) else data), code
