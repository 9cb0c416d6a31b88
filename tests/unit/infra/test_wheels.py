"""Wheels are unpacked as pip would, checked against what is pinned, and never fetched twice."""

import hashlib
import subprocess
import zipfile
from pathlib import Path

import pytest

from infra.package import main, unpack_here
from infra.wheels import WheelsError, entries, pinned, wheels


def _wheel(folder: Path, name: str, files: dict[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    with zipfile.ZipFile(path, "w") as archive:
        for inside, content in files.items():
            archive.writestr(inside, content)
    return path


def _paths(wheel: Path) -> list[str]:
    return [path.as_posix().removeprefix(".python_packages/lib/site-packages/") for path, _ in entries(wheel)]


def test_requirements_say_which_digests_are_allowed() -> None:
    """Name, version, marker, several hashes, comments in between."""
    first, second = "a" * 64, "b" * 64
    text = f"one==1.0 ; python_version > '3' \\\n    --hash=sha256:{first} \\\n    --hash=sha256:{second}\n    # via x\ntwo==2\n"
    assert pinned(text) == {"one==1.0": {first, second}, "two==2": frozenset()}


def test_a_wheel_is_unpacked_as_pip_would(tmp_path: Path) -> None:
    """Libraries of a .data folder move up, scripts stay away, a top-level `tests` is left out, one inside is not."""
    wheel = _wheel(
        tmp_path,
        "one.whl",
        {
            "one/__init__.py": "",
            "one/tests/data.py": "",
            "one-1.dist-info/RECORD": "",
            "one-1.data/purelib/more.py": "",
            "one-1.data/scripts/run": "",
            "tests/__init__.py": "",
        },
    )
    assert sorted(_paths(wheel)) == [
        "more.py",
        "one-1.dist-info/RECORD",
        "one/__init__.py",
        "one/tests/data.py",
    ]


@pytest.mark.parametrize("path", ["../evil.py", "/evil.py", "one/../../evil.py"])
def test_a_path_that_leads_out_is_refused(tmp_path: Path, path: str) -> None:
    """Nothing is written outside the package."""
    with pytest.raises(WheelsError, match="leads out"):
        _paths(_wheel(tmp_path, "one.whl", {path: ""}))


def test_cached_wheels_are_checked_every_time(tmp_path: Path) -> None:
    """What was changed on the disk, or is missing, is not packed."""
    requirements = tmp_path / "requirements.txt"
    wheel = _wheel(tmp_path, "one.whl", {"one.py": ""})
    requirements.write_text(
        f"one==1 \\\n    --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"
    )
    folder = tmp_path / "cache" / hashlib.sha256(requirements.read_bytes()).hexdigest()[:16]
    folder.mkdir(parents=True)
    with pytest.raises(WheelsError, match="delete the folder"):
        wheels(requirements, tmp_path / "cache")
    cached = folder / "one.whl"
    cached.write_bytes(wheel.read_bytes())
    assert wheels(requirements, tmp_path / "cache") == [cached]
    cached.write_bytes(b"another")
    with pytest.raises(WheelsError, match=r"one\.whl"):
        wheels(requirements, tmp_path / "cache")


def test_libraries_of_before_leave_the_folder(tmp_path: Path) -> None:
    """What azd takes along is what is pinned now."""
    first = _wheel(tmp_path / "wheels", "one.whl", {"one.py": "1"})
    second = _wheel(tmp_path / "wheels", "two.whl", {"two.py": "2"})
    root = tmp_path / "project"
    assert unpack_here(root, [first]) == 1
    assert unpack_here(root, [second]) == 1
    assert [path.name for path in (root / ".python_packages").rglob("*.py")] == ["two.py"]


def test_two_ways_at_once_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """Either Azure installs the libraries or they are laid into the folder."""
    with pytest.raises(SystemExit):
        main(["--remote-build", "--here"])
    assert "not allowed with" in capsys.readouterr().err


def test_two_that_fetch_at_once_share_what_the_faster_one_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two test workers on a fresh checkout: neither fails, and nothing unfinished stays in the cache."""
    requirements = tmp_path / "requirements.txt"
    wheel = _wheel(tmp_path, "one.whl", {"one.py": ""})
    requirements.write_text(
        f"one==1 \\\n    --hash=sha256:{hashlib.sha256(wheel.read_bytes()).hexdigest()}\n"
    )
    folder = tmp_path / "cache" / hashlib.sha256(requirements.read_bytes()).hexdigest()[:16]

    def both_fetch(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        for destination in (Path(command[command.index("--dest") + 1]), folder):
            destination.mkdir(parents=True)
            (destination / "one.whl").write_bytes(wheel.read_bytes())
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(subprocess, "run", both_fetch)
    assert wheels(requirements, tmp_path / "cache") == [folder / "one.whl"]
    assert list((tmp_path / "cache").iterdir()) == [folder]
