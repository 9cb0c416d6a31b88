"""How cmd and PowerShell read a line, and Microsoft's C library the words in it; enough of it to catch a wrong quote.

Written from what Microsoft documents ("about_Quoting_Rules", "about_Parsing", "Parsing C command-line arguments") and from
the known phases of cmd at its prompt: percent signs first, then carets and quotes.
"""

import re
from typing import Final

_CURLY: Final = "\u201c\u201d\u201e"
_ENVIRONMENT: Final = {"PATH": "C:\\Windows", "A": "expanded", "USERNAME": "ann"}


class ReadError(Exception):
    """The shell would do something else than hand on words."""


def words_of_cmd(line: str) -> list[str]:
    """The words a program gets when this line is pasted at the prompt of cmd.

    Raises:
        ReadError: cmd would run or redirect something.
    """
    expanded = re.sub(r"%([^%]+)%", lambda one: _ENVIRONMENT.get(one[1].upper(), one[0]), line)
    handed, in_quotes, escaped = "", False, False
    for character in expanded:
        if character in "\n\r":
            raise ReadError("the line ends")
        if escaped:
            handed, escaped = handed + character, False
        elif character == "^" and not in_quotes:
            escaped = True
        elif character in "&|<>()" and not in_quotes:
            raise ReadError(f"{character} is obeyed")
        else:
            in_quotes ^= character == '"'
            handed += character
    return words_of_c_library(handed)


def words_of_c_library(line: str) -> list[str]:
    """What `main` of a program on Windows is given for a command line."""
    words: list[str] = []
    word, in_quotes, begun, at = "", False, False, 0
    while at < len(line):
        backslashes = re.compile(r"\\*").match(line, at)
        assert backslashes is not None
        number, at = len(backslashes[0]), backslashes.end()
        if at < len(line) and line[at] == '"':
            word += "\\" * (number // 2)
            begun = True
            if number % 2:
                word += '"'
            else:
                in_quotes = not in_quotes
            at += 1
            continue
        word, begun = word + "\\" * number, begun or number > 0
        if at < len(line):
            if line[at] in " \t" and not in_quotes:
                words, word, begun = words + [word] * begun, "", False
            else:
                word, begun = word + line[at], True
            at += 1
    return words + [word] * begun


def words_of_powershell(line: str, *, is_windows_powershell: bool) -> list[str]:
    """The words a program gets when this line is pasted in PowerShell.

    Args:
        line: that is pasted.
        is_windows_powershell: the one that comes with Windows hands a word on as it is, in quotes if it has a space.

    Raises:
        ReadError: PowerShell would run or expand something.
    """
    words = [_word_of_powershell(one) for one in _split(line)]
    if not is_windows_powershell:
        return words
    return words_of_c_library(" ".join(f'"{one}"' if " " in one or not one else one for one in words))


def _split(line: str) -> list[str]:
    found = re.findall(rf'"(?:`.|\$\(\[char\][^)]*(?:\([0-9]+\))?\)|[^"`{_CURLY}])*"|[^ ]+', line, re.DOTALL)
    if " ".join(found) != line:
        raise ReadError("a quote ends early")
    return found


def _word_of_powershell(text: str) -> str:
    if not text.startswith('"'):
        if re.search(r"[^A-Za-z0-9_./\\:=+-]", text) or re.match(r"-[^-].*\.", text):
            raise ReadError(f"{text} is no plain word")
        return text
    word = re.sub(
        r"`(.)|\$\(\[char\]([0-9]+)\)|\$\(\[char\]::ConvertFromUtf32\(([0-9]+)\)\)|(\$)",
        _expanded,
        text[1:-1],
    )
    if any(one in text[1:-1] for one in _CURLY) or len(text) == 1 or not text.endswith('"'):
        raise ReadError("a quote ends early, or never")
    return word


def _expanded(found: re.Match[str]) -> str:
    if found[4]:
        raise ReadError("a dollar is expanded")
    return found[1] or chr(int(found[2] or found[3]))
