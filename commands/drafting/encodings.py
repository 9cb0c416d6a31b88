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
_LATIN: Final = (
    ("windows-1252", _WEST),
    ("windows-1250", frozenset("ąćęłńóśźżĄĆĘŁŃÓŚŹŻáčďéěíňřšťúůýžÁČŘŠŽőűăşţ")),
    ("windows-1254", frozenset("çğıöşüÇĞİÖŞÜ")),
    ("cp850", _WEST),
)
_OTHER_ALPHABETS: Final = (
    ("windows-1251", frozenset("оеаинтсрвл")),
    ("windows-1253", frozenset("αοιετσςνηυράέήίόύώ")),
    ("windows-1255", frozenset("יוהלאמרתבנ")),
    ("windows-1256", frozenset("الينموهرتب")),
)
"""The letters that each alphabet uses most; in those of the first kind they stand beside letters of ASCII."""

_COMMON_HANGUL: Final = frozenset(
    "이다는에의가하고지을한도로기사인대문입출구정시날짜성공실패거부승인자리부서명호번과일월카드장치설치상관전화결사용자권한없음열림닫힘"
)
_COMMON: Final = 0.3
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
        usual = _share(text, _COMMON_HANGUL.__contains__) > _COMMON if text and name == "euc-kr" else True
        if text is not None and usual and _share(text, fits) > _ENOUGH:
            return Encoding(name, name.upper(), certain=False)
    scores = {
        name: _typical(_decoded(data, codec_of(name)) or "", letters, latin=latin)
        for kinds, latin in ((_LATIN, True), (_OTHER_ALPHABETS, False))
        for name, letters in kinds
    }
    name = max(scores, key=lambda one: scores[one])
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


def _typical(text: str, letters: frozenset[str], *, latin: bool) -> float:
    """The share of characters beyond ASCII that are among the letters, with the neighbours that such letters have."""
    places = [at for at, one in enumerate(text) if one > "\x7f"][:_SAMPLE_CHARACTERS]
    fitting = [at for at in places if text[at] in letters and _beside_ascii(text, at) == latin]
    return len(fitting) / len(places) if places else 0.0


def _beside_ascii(text: str, at: int) -> bool:
    """Whether the letters around a place are of ASCII."""
    around = [one for one in text[max(at - 1, 0) : at] + text[at + 1 : at + 2] if one.isalpha()]
    return any(one.isascii() for one in around)


def _frequent(codec: str, leads: range) -> Callable[[str], bool]:
    """Whether a character stands among the frequent ones of a Chinese encoding, whose first bytes are known."""

    def fits(character: str) -> bool:
        coded = character.encode(codec, "ignore")
        return len(coded) == 2 and coded[0] in leads  # noqa: PLR2004  (two bytes a character)

    return fits


def _is_hangul(character: str) -> bool:
    return "\uac00" <= character <= "\ud7a3"


def _is_kana_or_kanji(character: str) -> bool:
    return "\u3040" <= character <= "\u30ff" or _frequent("cp932", range(0x88, 0x98))(character)


_WIDE: Final[tuple[tuple[str, Callable[[str], bool]], ...]] = (
    ("euc-kr", _is_hangul),
    ("shift_jis", _is_kana_or_kanji),
    ("gb18030", _frequent("gb18030", range(0xB0, 0xD8))),
    ("big5", _frequent("cp950", range(0xA4, 0xC7))),
)
