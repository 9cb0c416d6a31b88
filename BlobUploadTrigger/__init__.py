"""One queue message, one attempt on one export."""

import azure.functions as func

from shared.app import upload


def main(message: func.QueueMessage, context: func.Context) -> None:
    """Hand the message on; whatever goes wrong comes out as one exception type with a fixed text."""
    upload(message.get_body(), context.invocation_id, context.trace_context)
