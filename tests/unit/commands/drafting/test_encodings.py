"""Which encoding a file is in."""

import pytest

from commands.drafting.encodings import decode, guess_encoding

WESTERN = "Datum;Tür\n2026-11-22;Büro Nürnberg\n2026-11-22;Café Zoë\n"
CYRILLIC = "Дата;Дверь\n2026-11-22;Главный вход\n"
POLISH = "Data;Drzwi\n2026-11-22;Wejście główne, Łódź\n"
GREEK = "Ημερομηνία;Πόρτα\n2026-11-22;Κεντρική είσοδος\n"
JAPANESE = "日付;扉\n2026-11-22;せいもん 入口\n"
KOREAN = "날짜;문\n2026-11-22;정문 출입구\n"
CHINESE = "日期;门\n2026-11-22;大门入口 正常开门\n"
TAIWANESE = "日期;門\n2026-11-22;大門入口 正常開門\n"


@pytest.mark.parametrize(
    ("text", "codec", "name", "certain"),
    [
        (WESTERN, "utf-8", "utf-8", True),
        (WESTERN, "utf-8-sig", "utf-8", True),
        ("plain\n", "ascii", "utf-8", True),
        (WESTERN, "utf-16", "utf-16", True),
        (WESTERN, "utf-16-le", "utf-16", False),
        (WESTERN, "cp1252", "windows-1252", False),
        (WESTERN, "cp850", "cp850", False),
        (CYRILLIC, "cp1251", "windows-1251", False),
        (POLISH, "cp1250", "windows-1250", False),
        (GREEK, "cp1253", "windows-1253", False),
        (JAPANESE, "cp932", "shift_jis", False),
        (KOREAN, "cp949", "euc-kr", False),
        (CHINESE, "gb18030", "gb18030", False),
        (TAIWANESE, "cp950", "big5", False),
    ],
)
def test_the_encoding_is_the_one_that_the_file_was_written_in(
    text: str, codec: str, name: str, *, certain: bool
) -> None:
    """UTF-8 and byte order marks are certain, the rest is told by the letters of its languages."""
    data = text.encode(codec)
    found = guess_encoding(data)
    assert (found.name, found.certain) == (name, certain)
    assert decode(data, found) == text


def test_a_file_that_was_cut_inside_a_character_is_still_utf_8() -> None:
    """Only the first part of a large file is read for a draft."""
    assert guess_encoding("Tür ü".encode()[:-1]).name == "utf-8"
