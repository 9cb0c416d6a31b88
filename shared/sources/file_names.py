"""Which source an export belongs to, and whether its name is one that the source takes: the first folder decides."""

import fnmatch
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from shared.sources.profile_model import Format, Input

_SOURCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
_EVENTS: Final = (".json", ".jsonl", ".ndjson")
ENDINGS: Final[dict["Format", tuple[str, ...]]] = {
    "csv": (".csv", ".tsv", ".txt", ".dat", ".log"),
    "json": _EVENTS,
    "connector": _EVENTS,
}
"""How names of exports of a source end, by its format; each also with `.gz`."""

_OF_REJECTED_FILES: Final = ".jsonl"
_GZ: Final = ".gz"


def is_source_name(folder: str) -> bool:
    """Whether a folder's name may be a source's: at most 60 letters, digits, `-`, `_` and `.`, a letter or digit first."""
    return _SOURCE.fullmatch(folder) is not None


def first_folder(name: str) -> tuple[str, str] | None:
    """The source that an export would belong to, and its name below that folder; `None` if it is in no such folder."""
    folder, slash, below = name.partition("/")
    return (folder, below) if slash and below and is_source_name(folder) else None


def without_gz(below: str) -> str:
    """A name as `file_name` and `files` see it."""
    return below[: -len(_GZ)] if below.lower().endswith(_GZ) else below


def takes(said: "Input", below: str) -> bool:
    """Whether an export of this name below the folder is one of the source's; what is not is `not-an-export`.

    A rejected file of a table ends in `.jsonl` and may always come back.
    """
    name = without_gz(below)
    if said.format == "csv" and name.lower().endswith(_OF_REJECTED_FILES):
        return True
    if not name.lower().endswith(ENDINGS[said.format]):
        return False
    return said.files is None or fnmatch.fnmatchcase(name, without_gz(said.files))
