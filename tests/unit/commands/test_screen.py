"""Lines end before the width of a terminal and stay whole in a pipe."""

import pytest

from commands.console import screen
from shared.printable import printable

LONG = "  record 2 (line 3, column 1):" + " word" * 30


def test_a_wrapped_line_hangs_under_its_beginning(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With COLUMNS set, or on a terminal, lines fit and keep their indentation."""
    monkeypatch.setenv("COLUMNS", "60")
    screen.say(LONG)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 1
    assert all(len(line) < 60 and line.startswith("  ") and line == line.rstrip() for line in lines)


def test_a_pipe_gets_whole_lines(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What programs read is not broken."""
    monkeypatch.delenv("COLUMNS", raising=False)
    screen.say(LONG)
    assert capsys.readouterr().out == LONG + "\n"


def test_names_cannot_speak_to_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Control characters and rich's own markup in a name are shown, not obeyed."""
    screen.say(printable("a\x1b[31mb [red]c[/red].json"))
    assert capsys.readouterr().out == "a\\x1b[31mb [red]c[/red].json\n"


def test_a_text_goes_below_its_margin_where_there_is_no_room_beside_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a narrow terminal a column of two letters helps nobody."""
    monkeypatch.setenv("COLUMNS", "40")
    screen.say_aside("ok       connector host      ", "it answers over TLS")
    assert capsys.readouterr().out == "ok       connector host\n  it answers over TLS\n"
    monkeypatch.setenv("COLUMNS", "80")
    screen.say_aside("ok       connector host      ", "it answers over TLS")
    assert capsys.readouterr().out == "ok       connector host      it answers over TLS\n"
