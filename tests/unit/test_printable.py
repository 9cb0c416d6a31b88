"""Text from outside is shown whole, and nothing in it is obeyed, turned or hidden."""

import json
import sys
import unicodedata

import pytest

from shared.printable import MAX_CHARACTERS, escaped, escaped_json, is_shown, printable

HOSTILE = {
    "escape sequence": ("day\x1b[31m.json", "day\\x1b[31m.json"),
    "line break": ("day\n2026 ERROR.json", "day\\n2026 ERROR.json"),
    "carriage return": ("day\r.json", "day\\r.json"),
    "null": ("day\0.json", "day\\x00.json"),
    "delete": ("day\x7f.json", "day\\x7f.json"),
    "C1 control": ("day\x9b31m.json", "day\\x9b31m.json"),
    "line separator": ("day\u2028.json", "day\\u2028.json"),
    "paragraph separator": ("day\u2029.json", "day\\u2029.json"),
    "right to left override": ("day\u202enosj.json", "day\\u202enosj.json"),
    "isolate": ("day\u2066.json", "day\\u2066.json"),
    "Arabic letter mark": ("day\u061c.json", "day\\u061c.json"),
    "soft hyphen": ("day\u00ad.json", "day\\xad.json"),
    "Mongolian vowel separator": ("day\u180e.json", "day\\u180e.json"),
    "zero width space": ("day\u200b.json", "day\\u200b.json"),
    "byte order mark": ("\ufeffday.json", "\\ufeffday.json"),
    "interlinear annotation": ("day\ufff9\ufffa\ufffb.json", "day\\ufff9\\ufffa\\ufffb.json"),
    "tag letters": ("day\U000e0041.json", "day\\U000e0041.json"),
    "variation selector": ("day\ufe0f.json", "day\\ufe0f.json"),
    "second row of variation selectors": ("day\U000e0100.json", "day\\U000e0100.json"),
    "Hangul filler": ("day\u3164.json", "day\\u3164.json"),
    "combining grapheme joiner": ("day\u034f.json", "day\\u034f.json"),
    "Braille blank": ("day\u2800.json", "day\\u2800.json"),
    "space that does not break": ("day\u00a0.json", "day\\xa0.json"),
    "private use": ("day\ue000.json", "day\\ue000.json"),
    "lone surrogate": ("day\ud800.json", "day\\ud800.json"),
    "byte that is no UTF-8": ("b\udcfcro.json", "b\\xfcro.json"),
    "backslash beside one of these": ("a\\day\x1b.json", "a\\\\day\\x1b.json"),
}
PLAIN = [
    "2026/11/22/lenel.json",
    "t\u00fcr \u2603 \U0001f6aa.json",
    "\u65e5\u672c/\u05d9\u05d5\u05dd/\u064a\u0648\u0645.json",
    "C:\\exports\\day.json",
    " .json ",
    "[red]c[/red].json",
]


@pytest.mark.parametrize(("text", "shown"), [pytest.param(*both, id=why) for why, both in HOSTILE.items()])
def test_what_a_reader_would_not_see_is_shown_by_its_code(text: str, shown: str) -> None:
    """The result is one line that can be encoded, and different for every text."""
    assert escaped(text) == printable(text) == shown
    assert len(shown.splitlines()) == 1
    assert shown.encode().decode() == shown


@pytest.mark.parametrize("text", PLAIN)
def test_ordinary_text_is_left_as_it_is(text: str) -> None:
    """Umlauts, other scripts, signs and the paths of Windows."""
    assert escaped(text) == printable(text) == text


def test_no_control_format_or_separator_of_unicode_is_taken_for_shown() -> None:
    """Every character of these categories, whichever Unicode this Python knows."""
    passed = [
        f"{number:04x}"
        for number in range(sys.maxunicode + 1)
        if unicodedata.category(chr(number)) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and is_shown(chr(number))
    ]
    assert passed == []


def test_a_long_name_is_cut_visibly() -> None:
    """200 characters are shown whole; of one more the beginning, three dots and a hash."""
    assert printable("x" * 200) == "x" * 200
    cut = printable("x" * 201)
    assert len(cut) == MAX_CHARACTERS
    assert cut.startswith("x" * 181 + "...")


def test_two_long_names_never_look_alike() -> None:
    """Names that differ only behind what is shown keep a hash of their own, which tells rows and alerts apart."""
    assert printable("x" * 250 + "a.json") != printable("x" * 250 + "b.json")


@pytest.mark.parametrize("before", range(170, 190))
def test_a_code_is_never_cut_in_two(before: int) -> None:
    """The hash begins behind a whole character or a whole code."""
    cut = printable("x" * before + "\u202e" * 50)
    beginning, _, digest = cut.rpartition("...")
    assert len(digest) == 16
    assert beginning.replace("\\u202e", "").strip("x") == ""
    assert len(cut) <= MAX_CHARACTERS


@pytest.mark.parametrize("text", [*(both[0] for both in HOSTILE.values()), *PLAIN])
def test_json_holds_the_same_text_and_shows_everything(text: str) -> None:
    """For programs nothing changes; a terminal that shows the document obeys nothing."""
    if any(0xD800 <= ord(one) <= 0xDFFF for one in text):
        text = escaped(text)
    document = json.dumps({"name": text}, ensure_ascii=False, indent=2).encode()
    written = escaped_json(document)
    assert json.loads(written) == {"name": text}
    assert escaped(written.decode().replace("\n", "")) == written.decode().replace("\n", "")
