"""Every command line a guide cites is run as it stands there, and takes the options that are cited."""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from commands.console.exit_codes import Exit
from commands.context import CommandContext
from commands.program import app
from shared.services.blob_versions import BlobVersion
from tests.support.command_runner import CommandRunner
from tests.support.exports import export
from tests.support.fake_clock import MORNING
from tests.support.fake_connector import OK, reply
from tests.support.guides import guides
from tests.support.world import ENVIRONMENT, World

OFFLINE = ("check", "people pull")
"""They contact hosts; they are tried against stand-ins, here and in the integration tests."""
MENTIONED = {"push", "resend"}
"""Cited by their names alone, where a sentence is about them."""

ENDS = {"show": Exit.PARTLY, "day": Exit.NOT_KNOWN}
"""`show` ends like the outcome it shows; of a new deployment's day nothing can be told."""
GOOD = ("oslo/monday.json", "oslo/day.json")
"""Exports of the exercises that `show` ends well with."""

NAMES = {"retry": "blocked.json", "give-up": "blocked.json", "resend": "good.json"}


def _cited() -> list[str]:
    """`gatepost.py ...` as the guides' code has it, up to the end of the code or of the line."""
    texts = [path.read_text(encoding="utf-8") for path in guides()]
    inline = [line for text in texts for line in re.findall(r"`python gatepost\.py ([a-z][^`\n]*)`", text)]
    blocks = [
        line
        for text in texts
        for line in re.findall(r"^[^\s`]*python gatepost\.py ([a-z].*)$", text, re.MULTILINE)
    ]
    return sorted(
        {line for line in inline + blocks if not line.startswith(OFFLINE) and line not in MENTIONED}
    )


@pytest.fixture
def world() -> World:
    """Exports that were sent, sent in part, and blocked."""
    world = World()
    world.upload("good.json", export(7))
    world.upload("partly.json", export(20, first=100, bad=(101,)))
    world.run()
    for name in GOOD:
        world.upload(name, export(3, first=400 + len(name)))
    world.upload("oslo/tuesday.json", export(5, first=500, bad=(502,)))
    world.run()
    world.connector.always = reply(403)
    world.upload("blocked.json", export(5, first=200))
    world.run()
    world.connector.always = OK
    return world


@pytest.mark.parametrize("line", _cited())
def test_a_cited_command_does_what_it_says(
    line: str, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With FILE and NAME filled in, the command ends well; one that asks is answered with yes."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GATEPOST_STATE", str(tmp_path / "state"))
    Path("exports").mkdir()
    made = ("badging.json", "physical_badging_data.json", "exports/day.json", "FILE.json")
    for file in made if line.startswith("sample") else (*made, "monday.json", "tuesday.json"):
        Path(file).write_bytes(export(7, first=300))
    settings = "\n".join(f"{name}={value}" for name, value in ENVIRONMENT.items())
    Path("settings.env").write_text(settings, encoding="utf-8")
    last = line.rsplit(maxsplit=1)[-1]
    name = last if last in world.exports.names() else NAMES.get(line.split(maxsplit=1)[0], "partly.json")
    filled = {
        "NAME": name,
        "FILE": "FILE.json",
        "VERSION": world.exports.head(name).etag,
        "DATE": "2026-11-01",
    }
    words = [
        word
        for part in shlex.split(line.replace("FILE...", "FILE").replace(" CODE", " job-mismatch"))
        for word in (sorted(map(str, Path().glob(part))) if "*" in part else [filled.get(part, part)])
    ]  # fmt: skip
    runner = CommandRunner(world)
    older = BlobVersion(filled["VERSION"], 3, MORNING, "2026-11-21", is_current=False, is_deleted=False)
    runner.versions.kept[name] = [older]
    done = runner.run(*words, answers="y\n")
    assert done.exit_code == (Exit.DONE if last in GOOD else ENDS.get(words[0], Exit.DONE)), done.output


@pytest.mark.parametrize(
    ("bad", "limit", "ends"),
    [
        ((), "0", Exit.DONE),
        ((3,), "50", Exit.PARTLY),
        ((3,), "0", Exit.INVALID),
        ((1, 2, 3), "50", Exit.INVALID),
    ],
)
def test_a_pipeline_can_tell_good_from_bad(
    bad: tuple[int, ...], limit: str, ends: Exit, tmp_path: Path
) -> None:
    """The exit codes of `validate` are those the guide for exporters names."""
    file = tmp_path / "day.json"
    file.write_bytes(export(5, bad=bad))
    words = ["validate", "--max-invalid-percent", limit, str(file)]
    assert CliRunner().invoke(app, words, obj=CommandContext(environment={})).exit_code == ends
