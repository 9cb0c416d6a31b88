"""The Microsoft clouds: where each keeps the connector, its Entra ID and Microsoft Graph."""

from dataclasses import dataclass
from typing import Final

MICROSOFT_AUTHORITIES: Final = "https://login.microsoftonline.com", "https://login.microsoftonline.us"


_GRAPHS: Final = (
    "https://graph.microsoft.com",
    "https://graph.microsoft.us",
    "https://dod-graph.microsoft.us",
)
_EXCHANGES: Final = "api://AzureADTokenExchange", "api://AzureADTokenExchangeUSGov"
CONNECTOR_SCOPE: Final = "https://microsoft.onmicrosoft.com/86dfdabb-5089-4a0c-880a-cfa5a790c5b1/.default"


@dataclass(frozen=True, slots=True)
class Cloud:
    """Where a Microsoft cloud keeps the connector, its Entra ID and Microsoft Graph; for whom a token that proves an app is."""

    connector_url: str
    authority: str
    graph_url: str
    federated_audience: str


CLOUDS: Final = {
    "commercial": Cloud(
        "https://webhook.ingestion.office.com", MICROSOFT_AUTHORITIES[0], _GRAPHS[0], _EXCHANGES[0]
    ),
    "gcc": Cloud(
        "https://webhook-gcc.ingestion.office365.us", MICROSOFT_AUTHORITIES[0], _GRAPHS[0], _EXCHANGES[0]
    ),
    "gcc-high": Cloud(
        "https://webhook-itarl4.ingestion.office365.us", MICROSOFT_AUTHORITIES[1], _GRAPHS[1], _EXCHANGES[1]
    ),
    "dod": Cloud(
        "https://webhook-itarl5.ingestion.apps.mil", MICROSOFT_AUTHORITIES[1], _GRAPHS[2], _EXCHANGES[1]
    ),
}
"""Read from Microsoft's sample scripts for the four clouds; the audience (the scope) is the same in all of them. Graph's
hosts are those of Microsoft's page on national clouds."""
