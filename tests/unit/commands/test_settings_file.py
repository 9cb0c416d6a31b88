"""Settings files in the three forms people have."""

import json
from pathlib import Path

import pytest

from commands.console.errors import CommandError
from commands.settings_file import read_settings_file

KNOWN = {"A_B", "C"}


def _file(folder: Path, text: str | bytes) -> Path:
    path = folder / "settings"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"IsEncrypted": False, "Values": {"A_B": "x y", "C": "1"}}),
        json.dumps([{"name": "A_B", "slotSetting": False, "value": "x y"}, {"name": "C", "value": "1"}]),
        json.dumps({"A_B": "x y", "C": 1}),
        "# a comment\n\nA_B=x y\nexport C = '1'\n",
        b'\xef\xbb\xbfA_B=x y\r\nC="1"\r\n',
        json.dumps({"A_B": "x y", "C": "1"}).encode("utf-16"),
    ],
    ids=["local.settings.json", "azure cli", "flat json", "lines", "lines from Windows", "PowerShell's >"],
)
def test_every_form_gives_the_same_settings(tmp_path: Path, text: str | bytes) -> None:
    """local.settings.json, the Azure CLI's JSON, a flat object and lines mean the same."""
    assert read_settings_file(_file(tmp_path, text), KNOWN) == {"A_B": "x y", "C": "1"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("A=1\nnonsense\n", "Line 2"),
        ('{"Values": {"A": 1,}}', "not valid JSON: line 1"),
        ('{"Values": {}}', "has no settings"),
        ("[1, 2]", "has no settings"),
        (b"\xff\xfe\x00", "is not a text file"),
        ('[{"UserId": "a@example.com"}]', "is an export"),
        ('{"EventTime": "2026"}\n{"EventTime": "2026"}', "not valid JSON"),
        ("B=1", "has no setting of Gatepost"),
        (b"A=\xfc", "is not a text file"),
    ],
)
def test_what_is_none_of_them_is_refused_with_the_place(tmp_path: Path, text: str | bytes, says: str) -> None:
    """A settings file that cannot be read says where and what it should be."""
    with pytest.raises(CommandError, match=says) as raised:
        read_settings_file(_file(tmp_path, text), KNOWN)
    assert raised.value.help


def test_a_missing_file_is_an_error_in_words(tmp_path: Path) -> None:
    """A wrong name is said, not traced."""
    with pytest.raises(CommandError, match="File not found"):
        read_settings_file(tmp_path / "none", KNOWN)
