"""Pack the function app: `python -m infra.package` writes `dist/gatepost.zip`.

Needs nothing but Python. The zip holds what the functions need and nothing else, and is the same to the byte wherever
and whenever it is made of the same sources: names in order, one fixed time, one fixed mode, nothing compressed. Azure
installs `requirements.txt` itself (remote build).
"""

import hashlib
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

ROOT: Final = Path(__file__).parents[1]
FILES: Final = ("host.json", "requirements.txt")
FOLDERS: Final = ("BlobUploadTrigger", "TimerUploadTrigger", "shared")
_WHEN: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest time a zip can hold."""


def contents(root: Path = ROOT) -> Iterator[PurePosixPath]:
    """What goes into the zip, in order.

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


def pack(target: Path, root: Path = ROOT) -> str:
    """Write the zip; gives its SHA-256."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as package:
        for name in contents(root):
            entry = zipfile.ZipInfo(str(name), _WHEN)
            entry.create_system = 3  # Unix, also when packed on Windows
            entry.external_attr = 0o100644 << 16
            package.writestr(entry, (root / name).read_bytes())
    return hashlib.sha256(target.read_bytes()).hexdigest()


if __name__ == "__main__":
    place = ROOT / "dist" / "gatepost.zip"
    sys.stdout.write(f"{pack(place)}  {place.relative_to(ROOT)}\n")
