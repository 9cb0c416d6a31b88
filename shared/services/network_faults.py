"""Why a host gave no answer: what the libraries raise, put into one sentence that names the place, never a URL.

The libraries wrap each other three and four deep, by cause, by context and by argument; what happened is somewhere inside.
"""

import os
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import (
    ConnectTimeoutError,
    LocationParseError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
)

from shared.error_codes import BlockedCode
from shared.services.bounded_https import ReplyTooLargeError

_TUNNEL: Final = re.compile(r"Tunnel connection failed: (\d{3})")
_NO_BUNDLE: Final = re.compile(r"Could not find a suitable TLS CA certificate bundle")
_EMPTY_BUNDLE: Final = ("NO_CERTIFICATE_OR_CRL_FOUND", "PEM lib", "NOT_ENOUGH_DATA")
_BUNDLES: Final = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_MAX_DEPTH: Final = 40


@dataclass(frozen=True, slots=True)
class NetworkFault:
    """What kept a host from answering.

    Attributes:
        text: a sentence without its full stop.
        code: where only a person can help; `None` if it may pass.
        answering: whether it went wrong while the reply was awaited: nobody knows what became of the request.
    """

    text: str
    code: BlockedCode | None = None
    answering: bool = False


def network_fault(error: BaseException, what: str, url: str) -> NetworkFault:
    """Find out why there was no answer.

    Args:
        error: what the library raised.
        what: whom was asked, inside of a sentence: `the connector`, `Entra ID`.
        url: that was asked; only its scheme and host are looked at.
    """
    return known_fault(error, what, url) or NetworkFault(f"{_begins(what)}'s host could not be reached")


def known_fault(error: BaseException, what: str, url: str) -> NetworkFault | None:
    """The same, if it can be told; `None` where all that is known is that there was no answer.

    Args:
        error: see above.
        what: see above.
        url: see above.
    """
    chain = list(_chain(error))
    found = (find(chain, what, url) for find in (_bundle, _certificate, _proxy, _address, _handshake, _time))
    return next(filter(None, found), None)


def _bundle(chain: list[BaseException], what: str, _url: str) -> NetworkFault | None:
    """A file of certificates that is not there, or holds none."""
    name = next((name for name in _BUNDLES if os.environ.get(name)), _BUNDLES[0])
    missing = any(isinstance(one, OSError) and _NO_BUNDLE.search(str(one)) for one in chain)
    empty = any(
        isinstance(one, ssl.SSLError) and any(word in str(one) for word in _EMPTY_BUNDLE) for one in chain
    )
    if not missing and not empty:
        return None
    wrong = "names no file" if missing else "names a file without certificates"
    text = f"{_begins(what)} cannot be asked: {name} {wrong} ({os.environ.get(name, '')!r})"
    return NetworkFault(text, BlockedCode.CERTIFICATES_UNUSABLE)


def _certificate(chain: list[BaseException], what: str, _url: str) -> NetworkFault | None:
    for one in chain:
        if isinstance(one, ssl.SSLCertVerificationError):
            reason = getattr(one, "verify_message", "") or "certificate verify failed"
            text = f"The certificate of {what} is not trusted; OpenSSL says: {reason.rstrip('.')}"
            return NetworkFault(text, BlockedCode.UNTRUSTED_CERTIFICATE)
    return None


def _proxy(chain: list[BaseException], what: str, url: str) -> NetworkFault | None:
    if not any(
        isinstance(one, ProxyError | requests.exceptions.ProxyError | requests.exceptions.InvalidProxyURL)
        for one in chain
    ):
        return None
    proxy = f"The proxy {_proxy_of(url)}"
    answers = (found[1] for one in chain if (found := _TUNNEL.search(str(one))))
    status = int(next(answers, "0"))
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return NetworkFault(f"{proxy} asks for a login (407) on the way to {what}", BlockedCode.PROXY_REFUSED)
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return NetworkFault(f"{proxy} refuses the way to {what} ({status})", BlockedCode.PROXY_REFUSED)
    if status:
        return NetworkFault(f"{proxy} finds no way to {what} ({status})")
    return NetworkFault(f"{proxy} could not be reached on the way to {what}")


def _proxy_of(url: str) -> str:
    """Host and port of the proxy that the environment names for a URL; never its user and password."""
    found = requests.utils.select_proxy(url, requests.utils.get_environ_proxies(url)) or ""
    parts = urlsplit(found if "://" in found else f"http://{found}")
    try:
        return f"{parts.hostname or 'of this machine'}" + (f":{parts.port}" if parts.port else "")
    except ValueError:
        return parts.hostname or "of this machine"


def _address(chain: list[BaseException], what: str, _url: str) -> NetworkFault | None:
    if any(isinstance(one, NameResolutionError) for one in chain):
        return NetworkFault(f"{_begins(what)}'s host could not be found")
    if any(
        isinstance(one, LocationParseError | requests.exceptions.InvalidURL | UnicodeError) for one in chain
    ):
        return NetworkFault(f"{_begins(what)}'s address has no name of a host")
    return None


def _handshake(chain: list[BaseException], what: str, _url: str) -> NetworkFault | None:
    for one in chain:
        if isinstance(one, ssl.SSLError):
            reason = f": {one.reason}" if getattr(one, "reason", None) else ""
            return NetworkFault(f"The TLS handshake with {what} failed{reason}")
    if any(isinstance(one, requests.exceptions.SSLError) for one in chain):
        return NetworkFault(f"The TLS handshake with {what} failed")
    return None


def _time(chain: list[BaseException], what: str, _url: str) -> NetworkFault | None:
    if any(isinstance(one, NewConnectionError) for one in chain):
        return None  # refused; the library counts it among the time-outs
    if any(isinstance(one, ConnectTimeoutError | requests.ConnectTimeout) for one in chain):
        return NetworkFault(f"{_begins(what)}'s host did not take the connection in time")
    if any(isinstance(one, ReplyTooLargeError) for one in chain):
        return NetworkFault(f"{_begins(what)}'s reply is larger than any reply should be", answering=True)
    if any(isinstance(one, TimeoutError | requests.Timeout) for one in chain):
        return NetworkFault(f"{_begins(what)} did not answer in time", answering=True)
    return None


def _begins(what: str) -> str:
    return what[0].upper() + what[1:]


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and everything inside of it, each once."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting and len(seen) < _MAX_DEPTH:
        one = waiting.pop(0)
        if not isinstance(one, BaseException) or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inner = (
            getattr(one, name, None)
            for name in ("reason", "original_error", "inner_exception", "__cause__", "__context__")
        )
        waiting.extend([*one.args, *inner])
