"""The command-line tool for people's computers: what its file says to other Pythons, and what the release brings."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

from infra.tool import MAIN, put_main
from tests.support.other_pythons import other_pythons
from tests.support.stacks import ROOT


def _started_by(version: str, program: str) -> subprocess.CompletedProcess[str]:
    older = [int(part) for part in version.split(".")]
    faked = program.replace("import sys\n", f"import sys\nsys.version_info = tuple({older})\n", 1)
    return subprocess.run([sys.executable, "-c", faked], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("version", ["2.7", "3.6", "3.9", "3.10", "3.11", "3.12", "3.14"])
def test_the_file_says_which_python_it_needs(version: str) -> None:
    """Before anything is unpacked, in words, with the line for every system."""
    done = _started_by(version, MAIN)
    assert done.returncode == 2
    assert done.stderr.startswith(f"Gatepost needs Python 3.13; this is Python {version}.\n")
    assert "\n  python3.13 " in done.stderr
    assert "\n  py -3.13 " in done.stderr


def test_every_other_python_of_this_machine_is_told(tmp_path: Path) -> None:
    """Not made up, but started: a file as it is released, of which nothing is unpacked."""
    if not other_pythons():
        pytest.skip("no other Python is installed here")
    file = tmp_path / "gatepost.pyz"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("__main__.py", "")
        archive.writestr("_bootstrap.py", "def bootstrap():\n    print('unpacked')\n")
    put_main(file)
    for version, python in other_pythons().items():
        done = subprocess.run([python, file, "validate"], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (2, ""), version
        assert done.stderr.startswith(f"Gatepost needs Python 3.13; this is Python {version}.\n")


def test_every_python_can_read_the_beginning() -> None:
    """No f-string, no walrus, no annotation."""
    assert not re.search(r"""\bf["']|:=|-> """, MAIN)


def test_the_beginning_is_put_into_the_file_and_nothing_else_changes(tmp_path: Path) -> None:
    """The first line, which names the Python, and all that was packed stay."""
    file = tmp_path / "gatepost.pyz"
    with file.open("wb") as made:
        made.write(b"#!/usr/bin/env python3.13\n")
        with zipfile.ZipFile(made, "w") as archive:
            archive.writestr("__main__.py", "raise SystemExit(9)")
            archive.writestr(
                "_bootstrap.py", "import sys\n\ndef bootstrap():\n    print('unpacked', sys.argv[1])\n"
            )
    put_main(file)
    assert file.read_bytes().startswith(b"#!/usr/bin/env python3.13\n")
    assert file.stat().st_mode & 0o111
    done = subprocess.run([sys.executable, file, "x"], capture_output=True, text=True, check=True)
    assert done.stdout == "unpacked x\n"
    put_main(file)
    assert file.read_bytes().count(b"#!/usr/bin/env") == 1


def test_the_wheel_holds_the_tool_and_its_command() -> None:
    """Commands, the product they share with the function, and the profiles; `gatepost` starts it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"] == [
        "commands",
        "shared",
        "sources",
    ]
    assert project["project"]["scripts"] == {"gatepost": "commands.start:main"}
    assert project["project"]["requires-python"] == "==3.13.*"


def test_what_is_pinned_for_the_file_is_what_the_wheel_asks_for() -> None:
    """The file holds the extra as well; and at the versions with which the tests ran."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["azure"]]
    named = {line for line in _lines("requirements-command.in") if not line.startswith("-c")}
    assert named == {re.split("[<>=~]", one)[0] for one in asked}
    tested = _pins("requirements.txt") | _pins("requirements-dev.txt")
    assert _pins("requirements-command.txt").items() <= tested.items()
    [pinned] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"][
        "requires"
    ]
    assert pinned == f"hatchling=={_pins('requirements-tool.txt')['hatchling']}"
    assert "shiv" in _pins("requirements-tool.txt")


def test_a_release_has_the_wheel_and_a_file_for_each_system() -> None:
    """Built on each of them from the tagged sources, listed in the checksums."""
    workflow = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8"))
    systems = workflow["jobs"]["tool"]["strategy"]["matrix"]["system"]
    assert {re.split("-", one)[0] for one in systems} == {"ubuntu", "macos", "windows"}
    assert any(step.get("run") == "python -m infra.tool" for step in workflow["jobs"]["tool"]["steps"])
    assert set(workflow["jobs"]["release"]["needs"]) == {"test", "tool"}
    published = workflow["jobs"]["release"]["steps"][-1]["run"]
    assert "sha256sum gatepost*" in published


def _lines(name: str) -> list[str]:
    return [
        line for line in (ROOT / name).read_text(encoding="utf-8").splitlines() if line and line[0] != "#"
    ]


def _pins(name: str) -> dict[str, str]:
    found = re.findall(
        r"(?m)^([a-z0-9-]+)(?:\[[^]]*\])?==([^ ;]+)", (ROOT / name).read_text(encoding="utf-8")
    )
    return dict(found)
