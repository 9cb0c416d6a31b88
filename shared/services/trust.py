"""Which certificates are trusted: read once for all connections that a worker makes, not once for each.

`requests` has every new connection over https read its file of certificates: 18 ms of processor time for the usual one, and a first
request needs seven connections to storage, vault, Entra ID and connector. A context of `ssl` may be shared, also by threads.
"""

import os
import ssl
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.util.ssl_ import create_urllib3_context

_FILES: Final = 4


class TrustingAdapter(HTTPAdapter):
    """Makes connections that share what is trusted; a file that has changed is read anew."""

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Say what the connections of a pool trust.

        A proxy that is itself reached over https is verified with the file as `requests` does it, and a file that cannot be used
        fails where `requests` uses it.

        Args:
            conn: the pool.
            url: that is asked.
            verify: the file of certificates, or whether to verify.
            cert: of the client.

        Raises:
            OSError: there is no such file.
        """
        as_it_is: Any = super().cert_verify
        as_it_is(conn, url, verify, cert)  # names the file, or there is none
        if not conn.ca_certs or conn.proxy is not None:
            return
        try:
            context = _trusted(conn.ca_certs)
        except (OSError, ValueError):
            return
        conn.conn_kw["ssl_context"] = context
        conn.ca_certs = None  # only now: another thread may make a connection at any moment


def read_in_advance() -> None:
    """Read the file that `requests` will name; what is wrong with it is said where it is used."""
    named = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    with suppress(OSError, ValueError):
        _trusted(named or DEFAULT_CA_BUNDLE_PATH)


def _trusted(file: str) -> ssl.SSLContext:
    said = Path(file).stat()
    return _trusting(file, said.st_mtime_ns, said.st_size)


@lru_cache(_FILES)
def _trusting(file: str, _changed_at: int, _bytes: int) -> ssl.SSLContext:
    """A context that trusts what a file says.

    Raises:
        OSError: it cannot be read, or holds no certificate.
    """
    context = create_urllib3_context()
    context.load_verify_locations(file)
    return context
