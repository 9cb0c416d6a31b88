"""The profiles in `sources/`, each with a made-up sample and the records that must come out of it."""

import json
from pathlib import Path

import pytest

from shared.sources.profile import read_profile
from shared.sources.source import make_source
from tests.support.sources import read

SOURCES = Path(__file__).parents[3] / "sources"
BESIDE = {"profile.toml", "people.csv", "expected.json"}

# system: rows read, ignored by code, repeated, rejected (file line for tables, else the place in the list), warnings
COUNTS = {
    "amag-symmetry": (8, {"no-person": 2, "person-without-account": 1}, 0, {9: "outcome-unknown"}, {}),
    "avigilon-acm": (6, {"no-person": 1, "person-without-account": 1}, 0, {6: "asset-missing"}, {}),
    "brivo": (8, {"no-person": 2, "person-without-account": 1, "rule": 1}, 1, {}, {}),
    "ccure9000": (8, {"person-without-account": 1, "rule": 2, "person-unknown": 1}, 0, {}, {}),
    "datawatch": (6, {"no-person": 1, "person-without-account": 1, "person-unknown": 1}, 0, {}, {}),
    "gallagher-csv": (6, {"outcome": 1, "person-without-account": 1}, 0, {}, {}),
    "gallagher-rest": (8, {"no-person": 1, "outcome": 1, "person-without-account": 1, "rule": 2}, 0, {}, {}),
    "genetec": (8, {"rule": 2, "no-person": 1, "person-without-account": 1}, 0, {8: "time-unreadable"}, {}),
    "honeywell-prowatch": (
        8,
        {"no-person": 1, "outcome": 1, "person-without-account": 1},
        0,
        {8: "time-unreadable"},
        {},
    ),
    "johnson-p2000": (6, {"no-person": 1, "person-without-account": 1}, 0, {4: "person-unknown"}, {}),
    "kisi": (8, {"no-person": 1, "rule": 4}, 0, {}, {}),
    "lenel-onguard": (
        13,
        {"no-person": 2, "outcome": 1, "person-without-account": 1},
        1,
        {9: "person-unknown", 14: "outcome-unknown"},
        {"time-ambiguous": 1},
    ),
    "lenel-openaccess": (
        8,
        {"no-person": 2, "person-without-account": 1, "person-unknown": 1},
        0,
        {8: "time-zone-missing"},
        {},
    ),
    "paxton-net2": (
        8,
        {"no-person": 1, "person-without-account": 1},
        1,
        {4: "person-unknown", 9: "time-unreadable"},
        {},
    ),
    "picture-perfect": (
        7,
        {"rule": 1, "person-without-account": 1},
        0,
        {5: "time-unreadable", 7: "person-unknown"},
        {},
    ),
    "timelox": (
        7,
        {"no-person": 1, "person-without-account": 1},
        0,
        {6: "time-unreadable", 7: "value-not-text"},
        {},
    ),
    "unifi-access": (
        8,
        {"no-person": 1, "outcome": 1, "rule": 1, "person-without-account": 1},
        0,
        {8: "asset-missing"},
        {},
    ),
    "verkada": (7, {"no-person": 3, "outcome": 1}, 0, {}, {}),
    "visma-megaflex": (
        8,
        {"no-person": 1, "person-without-account": 1, "person-unknown": 1},
        1,
        {7: "outcome-unknown"},
        {},
    ),
    "zkteco": (
        7,
        {"person-without-account": 1},
        0,
        {5: "row-too-short", 6: "person-unknown", 7: "time-unreadable"},
        {},
    ),
}


@pytest.mark.parametrize("chunk_bytes", [1 << 20, 7], ids=["whole", "in-pieces"])
@pytest.mark.parametrize("system", sorted(COUNTS))
def test_sample_comes_out_as_expected(system: str, chunk_bytes: int) -> None:
    """Every sample gives exactly its expected records, reasons and counts, however its bytes arrive."""
    folder = SOURCES / system
    (sample,) = (path for path in folder.iterdir() if path.name not in BESIDE)
    profile = read_profile((folder / "profile.toml").read_bytes())
    people = folder / "people.csv"
    made = make_source(system, profile, {"people.csv": people.read_bytes()} if people.exists() else {})
    data = sample.read_bytes()
    chunks = [data[at : at + chunk_bytes] for at in range(0, len(data), chunk_bytes)]

    found = read(made, chunks, sample.name)

    assert found.records == json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    rows, ignored, repeated, rejected, warnings = COUNTS[system]
    table = profile.input.format == "csv"
    at = {(line if table else number): codes[0] for number, line, codes, _ in found.rejected}
    assert (found.counts.read, found.counts.ignored, found.counts.repeated) == (rows, ignored, repeated)
    assert at == rejected
    assert found.counts.warnings == warnings
    assert not found.counts.nothing_mapped


def test_every_profile_has_a_sample_and_says_what_it_is() -> None:
    """A profile without a tested sample, or that promises more than it can, is not shipped."""
    folders = {path.parent.name: path.read_text(encoding="utf-8") for path in SOURCES.glob("*/profile.toml")}
    assert set(folders) == set(COUNTS)
    for text in folders.values():
        assert "From public documentation, not tried on the system" in text.splitlines()[0]
