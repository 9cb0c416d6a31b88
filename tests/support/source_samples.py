"""The samples in `sources/`: where they are, and what must become of their rows."""

from pathlib import Path

SOURCES = Path(__file__).parents[2] / "sources"
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


def sample_of(system: str) -> Path:
    """The sample of a system."""
    (sample,) = (path for path in (SOURCES / system).iterdir() if path.name not in BESIDE)
    return sample
