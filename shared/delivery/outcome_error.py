"""How an error stands in an outcome."""

from shared.delivery.outcome import Error
from shared.errors import OutcomeError, Place


def error_of(error: OutcomeError) -> Error:
    """An error as the outcome shows it."""
    place: Place = error.place
    return Error(
        code=error.code.value,
        message=error.message,
        help=error.code.help,
        line=place.line,
        column=place.column,
        offset=place.offset,
        record=place.record,
    )
