"""A source whose people file changes: what its mapping rejects is what rules reject elsewhere, so that one oracle knows both."""

from functools import cache
from typing import Final

from shared.delivery.export_rules import ExportRules
from shared.delivery.mapping_figures import version_of
from shared.sources.profile import read_profile
from shared.sources.source import Source, make_source
from tests.explorer.rules import MARKED, MarkedRules

FOLDER: Final = "s"
PROFILES: Final = tuple(
    f"""
# {variant}
version = 1
name = "S"
[input]
format = "json"
[time]
from = "EventTime"
format = "iso"
zone = "UTC"
[[person]]
from = "Key"
directory = "people.csv"
key = "Key"
[asset]
id = "AssetId"
name = "AssetName"
[outcome]
from = "AccessStatus"
success = ["Success"]
""".encode()
    for variant in range(2)
)
"""Profiles that mean the same, and are different mappings all the same."""


def people_of(marks: str) -> bytes:
    """A people file that does not know the persons of some kinds of records."""
    keys = [key for key in ("p", "a", "b") if key not in marks]
    return ("Key,UPN\n" + "".join(f"{key},person@example.com\n" for key in keys)).encode()


def key_of(kind: str) -> str:
    """The person of a kind of records, as the export names it."""
    return kind if kind in "ab" else "p"


@cache
def source_of(marks: str, variant: int) -> Source:
    """The source with one of its profiles and one of its people files."""
    return make_source(FOLDER, read_profile(PROFILES[variant]), {"people.csv": people_of(marks)})


@cache
def marks_by_rules() -> dict[str, MarkedRules]:
    """What the rules that a ledger names reject, by their digests."""
    of_sources = {
        ExportRules("s/0.json", MARKED[""], source_of(marks, variant)).digest: rules
        for marks, rules in MARKED.items()
        for variant in range(len(PROFILES))
    }
    return {rules.digest: rules for rules in MARKED.values()} | of_sources


@cache
def marks_by_mapping() -> dict[str, MarkedRules]:
    """Likewise, by the digests of mappings, as outcomes name them."""
    return {
        version_of(source_of(marks, variant)).mapping: rules
        for marks, rules in MARKED.items()
        for variant in range(len(PROFILES))
    }


def key(sha256: str) -> str:
    """Names what an export of the source holds; every profile has the same rows."""
    return source_of("", 0).key(sha256, "")
