"""Which names belong to which source."""

import pytest

from shared.sources.file_names import first_folder, is_source_name, takes, without_gz
from shared.sources.profile_model import Input


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("munich/2026.csv", ("munich", "2026.csv")),
        ("munich/a/b.csv.gz", ("munich", "a/b.csv.gz")),
        ("2026.csv", None),
        ("-x/2026.csv", None),
        ("munich/", None),
        ("x" * 61 + "/a.csv", None),
    ],
)
def test_the_first_folder_decides(name: str, expected: tuple[str, str] | None) -> None:
    """An export belongs to the source of its first folder, if that may be a source."""
    assert first_folder(name) == expected


def test_source_names() -> None:
    """Safe folder names only."""
    assert is_source_name("HQ-1.north_2")
    assert not is_source_name(".hidden")
    assert not is_source_name("a b")


@pytest.mark.parametrize(
    ("said", "below", "taken"),
    [
        (Input("csv"), "2026.CSV", True),
        (Input("csv"), "a/2026.dat.gz", True),
        (Input("csv"), "2026.xlsx", False),
        (Input("csv"), "rejected.jsonl", True),
        (Input("csv"), "page.json", False),
        (Input("json"), "page.json.GZ", True),
        (Input("json"), "page.csv", False),
        (Input("connector"), "page.ndjson", True),
        (Input("csv", files="daily*.csv"), "daily/x/1.csv", True),
        (Input("csv", files="daily*.csv"), "daily/1.csv.gz", True),
        (Input("csv", files="daily*.csv"), "weekly/1.csv", False),
        (Input("csv", files="daily*.csv.gz"), "daily1.csv", True),
    ],
)
def test_what_a_source_takes(said: Input, below: str, *, taken: bool) -> None:
    """Endings by format, narrowed by the profile's pattern, whose star crosses folders."""
    assert takes(said, below) is taken


def test_file_name_without_gz() -> None:
    """Packed and unpacked have one name."""
    assert without_gz("a/b.csv.GZ") == without_gz("a/b.csv") == "a/b.csv"
