"""Ledgers of passes over rejected files, with the records of the export that their lines are about."""

import json
from collections.abc import Iterator
from hashlib import sha256

import msgspec

from shared.blob_names import outcome_path
from shared.delivery.ledger import Entry
from shared.delivery.outcome import Outcome
from tests.explorer import sources
from tests.explorer.rules import MARKED
from tests.explorer.site import Site, Upload


def lines_by_key(site: Site, content: str) -> dict[str, list[int]]:
    """The record number of each line of every rejected file that there was of a content, by the file's key."""
    ours = [f"rejected/{one.name}/{one.etag}" for one in site.versions if one.content == content]
    found = {}
    for name, data in site.history.rejected:
        if any(name.startswith(one) for one in ours):
            numbers = [json.loads(line)["record"] for line in data.splitlines()]
            found[sources.key(sha256(data).hexdigest())] = numbers
    return found


def renumbered(entries: list[tuple[Entry, list[int]]], lines: list[int]) -> list[tuple[Entry, list[int]]]:
    """Entries and their records, as those of the export instead of the file's lines."""
    return [
        (
            msgspec.structs.replace(entry, refused=[lines[number - 1] for number in entry.refused]),
            [lines[number - 1] for number in numbers],
        )
        for entry, numbers in entries
    ]


def healed(outcome: Outcome, kinds: str, bad: set[int]) -> set[int]:
    """The records that a pass has made valid: each takes what its mapping accepts, and those that gained are noted."""
    rules = [sources.marks_by_mapping()[one.mapping] for one in outcome.passes]
    return {number for number in bad if any(one.accepts(kinds[number - 1]) for one in rules)}


def untried(site: Site, version: Upload, bad: set[int]) -> Iterator[str]:
    """(l): what the mapping in force accepts is not left among the rejected."""
    outcome = site.blobs.outcomes[outcome_path(version.name, version.etag)]
    now = MARKED[site.marks]
    left = sorted(number for number in bad if now.accepts(site.contents[version.content][number - 1]))
    if left and outcome.rejections.blob:
        yield f"(l) {left} are rejected, and the mapping in force takes them"


def nowhere(site: Site, ledgers: list[tuple[str, set[int]]]) -> Iterator[str]:
    """(l): what was accepted of a pass is in an outcome; what is in doubt, and rejected by the mapping of today, need not be."""
    if any(kind == "resend" for kind, _ in site.asked.values()):
        return  # which begins an outcome anew
    named = {one.ledger for outcome in site.blobs.outcomes.values() for one in outcome.passes}
    for path, accepted in ledgers:
        if accepted and path.split("/")[2] not in named:
            yield "(l) what a pass has sent is in no outcome"
