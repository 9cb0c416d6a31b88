"""The users of the tenant, as the commands ask for them."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from shared.clock import SystemClock
from shared.settings import Settings


class Users(Protocol):
    """The users of the tenant; see `shared.services.graph`."""

    def users(self, properties: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Every user with these properties."""
        ...


def users_of_tenant(settings: Settings, graph_url: str) -> Users:
    """The users of the tenant, with this person's own login."""
    from shared.services.graph import GraphUsers
    from shared.services.identity import own_credential

    return GraphUsers(graph_url, own_credential(settings.identity_client_id), SystemClock())
