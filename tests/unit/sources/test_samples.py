"""The profiles in `sources/`, each with a made-up sample and the records that must come out of it."""

import json

import pytest

from shared.sources.profile import read_profile
from shared.sources.source import make_source
from tests.support.source_samples import COUNTS, SOURCES, sample_of
from tests.support.sources import read


@pytest.mark.parametrize("chunk_bytes", [1 << 20, 7], ids=["whole", "in-pieces"])
@pytest.mark.parametrize("system", sorted(COUNTS))
def test_sample_comes_out_as_expected(system: str, chunk_bytes: int) -> None:
    """Every sample gives exactly its expected records, reasons and counts, however its bytes arrive."""
    folder = SOURCES / system
    sample = sample_of(system)
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
