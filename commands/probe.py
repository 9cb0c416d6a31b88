"""Whether a host can be found and reached over TLS, the way the product would: same proxy, same certificates."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

_SECONDS: Final = 15


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """How it went: an empty `problem` if the host answered."""

    host: str
    problem: str = ""
    help: str = ""


def probe(url: str) -> ProbeResult:
    """Send a HEAD request to a host; any answer means that it was reached. No record, token or job id is sent."""
    import requests

    parts = urlsplit(url)
    host = parts.netloc
    try:
        requests.head(f"https://{host}/", timeout=_SECONDS, allow_redirects=False)
    except requests.exceptions.SSLError:
        return ProbeResult(
            host,
            "its certificate is not trusted, or the TLS connection is cut",
            "A device on the way shows a certificate of its own: exempt this host from TLS inspection, or name the "
            "device's certificate in REQUESTS_CA_BUNDLE.",
        )
    except requests.ConnectionError as error:
        return _unreachable(host, error)
    except requests.RequestException:
        return ProbeResult(
            host, f"no answer within {_SECONDS} s", f"Allow outgoing HTTPS to {host} in the firewall."
        )
    return ProbeResult(host)


def _unreachable(host: str, error: Exception) -> ProbeResult:
    from urllib3.exceptions import MaxRetryError, NameResolutionError

    inner = error.args[0] if error.args else None
    reason = inner.reason if isinstance(inner, MaxRetryError) else inner
    if isinstance(reason, NameResolutionError):
        return ProbeResult(
            host,
            "its name is unknown (DNS)",
            "Compare the name with the settings; then check DNS and private endpoints.",
        )
    return ProbeResult(
        host, "it cannot be reached", f"Allow outgoing HTTPS to {host} in the firewall or proxy."
    )
