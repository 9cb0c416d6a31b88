"""With `PEOPLE_FROM_ENTRA` the sweep makes `/people.csv` from Entra ID, and nothing that goes wrong there stops it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from azure.core.exceptions import ClientAuthenticationError

from local.graph import Graph, problem, throttled
from shared import wiring
from shared.services.graph import GraphUsers
from tests.support.fake_clock import FakeClock
from tests.support.graph_session import FakeCredential, graph_users, user
from tests.support.logged_rows import logged_rows
from tests.support.telemetry_tables import Row
from tests.support.world import ENVIRONMENT, World

PEOPLE = "people.csv"


class Refreshing:
    """A world whose sweep reads a stand-in of Microsoft Graph."""

    def __init__(self, rows: list[Row], clock: FakeClock) -> None:
        self.rows = rows
        self.graph = Graph([user(number) for number in range(10)])
        self.world = World(clock=clock)
        self.world.users = graph_users(self.graph, clock)

    def sweep(self) -> str:
        """One sweep; gives what was said of people."""
        self.rows.clear()
        assert self.world.sweep().finished
        said = [row.values[0] for row in self.rows]
        (people,) = [one for one in said if one.startswith("people ")]
        return str(people)

    @property
    def lines(self) -> list[str]:
        """The people file."""
        return self.world.sources.data(PEOPLE).decode().splitlines()


@pytest.fixture
def refreshing() -> Iterator[Refreshing]:
    """Ten people in the tenant, no people file yet."""
    clock = FakeClock()
    with logged_rows(clock.now) as rows:
        yield Refreshing(rows, clock)


def test_the_file_is_made_and_kept_as_the_tenant_is(refreshing: Refreshing) -> None:
    """A new person, a disabled account, one who has left: the next sweep knows; the same people are not written twice."""
    assert refreshing.sweep() == ("people refreshed: 10 lines, 0 of them with a disabled account")
    assert refreshing.lines[:2] == ["employeeId,UPN,Enabled", "00000,p0@example.com,true"]
    etag = refreshing.world.sources.head(PEOPLE).etag
    refreshing.sweep()
    assert refreshing.world.sources.head(PEOPLE).etag == etag
    refreshing.graph.users = [user(0, accountEnabled=False), *(user(number) for number in range(2, 11))]
    assert "10 lines, 1 of them with a disabled account" in refreshing.sweep()
    assert (refreshing.lines[1], len(refreshing.lines)) == ("00000,p0@example.com,false", 11)


def test_the_keys_are_those_that_the_file_has(refreshing: Refreshing) -> None:
    """`people pull --key` decides once; the sweep goes on with it."""
    refreshing.world.sources.put(PEOPLE, b"onPremisesSamAccountName,employeeId,UPN,Enabled\n")
    refreshing.graph.users = [user(7, onPremisesSamAccountName="seven")]
    refreshing.sweep()
    assert refreshing.lines == [
        "onPremisesSamAccountName,employeeId,UPN,Enabled",
        "seven,00007,p7@example.com,true",
    ]


def test_who_is_known_in_the_morning_is_sent_in_the_same_sweep(refreshing: Refreshing) -> None:
    """The file is made before the sweep looks whose mapping has changed."""
    world = refreshing.world
    refreshing.sweep()
    world.put_source("munich", _PROFILE)
    world.upload(
        "munich/a.csv", b"badge,when,door\n00003,2026-11-22T04:00:00Z,1\n00042,2026-11-22T04:01:00Z,1\n"
    )
    world.run()
    assert _counts(world) == (1, 1)
    world.clock.sleep(timedelta(days=1).total_seconds())
    refreshing.graph.users = [*refreshing.graph.users, user(42)]
    refreshing.sweep()
    world.run()
    assert _counts(world) == (2, 0)


def _counts(world: World) -> tuple[int, int]:
    records = world.outcome("munich/a.csv").records
    assert records
    return records.sent, records.rejected


_PROFILE = """
version = 1
name = "Munich"
[input]
format = "csv"
[time]
from = "when"
format = "iso"
[[person]]
from = "badge"
directory = "/people.csv"
key = "employeeId"
[asset]
id = "door"
[outcome]
always = "Success"
[policy]
max_invalid_percent = 100
"""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"users": [user(number) for number in range(7)]}, "would have 8 lines instead of 11"),
        ({"users": []}, "no user has a key"),
        (
            {"script": [problem(403, "Authorization_RequestDenied", "secret text")]},
            "refused the request: 403",
        ),
        ({"script": [throttled(3_600)]}, "Microsoft Graph answered 429; tried 1 times"),
    ],
    ids=["shrinks", "nobody", "no permission", "throttled"],
)
def test_what_goes_wrong_is_a_warning_and_the_file_stays(
    refreshing: Refreshing, change: dict[str, Any], said: str
) -> None:
    """The sweep goes on with the file of yesterday, and nothing of Graph's own text is repeated."""
    refreshing.sweep()
    before = refreshing.world.sources.head(PEOPLE).etag
    for name, value in change.items():
        setattr(refreshing.graph, name, value)
    told = refreshing.sweep()
    assert told.startswith("people not refreshed: /people.csv is that of the last refresh: ")
    assert said in told
    assert "secret" not in told
    assert refreshing.world.sources.head(PEOPLE).etag == before


@pytest.mark.parametrize("header", ["badge,UPN", "badge,UPN,Site", "UPN,Enabled", "bad ge,UPN,Enabled", ""])
def test_a_file_made_by_hand_is_never_replaced(refreshing: Refreshing, header: str) -> None:
    """Its columns are not those of a refresh."""
    refreshing.world.sources.put(PEOPLE, f"{header}\n1,a@example.com\n".encode())
    assert "was not made from Entra ID" in refreshing.sweep()
    assert refreshing.lines[0] == header


def test_a_file_that_is_put_meanwhile_stays(refreshing: Refreshing) -> None:
    """The write has the version that was read as its condition."""
    refreshing.sweep()
    refreshing.graph.users = [*refreshing.graph.users, user(99)]
    users = graph_users(refreshing.graph, refreshing.world.clock)

    class Meanwhile:
        """An operator puts a file while the users are listed."""

        def users(self, properties: list[str]) -> Iterator[dict[str, Any]]:
            """All of them."""
            refreshing.world.sources.put(PEOPLE, b"employeeId,UPN,Enabled\nx,a@example.com,true\n")
            yield from users.users(properties)

    refreshing.world.users = Meanwhile()  # type: ignore[assignment]  # a list is a sequence
    assert "another /people.csv was put meanwhile" in refreshing.sweep()
    assert refreshing.lines[1] == "x,a@example.com,true"


def test_an_identity_without_a_token_and_a_fault_of_ours_are_warnings(refreshing: Refreshing) -> None:
    """Neither stops the sweep."""
    clock = refreshing.world.clock
    trouble = FakeCredential(ClientAuthenticationError("secret text"))
    refreshing.world.users = graph_users(refreshing.graph, clock, trouble)
    assert "The app's identity gives no token for Microsoft Graph" in refreshing.sweep()

    class Broken:
        """A bug."""

        def users(self, _properties: object) -> Iterator[dict[str, Any]]:
            """None."""
            raise KeyError("secret text")

    refreshing.world.users = Broken()
    assert refreshing.sweep().endswith("KeyError; please report this")


def test_a_directory_that_is_slow_takes_only_so_much_of_the_sweep(refreshing: Refreshing) -> None:
    """Waits count; what was read so far is not written."""
    clock = refreshing.world.clock
    refreshing.graph.script = [throttled(300), throttled(300)]
    slow = graph_users(refreshing.graph, clock)
    refreshing.world.users = GraphUsers(
        "https://graph.example", FakeCredential(), clock, slow._session, patience_seconds=400
    )
    before = clock.monotonic()
    assert "did not give all users within 400 s" in refreshing.sweep()
    assert clock.monotonic() - before <= 400
    assert PEOPLE not in refreshing.world.sources.names()


def test_nothing_is_refreshed_unless_the_setting_says_so() -> None:
    """Microsoft Graph of the tenant's cloud, with the app's identity."""
    account = "DefaultEndpointsProtocol=http;AccountName=acct;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:1/acct;QueueEndpoint=http://127.0.0.1:1/acct;"
    plain = {**ENVIRONMENT, "ExportStorage": account}
    assert wiring.build(plain).users is None
    on = wiring.build(plain | {"PEOPLE_FROM_ENTRA": "true", "CONNECTOR_CLOUD": "gcc-high"})
    assert repr(on.users) == "GraphUsers(host='graph.microsoft.us')"
    assert World().sweep().finished
