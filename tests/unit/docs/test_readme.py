"""The README shows what Gatepost is at once, names what exists, and is short."""

import re

from local.host import ROOT
from tests.support.guides import DOCS, rows, section

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_first_screen_says_what_for_whom_and_shows_it() -> None:
    """Within 20 lines: the two names that matter, who it is for, the command to try it, and the output's beginning."""
    first_screen = "\n".join(README.splitlines()[:20])
    for words in (
        "Microsoft Purview",
        "Azure Function App",
        "For organisations",
        "make run",
        "Starting Azurite",
    ):
        assert words in first_screen


def test_every_make_target_it_names_exists() -> None:
    """A newcomer can type each of them."""
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"\bmake ([a-z]+)", README):
        assert re.search(rf"^{target}:|^{target} .*:", makefile, re.MULTILINE), target


def test_every_folder_has_its_row() -> None:
    """The layout names each folder with something of ours in it, and no other."""
    named = {
        name.strip("/")
        for row in rows(section(README, "Repository layout"))
        for name in re.findall(r"`([A-Za-z]+/)`", row[0])
    }
    ours = {path.name for path in ROOT.iterdir() if path.is_dir() and any(path.rglob("*.py"))}
    assert named - {"infra"} == {name for name in ours if not name.startswith(".")} - {"infra"}


def test_the_map_has_every_page() -> None:
    """docs/README.md links each page beside it, and the README links the map."""
    linked = set(re.findall(r"\]\(([a-z-]+\.md)\)", (DOCS / "README.md").read_text(encoding="utf-8")))
    assert linked == {path.name for path in DOCS.glob("*.md")} - {"README.md"}
    assert "(docs/README.md)" in README


def test_it_is_short() -> None:
    """Under 150 lines; the rest is in the guides."""
    assert len(README.splitlines()) < 150
