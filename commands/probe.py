"""Whether a host can be found and reached over TLS, the way the product would: same proxy, same certificates."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

_SECONDS: Final = 15
_MAX_BYTES: Final = 1 << 18


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """How it went: an empty `problem` if the host answered."""

    host: str
    problem: str = ""
    help: str = ""


def probe(url: str) -> ProbeResult:
    """Send a HEAD request to a host; any answer means that it was reached. No record, token or job id is sent."""
    import requests

    from shared.services.bounded_https import BoundedSession, Bounds
    from shared.services.network_faults import network_fault

    host = urlsplit(url).netloc
    try:
        with BoundedSession(Bounds(_SECONDS, _SECONDS, _MAX_BYTES)) as session:
            session.head(f"https://{host}/", timeout=_SECONDS, allow_redirects=False)
    except (requests.RequestException, OSError, ValueError) as error:
        fault = network_fault(error, "this address", f"https://{host}/")
        help_text = (
            fault.code.help
            if fault.code
            else f"Compare the name with the settings; check DNS and private endpoints, and allow outgoing HTTPS to {host} in "
            "the firewall or proxy."
        )
        return ProbeResult(host, fault.text, help_text)
    return ProbeResult(host)
