"""Which versions of a source's files have been seen on this computer.

Each file that `source get` or `source put` has seen is noted with its ETag beside the profile, so that a version that another
person has put meanwhile is not replaced unseen.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from commands.local_files import writing

_SEEN: Final = ".gatepost.json"


def seen_versions(folder: Path) -> dict[str, str]:
    """The ETags that were noted in a source's folder, by paths in the container."""
    try:
        noted = json.loads((folder / _SEEN).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return (
        {path: etag for path, etag in noted.items() if isinstance(etag, str)}
        if isinstance(noted, dict)
        else {}
    )


def note_versions(folder: Path, versions: Mapping[str, str]) -> None:
    """Note ETags beside those that were noted before.

    Raises:
        CommandError: the folder cannot be written.
    """
    file = folder / _SEEN
    with writing(file, "Check that you may write in this folder"):
        file.write_text(json.dumps(seen_versions(folder) | dict(versions), indent=1) + "\n", encoding="utf-8")
