"""The daily sweep."""

import azure.functions as func

from shared.app import sweep


def main(timer: func.TimerRequest, context: func.Context) -> None:  # noqa: ARG001  (names are the bindings')
    """Queue what is due; a sweep that comes late does no harm."""
    sweep(context.trace_context)
