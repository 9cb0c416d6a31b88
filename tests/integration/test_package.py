"""The package, unpacked somewhere else, is a function app that Microsoft's worker library loads, with nothing beside it."""

import os
import platform
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from infra.package import CACHE, ROOT, pack
from infra.wheels import SITE_PACKAGES, WheelsError, wheels

pytestmark = pytest.mark.unmeasured

LOAD = """
import os, sys
from pathlib import Path

root, site, driver = map(Path, sys.argv[1:])
sys.path[:0] = [str(root), str(site), str(driver)]
from local.worker import Worker  # the library's loader, driven as the host drives it

for function in Worker(root).functions:
    print(function.name, function.trigger["type"])
from shared.wiring import build

build(os.environ)
files = [Path(file) for module in list(sys.modules.values()) if (file := getattr(module, "__file__", None))]
standard = Path(os.__file__).parent
elsewhere = [file for file in files if not any(file.is_relative_to(place) for place in (root, driver, standard))]
print("from elsewhere:", sorted(map(str, elsewhere)))
own = [module for module in list(sys.modules.values()) if (getattr(module, "__file__", None) or "").startswith(f"{root}/")]
print("not compiled:", [module.__file__ for module in own if module.__file__.endswith(".py") and not Path(module.__cached__).exists()])
"""
SETTINGS = {
    "EXPORTS_QUEUE": "badging-exports",
    "UPLOAD_SCHEDULE": "0 30 5 * * *",
    "ExportStorage": "UseDevelopmentStorage=true",
    "CONNECTOR_TENANT_ID": "11111111-1111-4111-8111-111111111111",
    "CONNECTOR_APP_ID": "22222222-2222-4222-8222-222222222222",
    "CONNECTOR_JOB_ID": "33333333-3333-4333-8333-333333333333",
    "KEY_VAULT_URI": "https://vault.example.com",
}
of_azures_kind = pytest.mark.skipif(
    (sys.platform, platform.machine(), sys.version_info[:2]) != ("linux", "x86_64", (3, 13)),
    reason="Not checked: the libraries in the package are for Linux on x86-64 with Python 3.13",
)


@pytest.fixture(scope="module")
def libraries() -> list[Path]:
    """The pinned wheels, fetched once into `.cache/wheels/`."""
    try:
        return wheels(ROOT / "requirements.txt", CACHE)
    except WheelsError as error:
        pytest.skip(f"Not checked: {error}")


@of_azures_kind
def test_both_functions_load_from_the_package_and_nothing_else(libraries: list[Path], tmp_path: Path) -> None:
    """A Python without any site-packages, no registry: all but the standard library comes out of the zip."""
    pack(tmp_path / "gatepost.zip", ROOT, libraries)
    root = tmp_path / "wwwroot"
    with zipfile.ZipFile(tmp_path / "gatepost.zip") as package:
        package.extractall(root)
    driver = tmp_path / "driver"
    shutil.copytree(
        ROOT / "local",
        driver / "local",
        ignore=shutil.ignore_patterns("__pycache__", "inbox", "sources", "results"),
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", LOAD, str(root), str(root / SITE_PACKAGES), str(driver)],
        cwd=root,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), **SETTINGS},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "BlobUploadTrigger queueTrigger",
        "TimerUploadTrigger timerTrigger",
        "from elsewhere: []",
        "not compiled: []",
    ]


def test_the_package_with_its_libraries_is_always_the_same(libraries: list[Path], tmp_path: Path) -> None:
    """Whatever order the wheels are given in; no `tests` of a library is at the top."""
    first = pack(tmp_path / "first.zip", ROOT, libraries)
    assert pack(tmp_path / "second.zip", ROOT, reversed(libraries)) == first
    with zipfile.ZipFile(tmp_path / "first.zip") as package:
        names = package.namelist()
        flags = {package.read(name)[4:8] for name in names if name.endswith(".pyc")}
    assert len(names) == len(set(names))
    assert flags == {b"\1\0\0\0"}  # read whatever time the source has, as all have the same
    assert not [name for name in names if name.startswith(f"{SITE_PACKAGES}/tests/")]


def test_another_python_packs_what_it_cannot_compile(
    libraries: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All the sources, the same as ever, and nothing that Azure's Python would not read."""
    pack(tmp_path / "compiled.zip", ROOT, libraries)
    monkeypatch.setattr("infra.package.can_compile", lambda: False)
    pack(tmp_path / "sources.zip", ROOT, libraries)
    with (
        zipfile.ZipFile(tmp_path / "compiled.zip") as one,
        zipfile.ZipFile(tmp_path / "sources.zip") as other,
    ):
        assert [name for name in one.namelist() if not name.endswith(".pyc")] == other.namelist()


def test_azd_takes_every_file_of_the_libraries_along(libraries: list[Path], tmp_path: Path) -> None:
    """.funcignore, read the way git reads such a file, leaves out nothing but what this machine made of our own modules."""
    pack(tmp_path / "gatepost.zip", ROOT, libraries)
    with zipfile.ZipFile(tmp_path / "gatepost.zip") as package:
        names = set(package.namelist())
        package.extractall(tmp_path / "app")
    git = shutil.which("git")
    assert git
    listed = subprocess.run(
        [git, "-c", "core.quotePath=false", "ls-files", "--others", f"--exclude-from={ROOT / '.funcignore'}"],
        cwd=tmp_path / "app",
        env={"PATH": os.environ["PATH"], "GIT_DIR": str(_empty_repository(git, tmp_path))}
        | {"GIT_WORK_TREE": str(tmp_path / "app")},
        capture_output=True,
        text=True,
        check=True,
    )
    left_out = names - set(listed.stdout.splitlines())
    assert left_out == {
        name for name in names if "__pycache__" in name and not name.startswith(".python_packages/")
    }


def _empty_repository(git: str, folder: Path) -> Path:
    subprocess.run([git, "init", "--quiet", str(folder / "repository")], check=True)
    return folder / "repository" / ".git"
