"""Build the command-line tool for people's computers: `python -m infra.tool`.

It writes to `dist/`:

* `gatepost-VERSION-py3-none-any.whl`, for `uv tool install`, `pipx install` or `pip install`;
* `gatepost-SYSTEM-MACHINE.pyz`, one file that holds everything but Python, for the kind of machine it is built on. At its first
  start it unpacks itself into the folder of its user, since compiled libraries cannot be imported from a zip.

Both are built by what `requirements-tool.txt` pins; the file holds what `requirements-command.txt` pins. Started by another
Python than the one that the compiled libraries are for, the file says so before anything else.
"""

import os
import platform
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).parents[1]
_DIST: Final = _ROOT / "dist"
_ENTRY: Final = "commands.start:main"
_WORK: Final = _ROOT / ".cache" / "tool"
_WHEN: Final = "315532800"
"""1980, the earliest time a zip can hold: the same sources give the same wheel."""

MAIN: Final = """\
import sys

if sys.version_info[:2] != (3, 13):
    sys.stderr.write(
        "Gatepost needs Python 3.13; this is Python "
        + ".".join(map(str, sys.version_info[:2]))
        + ".\\nInstall 3.13 from https://www.python.org/downloads/ (it may stand beside others), then start this file with it:\\n"
        + "  python3.13 " + sys.argv[0] + " --help\\n"
        + "On Windows:\\n"
        + "  py -3.13 " + sys.argv[0] + " --help\\n"
    )
    sys.exit(2)

from _bootstrap import bootstrap

bootstrap()
"""
"""What runs first in the file; every Python can read it."""


def version() -> str:
    """Gatepost's own."""
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def build_wheel(python: Path) -> Path:
    """The wheel.

    Args:
        python: of the environment with the build tools.
    """
    environment = os.environ | {"SOURCE_DATE_EPOCH": _WHEN}
    _run(
        python, "-m", "hatchling", "build", "--target", "wheel", "--directory", _DIST, environment=environment
    )
    return _DIST / f"gatepost-{version()}-py3-none-any.whl"


def build_file(python: Path, wheel: Path) -> Path:
    """The self-unpacking file.

    Args:
        python: of the environment with the build tools.
        wheel: of Gatepost.
    """
    site = _WORK / "site"
    shutil.rmtree(site, ignore_errors=True)
    install = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", site)
    pinned = _ROOT / "requirements-command.txt"
    _run(python, *install, "--require-hashes", "--only-binary", ":all:", "-r", pinned)
    _run(python, *install, "--no-deps", wheel)
    target = _DIST / f"gatepost-{platform.system().lower()}-{platform.machine().lower()}.pyz"
    options = ("--site-packages", site, "--entry-point", _ENTRY, "--python", "/usr/bin/env python3.13")
    _run(python, "-m", "shiv", *options, "--compressed", "--no-modify", "--output-file", target)
    put_main(target)
    return target


def put_main(target: Path) -> None:
    """Put our own beginning in the place of the file's, before whose end nothing is unpacked."""
    with target.open("rb") as file:
        first = file.readline() if file.read(2) == b"#!" else b""
    unfinished = target.with_suffix(".new")
    with zipfile.ZipFile(target) as old, unfinished.open("wb") as file:
        file.write(b"#!" + first if first else b"")
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
            for entry in old.infolist():
                content = old.read(entry)
                new.writestr(entry, MAIN if entry.filename == "__main__.py" else content)
    unfinished.chmod(0o755)
    unfinished.replace(target)


def build_tools() -> Path:
    """An environment with the build tools; gives its Python."""
    folder = _WORK / "venv"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    venv.create(folder, with_pip=True, clear=True)
    _run(python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", _ROOT / "requirements-tool.txt")
    return python


def _run(*command: str | Path, environment: dict[str, str] | None = None) -> None:
    subprocess.run([str(word) for word in command], cwd=_ROOT, env=environment, check=True)


def main() -> None:
    """Build both, and say how large they are."""
    if sys.version_info[:2] != (3, 13):
        sys.exit("Python 3.13 is needed to build it.")
    _DIST.mkdir(exist_ok=True)
    python = build_tools()
    wheel = build_wheel(python)
    for made in (wheel, build_file(python, wheel)):
        print(f"{made.relative_to(_ROOT)}: {made.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
