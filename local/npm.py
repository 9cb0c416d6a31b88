"""Packages of the npm registry, installed once into `.tools/`, with the machine's Node or one from a Python package."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

TOOLS: Final = Path(__file__).resolve().parent.parent / ".tools"
OLDEST_NODE: Final = 20
_NODE: Final = Path(__file__).parent / "npm_packages/node.txt"


class InstallError(Exception):
    """A tool cannot be installed; the text says what to do."""


@contextmanager
def alone() -> Iterator[None]:
    """Keep other processes from installing tools meanwhile."""
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def node() -> str:
    """The machine's Node if it is new enough, else one from a Python package.

    Raises:
        InstallError: if there is none and it cannot be installed.
    """
    found = shutil.which("node")
    if found and shutil.which("npm") and major(found) >= OLDEST_NODE:
        return found
    folder = TOOLS / "node"
    installed = folder / "bin/node"
    if not installed.exists():
        run([sys.executable, "-m", "venv", str(folder)])
        run(
            [
                str(folder / "bin/python"),
                "-m",
                "pip",
                "install",
                "--quiet",
                "--require-hashes",
                "-r",
                str(_NODE),
            ]
        )
    return str(installed)


def major(node: str) -> int:
    """Node's major version; 0 if it does not run."""
    try:
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
        return int(version.strip().lstrip("v").split(".")[0])
    except (OSError, subprocess.CalledProcessError, ValueError):
        return 0


def install(node: str, package: Path) -> Path:
    """Install what a lock file names into a folder of `.tools/`, once; gives the folder.

    Every package comes at the version and with the checksum of the lock file, from whichever registry this machine uses,
    and runs nothing while it is installed. Another lock file is another folder.

    Args:
        node: the program.
        package: a folder with `package.json` and `package-lock.json`.

    Raises:
        InstallError: if npm fails.
    """
    lock = package / "package-lock.json"
    folder = TOOLS / f"{package.name}-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"
    if folder.exists():
        return folder
    print(f"Installing {package.name} (once) ...", file=sys.stderr)  # noqa: T201  (a person is waiting)
    unfinished = folder.with_name(folder.name + ".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    for file in (package / "package.json", lock):
        shutil.copy(file, unfinished)
    beside = Path(node).parent
    npm = str(beside / "npm") if (beside / "npm").exists() else "npm"
    # in that folder: with --prefix npm reads the lock file of the folder it was called in
    run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], beside, unfinished)
    unfinished.rename(folder)
    return folder


def run(command: list[str], first_in_path: Path | None = None, folder: Path | None = None) -> None:
    """Run a command to its end.

    Args:
        command: its words.
        first_in_path: where programs are looked for first.
        folder: where it runs.

    Raises:
        InstallError: if it fails, with the last line it said.
    """
    path = os.environ.get("PATH", "")
    environment = os.environ | {"PATH": f"{first_in_path}:{path}" if first_in_path else path}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder, check=False)
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no reason given"]
        raise InstallError(
            f"`{Path(command[0]).name} {command[1]}` failed: {last[0]}. Node {OLDEST_NODE} or newer is needed, or "
            "network to the package registries to install what is missing."
        )
