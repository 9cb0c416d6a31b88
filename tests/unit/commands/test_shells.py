"""A name in a printed command reaches the program as it is, in every shell, and the shell obeys none of it."""

import contextlib
import io
import shutil
import subprocess
import sys
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from commands.console.shells import Shell, current_shell, quoted
from shared.printable import escaped, is_shown
from tests.support.shell_readers import ReadError, words_of_cmd, words_of_powershell

HOSTILE = [
    "a b.json",
    "it's.json",
    'say "hi".json',
    "x$(touch${IFS}pwned).json",
    "`touch pwned`.json",
    "y;touch z;#.json",
    "a&calc&b.json",
    'a"&calc&"b.json',
    "a|b>c<d.json",
    "%PATH%.json",
    "100%.json",
    "50%A%.json",
    "!!.json",
    "a^b.json",
    "(a).json",
    "@file.json",
    "a,b.json",
    "#a.json",
    "~/a.json",
    "-x.json",
    "--yes",
    "--%",
    "",
    " ",
    "C:\\my exports\\",
    "C:\\my exports\\day.json",
    'back\\"slash.json',
    "t\u00fcr \u2603 \U0001f6aa.json",
    "\u201cday\u201d \u201e.json",
    "\u2018day\u2019.json",
    "{a,b}.json",
    "[a-z]*?.json",
    "\\$HOME.json",
]
UNSEEN = [
    "a\x1b[31mb'.json",
    "a\nb.json",
    "day\u202enosj.json",
    "day\U000e0041.json",
    "a\\b\x07.json",
]
READERS: dict[Shell, Callable[[str], list[str]]] = {
    Shell.CMD: words_of_cmd,
    Shell.POWERSHELL: lambda line: words_of_powershell(line, is_windows_powershell=False),
    Shell.WINDOWS_POWERSHELL: lambda line: words_of_powershell(line, is_windows_powershell=True),
}
SHOWN = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp", "Cn", "Co"])).filter(
    lambda text: all(map(is_shown, text))
)
TRICKY = st.text(st.sampled_from("ab \"'\\$`%^&|<>()!;-=,\u201c\u201d\u2019A{}[]*?#~@"))
ANY = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


def _read_by(program: str, line: str) -> list[str]:
    done = subprocess.run(
        [program, "-c", f"printf '%s\\0' {line}"], capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"}
    )
    return done.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
def test_bash_gets_every_name_as_it_is() -> None:
    """Also what a terminal would obey, and bytes that are no UTF-8."""
    names = [*HOSTILE, *UNSEEN, "b\udcfcro.json", "b\udcff1.json"]
    assert _read_by("bash", quoted(names, Shell.SH)) == names


def test_sh_gets_every_name_that_is_shown() -> None:
    """What has no backslash and no control character needs nothing that only some shells have."""
    names = [name for name in HOSTILE if "\\" not in name]
    assert _read_by("sh", quoted(names, Shell.SH)) == names


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
@settings(max_examples=40, deadline=None)
@given(st.lists(ANY | TRICKY, min_size=20, max_size=40))
def test_bash_gets_any_names(names: list[str]) -> None:
    """Whatever text it is."""
    assert _read_by("bash", quoted(names, Shell.SH)) == names


@pytest.mark.parametrize("shell", READERS)
@pytest.mark.parametrize("name", HOSTILE)
def test_the_shells_of_windows_get_every_name_as_it_is(shell: Shell, name: str) -> None:
    """Nothing is run, expanded or split."""
    assert READERS[shell](quoted(["python", "--", name], shell)) == ["python", "--", name]


@pytest.mark.parametrize("shell", READERS)
@settings(max_examples=300, deadline=None)
@given(name=SHOWN | TRICKY)
@example(name='"')
@example(name='\\"')
@example(name="\\")
@example(name=' \\\\"\\')
def test_the_shells_of_windows_get_any_shown_name(shell: Shell, name: str) -> None:
    """Whatever text it is."""
    assert READERS[shell](quoted(["python", "--", name], shell)) == ["python", "--", name]


@pytest.mark.parametrize("name", UNSEEN)
def test_what_a_terminal_would_obey_is_written_by_its_code(name: str) -> None:
    """PowerShell gets the name itself; cmd, which has no codes, the name as messages show it."""
    for shell in READERS:
        line = quoted([name], shell)
        assert escaped(line) == line
    for shell in (Shell.POWERSHELL, Shell.WINDOWS_POWERSHELL):
        assert READERS[shell](quoted(["x", name], shell)) == ["x", name]
    assert words_of_cmd(quoted(["x", name], Shell.CMD)) == [
        "x",
        "".join(map(escaped, name)).replace("\\\\", "\\"),
    ]


@settings(max_examples=300, deadline=None)
@given(TRICKY.filter(lambda name: '"' not in name))
def test_a_wrong_guess_between_the_shells_of_windows_does_no_harm(name: str) -> None:
    """Files on Windows have no double quotes in their names: then each shell hands on words of the other's line."""
    assert len(words_of_cmd(quoted(["x", name], Shell.POWERSHELL).replace("%", ""))) == 2
    with contextlib.suppress(ReadError):  # a word that is not plain: an error message, and nothing is run
        words_of_powershell(quoted(["x", name], Shell.CMD), is_windows_powershell=True)


def test_a_terminal_that_lacks_a_character_gets_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command with a replacement in it could not be pasted."""
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert quoted(["t\u00fcr.json"], Shell.SH) == "$'t\\U000000fcr.json'"
    assert quoted(["t\u00fcr.json"], Shell.POWERSHELL) == '"t$([char]252)r.json"'
    assert quoted(["\U0001f6aa.json"], Shell.POWERSHELL) == '"$([char]::ConvertFromUtf32(128682)).json"'


_PS = "C:\\Users\\ann\\Documents\\WindowsPowerShell\\Modules;C:\\Program Files\\WindowsPowerShell\\Modules"
_PS7 = "C:\\Users\\ann\\Documents\\PowerShell\\Modules;C:\\program files\\powershell\\7\\Modules"
_MACHINE = (
    "C:\\Program Files\\WindowsPowerShell\\Modules;C:\\Windows\\system32\\WindowsPowerShell\\v1.0\\Modules"
)


@pytest.mark.parametrize(
    ("environment", "system", "shell"),
    [
        ({"SHELL": "/bin/bash"}, "posix", Shell.SH),
        ({"SHELL": "/usr/bin/fish"}, "posix", Shell.SH),
        ({}, "posix", Shell.SH),
        ({"SHELL": "/usr/bin/pwsh"}, "posix", Shell.POWERSHELL),
        ({"SHELL": "C:\\Program Files\\Git\\usr\\bin\\bash.exe", "PSModulePath": _PS}, "nt", Shell.SH),
        ({"USERPROFILE": "C:\\Users\\ann", "PSModulePath": _MACHINE}, "nt", Shell.CMD),
        ({}, "nt", Shell.CMD),
        ({"USERPROFILE": "C:\\Users\\Ann", "PSModulePath": _PS}, "nt", Shell.WINDOWS_POWERSHELL),
        ({"USERPROFILE": "C:\\Users\\Ann", "PSModulePath": _PS7}, "nt", Shell.POWERSHELL),
    ],
)
def test_the_shell_is_known_by_its_environment(
    environment: dict[str, str], system: str, shell: Shell
) -> None:
    """SHELL, where there is one; on Windows what PowerShell adds for its user."""
    assert current_shell(environment, system) is shell


def test_the_readers_notice_a_wrong_quote() -> None:
    """Each is told of a line that would run, expand or end something."""
    for line in ("x a&calc", 'x "a"&calc', "x a>b", "x a\nb"):
        with pytest.raises(ReadError):
            words_of_cmd(line)
    assert words_of_cmd('x "%PATH%"') == ["x", "C:\\Windows"]
    for line in ('x "$(calc)"', "x $a", 'x "a\u201d;calc"', "x (calc)", "x -a.b", 'x "a'):
        with pytest.raises(ReadError):
            words_of_powershell(line, is_windows_powershell=False)
