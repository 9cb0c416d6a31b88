"""What is sent and what is set aside, held against an oracle that was written anew from the rules people read."""

import json
import random
from typing import Any

import pytest

from tests.support import record_oracle
from tests.support.mutated_records import export_of
from tests.support.read_export import read
from tests.support.record_oracle import canonical, judged

RECORDS_A_FILE = 4_000


def compared(texts: list[str], chance: random.Random) -> list[str]:
    """One file of records that are all JSON: which of them the product judges differently, or sends differently."""
    in_list = chance.random() < 0.7
    separator = chance.choice([",", ",\n", " ,\r\n"]) if in_list else "\n"
    whole = separator.join(texts)
    found = read((f"[{whole}]" if in_list else whole).encode(), chunk=1 << 18)
    if found.error:
        return [f"{found.error}"]
    expected = {number: judged(text) for number, text in enumerate(texts, 1)}
    valid = {number: value for number, value in expected.items() if value is not None}
    latest = max((value["EventTime"][:19] for value in valid.values()), default="")
    wrong = [texts[number - 1] for number in sorted(valid.keys() ^ found.valid.keys())]
    wrong += [
        texts[number - 1]
        for number, value in valid.items()
        if number in found.valid and canonical(json.loads(found.valid[number])) != canonical(value)
    ]
    return wrong if latest == found.latest_event else [*wrong, f"latest {latest} {found.latest_event}"]


def is_json(text: str) -> bool:
    """Whether a text is one JSON object within the limits."""
    try:
        judged(text)
    except (ValueError, RecursionError):
        return False
    return True


def refused(good: str, text: str) -> bool:
    """Whether a file with a record that is no JSON is refused, unless its text makes several records of it."""
    data = f"[{good},\n{good},\n{text}]".encode()
    if read(data).error:
        return True
    try:
        return len(json.loads(data)) > 3
    except ValueError:
        return False


def campaign(mutations: int, seed: int) -> tuple[int, int, list[str]]:
    """So many changed records: how many there were, how many of them no JSON, and what was judged differently."""
    chance = random.Random(seed)
    changed = broken = 0
    wrong: list[str] = []
    while changed < mutations:
        texts: list[str] = []
        for text, was_changed in export_of(chance, RECORDS_A_FILE):
            changed += was_changed
            if is_json(text):
                texts.append(text)
                continue
            broken += 1
            if not refused(texts[0], text):
                wrong.append(text)
        wrong += compared(texts, chance)
    return changed, broken, wrong


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-11-21T08:00:00", "2026-11-21T08:00:00"),
        ("2026-03-01T00:30:00.5+01:00", "2026-02-28T23:30:00.5"),
        ("2024-03-01T00:30:00+01:00", "2024-02-29T23:30:00"),
        ("2026-12-31T23:30:00-01:00", "2027-01-01T00:30:00"),
        ("2000-01-01T00:00:00+00:01", ""),
        ("2099-12-31T23:59:00-00:01", ""),
        ("2023-02-29T00:00:00", ""),
        ("2026-11-21T08:00:00.12345678", ""),
    ],
)
def test_the_oracle_knows_the_calendar(text: str, value: str) -> None:
    """It must be right by itself."""
    assert record_oracle.utc(text) == value


def test_the_oracle_sets_aside_what_people_would() -> None:
    """A few records that anybody can judge."""
    one: dict[str, Any] = {
        "UserId": "a@b",
        "AssetId": "d",
        "EventTime": "2026-11-21T08:00:00Z",
        "AccessStatus": "Failed",
    }
    assert judged(json.dumps(one)) == one | {"EventTime": "2026-11-21T08:00:00"}
    for name, value in (
        ("UserId", "a"),
        ("AssetId", " d"),
        ("EventTime", 5),
        ("AccessStatus", "failed"),
        ("x", "\ud800"),
    ):
        assert judged(json.dumps(one | {name: value})) is None


@pytest.mark.unmeasured
def test_product_and_oracle_agree_on_thousands_of_changed_records() -> None:
    """A small draw in every run."""
    changed, broken, wrong = campaign(4_000, seed=5)
    assert wrong == []
    assert changed >= 4_000
    assert 200 < broken < 3_000


@pytest.mark.soak
def test_product_and_oracle_agree_on_a_million_changed_records() -> None:
    """No difference in what is sent, what is set aside, and what is refused."""
    changed, broken, wrong = campaign(1_000_000, seed=20_261_122)
    print(
        f"\n{changed:,} changed records, {broken:,} of them no JSON: {len(wrong)} judged differently {wrong[:3]}"
    )
    assert changed >= 1_000_000
    assert wrong == []
