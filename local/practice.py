"""Settings with which the command-line tool works on what `make serve` runs, so that people can practise."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from local.host import ROOT
from shared.settings import SETTINGS

SETTINGS_FILE: Final = ROOT / "local/serve.env"


def write_settings(file: Path, environment: Mapping[str, str]) -> None:
    """Write the settings of what runs here: NAME=value lines. The connection string is Azurite's, which everybody knows."""
    lines = [f"{name}={value}" for name, value in environment.items() if name in SETTINGS]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
