"""A request, an answer, and labels for what each side names in its own way."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

UNKNOWN: Final = "?"
"""The label of an ETag, a message or a receipt that storage never gave."""


@dataclass(frozen=True)
class Operation:
    """One request, or `pass`: some time passes.

    Attributes:
        kind: such as `put`.
        arguments: with labels in the place of ETags, message ids, receipts and markers; what is `None` is not sent.
    """

    kind: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """As a line of a failure's list."""
        told = ", ".join(f"{key}={value!r}" for key, value in self.arguments.items() if value is not None)
        return f"{self.kind}({told})"


@dataclass(frozen=True)
class Answer:
    """What a side answered.

    Attributes:
        status: of HTTP.
        code: the error code; empty for success.
        told: everything else that matters, with labels.
    """

    status: int
    code: str = ""
    told: Any = None


class Labels:
    """Names for the values that a side makes up, in the order of their first appearance.

    Attributes:
        pairs: messages and their receipts, as they were given.
    """

    def __init__(self) -> None:
        self._labels: dict[tuple[str, str], str] = {}
        self._values: dict[str, str] = {}
        self.pairs: list[tuple[str, str]] = []

    def of(self, kind: str, value: str) -> str:
        """The label of a value, a new one if it is new; empty for none."""
        if not value:
            return ""
        label = self._labels.setdefault((kind, value), f"{kind}{len(self._labels)}")
        self._values[label] = value
        return label

    def value(self, label: str | None) -> str | None:
        """The value behind a label; for `UNKNOWN` one that was never given."""
        return "0x0" if label == UNKNOWN else self._values.get(label or "")

    def all(self, kind: str) -> list[str]:
        """All labels of a kind, the oldest first."""
        return [label for (one, _), label in self._labels.items() if one == kind]


class Side(Protocol):
    """A storage that answers."""

    labels: Labels

    def do(self, operation: Operation) -> Answer:
        """Carry a request out."""
        ...
