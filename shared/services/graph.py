"""The people of the tenant through Microsoft Graph: `/users`, page by page, as slowly as it asks for.

Facts (Microsoft's pages on listing users, paging, throttling and national clouds): at most 999 users a page; the next page
is the URL under `@odata.nextLink`, taken as it is; a 429 says in `Retry-After` how many seconds to wait; properties beyond a
few come only when they are selected; one that does not exist is a 400, one that cannot be listed a 501.
"""

import json
import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import requests
from azure.core.exceptions import AzureError
from urllib3.exceptions import HTTPError

from shared.clock import Clock
from shared.delivery.classify_reply import seconds_asked_for
from shared.error_codes import FailedCode
from shared.errors import DirectoryError, LoginError
from shared.services.bounded_https import BoundedSession, Bounds, is_packed
from shared.services.cli_login import CliLoginError
from shared.services.network_faults import network_fault

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

PAGE_USERS: Final = 999
MAX_TRIES: Final = 8
MAX_WAIT_SECONDS: Final = 600.0
_BOUNDS: Final = Bounds(head_seconds=60.0, body_seconds=60.0, reply_bytes=32_000_000)
_PASSING: Final = frozenset({429, 500, 502, 503, 504})
_REFUSED: Final = frozenset({401, 403})
_NO_SUCH_PROPERTY: Final = frozenset({400, 501})


class GraphUsers:
    """Lists the users of a tenant.

    Args:
        url: of Microsoft Graph in this cloud.
        credential: gives the token.
        clock: for waiting.
        session: sends requests; tests give one of their own.
        patience_seconds: after so long no further page is asked for, nor waited for.
    """

    def __init__(
        self,
        url: str,
        credential: "TokenCredential",
        clock: Clock,
        session: requests.Session | None = None,
        *,
        patience_seconds: float = math.inf,
    ) -> None:
        self._url = url
        self._credential = credential
        self._clock = clock
        self._session = session or BoundedSession(_BOUNDS)
        self._patience_seconds = patience_seconds
        self._ends = math.inf
        self.waited_seconds = 0.0

    def __repr__(self) -> str:
        """Only the host."""
        return f"{type(self).__name__}(host={urlsplit(self._url).hostname!r})"

    def users(self, properties: Sequence[str]) -> Iterator[dict[str, Any]]:
        """Every user with these properties, in the order in which Graph gives them; guests and disabled accounts too.

        Args:
            properties: to select.

        Raises:
            DirectoryError: Graph refuses, or is away for too long.
            LoginError: this person's login gives no token.
        """
        self._ends = self._clock.monotonic() + self._patience_seconds
        following = f"{self._url}/v1.0/users?$select={','.join(properties)}&$top={PAGE_USERS}"
        while following:
            page = self._page(following)
            users = page.get("value")
            if not isinstance(users, list):
                raise DirectoryError("Microsoft Graph answered without a list of users.")
            yield from (user for user in users if isinstance(user, dict))
            following = self._checked(page.get("@odata.nextLink") or "")

    def _checked(self, link: Any) -> str:
        """A link to the next page; the token goes to no other host."""
        if not isinstance(link, str):
            raise DirectoryError("Microsoft Graph gave a next page that is no address.")
        here, there = urlsplit(self._url), urlsplit(link)
        if link and (here.scheme, here.netloc) != (there.scheme, there.netloc):
            raise DirectoryError("Microsoft Graph gave a next page on another host; it was not asked for.")
        return link

    def _page(self, url: str) -> dict[str, Any]:
        """Ask for a page until it comes."""
        self._check_patience(0.0)
        why = ""
        for tries in range(MAX_TRIES):
            answer = self._ask(url)
            if isinstance(answer, dict):
                return answer
            seconds, why = answer
            if tries + 1 == MAX_TRIES or (seconds or 0.0) > MAX_WAIT_SECONDS:
                break
            wait = self._clock.between(1.0, 2.0 ** (tries + 1)) if seconds is None else seconds
            self._check_patience(wait)
            self.waited_seconds += wait
            self._clock.sleep(wait)
        raise DirectoryError(f"{why}; tried {tries + 1} times.", "unreachable")

    def _check_patience(self, wait_seconds: float) -> None:
        if self._clock.monotonic() + wait_seconds > self._ends:
            raise DirectoryError(
                f"Microsoft Graph did not give all users within {self._patience_seconds:.0f} s.",
                "unreachable",
            )

    def _ask(self, url: str) -> dict[str, Any] | tuple[float | None, str]:
        """One request: a page, or how long to wait and why."""
        headers = {"Authorization": f"Bearer {self._token()}", "Accept": "application/json"}
        try:
            with self._session.get(
                url, headers=headers, timeout=60, allow_redirects=False, stream=True
            ) as response:
                if response.status_code == HTTPStatus.OK:
                    return _document(response)
                asked = seconds_asked_for(response.headers.get("Retry-After", ""), datetime.now(UTC))
                return _wait_or_fail(response.status_code, asked)
        except (requests.RequestException, HTTPError, OSError) as error:
            fault = network_fault(error, "Microsoft Graph", self._url)
            if fault.code:
                raise DirectoryError(f"{fault.text}.", "unreachable") from None
            return None, fault.text

    def _token(self) -> str:
        try:
            return str(self._credential.get_token(f"{self._url}/.default").token)
        except CliLoginError as error:
            message = f"{error.message[0].upper()}{error.message[1:]} for Microsoft Graph."
            raise LoginError(FailedCode.IDENTITY_UNAVAILABLE, message, error.trouble) from error
        except AzureError as error:
            raise DirectoryError(
                "The app's identity gives no token for Microsoft Graph.", "unreachable"
            ) from error


def _document(response: requests.Response) -> dict[str, Any]:
    if is_packed(response):
        raise DirectoryError("Microsoft Graph's answer is packed, although that was not asked for.")
    try:
        document = json.loads(response.raw.read())
    except ValueError:
        raise DirectoryError("Microsoft Graph's answer is no JSON.") from None
    if not isinstance(document, dict):
        raise DirectoryError("Microsoft Graph answered without a list of users.")
    return document


def _wait_or_fail(status: int, asked_seconds: float | None) -> tuple[float | None, str]:
    """What a status means that is no success; what Graph says about it is not repeated.

    Raises:
        DirectoryError: waiting does not help.
    """
    if status in _PASSING:
        return asked_seconds, f"Microsoft Graph answered {status}"
    if status in _REFUSED:
        raise DirectoryError(f"Microsoft Graph refused the request: {status}.", "permission")
    if status in _NO_SUCH_PROPERTY:
        raise DirectoryError(f"Microsoft Graph does not list these properties: {status}.", "attribute")
    raise DirectoryError(f"Microsoft Graph answered {status}.")
