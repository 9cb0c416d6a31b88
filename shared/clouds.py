"""The Microsoft clouds: where each keeps the connector and its Entra ID."""

from dataclasses import dataclass
from typing import Final

MICROSOFT_AUTHORITIES: Final = "https://login.microsoftonline.com", "https://login.microsoftonline.us"


CONNECTOR_SCOPE: Final = "https://microsoft.onmicrosoft.com/86dfdabb-5089-4a0c-880a-cfa5a790c5b1/.default"


@dataclass(frozen=True, slots=True)
class Cloud:
    """Where a Microsoft cloud keeps the connector and its Entra ID."""

    connector_url: str
    authority: str


CLOUDS: Final = {
    "commercial": Cloud("https://webhook.ingestion.office.com", MICROSOFT_AUTHORITIES[0]),
    "gcc": Cloud("https://webhook-gcc.ingestion.office365.us", MICROSOFT_AUTHORITIES[0]),
    "gcc-high": Cloud("https://webhook-itarl4.ingestion.office365.us", MICROSOFT_AUTHORITIES[1]),
    "dod": Cloud("https://webhook-itarl5.ingestion.apps.mil", MICROSOFT_AUTHORITIES[1]),
}
"""Read from Microsoft's sample scripts for the four clouds; the audience (the scope) is the same in all of them."""
