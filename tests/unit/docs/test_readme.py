"""The README says what the code does: settings, defaults, commands."""

import re

from local.host import ROOT
from shared.settings import SETTINGS

README = (ROOT / "README.md").read_text()
REQUIRED_IN_AZURE = {
    "ExportStorage__blobServiceUri",
    "ExportStorage__queueServiceUri",
    "ExportStorage__credential",
    "ExportStorage__clientId",
    "AZURE_CLIENT_ID",
}


def _settings_table() -> dict[str, str]:
    rows = re.findall(r"^\| (`[^|]+`) \| ([^|]*?) ?\|", README.partition("## Settings")[2], re.MULTILINE)
    return {name: default.strip() for names, default in rows for name in re.findall(r"`([^`]+)`", names)}


def test_the_settings_table_is_the_codes() -> None:
    """What it says of a setting is true; docs/settings.md has them all."""
    table = _settings_table()
    assert set(table) <= set(SETTINGS)
    for name in table:
        setting = SETTINGS[name]
        if name in REQUIRED_IN_AZURE:
            assert table[name] == "required in Azure"
        elif setting.default is None:
            assert table[name] == "required"
        elif setting.default:
            assert table[name] == f"`{setting.default}`"
        else:
            assert table[name] in {"", "from the cloud"}


def test_every_make_target_it_names_exists() -> None:
    """A newcomer can type each of them."""
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"\bmake ([a-z]+)", README):
        assert re.search(rf"^{target}:|^{target} .*:", makefile, re.MULTILINE), target


def test_it_is_short() -> None:
    """Under 150 lines; the rest is in the guides."""
    assert len(README.splitlines()) < 150
