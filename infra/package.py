"""Pack the function app: `python -m infra.package` writes `dist/gatepost.zip`, ready to run.

The zip holds what the functions need and nothing else: host.json, the two functions, `shared/`, and the libraries of
`requirements.txt` as wheels for Azure's platform, compiled (`infra.compiled`). So nothing is built in Azure, and what was tested is
what runs. It is the same to the byte wherever and whenever it is made of the same sources by the same version of Python: names in
order, one fixed time, one fixed mode, nothing compressed.

* `--remote-build`: without the libraries; Azure installs them itself.
* `--here`: lays the libraries into `.python_packages/` of this folder, from where `azd` takes them along.
"""

import argparse
import hashlib
import shutil
import sys
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from infra.compiled import can_compile, compiled
from infra.wheels import SITE_PACKAGES, WheelsError, entries, wheels

ROOT: Final = Path(__file__).parents[1]
FILES: Final = ("host.json", "requirements.txt")
FOLDERS: Final = ("BlobUploadTrigger", "TimerUploadTrigger", "shared")
CACHE: Final = ROOT / ".cache" / "wheels"
_WHEN: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest time a zip can hold."""


def contents(root: Path = ROOT) -> Iterator[PurePosixPath]:
    """What of our own goes into the zip, in order.

    Raises:
        FileNotFoundError: a file that must be there is missing.
    """
    for name in FILES:
        if not (root / name).is_file():
            raise FileNotFoundError(f"{name} is missing: is this the project's folder?")
        yield PurePosixPath(name)
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            inside = path.relative_to(root)
            if path.is_file() and not any(
                part == "__pycache__" or part.startswith(".") for part in inside.parts
            ):
                yield PurePosixPath(inside.as_posix())


def pack(target: Path, root: Path = ROOT, libraries: Iterable[Path] = ()) -> str:
    """Write the zip; gives its SHA-256. With libraries it is ready to run, and all of it is compiled if this Python can.

    Args:
        target: where to write it.
        root: the project's folder.
        libraries: wheels to unpack into it; none for a remote build.

    Raises:
        FileNotFoundError: the folder is no project.
        WheelsError: a wheel holds what must not be unpacked.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    sources = {name: (root / name).read_bytes() for name in contents(root)}
    installed = {name: content for wheel in sorted(libraries) for name, content in entries(wheel)}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as package:
        for name, content in (sources | installed).items():
            _add(package, name, content)
        if installed and can_compile():
            for name, content in compiled((sources | installed).items()):
                _add(package, name, content)
    return hashlib.sha256(target.read_bytes()).hexdigest()


def _add(package: zipfile.ZipFile, name: PurePosixPath, content: bytes) -> None:
    entry = zipfile.ZipInfo(str(name), _WHEN)
    entry.create_system = 3  # Unix, also when packed on Windows
    entry.external_attr = 0o100644 << 16
    package.writestr(entry, content)


def unpack_here(root: Path, libraries: Iterable[Path]) -> int:
    """Lay the libraries into the project's folder, in place of those of before; gives how many files they have."""
    shutil.rmtree(root / SITE_PACKAGES, ignore_errors=True)
    installed = {name: content for wheel in libraries for name, content in entries(wheel)}
    made = compiled(installed.items()) if can_compile() else ()
    for name, content in (*installed.items(), *made):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return len(installed)


def main(arguments: list[str]) -> int:
    """The command; 1 with a sentence if it cannot be done."""
    parser = argparse.ArgumentParser(prog="python -m infra.package", description="Pack the function app.")
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--remote-build", action="store_true", help="without the libraries: Azure installs them")
    way.add_argument("--here", action="store_true", help="lay the libraries into .python_packages/, for azd")
    wanted = parser.parse_args(arguments)
    place = ROOT / "dist" / "gatepost.zip"
    try:
        libraries = [] if wanted.remote_build else wheels(ROOT / "requirements.txt", CACHE)
        if wanted.here:
            sys.stdout.write(
                f"{unpack_here(ROOT, libraries)} files of {len(libraries)} libraries in {SITE_PACKAGES}\n"
            )
        else:
            sys.stdout.write(f"{pack(place, ROOT, libraries)}  {place.relative_to(ROOT).as_posix()}\n")
    except (FileNotFoundError, WheelsError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
