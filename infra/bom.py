"""The bill of materials of the package: `python -m infra.bom` writes `dist/gatepost.cdx.json` (CycloneDX 1.6).

It lists what the zip holds: each library with its version, its license as its author states it, and the checksum of the very
wheel that was unpacked. The same sources give the same file.
"""

import hashlib
import json
import re
import sys
import uuid
import zipfile
from email.parser import HeaderParser
from pathlib import Path
from typing import Any, Final

from infra.package import CACHE, ROOT
from infra.tool import version
from infra.wheels import WheelsError, wheels

PLACE: Final = ROOT / "dist" / "gatepost.cdx.json"


def bill(version: str, libraries: list[Path]) -> dict[str, Any]:
    """The document.

    Args:
        version: Gatepost's own.
        libraries: the wheels that the package holds.
    """
    components = [_component(wheel) for wheel in libraries]
    app = {"type": "application", "bom-ref": "gatepost", "name": "gatepost", "version": version}
    digests = "".join(component["hashes"][0]["content"] for component in components)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, version + digests)}",
        "version": 1,
        "metadata": {"component": app | {"licenses": [{"license": {"id": "MIT"}}]}},
        "components": components,
        "dependencies": [{"ref": "gatepost", "dependsOn": [one["bom-ref"] for one in components]}],
    }


def _component(wheel: Path) -> dict[str, Any]:
    with zipfile.ZipFile(wheel) as archive:
        [name] = [one for one in archive.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", one)]
        said = HeaderParser().parsestr(archive.read(name).decode())
    package = re.sub(r"[-_.]+", "-", said["Name"]).lower()
    reference = f"pkg:pypi/{package}@{said['Version']}"
    license_ = said.get("License-Expression")
    stated = {"expression": license_} if license_ else {"license": {"name": _license_name(said)}}
    return {
        "type": "library",
        "bom-ref": reference,
        "name": package,
        "version": said["Version"],
        "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(wheel.read_bytes()).hexdigest()}],
        "licenses": [stated],
        "purl": reference,
    }


def _license_name(said: Any) -> str:
    """What an older wheel says in its own words: its classifiers, or the first line of its license field."""
    classified = [
        one.rpartition(" :: ")[2] for one in said.get_all("Classifier", []) if one.startswith("License ::")
    ]
    stated = (said.get("License") or "").strip().splitlines()[:1]
    return ", ".join(classified) or "".join(stated) or "not stated"


def main() -> int:
    """Write the file; 1 with a sentence if the wheels cannot be had."""
    try:
        libraries = wheels(ROOT / "requirements.txt", CACHE)
    except WheelsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    PLACE.parent.mkdir(exist_ok=True)
    PLACE.write_text(json.dumps(bill(version(), libraries), indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(f"{len(libraries)} libraries in {PLACE.relative_to(ROOT).as_posix()}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
