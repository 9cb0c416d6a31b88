"""Once a day: starts the sweep."""

import azure.functions as func

from shared.app import start_sweep


def main(timer: func.TimerRequest, context: func.Context) -> None:  # noqa: ARG001  (names are the bindings')
    """Queue the sweep; one that starts late does no harm."""
    start_sweep(context.trace_context)
