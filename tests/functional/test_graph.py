"""Users through Microsoft Graph: pages, waiting, refusals."""

import pytest
from azure.core.exceptions import ClientAuthenticationError

from local.graph import Graph, problem, throttled
from local.servers import Answer
from shared.errors import DirectoryError, LoginError
from shared.services.cli_login import CliLoginError
from shared.services.graph import MAX_TRIES, MAX_WAIT_SECONDS
from tests.support.fake_clock import FakeClock
from tests.support.graph_session import URL, FakeCredential, graph_users, user

PROPERTIES = ["userPrincipalName", "accountEnabled", "employeeId"]


def test_every_page_is_read() -> None:
    """At most 999 users each, by the link that each page gives."""
    graph = Graph([user(number) for number in range(2_500)])
    found = list(graph_users(graph, FakeClock()).users(PROPERTIES))
    assert [one["employeeId"] for one in found] == [f"{number:05}" for number in range(2_500)]
    assert (graph.pages, set(found[0])) == (3, set(PROPERTIES))


def test_a_tenant_without_users_is_no_error() -> None:
    """An empty list is a list."""
    assert list(graph_users(Graph(), FakeClock()).users(PROPERTIES)) == []


def test_throttling_is_obeyed() -> None:
    """As many seconds as Graph says; where it says none, a little longer each time."""
    graph, clock = (
        Graph([user(1)], script=[throttled(30), throttled(None), problem(503, "x", "y"), None]),
        FakeClock(),
    )
    before = clock.monotonic()
    users = graph_users(graph, clock)
    assert len(list(users.users(PROPERTIES))) == 1
    assert clock.monotonic() - before == users.waited_seconds == 30 + (1 + 4) / 2 + (1 + 8) / 2


@pytest.mark.parametrize(
    "script", [[throttled(0)] * MAX_TRIES, [throttled(int(MAX_WAIT_SECONDS) + 1)]], ids=["always", "for long"]
)
def test_patience_ends(script: list[Answer | None]) -> None:
    """After some tries, or where the wait would be too long."""
    with pytest.raises(DirectoryError, match="answered 429") as given_up:
        list(graph_users(Graph([user(1)], script=script), FakeClock()).users(PROPERTIES))
    assert given_up.value.why == "unreachable"


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (problem(401, "InvalidAuthenticationToken", "secret text"), "permission"),
        (problem(403, "Authorization_RequestDenied", "secret text"), "permission"),
        (problem(404, "Request_ResourceNotFound", "secret text"), "unknown"),
        (Answer(302, b"", (("Location", "https://elsewhere.example/"),)), "unknown"),
        (Answer(200, b"<html>"), "unknown"),
        (Answer(200, b"[]"), "unknown"),
        (Answer.of({"value": 1}), "unknown"),
        (Answer.of({"value": [], "@odata.nextLink": 5}), "unknown"),
        (Answer.of({"value": [], "@odata.nextLink": "https://elsewhere.example/v1.0/users"}), "unknown"),
        (Answer.of({"value": [], "@odata.nextLink": "http://graph.example/v1.0/users"}), "unknown"),
        (Answer(200, b"{}", (("Content-Encoding", "gzip"),)), "unknown"),
    ],
)
def test_what_no_waiting_helps_is_said_at_once(answer: Answer, why: str) -> None:
    """One request, no redirect, no token for another host, and nothing of the answer's text."""
    graph = Graph([user(1)], script=[answer])
    with pytest.raises(DirectoryError) as refused:
        list(graph_users(graph, FakeClock()).users(PROPERTIES))
    assert (refused.value.why, graph.pages, "secret" in str(refused.value)) == (why, 0, False)


@pytest.mark.parametrize("name", ["employeeID", "hireDate"])
def test_an_attribute_that_is_not_there_is_named_as_that(name: str) -> None:
    """Unknown ones and those that cannot be listed."""
    with pytest.raises(DirectoryError) as refused:
        list(graph_users(Graph([user(1)]), FakeClock()).users([name]))
    assert refused.value.why == "attribute"


def test_a_token_for_another_cloud_is_refused() -> None:
    """The token's audience is the host that is asked."""
    graph = Graph([user(1)], url="https://graph.other.example")
    with pytest.raises(DirectoryError, match="401"):
        list(graph_users(graph, FakeClock()).users(PROPERTIES))


def test_a_login_that_gives_no_token_is_told_apart() -> None:
    """A person logs in again; an app's identity is another matter."""
    login = FakeCredential(CliLoginError("expired"))
    with pytest.raises(LoginError) as expired:
        list(graph_users(Graph(), FakeClock(), login).users(PROPERTIES))
    assert expired.value.trouble == "expired"
    identity = FakeCredential(ClientAuthenticationError("no"))
    with pytest.raises(DirectoryError, match="identity gives no token"):
        list(graph_users(Graph(), FakeClock(), identity).users(PROPERTIES))


def test_a_host_that_is_not_there_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """And given up after some tries."""
    clock = FakeClock()
    users = graph_users(Graph([user(1)]), clock)
    tries = []

    def refused(*_args: object, **_options: object) -> None:
        tries.append(1)
        raise ConnectionRefusedError

    monkeypatch.setattr(users._session, "get", refused)
    with pytest.raises(DirectoryError) as given_up:
        list(users.users(PROPERTIES))
    assert (len(tries), given_up.value.why) == (MAX_TRIES, "unreachable")


def test_nothing_of_the_address_but_its_host_is_shown() -> None:
    """In a log or a debugger."""
    assert repr(graph_users(Graph(), FakeClock())) == f"GraphUsers(host={URL.removeprefix('https://')!r})"
