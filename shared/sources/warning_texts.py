"""What a person should look at although an export was mapped: a sentence for each warning of a mapping."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from shared.sources.source import Source

_TEXTS: Final = {
    "multi-line-cells": (
        "cells have line breaks in them; if these rows look like several rows, a closing quote is missing."
    ),
    "time-ambiguous": (
        "times lie in the hour that happens twice when the clocks go back; each was taken as the profile's "
        "ambiguous says."
    ),
    "zone-doubtful": (
        "times were skipped when the clocks went forward, so they cannot be; the profile's zone or the system's clock is "
        "wrong."
    ),
}
WARNINGS: Final = frozenset({*_TEXTS, "people-lines-skipped"})
"""The codes of all warnings that a mapping gives."""


def warning_text(code: str, count: int, source: "Source") -> str:
    """What a warning says.

    Args:
        code: one of `WARNINGS`.
        count: how many cells, times or lines there were.
        source: whose people files had bad lines.
    """
    if code in _TEXTS:
        return f"{count:,} {_TEXTS[code]}"
    files = "; ".join(
        f"{file}: {skipped:,} lines, the first of them {', '.join(f'{line:,}' for line in lines)}"
        for file, (skipped, lines) in source.skipped_lines.items()
    )
    return f"Lines of people files were left out, since they have no address or no date where one should be: {files}."
