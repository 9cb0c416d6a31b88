"""Whether a host can be found and spoken to over TLS, the way the product would: same proxy, same certificates."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import MaxRetryError, NameResolutionError

_SECONDS: Final = 15


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What came of trying: an empty `problem` if the host answered."""

    host: str
    problem: str = ""
    help: str = ""


def probe(url: str) -> ProbeResult:
    """Ask a host for anything at all; whatever it answers, it was reached. No record, no token, no job id is sent."""
    parts = urlsplit(url)
    host = parts.netloc
    try:
        requests.head(f"https://{host}/", timeout=_SECONDS, allow_redirects=False)
    except requests.exceptions.SSLError:
        return ProbeResult(
            host,
            "its certificate is not trusted, or the TLS handshake is cut",
            "Something between presents a certificate of its own: exempt this host from TLS inspection, or name the "
            "inspector's certificate in REQUESTS_CA_BUNDLE.",
        )
    except requests.ConnectionError as error:
        return _unreachable(host, error)
    except requests.RequestException:
        return ProbeResult(
            host, f"no answer within {_SECONDS} s", f"Let the firewall pass outgoing HTTPS to {host}."
        )
    return ProbeResult(host)


def _unreachable(host: str, error: requests.ConnectionError) -> ProbeResult:
    inner = error.args[0] if error.args else None
    reason = inner.reason if isinstance(inner, MaxRetryError) else inner
    if isinstance(reason, NameResolutionError):
        return ProbeResult(
            host,
            "its name is unknown (DNS)",
            "Compare the name with the settings; then look at DNS and private endpoints.",
        )
    return ProbeResult(
        host, "it cannot be reached", f"Let the firewall or proxy pass outgoing HTTPS to {host}."
    )
