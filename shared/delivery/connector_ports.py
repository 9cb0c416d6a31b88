"""What delivery asks of the connector and of what makes its tokens, as protocols: seams at which tests put fakes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from shared.error_codes import BlockedCode


@dataclass(frozen=True, slots=True)
class Reply:
    """What the connector answered: status, headers in lower case, at most 64 kB of the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class NoReply:
    """A request without an answer.

    Attributes:
        why: what happened, for a person; never a URL.
        left: whether the request may have reached the connector.
        code: where only a person can help, and nothing has left.
    """

    why: str
    left: bool
    code: BlockedCode | None = None


class Fence(Protocol):
    """Asked before the first byte of a body leaves."""

    def seconds_left(self) -> float:
        """How long a body may still begin from now on; 0 or less: no longer."""
        ...

    def check(self) -> None:
        """Make sure a body may begin now.

        Raises:
            LeaseLostError: it may not.
        """
        ...


class Connector(Protocol):
    """The physical badging connector."""

    def post(self, body: bytes, token: str, fence: Fence) -> Reply | NoReply:
        """Post one body; never retries, never raises for what the network does.

        Args:
            body: the JSON array.
            token: for the connector.
            fence: asked before the first byte of the body is read; connecting takes no longer than it has left.

        Raises:
            LeaseLostError: the fence refused; nothing of the body has left.
        """
        ...


class Parallel(Protocol):
    """Makes several requests at the same time."""

    def __call__[T](self, calls: Sequence[Callable[[], T]], meanwhile: Callable[[], None]) -> list[T]:
        """Make calls at the same time and wait for all of them; gives what they returned, in their order.

        What one of them raises is raised when all have ended.

        Args:
            calls: to be made.
            meanwhile: the caller does this itself while they are made.
        """
        ...


@dataclass(frozen=True, slots=True)
class CredentialState:
    """What is known of the credential with which the app registration proves itself.

    Attributes:
        expires_on: when it expires; `None` if it has no expiry date.
        note: what a person should know of it, inside of a sentence; mostly empty.
        expires: whether its kind expires at all; the app's identity does not.
    """

    expires_on: datetime | None
    note: str = ""
    expires: bool = True


class Tokens(Protocol):
    """Tokens for the connector, made from the app secret in the vault."""

    def token(self, *, fresh: bool = False) -> str:
        """A token that is good now; `fresh` reads the newest secret and asks for a new token.

        Raises:
            ActionRequiredError: a permission, a wrong setting, a missing secret.
            TransientError: the vault, the identity endpoint or Entra ID cannot be reached just now.
        """
        ...

    def credential(self) -> CredentialState:
        """What is known of the app registration's credential.

        Raises:
            ActionRequiredError: as `token`.
            TransientError: as `token`.
        """
        ...
