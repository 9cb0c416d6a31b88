"""Why a row is no record: codes, and the fixed sentence for each, which never quotes the row."""

from dataclasses import dataclass
from typing import Final

from shared.exports.validate import Violation


@dataclass(frozen=True, slots=True)
class RowViolation(Violation):
    """What kept a row from becoming a record; its name is a property's, or empty for the row as a whole."""

    @property
    def countable(self) -> Violation:
        """The same: a mapping's names are ours, never the export's content."""
        return self


_SENTENCES: Final = {
    "row-too-short": ("", "has fewer columns than the table; the line may be cut, or a quote is missing"),
    "row-too-long": (
        "",
        "has more columns than the table; a separator may stand inside a text without quotes",
    ),
    "value-not-text": ("", "has an object or a list where the profile wants one value"),
    "no-person": ("UserId", "names nobody: every column for the person is empty"),
    "outcome-unknown": ("AccessStatus", "has an outcome word that the profile does not list"),
    "person-unknown": ("UserId", "is about a person whom no people file knows"),
    "person-ambiguous": ("UserId", "is about a key for which the people file has two accounts at that time"),
    "time-unreadable": (
        "EventTime",
        "has a time that is not written as the profile says, or is no real date",
    ),
    "time-zone-missing": ("EventTime", "has a time without an offset, and the profile declares no zone"),
    "time-zone-unknown": ("EventTime", "has a text for its zone that the profile's map does not list"),
    "time-does-not-exist": (
        "EventTime",
        "has a local time that was skipped when the clocks went forward; the profile's zone is doubtful",
    ),
    "time-ambiguous": (
        "EventTime",
        "has a local time in the hour that happens twice when the clocks go back",
    ),
    "asset-missing": ("AssetId", "names no door"),
}

VIOLATIONS: Final = {code: RowViolation(name, code, reason) for code, (name, reason) in _SENTENCES.items()}
"""Of every row that is rejected by the mapping itself, by code."""
