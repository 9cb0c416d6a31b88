"""Microsoft Graph, as far as listing users goes: as Microsoft's pages on listing users, paging and throttling say.

A page has at most 999 users, 100 if nothing is said; the next one is the URL under `@odata.nextLink`, with a token that says
where it goes on; only selected properties come; an unknown one is a 400, one that cannot be listed a 501; a token for
another audience is a 401.
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from local.servers import Answer, Request

MOST_USERS: Final = 999
USUAL_USERS: Final = 100
_KNOWN: Final = frozenset(
    {
        "id", "userPrincipalName", "mail", "displayName", "accountEnabled", "employeeId", "employeeType", "userType",
        "onPremisesSamAccountName", "onPremisesExtensionAttributes", "mailNickname",
    }
)  # fmt: skip
_BY_DEFAULT: Final = ("id", "userPrincipalName", "mail", "displayName")
_ONLY_ALONE: Final = frozenset({"aboutMe", "birthday", "hireDate", "skills", "mailboxSettings"})


@dataclass
class Graph:
    """Lists users.

    Attributes:
        users: of the tenant, as documents.
        script: answers to give instead, in turn; `None` answers as usual.
        url: where it is served; stands in the links to the next pages.
        pages: how many pages were given.
    """

    users: list[dict[str, Any]] = field(default_factory=list)
    script: list[Answer | None] = field(default_factory=list)
    url: str = ""
    pages: int = 0

    def answer(self, request: Request) -> Answer:
        """Answer a request for users."""
        scripted = self.script.pop(0) if self.script else None
        if scripted:
            return scripted
        if request.method != "GET" or request.path != "/v1.0/users":
            return problem(404, "Request_ResourceNotFound", "Resource not found.")
        if _audience(request) != self.url:
            return problem(
                401, "InvalidAuthenticationToken", "Access token validation failure. Invalid audience."
            )
        selected = request.query.get("$select", "")
        names = selected.split(",") if selected else list(_BY_DEFAULT)
        if wrong := next(_unlisted(names), None):
            return wrong
        top = request.query.get("$top", str(USUAL_USERS))
        if not top.isdigit() or not 1 <= int(top) <= MOST_USERS:
            message = f"Invalid page size specified: '{top}'. Must be between 1 and 999 inclusive."
            return problem(400, "Request_UnsupportedQuery", message)
        return self._page(names, int(top), int(request.query.get("$skiptoken", "0")), selected)

    def _page(self, names: list[str], size: int, start: int, selected: str) -> Answer:
        self.pages += 1
        users = [{name: user.get(name) for name in names} for user in self.users[start : start + size]]
        document: dict[str, Any] = {
            "@odata.context": f"{self.url}/v1.0/$metadata#users({selected})",
            "value": users,
        }
        if start + size < len(self.users):
            document["@odata.nextLink"] = (
                f"{self.url}/v1.0/users?$select={selected}&$top={size}&$skiptoken={start + size}"
            )
        return Answer.of(document)


def throttled(seconds: int | None) -> Answer:
    """Too many requests; try again after so many seconds, if any are said."""
    headers = (("Retry-After", str(seconds)),) if seconds is not None else ()
    return problem(429, "TooManyRequests", "Please retry again later.", *headers)


def problem(status: int, code: str, message: str, *headers: tuple[str, str]) -> Answer:
    """An error as Graph writes it."""
    inner = {"date": "2026-11-22T08:00:00", "request-id": "00000000-0000-0000-0000-000000000000"}
    return Answer.of({"error": {"code": code, "message": message, "innerError": inner}}, status, *headers)


def _unlisted(names: list[str]) -> Iterator[Answer]:
    for name in names:
        if name in _ONLY_ALONE:
            yield problem(501, "NotImplemented", f"Property '{name}' cannot be listed.")
        elif name not in _KNOWN and not name.startswith("extension_"):
            message = f"Could not find a property named '{name}' on type 'microsoft.graph.user'."
            yield problem(400, "Request_BadRequest", message)


def _audience(request: Request) -> str:
    """Whom the request's token is for."""
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    parts = token.split(".")
    if len(parts) != 3:  # noqa: PLR2004  (head, claims, signature)
        return ""
    claims = parts[1] + "=" * (-len(parts[1]) % 4)
    return str(json.loads(base64.urlsafe_b64decode(claims)).get("aud", ""))
