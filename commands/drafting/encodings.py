"""Which encoding a file is in, guessed from its bytes; only a draft guesses, a profile declares.

A byte order mark and UTF-8 are certain. Of everything else the encoding is taken under which the characters beyond ASCII are the
letters that its languages use most.
"""

import codecs
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from shared.sources.lines import codec_of

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8", "UTF-8 with a byte order mark"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
    (b"\x84\x31\x95\x33", "gb18030", "GB18030 with a byte order mark"),
)
_WEST: Final = frozenset("äöüßÄÖÜéèêëàâçñåøæÅØÆÉíóúáïîôûùãõÁÍÓÚÑÇœŒ")
_TYPICAL: Final = (
    ("windows-1252", _WEST),
    ("windows-1250", frozenset("ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČŘŠŽőűăşţ")),
    ("windows-1251", frozenset(map(chr, range(0x0410, 0x0450)))),
    ("windows-1253", frozenset(map(chr, range(0x0386, 0x03CF)))),
    ("windows-1254", frozenset("çğıöşüÇĞİÖŞÜ")),
    ("windows-1255", frozenset(map(chr, range(0x05D0, 0x05EB)))),
    ("windows-1256", frozenset(map(chr, range(0x0621, 0x064B)))),
    ("cp850", _WEST),
)
_SAMPLE_CHARACTERS: Final = 20_000
_ENOUGH: Final = 0.9


@dataclass(frozen=True, slots=True)
class Encoding:
    """An encoding as a profile names it, in words for people, and whether it is certain."""

    name: str
    words: str
    certain: bool = True


def guess_encoding(data: bytes) -> Encoding:
    """The encoding of a file's bytes, which may end inside a character."""
    for mark, name, words in _MARKS:
        if data.startswith(mark):
            return Encoding(name, words)
    if data[1:200:2].count(0) > len(data[1:200:2]) * _ENOUGH:
        return Encoding("utf-16", "UTF-16 without a byte order mark", certain=False)
    text = _decoded(data, "utf-8")
    if text is not None:
        return Encoding("utf-8", "UTF-8" if not text.isascii() else "plain ASCII, read as UTF-8")
    return _legacy(data)


def decode(data: bytes, encoding: Encoding) -> str:
    """The text without a byte order mark; what does not decode becomes a replacement character."""
    name = encoding.name
    if name == "utf-16" and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        name = "utf-16-le"
    return data.decode(codec_of(name), "replace").removeprefix("\ufeff")


def _legacy(data: bytes) -> Encoding:
    """The encoding of text from before Unicode."""
    for name, fits in _WIDE:
        text = _decoded(data, codec_of(name))
        if text is not None and _share(text, fits) > _ENOUGH:
            return Encoding(name, name.upper(), certain=False)
    scores = []
    for name, letters in _TYPICAL:
        text = _decoded(data, codec_of(name))
        scores.append(_share(text, letters.__contains__) if text is not None else -1.0)
    name = _TYPICAL[scores.index(max(scores))][0]
    return Encoding(name, f"{name.title()}, often called ANSI" if "windows" in name else name, certain=False)


def _decoded(data: bytes, codec: str) -> str | None:
    """The text; `None` if the bytes are not in that encoding. The last character may be cut."""
    decoder = codecs.getincrementaldecoder(codec)()
    try:
        return decoder.decode(data)
    except UnicodeDecodeError:
        return None


def _share(text: str, fits: Callable[[str], bool]) -> float:
    """The share of characters beyond ASCII that fit."""
    beyond = [one for one in text if one > "\x7f"][:_SAMPLE_CHARACTERS]
    return sum(map(fits, beyond)) / len(beyond) if beyond else 0.0


def _frequent(codec: str, leads: range) -> Callable[[str], bool]:
    """Whether a character stands among the frequent ones of a Chinese encoding, whose first bytes are known."""

    def fits(character: str) -> bool:
        coded = character.encode(codec, "ignore")
        return len(coded) == 2 and coded[0] in leads  # noqa: PLR2004  (two bytes a character)

    return fits


def _is_kana_or_kanji(character: str) -> bool:
    return "\u3040" <= character <= "\u30ff" or _frequent("cp932", range(0x88, 0x98))(character)


_WIDE: Final[tuple[tuple[str, Callable[[str], bool]], ...]] = (
    ("euc-kr", lambda one: "\uac00" <= one <= "\ud7a3"),
    ("shift_jis", _is_kana_or_kanji),
    ("gb18030", _frequent("gb18030", range(0xB0, 0xD8))),
    ("big5", _frequent("cp950", range(0xA4, 0xC7))),
)
