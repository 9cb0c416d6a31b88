"""What can go wrong, as a tree, grouped by what the caller does next.

GatepostError
├── OutcomeError            this attempt ends with an outcome (code and what to do: `shared.error_codes`)
│   ├── ExportError             the export is wrong; carries the place
│   ├── ActionRequiredError     configuration, permission, an answer we do not understand
│   └── TransientError          a fault that should pass; may carry how long to wait
│       ├── CredentialRefusedError  the newest credential is refused; passes only if a change is on its way
│       └── LoginError              a person's own login (Azure CLI) gives no token
├── RequeueError            this attempt ends without an outcome of its own; the message is requeued
│   ├── LeaseTakenError         another worker has the ledger
│   ├── LeaseLostError          the ledger is no longer ours: no further request, nothing written
│   ├── TimeUsedUpError         INVOCATION_SECONDS are over
│   └── ExportChangedError      the blob is another version than the one we looked at
├── ConditionError          a conditional write or read met another version of the blob
├── MissingBlobError        there is no such blob
├── BadMessageError         raised to the host: not a message of ours
├── StorageError            raised to the host: storage that cannot be read or written
├── DirectoryError          Microsoft Graph does not list the people, and waiting does not help
├── SettingsError           raised to the host: a bad deployment, with everything that is wrong with it
└── InvocationError         the only type that leaves a function: a fixed text, no cause

Messages never hold a secret, a token, a UserId, a URL's query, or anything out of an export.
"""

from dataclasses import dataclass
from typing import Literal

from shared.error_codes import BlockedCode, ErrorCode, FailedCode, RejectedCode

type StorageTrouble = Literal["login", "permission", "missing", "unreachable", "unknown"]
"""No credential (then a `LoginTrouble` says why); refused (401, 403); no such container or queue (404); nobody answers; anything else."""

type DirectoryTrouble = Literal["permission", "attribute", "unreachable", "unknown"]
"""Refused (401, 403); no such attribute (400, 501); nobody answers, or only later than anyone can wait; anything else."""

type LoginTrouble = Literal["none", "no-cli", "slow", "expired", "more-proof", "offline", "unclear"]
"""Why the Azure CLI gives no token: nobody is logged in; it is not installed; it took too long; the login has expired;
Entra ID wants another proof (a second factor, a compliant device); no network; it said something else."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in an export: `line`, `column` and `record` count from 1, `offset` in unpacked bytes from 0."""

    line: int | None = None
    column: int | None = None
    offset: int | None = None
    record: int | None = None

    def __str__(self) -> str:
        """Read as people say it: `line 3, column 7 (byte 61, record 2)`."""
        if self.line is None:
            return f"record {self.record}" if self.record else "the file"
        inner = f"byte {self.offset}" + (f", record {self.record}" if self.record else "")
        return f"line {self.line}, column {self.column} ({inner})"


class GatepostError(Exception):
    """The root of everything this product raises."""


class OutcomeError(GatepostError):
    """An attempt that ends with an outcome.

    Attributes:
        code: what becomes of the export, and what to do.
        message: what happened, as a sentence for a person.
        place: where in the export, all `None` where that does not apply.
        retry_after_seconds: how long the other side asked us to wait, if it did.
    """

    retry_after_seconds: float | None = None

    def __init__(self, code: ErrorCode, message: str, *, place: Place | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code: ErrorCode = code
        self.message = message
        self.place = place or Place()


class ExportError(OutcomeError):
    """The export is wrong: `Rejected`."""

    code: RejectedCode

    def __init__(self, code: RejectedCode, message: str, *, place: Place | None = None) -> None:
        super().__init__(code, message, place=place)


class ActionRequiredError(OutcomeError):
    """Something a person must fix: `Blocked`."""

    code: BlockedCode

    def __init__(self, code: BlockedCode, message: str, *, place: Place | None = None) -> None:
        super().__init__(code, message, place=place)


class TransientError(OutcomeError):
    """A fault that should pass: `Failed`, and tried again.

    Attributes:
        at_once: whether trying again within the same attempt may help.
    """

    at_once = True
    code: FailedCode

    def __init__(self, code: FailedCode, message: str, *, retry_after_seconds: float | None = None) -> None:
        super().__init__(code, message)
        self.retry_after_seconds = retry_after_seconds


class CredentialRefusedError(TransientError):
    """Entra ID does not take the app registration's newest credential; only a change that is on its way makes this pass.

    Attributes:
        settles_as: the code it ends with when nothing has changed after some tries.
    """

    at_once = False

    def __init__(
        self, code: FailedCode, message: str, settles_as: BlockedCode = BlockedCode.SECRET_REFUSED
    ) -> None:
        super().__init__(code, message)
        self.settles_as = settles_as

    def hinted(self, hint: str) -> "CredentialRefusedError":
        """The same with a sentence more."""
        message = f"{self.message} {hint}" if hint else self.message
        return CredentialRefusedError(self.code, message, self.settles_as)


class LoginError(TransientError):
    """The login of the person at the computer gives no token.

    Attributes:
        trouble: what is to be done about it.
    """

    at_once = False

    def __init__(self, code: FailedCode, message: str, trouble: LoginTrouble) -> None:
        super().__init__(code, message)
        self.trouble: LoginTrouble = trouble


class RequeueError(GatepostError):
    """The attempt stops here and its message is requeued; the outcome stays `InProgress`."""


class LeaseTakenError(RequeueError):
    """Another worker holds the ledger's lease."""


class LeaseLostError(RequeueError):
    """The lease is no longer ours: no further request, nothing written."""


class TimeUsedUpError(RequeueError):
    """`INVOCATION_SECONDS` are over."""


class ExportChangedError(RequeueError):
    """The blob was overwritten since we looked at it."""


class ConditionError(GatepostError):
    """A write's If-Match, If-None-Match or lease condition did not hold (409, 412)."""


class MissingBlobError(GatepostError):
    """There is no such blob (404)."""


class BadMessageError(GatepostError):
    """The queue message is none of ours, damaged, or names a blob it must not name."""


class StorageError(GatepostError):
    """Storage that cannot be read or written: permission, a missing container, or an outage.

    Attributes:
        why: a cause that a person can fix, or `unknown`.
        trouble: of the login, where `why` is `login`.
    """

    def __init__(self, message: str, why: StorageTrouble = "unknown", trouble: LoginTrouble = "none") -> None:
        super().__init__(message)
        self.why: StorageTrouble = why
        self.trouble: LoginTrouble = trouble


class DirectoryError(GatepostError):
    """Microsoft Graph does not give the people of the tenant.

    Attributes:
        why: a cause that a person can fix, `unreachable` for what may pass, or `unknown`.
    """

    def __init__(self, message: str, why: DirectoryTrouble = "unknown") -> None:
        super().__init__(message)
        self.why: DirectoryTrouble = why


class SettingsError(GatepostError):
    """One error for a bad deployment, with a line for every setting that is missing or malformed."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("Gatepost cannot start:\n" + "\n".join(f"  {problem}" for problem in problems))
        self.problems = problems


class InvocationError(GatepostError):
    """What leaves a function on a fault: a code, the export's name, where its outcome is; never a cause."""

    def __init__(self, code: str, export: str = "-", outcome: str = "-") -> None:
        super().__init__(f"{code} (export {export!r}, outcome {outcome!r})")
        self.code = code
