"""What every error code is: a text, the status it ends as, and what to do about it."""

from enum import StrEnum
from typing import Literal, Self

type Retry = Literal["auto", "person"] | None
"""Who starts the next try: the sweep by itself, only a person who asks, or nobody (the outcome is final)."""

type Who = Literal["exporter", "operator", "nobody"]
"""Who acts: those who run the badging system's export, those who run Gatepost in Azure, or nobody."""


class Status(StrEnum):
    """What became of an export, as its outcome says it."""

    SUCCEEDED = "Succeeded"
    PARTIALLY_SUCCEEDED = "PartiallySucceeded"
    DUPLICATE = "Duplicate"
    REJECTED = "Rejected"
    SUPERSEDED = "Superseded"
    GIVEN_UP = "GivenUp"
    BLOCKED = "Blocked"
    FAILED = "Failed"
    IN_PROGRESS = "InProgress"

    @property
    def final(self) -> bool:
        """Whether nothing more happens to this version of the export unless a person asks."""
        return self not in {Status.BLOCKED, Status.FAILED, Status.IN_PROGRESS}


class ErrorCode(StrEnum):
    """A code, equal to its text in outcomes and queries; its members are in the three kinds below.

    Attributes:
        status: how an outcome with this code ends.
        retry: who starts the next try.
        text: what happened, as a sentence.
        help: what to do, as one or more sentences.
        who: who acts.
    """

    _value_: str
    status: Status
    retry: Retry
    text: str
    help: str
    who: Who

    @classmethod
    def _member(cls, code: str, text: str, help_text: str, retry: Retry) -> Self:
        """Make a member; its kind adds what all codes of the kind share.

        Args:
            code: the member's name in lower case, with hyphens.
            text: see above.
            help_text: see above.
            retry: see above.
        """
        member = str.__new__(cls, code)
        member._value_ = code
        member.text, member.help, member.retry = text, help_text, retry
        return member
