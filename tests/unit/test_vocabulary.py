"""Words and phrases that were given up do not come back, in whatever text file of the repository."""

import re
import subprocess
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
VOCABULARY = tomllib.loads(Path(__file__).with_name("vocabulary.toml").read_text(encoding="utf-8"))
NOT_OURS = ("requirements*.txt", "*.svg", "*.lock.hcl", "tests/seeds/*")
"""Files made by tools; a name of a library, say, is not ours to choose."""

pytestmark = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="files are known by git")


def _texts() -> Iterator[tuple[str, str]]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for file in listed.stdout.splitlines():
        path = ROOT / file
        if path.is_file() and not any(fnmatch(file, pattern) for pattern in NOT_OURS):
            data = path.read_bytes()
            if b"\0" not in data:
                yield file, data.decode(errors="replace")


def _allowed(file: str, word: str) -> bool:
    return any(
        any(fnmatch(file, pattern) for pattern in one["files"]) and re.search(one["pattern"], word)
        for one in VOCABULARY["allowed"]
    )


def test_no_word_comes_back() -> None:
    """Each hit says where it is and what to write instead."""
    banned = [(re.compile(one["pattern"]), one["use"]) for one in VOCABULARY["banned"]]
    hits = [
        f"{file}:{number}: {found[0]!r}; use: {use}"
        for file, text in _texts()
        for number, line in enumerate(text.splitlines(), 1)
        for pattern, use in banned
        for found in [pattern.search(line)]
        if found and not _allowed(file, found[0])
    ]
    assert not hits, "\n" + "\n".join(hits)


@pytest.mark.parametrize(
    "line",
    [
        "class NeedsPersonError(Exception):",
        "from shared.delivery.keeper import hold",
        "Mend the file and drop it again.",
        "Whoever finds it looks again.",
        "the batch went out",
    ],
)
def test_the_list_finds_what_it_is_for(line: str) -> None:
    """A pattern with a slip would find nothing, and nobody would notice."""
    assert any(re.search(one["pattern"], line) for one in VOCABULARY["banned"])


@pytest.mark.parametrize(
    "line",
    [
        "I recommend to amend the ledger.",
        "The batches are sent one after another; a reply came back.",
        "The service drops records whose UserId it does not know.",
        "one `sending` entry is ahead of the others",
    ],
)
def test_ordinary_english_is_left_alone(line: str) -> None:
    """Only what was a name is banned."""
    assert not any(re.search(one["pattern"], line) for one in VOCABULARY["banned"])
