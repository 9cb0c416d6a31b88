"""The settings that `make serve` writes are settings that the command-line tool reads."""

from pathlib import Path

from commands.settings_file import read_settings_file
from local.practice import write_settings
from shared.read_settings import read_settings
from shared.settings import SETTINGS
from tests.support.world import ENVIRONMENT


def test_what_serve_writes_the_tool_reads(tmp_path: Path) -> None:
    """All that the product needs, and nothing that is no setting of it."""
    file = tmp_path / "serve.env"
    write_settings(file, ENVIRONMENT | {"PATH": "/bin", "IDENTITY_ENDPOINT": "http://127.0.0.1:1"})
    read = read_settings_file(file, SETTINGS)
    assert read == ENVIRONMENT
    assert read_settings(read) == read_settings(ENVIRONMENT)
