"""The libraries of `requirements.txt` as wheels for the function app's own platform, whatever machine they are fetched on.

Azure Functions runs Python 3.13 on Linux, x86-64. pip downloads the wheels of exactly the versions and checksums that are
pinned, into `.cache/wheels/`; a second run finds them there and needs no network. Nothing is installed or run.
"""

import hashlib
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Final

PLATFORMS: Final = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64")
"""Of the C library: Azure's image for Python 3.13 has a newer one than these wheels ask for."""
PYTHON: Final = "3.13"
SITE_PACKAGES: Final = PurePosixPath(".python_packages/lib/site-packages")
"""Where the Functions host looks for an app's libraries."""
LEFT_OUT: Final = ("tests", "wrapt-stubs")
"""Top-level folders that wheels bring and that must not be deployed: azure-functions-runtime-v1 has a package `tests`."""


class WheelsError(Exception):
    """The wheels cannot be fetched or are not the pinned ones; the text says what to do."""


def pinned(requirements: str) -> Mapping[str, frozenset[str]]:
    """The SHA-256 digests that are allowed for each `name==version`."""
    found: dict[str, frozenset[str]] = {}
    for part in re.split(r"\n(?=\S)", requirements):
        name = re.match(r"([a-z0-9-]+==[^\s;\\]+)", part)
        if name:
            found[name[1]] = frozenset(re.findall(r"--hash=sha256:([0-9a-f]{64})", part))
    return found


def wheels(requirements: Path, cache: Path) -> list[Path]:
    """The wheels of every pinned library, in order of their names.

    Args:
        requirements: the file with versions and hashes.
        cache: a folder for them; each state of the file has a folder of its own in it.

    Raises:
        WheelsError: there is no pip, no network, or a file in the cache is not what is pinned.
    """
    text = requirements.read_text(encoding="utf-8")
    folder = cache / hashlib.sha256(text.encode()).hexdigest()[:16]
    if not folder.exists():
        _download(requirements, folder)
    found = sorted(folder.glob("*.whl"))
    allowed = frozenset[str]().union(*pinned(text).values())
    strange = [one.name for one in found if hashlib.sha256(one.read_bytes()).hexdigest() not in allowed]
    if strange or len(found) != len(pinned(text)):
        raise WheelsError(f"{folder} does not hold what requirements.txt pins {strange}; delete the folder.")
    return found


def entries(wheel: Path) -> Iterator[tuple[PurePosixPath, bytes]]:
    """What a wheel installs into `site-packages`, as path and content; scripts and data beside it are no part of an app.

    Raises:
        WheelsError: a path leads out of the folder.
    """
    with zipfile.ZipFile(wheel) as archive:
        for name in sorted(archive.namelist()):
            path = PurePosixPath(name)
            if path.parts[0].endswith(".data"):
                kind, path = path.parts[1:2], PurePosixPath(*path.parts[2:])
                if kind not in {("purelib",), ("platlib",)} or not path.parts:
                    continue
            if path.is_absolute() or ".." in path.parts:
                raise WheelsError(f"{wheel.name} holds a path that leads out of the package: {name}")
            if not name.endswith("/") and path.parts[0] not in LEFT_OUT:
                yield SITE_PACKAGES / path, archive.read(name)


def _download(requirements: Path, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{folder.name}.", dir=folder.parent) as beside:
        unfinished = Path(beside) / "wheels"
        _pip_download(requirements, unfinished)
        try:
            unfinished.rename(folder)
        except OSError:
            if not folder.exists():
                raise
            # another process was faster, and its wheels are the same: their hashes are pinned


def _pip_download(requirements: Path, destination: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--require-hashes", "--only-binary", ":all:", "--implementation", "cp"]
    command += ["--python-version", PYTHON]
    command += [option for name in PLATFORMS for option in ("--platform", name)]
    command += ["--abi", f"cp{PYTHON.replace('.', '')}", "--abi", "abi3", "--abi", "none"]
    done = subprocess.run(
        [*command, "--dest", str(destination), "-r", str(requirements)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = [line for line in done.stderr.splitlines() if "ERROR" in line or "No module" in line][-1:]
        reason = last[0].strip() if last else "no reason given"
        raise WheelsError(
            f"pip could not fetch the wheels: {reason}. It needs the network once, and pip itself."
        )
