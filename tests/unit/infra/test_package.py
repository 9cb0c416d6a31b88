"""The package holds what the functions need, nothing else, and is always the same."""

import os
import shutil
import zipfile
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml

from infra.package import FILES, FOLDERS, ROOT, contents, pack


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what is packed, with things around it that must stay out."""
    root = tmp_path / "project"
    for name in FOLDERS:
        shutil.copytree(ROOT / name, root / name)
    for name in FILES:
        shutil.copy(ROOT / name, root / name)
    (root / "shared" / "__pycache__").mkdir(exist_ok=True)
    (root / "shared" / "__pycache__" / "app.cpython-313.pyc").write_bytes(b"made by Python")
    (root / "shared" / ".DS_Store").write_bytes(b"made by a desktop")
    (root / "tests").mkdir()
    (root / "tests" / "test_x.py").write_text("")
    (root / "local.settings.json").write_text("{}")
    return root


def test_it_holds_the_functions_and_nothing_else(project: Path, tmp_path: Path) -> None:
    """Host file, requirements, two trigger folders, shared; no tests, no settings, nothing that tools leave behind."""
    pack(tmp_path / "package.zip", project)
    with zipfile.ZipFile(tmp_path / "package.zip") as package:
        names = package.namelist()
    assert {name.partition("/")[0] for name in names} == {*FILES, *FOLDERS}
    assert not [name for name in names if "__pycache__" in name or "/." in name]
    for name in ("BlobUploadTrigger/function.json", "TimerUploadTrigger/__init__.py", "shared/app.py"):
        assert name in names
    assert "shared/exports/record.schema.json" in names


def test_the_same_sources_give_the_same_bytes(project: Path, tmp_path: Path) -> None:
    """Whatever the files' times and modes and the order they were made in."""
    first = pack(tmp_path / "first.zip", project)
    for path in project.rglob("*"):
        os.utime(path, (1, 1))
        path.chmod(0o755)
    again = tmp_path / "again"
    for name in sorted(contents(project), reverse=True):
        (again / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(project / name, again / name)
    assert pack(tmp_path / "second.zip", again) == first
    assert (tmp_path / "first.zip").read_bytes() == (tmp_path / "second.zip").read_bytes()


def test_another_source_gives_other_bytes(project: Path, tmp_path: Path) -> None:
    """The hash names a version of the sources."""
    first = pack(tmp_path / "first.zip", project)
    (project / "host.json").write_text("{}")
    assert pack(tmp_path / "second.zip", project) != first


def test_a_folder_that_is_no_project_is_refused(tmp_path: Path) -> None:
    """Better no package than an empty one."""
    with pytest.raises(FileNotFoundError, match=r"host\.json is missing"):
        pack(tmp_path / "package.zip", tmp_path)


def test_azd_leaves_out_what_the_package_leaves_out() -> None:
    """Everything in the project's folder is packed or named in .funcignore, and nothing packed is named there."""
    for path in ROOT.iterdir():
        assert _left_out(path) != (path.name in {*FILES, *FOLDERS}), path.name


def test_azd_takes_the_libraries_along_and_builds_nothing_in_azure() -> None:
    """On every system: the hook that runs before it packs lays them into the folder."""
    service = yaml.safe_load((ROOT / "azure.yaml").read_text())["services"]["gatepost"]
    assert service["remoteBuild"] is False
    hook = service["hooks"]["prepackage"]
    assert hook["posix"] == {"shell": "sh", "run": "python3 -m infra.package --here"}
    assert hook["windows"] == {"shell": "pwsh", "run": "python -m infra.package --here"}


@pytest.mark.parametrize(
    "name",
    [
        *(
            "settings.json",
            "settings.env",
            "first.json",
            "monday-rejected.jsonl",
            "day.json.gz",
            "report.html",
        ),
        *(
            "secret.txt",
            "pushes",
            "munich",
            "anything at all",
            ".env",
            "deploy.env",
            "shared.zip",
            "host.json.bak",
        ),
    ],
)
def test_azd_leaves_out_what_people_make_in_the_folder(name: str) -> None:
    """The guides' own commands write these, secrets and personal data among them; what is not named to go stays."""
    assert _left_out(ROOT / name)


def test_the_list_names_what_goes_and_nothing_else() -> None:
    """Everything is left out first; each line after that lets one thing of the package in, or keeps litter out of it."""
    lines = [line for line in (ROOT / ".funcignore").read_text().splitlines() if line and line[0] != "#"]
    compiled = "/.python_packages/**/__pycache__/"
    let_in = {line.strip("!/") for line in lines if line.startswith("!") and line != f"!{compiled}"}
    assert (lines[0], let_in) == ("/*", {*FILES, *FOLDERS, ".python_packages"})
    assert lines[-3:] == ["__pycache__/", f"!{compiled}", ".DS_Store"]


def _left_out(path: Path) -> bool:
    """As git reads such a file: the last line that matches counts."""
    lines = [line for line in (ROOT / ".funcignore").read_text().splitlines() if line and line[0] != "#"]
    matching = [line for line in lines if _matches(path, line.removeprefix("!"))]
    return bool(matching) and not matching[-1].startswith("!")


def _matches(path: Path, pattern: str) -> bool:
    pattern = pattern.removeprefix("/")
    if pattern.endswith("/"):
        return path.is_dir() and fnmatch(path.name, pattern[:-1])
    return fnmatch(path.name, pattern)
