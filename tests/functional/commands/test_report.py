"""`gatepost.py report`: the page, where a person wants it."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from commands.console.exit_codes import Exit
from commands.context import CommandContext
from commands.program import app
from tests.support.exports import export
from tests.support.world import World


@pytest.fixture
def world() -> World:
    """A world with one good and one broken export."""
    world = World()
    world.upload("good.json", export(7))
    world.upload("broken.json", b"[")
    world.run()
    return world


def _run(world: World, *words: str) -> Result:
    return CliRunner().invoke(
        app,
        ["report", *words],
        obj=CommandContext(environment={}, build=lambda _: world.deps, sources=lambda _: world.sources),
    )


def test_the_page_is_written_where_it_is_wanted(world: World, tmp_path: Path) -> None:
    """The file holds the report; the command says how many exports are in it."""
    page = tmp_path / "page.html"
    done = _run(world, "--to", str(page))
    assert (done.exit_code, "Report of 2 exports written to" in done.output) == (Exit.DONE, True)
    assert "broken.json" in page.read_text("utf-8")


def test_the_page_needs_nothing_that_is_elsewhere(world: World, tmp_path: Path) -> None:
    """A downloaded page has no links, which would ask for a login that a browser does not send; details are in it."""
    page = tmp_path / "page.html"
    _run(world, "--to", str(page))
    text = page.read_text("utf-8")
    assert "href=" not in text
    assert "<summary>Details</summary>" in text
    assert "outcomes/broken.json/" in text


def test_a_file_that_is_there_is_kept(world: World, tmp_path: Path) -> None:
    """Nothing is replaced unless asked; what to do is said."""
    page = tmp_path / "page.html"
    page.write_text("mine")
    done = _run(world, "--to", str(page))
    assert done.exit_code == Exit.USAGE
    assert "--overwrite" in done.output
    assert page.read_text() == "mine"


def test_a_folder_that_is_not_there_is_said(world: World, tmp_path: Path) -> None:
    """A name that cannot be written gives a sentence, no stack trace."""
    done = _run(world, "--to", str(tmp_path / "nowhere" / "page.html"))
    assert done.exit_code == Exit.USAGE
    assert "cannot be written" in done.output


def test_what_was_pushed_from_here_has_a_report_too(world: World, tmp_path: Path) -> None:
    """The folder of pushes is read like the container, also when nothing was pushed yet."""
    page = tmp_path / "page.html"
    done = _run(world, "--to", str(page), "--pushed", "--state", str(tmp_path / "state"))
    assert (done.exit_code, "Report of 0 exports" in done.output) == (Exit.DONE, True)
    assert "There was no export in this time." in page.read_text("utf-8")
