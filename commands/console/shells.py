r"""Words as a shell reads them back when a person pastes the command: whatever they hold, they stay one word of data.

The shell is known by SHELL; Windows, which has none, by what PowerShell adds to PSModulePath. A guess can be wrong, so
what is printed for cmd does no harm in PowerShell, and the other way round. A character that a terminal would obey, or
that it lacks, is written by its code where the shell has a way to.
"""

import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from enum import Enum, auto
from pathlib import PurePosixPath
from typing import Final

from shared.printable import escaped, is_shown


class Shell(Enum):
    """The shells that commands are printed for."""

    SH = auto()
    CMD = auto()
    POWERSHELL = auto()
    WINDOWS_POWERSHELL = auto()


_BY_NAME: Final = {"pwsh": Shell.POWERSHELL, "powershell": Shell.WINDOWS_POWERSHELL}
_PLAIN_IN_SH: Final = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")
_PLAIN_ON_WINDOWS: Final = re.compile(
    r"[A-Za-z0-9_./\\][A-Za-z0-9_./\\:=+-]*|--(?:[a-z-]+(?:=[A-Za-z0-9_./\\:+-]+)?)?"
)
_EXPANDED: Final = re.compile(r"([%$`])")
"""`%` by cmd, also between quotes; the others by PowerShell, should the guess be wrong."""
_META_OF_CMD: Final = re.compile(r'[()%!^"<>&|$`]')
_QUOTES_OF_POWERSHELL: Final = '"\u201c\u201d\u201e'
"""PowerShell takes curly quotes for straight ones."""
_BYTES: Final = range(0xDC80, 0xDD00)
"""What Python makes of bytes in a file name that are not UTF-8."""
_ONE_UNIT: Final = range(0x10000)


def current_shell(environment: Mapping[str, str] = os.environ, system: str = os.name) -> Shell:
    """The shell in which a printed command will most likely be pasted.

    Args:
        environment: the variables of this process.
        system: `os.name`.
    """
    named = environment.get("SHELL", "").replace("\\", "/")
    if named or system != "nt":
        return _BY_NAME.get(PurePosixPath(named).name.removesuffix(".exe").lower(), Shell.SH)
    modules = environment.get("PSModulePath", "").lower().split(";")
    profile = environment.get("USERPROFILE", "").lower()
    if not profile or not any(one.startswith(profile) for one in modules):
        return Shell.CMD  # it has only the modules of the machine; PowerShell adds its user's
    is_new = any("\\powershell\\7" in one for one in modules)
    return Shell.POWERSHELL if is_new else Shell.WINDOWS_POWERSHELL


def quoted(words: Sequence[str], shell: Shell) -> str:
    """A command line of these words."""
    return " ".join(_QUOTE[shell](word) for word in words)


def _for_sh(word: str) -> str:
    """Backslashes by their code as well: fish, which reads the rest alike, obeys them between single quotes."""
    if _PLAIN_IN_SH.fullmatch(word):
        return word
    if all(map(_is_written, word)) and "\\" not in word:
        return "'" + word.replace("'", "'\"'\"'") + "'"
    return f"$'{''.join(map(_in_sh, word))}'"


def _in_sh(character: str) -> str:
    number = ord(character)
    if number in _BYTES:
        return f"\\x{number - 0xDC00:02x}"
    return character if _is_written(character) and character not in "'\\" else f"\\U{number:08x}"


def _for_cmd(word: str) -> str:
    """Between double quotes cmd leaves all alone but `%`; a quote inside would end them, so then all is escaped."""
    word = "".join(one if _is_written(one) else escaped(one) for one in word)  # cmd has no codes
    if _PLAIN_ON_WINDOWS.fullmatch(word):
        return word
    if '"' in word or not word:
        return _META_OF_CMD.sub(r"^\g<0>", f'"{_for_c_library(word)}"')
    pieces = filter(None, _EXPANDED.split(word))
    return "".join(f"^{one}" if _EXPANDED.fullmatch(one) else f'"{_for_c_library(one)}"' for one in pieces)


def _for_c_library(word: str) -> str:
    """The inside of double quotes, as Microsoft's C library reads it: backslashes count before a quote only."""
    return re.sub(r"(\\+)\Z", r"\1\1", _with_quotes(word))


def _with_quotes(word: str) -> str:
    return re.sub(r'(\\*)"', r'\1\1\\"', word)


def _for_powershell(word: str) -> str:
    if _PLAIN_ON_WINDOWS.fullmatch(word):
        return word
    return '"' + "".join(map(_in_powershell, word)) + '"'


def _for_windows_powershell(word: str) -> str:
    """It hands words on without escaping, and in quotes only where they hold a space."""
    return _for_powershell(_for_c_library(word) if " " in word else _with_quotes(word))


def _in_powershell(character: str) -> str:
    if character in "$`":
        return f"`{character}"
    if _is_written(character) and character not in _QUOTES_OF_POWERSHELL:
        return character
    number = ord(character)
    return f"$([char]{number})" if number in _ONE_UNIT else f"$([char]::ConvertFromUtf32({number}))"


def _is_written(character: str) -> bool:
    """Whether the terminal shows this character as it is."""
    if not is_shown(character):
        return False
    try:
        character.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


_QUOTE: Final[Mapping[Shell, Callable[[str], str]]] = {
    Shell.SH: _for_sh,
    Shell.CMD: _for_cmd,
    Shell.POWERSHELL: _for_powershell,
    Shell.WINDOWS_POWERSHELL: _for_windows_powershell,
}
