"""How Entra ID refuses: the numbers and texts of its answers."""

import uuid
from collections.abc import Callable

from local.servers import Answer

type Trouble = Callable[[], Answer] | None
"""What to answer instead; `None` when all is well."""

AADSTS = {
    "7000215": (401, "invalid_client", "Invalid client secret provided."),
    "7000222": (401, "invalid_client", "The provided client secret keys are expired."),
    "700016": (400, "unauthorized_client", "Application was not found in the directory."),
    "7000112": (401, "unauthorized_client", "Application is disabled."),
    "90002": (400, "invalid_request", "Tenant not found."),
    "500011": (400, "invalid_resource", "The resource principal was not found in the tenant."),
    "53003": (400, "invalid_grant", "Access has been blocked by Conditional Access policies."),
    "700027": (
        401,
        "invalid_client",
        "The certificate with identifier used to sign the client assertion is not registered.",
    ),
    "700211": (
        401,
        "invalid_client",
        "No matching federated identity record found for presented assertion issuer.",
    ),
    "700212": (
        401,
        "invalid_client",
        "No matching federated identity record found for presented assertion audience.",
    ),
    "700213": (
        401,
        "invalid_client",
        "No matching federated identity record found for presented assertion subject.",
    ),
    "70021": (401, "invalid_client", "No matching federated identity record found for presented assertion."),
    "700021": (
        401,
        "invalid_client",
        "Client assertion application identifier doesn't match 'client_id' parameter.",
    ),
    "700023": (401, "invalid_client", "Client assertion audience claim does not match Realm issuer."),
    "700024": (401, "invalid_client", "Client assertion is not within its valid time range."),
    "1000502": (
        401,
        "invalid_client",
        "The provided certificate is not within its specified validity window.",
    ),
    "5001256": (401, "invalid_client", "Failed to complete the request: signature of the assertion."),
    "50027": (400, "invalid_request", "JWT token is invalid or malformed."),
    "90033": (503, "temporarily_unavailable", "A transient error has occurred."),
}


def fails_with(code: str) -> Callable[[], Answer]:
    """Entra's error answer for an AADSTS code."""
    status, error, text = AADSTS[code]
    document = {
        "error": error,
        "error_description": f"AADSTS{code}: {text} Trace ID: {uuid.UUID(int=2)}",
        "error_codes": [int(code)],
    }
    return lambda: Answer.of(document, status)
