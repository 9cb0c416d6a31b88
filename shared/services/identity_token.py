"""What the token of the app's identity says of itself, for a person who compares it with a federated credential.

Issuer and subject are IDs of the tenant and of the identity, no secrets; nothing else of the token is ever shown.
"""

import binascii
import json
import re
from base64 import urlsafe_b64decode
from typing import Any, Final

from shared.settings import Settings

_PARTS: Final = 3
_HARMLESS: Final = re.compile(r"[A-Za-z0-9:/._-]{1,200}")


def hint_of(token: str, settings: Settings) -> str:
    """What a fitting federated credential must have.

    Args:
        token: of the app's identity.
        settings: name the audience, and the tenant of the app registration.
    """
    claims = _claims(token)
    issuer, subject = (_shown(claims.get(name)) for name in ("iss", "sub"))
    said = f"It must have the issuer {issuer}, the subject {subject} and the audience {settings.federated_audience}."
    if settings.tenant_id.lower() not in issuer.lower():
        return f"{said} The identity is in another tenant than CONNECTOR_TENANT_ID, and must be in the same."
    return said


def _claims(token: str) -> dict[str, Any]:
    parts = token.split(".")
    payload = parts[1] if len(parts) == _PARTS else ""
    try:
        claims = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (binascii.Error, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _shown(value: object) -> str:
    return value if isinstance(value, str) and _HARMLESS.fullmatch(value) else "(unreadable)"
