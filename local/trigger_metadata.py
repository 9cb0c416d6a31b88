"""A queue trigger's metadata, as the functions host hands it to a function.

The host starts from what the queue says about a message, then lays the properties of a JSON message over it: by name,
whatever the case, every value as text. So `message.id` of an Event Grid event is the event's own `id`, and a message with
an `InsertionTime` of its own makes the worker's binding fail. That is why the product never reads this metadata.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from local.invocation import Metadata

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")


@dataclass(frozen=True)
class Delivery:
    """A message as it was taken from the queue.

    Attributes:
        text: its content.
        id: the queue's name for it.
        dequeue_count: how often it was taken, this time included.
        pop_receipt: what was right when it was taken; a renewal makes another.
        times: `InsertionTime`, `ExpirationTime`, `NextVisibleTime`, each in ISO format.
    """

    text: str
    id: str
    dequeue_count: int
    pop_receipt: str
    times: Mapping[str, str]


def trigger_metadata(delivery: Delivery) -> Metadata:
    """Everything the host tells a function about a message beside its text."""
    metadata: Metadata = {name: ("json", json.dumps(time)) for name, time in delivery.times.items()}
    metadata |= {
        "QueueTrigger": ("string", delivery.text),
        "Id": ("string", delivery.id),
        "PopReceipt": ("string", delivery.pop_receipt),
        "DequeueCount": ("string", str(delivery.dequeue_count)),
    }
    known = {name.lower(): name for name in metadata}
    for name, value in _properties(delivery.text).items():
        if isinstance(value, list) or value is None:
            continue  # the host leaves these two alone
        own_name = known.setdefault(name.lower(), name)
        metadata[own_name] = (
            ("json", json.dumps(value)) if isinstance(value, dict) else ("string", _text(value))
        )
    return metadata


def _properties(text: str) -> dict[str, Any]:
    """The top-level properties of a message that is a JSON object; none of any other."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def _text(value: Any) -> str:
    """A JSON value as .NET writes it: what looks like a date is one, and is written as in the United States."""
    if isinstance(value, str) and _DATE.fullmatch(value):
        moment = datetime.fromisoformat(value)
        return f"{moment.astimezone(UTC) if moment.tzinfo else moment:%m/%d/%Y %H:%M:%S}"
    return str(value)
