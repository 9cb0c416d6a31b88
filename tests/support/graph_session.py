"""Microsoft Graph without sockets: the stand-in's answers through `requests`' own seam, and a credential for it."""

import io
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from azure.core.credentials import AccessToken
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from local.graph import Graph
from local.identities import token_for
from local.servers import Request
from shared.clock import Clock
from shared.services.bounded_https import BoundedSession, Bounds
from shared.services.graph import GraphUsers

URL = "https://graph.example"


class _Adapter(BaseAdapter):
    def __init__(self, graph: Graph) -> None:
        super().__init__()
        self._graph = graph

    def send(self, request: requests.PreparedRequest, **_options: Any) -> requests.Response:  # type: ignore[override]
        """Answer as the stand-in does."""
        parts = urlsplit(str(request.url))
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        headers = {name.lower(): str(value) for name, value in request.headers.items()}
        answer = self._graph.answer(Request(str(request.method), parts.path, query, headers, b""))
        response = requests.Response()
        response.status_code = answer.status
        response.headers.update(dict(answer.headers))
        response.raw = HTTPResponse(body=io.BytesIO(answer.body), status=answer.status, preload_content=False)
        return response

    def close(self) -> None:
        """Nothing to close."""


@dataclass
class FakeCredential:
    """Gives a token for whatever is asked for; `trouble` is raised instead."""

    trouble: Exception | None = None

    def get_token(self, *scopes: str, **_options: Any) -> AccessToken:
        """A token."""
        if self.trouble:
            raise self.trouble
        return AccessToken(token_for(scopes[0].removesuffix("/.default")), 0)


def graph_users(
    graph: Graph, clock: Clock, credential: FakeCredential | None = None, url: str = URL
) -> GraphUsers:
    """Users of a stand-in that is not served.

    Args:
        graph: the stand-in.
        clock: for waiting.
        credential: gives the token.
        url: under which it is known.
    """
    graph.url = graph.url or url
    session = BoundedSession(Bounds(1.0, 1.0, 1 << 20))
    session.mount("https://", _Adapter(graph))
    return GraphUsers(url, credential or FakeCredential(), clock, session)


def user(number: int, **more: Any) -> dict[str, Any]:
    """A user as Graph keeps it."""
    made = {"id": str(number), "userPrincipalName": f"p{number}@example.com", "accountEnabled": True}
    return made | {"employeeId": f"{number:05}"} | more
