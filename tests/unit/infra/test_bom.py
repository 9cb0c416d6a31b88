"""The bill of materials lists what the package holds, with the checksum of what was unpacked, and is always the same."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from infra.bom import bill


@pytest.fixture
def libraries(tmp_path: Path) -> list[Path]:
    """Two wheels: one says its license as an expression, one in its classifiers."""
    texts = {
        "one-1.0": "Name: One_Lib\nVersion: 1.0\nLicense-Expression: MIT OR Apache-2.0\n\nText",
        "two-2.0": "Name: two\nVersion: 2.0\nLicense: see file\nClassifier: License :: OSI Approved :: MIT License\n",
        "three-3.0": "Name: three\nVersion: 3.0\n",
    }
    made = []
    for name, metadata in texts.items():
        path = tmp_path / f"{name}-py3-none-any.whl"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(f"{name}.dist-info/METADATA", metadata)
        made.append(path)
    return made


def test_each_library_is_there_with_version_license_and_checksum(libraries: list[Path]) -> None:
    """By the name that the package index knows."""
    one, two, three = bill("2.0.0", libraries)["components"]
    assert (one["name"], one["version"], one["purl"]) == ("one-lib", "1.0", "pkg:pypi/one-lib@1.0")
    assert one["licenses"] == [{"expression": "MIT OR Apache-2.0"}]
    assert one["hashes"] == [
        {"alg": "SHA-256", "content": hashlib.sha256(libraries[0].read_bytes()).hexdigest()}
    ]
    assert two["licenses"] == [{"license": {"name": "MIT License"}}]
    assert three["licenses"] == [{"license": {"name": "not stated"}}]


def test_the_app_is_what_they_belong_to(libraries: list[Path]) -> None:
    """With its own version and license."""
    document = bill("2.0.0", libraries)
    component = document["metadata"]["component"]
    assert (component["name"], component["version"]) == ("gatepost", "2.0.0")
    assert document["dependencies"] == [
        {"ref": "gatepost", "dependsOn": [one["bom-ref"] for one in document["components"]]}
    ]


def test_the_same_libraries_give_the_same_document(libraries: list[Path]) -> None:
    """Another version of the app or of a library gives another number."""
    assert bill("2.0.0", libraries) == bill("2.0.0", libraries)
    numbers = {
        bill(version, wheels)["serialNumber"]
        for version, wheels in (("2.0.0", libraries), ("2.0.1", libraries), ("2.0.0", libraries[:1]))
    }
    assert len(numbers) == 3
