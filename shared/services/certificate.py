"""A certificate as Key Vault gives it: PKCS#12 in base64, or PEM, with its key."""

import binascii
from base64 import b64decode


def certificate_data(value: str) -> bytes:
    """The bytes of a certificate and its key; empty if the vault's value can be none."""
    if "-----BEGIN" in value:
        return value.encode()
    try:
        return b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return b""
