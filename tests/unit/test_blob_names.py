"""Blob names: which may be touched, which are exports, where their documents live, and how they are printed."""

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import blob_names
from shared.blob_names import (
    Kind,
    bare,
    classify_name,
    is_safe,
    lease_path,
    ledger_path,
    ledgers_prefix,
    outcome_path,
    plan_path,
    rejected_path,
    request_of_ledger,
)

SAFE = [
    "day.json",
    "2026/11/22/lenel.json",
    "t\u00fcr \u2603 \U0001f6aa.json",
    "a b/c+d&e=f?g#h%2e%2e.json",
    "-.json",
    "...x/day.json",
    " .json ",
    "x" * 895 + ".json",
    "\u00e9" * 149 + ".json",
    "2026-11-22 05:00:01 ERROR all records sent twice.json",
    "a/" * 54 + "day.json",
]
UNSAFE = {
    "empty": "",
    "only a dot": ".",
    "two dots": "..",
    "dots up": "a/../b.json",
    "dots first": "../day.json",
    "dots last": "day.json/..",
    "one dot": "a/./b.json",
    "empty segment": "a//b.json",
    "leading slash": "/day.json",
    "folder ending in a dot": "a./b.json",
    "name ending in a dot": "day.json.",
    "backslash": "a\\..\\b.json",
    "line break": "day.json\n2026-11-22 ERROR nothing happened",
    "carriage return": "day\r.json",
    "null": "day\0.json",
    "escape": "day\x1b[31m.json",
    "delete": "day\x7f.json",
    "C1 control": "day\x85.json",
    "line separator": "day\u2028.json",
    "paragraph separator": "day\u2029.json",
    "lone surrogate": "day\ud800.json",
    "901 bytes": "x" * 896 + ".json",
    "901 encoded bytes": "\u00e9" * 150 + ".json",
    "56 segments": "a/" * 55 + "day.json",
    "254 segments": "a/" * 253 + "d.json",
    "1,024 characters": "x" * 1_019 + ".json",
}
LEFT_BY_TOOLS = [
    "_SUCCESS",
    "2026/11/22/_SUCCESS",
    "2026/_committed_6498372987",
    "2026/_started_6498372987",
    "2026/.part-00000.json.crc",
    "Thumbs.db",
    "2026/ehthumbs.db",
    "THUMBS.DB",
    "desktop.ini",
    "2026/.DS_Store",
    "2026/._day.json",
    "__MACOSX/day.json",
    "2026/~$day.json",
    "2026/.~lock.day.json#",
    "2026/.keep",
    "2026/.gitkeep",
    ".nfs000000000123",
    ".day.json.swp",
    "day.json~",
    "out/_temporary/0/task_2026/part-00000.json",
    "table/_delta_log/00000000000000000000.json",
    "$RECYCLE.BIN/day.json",
    "System Volume Information/IndexerVolumeGuid",
    "2026/@eaDir/day.json",
    ".Trash-1000/day.json",
]


@pytest.mark.parametrize("name", SAFE)
def test_ordinary_names_are_safe(name: str) -> None:
    """Spaces, Unicode, percent signs and dots inside are nobody's harm; they are encoded when they are used."""
    assert is_safe(name)


@pytest.mark.parametrize("name", [pytest.param(name, id=why) for why, name in UNSAFE.items()])
def test_names_that_can_do_harm_are_not_touched(name: str) -> None:
    """Nothing of such a name stands in a path: its documents lie under its hash, different for every name."""
    assert not is_safe(name)
    assert re.fullmatch(r"outcomes/_/[0-9a-f]{64}/0x8D\.json", outcome_path(name, '"0x8D"'))
    assert re.fullmatch(r"rejected/_/[0-9a-f]{64}/0x8D\.jsonl", rejected_path(name, "0x8D"))


def test_unsafe_names_do_not_share_a_folder() -> None:
    """Every one has a hash of its own."""
    assert len({outcome_path(name, "1") for name in UNSAFE.values()}) == len(UNSAFE)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("day.json", Kind.EXPORT),
        ("DAY.JSON", Kind.EXPORT),
        ("a/day.jsonl", Kind.EXPORT),
        ("day.ndjson", Kind.EXPORT),
        ("day.json.gz", Kind.EXPORT),
        ("day.NDJSON.GZ", Kind.EXPORT),
        (".json", Kind.EXPORT),
        ("day.json\n", Kind.UNSAFE),
        ("day.gz", Kind.NOT_AN_EXPORT),
        ("day.csv", Kind.NOT_AN_EXPORT),
        ("dayjson", Kind.NOT_AN_EXPORT),
        ("day.json.bak", Kind.NOT_AN_EXPORT),
        ("day.json.gz.gz", Kind.NOT_AN_EXPORT),
        ("json", Kind.NOT_AN_EXPORT),
        ("day.json.tmp", Kind.IGNORED),
        ("day.json.PART", Kind.IGNORED),
        ("day.filepart", Kind.IGNORED),
        ("folder/", Kind.IGNORED),
        ("a/../day.json.tmp", Kind.IGNORED),
        *((name, Kind.IGNORED) for name in LEFT_BY_TOOLS),
        ("_successful.json", Kind.EXPORT),
        ("started_day.json", Kind.EXPORT),
        ("thumbs.json", Kind.EXPORT),
        ("temporary/day.json", Kind.EXPORT),
        ("my_temporary/day.json", Kind.EXPORT),
        ("day~1.json", Kind.EXPORT),
        ("a/../day.json", Kind.UNSAFE),
        ("a/../day.csv", Kind.UNSAFE),
    ],
)
def test_a_name_says_what_the_blob_is(name: str, kind: Kind) -> None:
    """An export by its ending, whatever case; an upload on its way; or neither."""
    assert classify_name(name) is kind


def test_the_longest_safe_name_leaves_room_for_its_documents() -> None:
    """Azure takes 1,024 characters; a path is a folder, the name and an ETag."""
    longest = "x" * 895 + ".json"
    for path in (outcome_path(longest, "0x8DE2A1234567890"), rejected_path(longest, "0x8DE2A1234567890")):
        assert len(path) <= 1_024


def test_paths_are_as_they_are_documented() -> None:
    """Other programs read them."""
    assert outcome_path("2026/lenel.json", '"0x8D"') == "outcomes/2026/lenel.json/0x8D.json"
    assert rejected_path("2026/lenel.json", "0x8D") == "rejected/2026/lenel.json/0x8D.jsonl"
    job = hashlib.sha256(b"job").hexdigest()[:16]
    rules = "0123456789abcdef" * 4
    assert ledger_path("job", "9f2c", rules, None) == f"ledger/{job}/9f2c/0123456789abcdef.jsonl"
    assert ledger_path("job", "9f2c", rules, "guid") == f"ledger/{job}/9f2c/0123456789abcdef~guid.jsonl"
    assert plan_path("job", "9f2c", "51aa") == f"plans/{job}/9f2c/51aa.bits"
    assert lease_path("job") == f"lease/{job}"


def test_the_job_id_stands_in_no_path() -> None:
    """Storage logs show paths; and in whatever case the setting is, it is the same job."""
    for path in (ledger_path("JOB", "k", "r", None), plan_path("JOB", "k", "s"), lease_path("JOB")):
        assert "job" not in path.lower()
    assert ledgers_prefix("JOB", "9f2c") == ledgers_prefix("job", "9f2c")
    assert lease_path("JOB") == lease_path("job") != lease_path("job2")


def test_a_ledger_says_which_resend_it_belongs_to() -> None:
    """An ordinary attempt never sees a resend's ledgers, nor one resend those of another."""
    assert request_of_ledger(ledger_path("job", "9f2c", "r" * 64, None)) is None
    assert request_of_ledger(ledger_path("job", "9f2c", "r" * 64, "guid")) == "guid"
    assert ledger_path("job", "9f2c", "r", "g").startswith(ledgers_prefix("job", "9f2c"))


def test_etags_are_compared_without_quotes() -> None:
    """Events, headers and listings disagree about them."""
    assert bare('"0x8D"') == bare("0x8D") == "0x8D"


_PARTS = st.sampled_from(
    [
        "day",
        "2026",
        "a-b_c",
        ".",
        "..",
        "_",
        "~",
        "$",
        "x.",
        "ü",
        " ",
        "\n",
        "%",
        "x" * 60,
        "_temporary",
        "_SUCCESS",
        "_committed_1",
        "Thumbs",
        "ehthumbs",
        "desktop",
        "System Volume Information",
        "keep",
    ]
)
_NAMES = st.lists(st.lists(_PARTS, min_size=1, max_size=3).map("".join), min_size=1, max_size=4).map("/".join)
_ENDINGS = st.sampled_from(
    [
        ".json",
        ".JSONL",
        ".ndjson.gz",
        ".csv",
        ".TSV",
        ".txt.gz",
        ".tmp",
        ".crc",
        ".db",
        ".ini",
        ".swp",
        ".part",
        "",
        ".json.tmp",
        ".csv~",
        "/",
        ".gitkeep",
        ".json\n",
    ]
)


@given(_NAMES, _ENDINGS)
def test_plain_names_are_sorted_as_if_they_were_looked_at_closely(name: str, ending: str) -> None:
    """What decides at a glance decides the same."""
    at_a_glance = classify_name(name + ending), is_safe(name + ending)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blob_names, "_is_plain", lambda _: False)
        assert (classify_name(name + ending), is_safe(name + ending)) == at_a_glance
