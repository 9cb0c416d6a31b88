"""Settings files in the three forms people have."""

import json
from pathlib import Path

import pytest

from commands.console.errors import CommandError
from commands.settings_file import read_settings_file


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
    assert read_settings_file(_file(tmp_path, text)) == {"A_B": "x y", "C": "1"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("A=1\nnonsense\n", "Line 2"),
        ('{"Values": {"A": 1,}}', "broken JSON, at line 1"),
        ('{"Values": {}}', "holds no settings"),
        ("[1, 2]", "holds no settings"),
        (b"\xff\xfe\x00", "is no text"),
        (b"A=\xfc", "is no text"),
    ],
)
def test_what_is_none_of_them_is_refused_with_the_place(tmp_path: Path, text: str | bytes, says: str) -> None:
    """A settings file that cannot be read says where and what it should be."""
    with pytest.raises(CommandError, match=says) as raised:
        read_settings_file(_file(tmp_path, text))
    assert raised.value.help


def test_a_missing_file_is_an_error_in_words(tmp_path: Path) -> None:
    """A wrong name is said, not traced."""
    with pytest.raises(CommandError, match="cannot be read"):
        read_settings_file(tmp_path / "none")
