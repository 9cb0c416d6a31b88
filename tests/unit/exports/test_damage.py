"""A campaign over files broken in named ways: the right code, and never an exception that was not foreseen."""

import random
from collections import Counter

import pytest

from tests.support.damage import WAYS, damaged, good
from tests.support.read_export import read

PRIVATE = ("@example", "door-", "Büro", "Haupteingang")


def campaign(files_a_way: int, seed: int) -> tuple[int, Counter[tuple[str, str]]]:
    """So many files for each way; how many there were, and what was said wrongly."""
    wrong: Counter[tuple[str, str]] = Counter()
    for way in WAYS:
        chance = random.Random(f"{seed} {way}")
        for _ in range(files_a_way):
            data, code = damaged(way, chance)
            error = read(data, chunk=chance.choice([61, 1 << 20])).error
            said = error.code.value if error else "nothing"
            wrong[way, said] += said != code
            assert not (error and any(private in str(error) for private in PRIVATE)), way
    return files_a_way * len(WAYS), +wrong


def test_the_files_are_good_before_they_are_broken() -> None:
    """Otherwise their damage would say nothing."""
    chance = random.Random(3)
    for _ in range(40):
        whole = good(chance)
        found = read(whole.text.encode())
        assert found.records == whole.records
        assert found.error is None


def test_each_way_of_breaking_a_file_has_its_code() -> None:
    """A small draw of the campaign, in every run."""
    assert len(WAYS) >= 40
    _, wrong = campaign(3, seed=1)
    assert wrong == Counter()


@pytest.mark.soak
def test_ten_thousand_files_broken_in_named_ways() -> None:
    """The code is the expected one in at least 99 of 100."""
    files, wrong = campaign(-(-10_000 // len(WAYS)), seed=20_261_122)
    print(f"\n{files:,} files broken in {len(WAYS)} ways: {wrong.total()} with another code {dict(wrong)}")
    assert files >= 10_000
    assert wrong.total() <= files // 100
