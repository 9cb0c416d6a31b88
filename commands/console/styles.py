"""The colour of each status."""

from typing import Final

from rich.text import Text

from shared.error_codes import Status

STYLES: Final = {
    Status.SUCCEEDED.value: "green",
    Status.PARTIALLY_SUCCEEDED.value: "yellow",
    Status.DUPLICATE.value: "green",
    Status.REJECTED.value: "red",
    Status.SUPERSEDED.value: "dim",
    Status.GIVEN_UP.value: "dim",
    Status.BLOCKED.value: "red",
    Status.FAILED.value: "yellow",
    Status.IN_PROGRESS.value: "cyan",
}


def status_text(status: str) -> Text:
    """A status in its colour."""
    return Text(status, style=STYLES.get(status, ""))
