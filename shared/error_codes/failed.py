"""The codes that end as `Failed`: a fault that should pass."""

from typing import Final, Self

from shared.error_codes.code import ErrorCode, Status

_WAIT: Final = "No action needed; Gatepost retries automatically."


class FailedCode(ErrorCode):
    """A fault that should pass; tried again automatically."""

    def __new__(cls, code: str, text: str, help_text: str = _WAIT) -> Self:
        """Make a code that ends as `Failed`."""
        member = cls._member(code, text, help_text, "auto")
        member.status, member.who = Status.FAILED, "nobody"
        return member

    STORAGE_UNAVAILABLE = (
        "storage-unavailable",
        "The export could not be read to its end; storage was not available.",
    )
    OUT_OF_TIME = (
        "out-of-time",
        "INVOCATION_SECONDS were over before anything of the export was accepted.",
    )
    VAULT_UNAVAILABLE = (
        "vault-unavailable",
        "Key Vault cannot be reached, or answers with an error of its own.",
    )
    IDENTITY_UNAVAILABLE = (
        "identity-unavailable",
        "The app's managed identity gives no token; after a new deployment this takes some minutes.",
    )
    SECRET_WRONG = (
        "secret-wrong",
        "Entra ID refuses the newest secret in the vault (AADSTS7000215, AADSTS7000222).",
        (
            "After a rotation this passes within minutes. If not, or if the secret has expired, put the value (not the ID) of a "
            "new one into the vault."
        ),
    )
    CERTIFICATE_WRONG = (
        "certificate-wrong",
        "Entra ID does not know the newest certificate in the vault (AADSTS700027).",
        "After a rotation this passes within minutes. If not, put the certificate, without its key, into the app registration.",
    )
    FEDERATION_WRONG = (
        "federation-wrong",
        "Entra ID accepts no token of the app's identity (AADSTS700211, AADSTS700212, AADSTS700213, AADSTS70021).",
        (
            "A new federated credential takes some minutes to work. Compare its issuer, subject and audience with those in the "
            "message."
        ),
    )
    ENTRA_UNAVAILABLE = (
        "entra-unavailable",
        "Entra ID cannot be reached, or answers with an error that is not one of those with a code of their own.",
    )
    CONNECTOR_UNAVAILABLE = (
        "connector-unavailable",
        "The connector answers 408, 425, 500, 501, 502, 503 or 504, breaks off, or cannot be reached.",
    )
    CONNECTOR_THROTTLED = (
        "connector-throttled",
        "The connector answers 429: too many requests. The wait that it asks for is kept.",
    )
