"""One queue message: an attempt on one export, a slice of a sweep, or the report."""

import azure.functions as func

from shared.app import load_in_background, process_message

load_in_background()


def main(message: func.QueueMessage, context: func.Context) -> None:
    """Hand the message on; whatever goes wrong comes out as one exception type with a fixed text."""
    process_message(message.get_body(), context.invocation_id, context.trace_context)
