"""Every kind of reply and failure on real https: how many requests the connector's server saw, and what the outcome says.

The product's own client, TLS, tokens and storage; only the clock is moved, so that waiting costs nothing.
"""

import dataclasses
import socket
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from local.azure import LocalAzure
from local.connector import (
    Connector,
    Fault,
    Records,
    cut,
    half_a_reply,
    hang,
    huge_reply,
    lost_reply,
    refuses_if,
    says,
    slow,
    takes_and_says,
)
from local.entra_errors import fails_with
from local.servers import Answer, Certificates, Request, Server
from local.vault import refuses
from shared.delivery.outcome import Outcome
from shared.delivery.process_export import process_export
from shared.errors import StorageError
from shared.messages import Message
from shared.wiring import build
from tests.integration.outcomes import outcome_of
from tests.support import sources as a_source
from tests.support.exports import export
from tests.support.fake_clock import FakeClock
from tests.support.storage_accounts import StorageAccounts

pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # the SDK's pools outlive a row
RECORDS = 6  # two batches of three
_NUMBERS = count()
PAGE = b"\xef\xbb\xbf \n<!DOCTYPE html><html><body>Access to this site is being checked</body></html>"
FAILED_ITEM = b'{"items": [{"index": 0, "status": 200}, {"index": 2, "status": 400}]}'


@dataclasses.dataclass
class Bench:
    """One machine standing in for Azure, and the product built against it in this process."""

    azure: LocalAzure
    monkeypatch: pytest.MonkeyPatch
    folder: Path
    stack: ExitStack
    settings: dict[str, str] = dataclasses.field(default_factory=dict)
    clock: FakeClock = dataclasses.field(default_factory=FakeClock)

    def process_export(
        self, records: int = RECORDS, *, data: bytes = b"", folder: str = "", ending: str = ".json"
    ) -> Outcome:
        """Upload an export and attempt it once.

        Args:
            records: how many it has.
            data: what it holds instead of numbered records.
            folder: where it is uploaded to.
            ending: of its name.
        """
        exports = self.azure.exports
        number = next(_NUMBERS)
        name = f"{folder}{number:03d}{ending}"
        data = data or export(records, first=1 + 1_000 * number)
        etag = exports.upload_blob(name, data).get_blob_properties().etag
        environment = self.azure.environment | {
            "BATCH_MAX_RECORDS": "3",
            "CONNECTOR_JOB_ID": self.azure.connector.job_id,
        }
        process_export(
            dataclasses.replace(build(environment | self.settings), clock=self.clock),
            Message(name, etag.strip('"')),
            "00000000-0000-0000-0000-000000000000",
        )
        return outcome_of(self.azure, name)

    def serve(self, *faults: Fault | None, always: Fault | None = None) -> None:
        """What the connector does with the next requests, and with those after."""
        self.azure.connector.script.extend(faults)
        self.azure.connector.always = always


@pytest.fixture(scope="module")
def shared_azure(storage_accounts: StorageAccounts) -> Iterator[LocalAzure]:
    """One for all rows: it is left well by each."""
    with LocalAzure(azurite=storage_accounts.new()) as running:
        yield running


@pytest.fixture
def bench(shared_azure: LocalAzure, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Bench]:
    """A fresh bench: nothing asked yet, nothing scripted, all well, a job of its own that has sent nothing."""
    azure = shared_azure
    azure.connector.job_id = str(uuid.uuid4())
    azure.connector.requests = 0
    azure.connector.accepted.clear()
    for name in ("IDENTITY_ENDPOINT", "IDENTITY_HEADER", "REQUESTS_CA_BUNDLE"):
        monkeypatch.setenv(name, azure.environment[name])
    with ExitStack() as stack:
        yield Bench(azure, monkeypatch, tmp_path, stack)
    azure.connector.script.clear()
    azure.connector.always = None
    azure.identity.trouble = azure.vault.trouble = azure.entra.trouble = None
    azure.entra.secrets, azure.vault.value = {azure.secret}, azure.secret
    azure.entra.expired.clear()


type Setup = Callable[[Bench], None]


@dataclasses.dataclass(frozen=True)
class Row:
    """One row: what is set up, how many requests the server sees, and what the outcome says."""

    setup: Setup
    requests: int
    status: str
    code: str | None = None
    retry: str | None = None
    sent: int = RECORDS
    copies: int | None = 0
    records: int = RECORDS


def _serves(
    *faults: Fault | None, always: Fault | None = None, settings: Mapping[str, str] | None = None
) -> Setup:
    def setup(bench: Bench) -> None:
        bench.settings |= settings or {}
        bench.serve(*faults, always=always)

    return setup


def _well(*faults: Fault | None, requests: int = 2, copies: int = 0, timeout_seconds: int = 400) -> Row:
    settings = {"CONNECTOR_TIMEOUT_SECONDS": str(timeout_seconds)}
    return Row(_serves(*faults, settings=settings), requests, "Succeeded", copies=copies)


def _stops(fault: Fault, code: str, retry: str = "auto", requests: int = 1) -> Row:
    return Row(_serves(always=fault), requests, "Blocked", code, retry, sent=0)


def _entra(code: str, said: str, status: str = "Blocked") -> Row:
    def setup(bench: Bench) -> None:
        bench.settings["RETRY_MAX_SECONDS"] = "0"
        bench.azure.entra.trouble = fails_with(code)

    return Row(setup, 0, status, said, "auto", sent=0)


def _vault(answer: Answer, said: str, status: str = "Blocked") -> Row:
    def setup(bench: Bench) -> None:
        bench.settings["RETRY_MAX_SECONDS"] = "0"
        bench.azure.vault.trouble = lambda: answer

    return Row(setup, 0, status, said, "auto", sent=0)


def _redirect(status: int) -> Row:
    def setup(bench: Bench) -> None:
        where = bench.azure.environment["CONNECTOR_URL"] + "/api/signals/physicalbadging"
        bench.serve(always=says(status, b"", ("Location", where)))

    return Row(setup, 1, "Blocked", "connector-redirects", "auto", sent=0)


def _revoke(connector: Connector, _request: Request, _records: Records) -> None:
    """The batch is taken; all tokens are worth nothing from now on."""
    connector.entra.issued.clear()


def _rotation(bench: Bench) -> None:
    """In the middle of an export the secret is rotated and the old one's tokens are revoked."""

    def rotate(connector: Connector, request: Request, records: Records) -> None:
        _revoke(connector, request, records)
        bench.azure.rotate_secret()

    bench.serve(rotate)


def _wrong_secret(bench: Bench) -> None:
    bench.azure.entra.secrets = {"another"}


def _expired_secret(bench: Bench) -> None:
    bench.azure.entra.expired.add(bench.azure.secret)


def _vault_of_another_name(bench: Bench) -> None:
    """The challenge names a domain that the vault's address does not lie in."""
    bench.settings["KEY_VAULT_URI"] = f"https://localhost:{bench.azure.vault.port}"


def _identity_down(bench: Bench) -> None:
    bench.settings["RETRY_MAX_SECONDS"] = "0"
    bench.azure.identity.trouble = lambda: Answer.of({}, 500)


def _vault_unreachable(bench: Bench) -> None:
    bench.settings |= {"RETRY_MAX_SECONDS": "0", "KEY_VAULT_URI": f"https://127.0.0.1:{_closed_port()}"}


def _untrusted(bench: Bench) -> None:
    server = Server(bench.azure.connector, Certificates(bench.folder).context)
    bench.settings["CONNECTOR_URL"] = bench.stack.enter_context(server).url


def _refused_connection(bench: Bench) -> None:
    bench.settings["CONNECTOR_URL"] = f"https://127.0.0.1:{_closed_port()}"


def _no_such_host(bench: Bench) -> None:
    """A resolver that does not know the name; nobody's real one is asked."""
    real = socket.getaddrinfo

    def resolve(host: str, *args: Any, **options: Any) -> Any:
        if host == "connector.invalid":
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return real(host, *args, **options)

    bench.monkeypatch.setattr(socket, "getaddrinfo", resolve)
    bench.settings["CONNECTOR_URL"] = "https://connector.invalid"


def _handshake_cut(bench: Bench) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    bench.stack.callback(listener.close)

    def hang_up() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connection.close()

    threading.Thread(target=hang_up, daemon=True).start()
    bench.settings["CONNECTOR_URL"] = f"https://127.0.0.1:{listener.getsockname()[1]}"


def _closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _ends_in(digit: int) -> Callable[[list[Any], int], bool]:
    return lambda records, _length: any(int(one["AssetId"][-3:]) == digit for one in records)


def _unreachable(setup: Setup, status: str = "Failed", code: str = "connector-unavailable") -> Row:
    return Row(setup, 0, status, code, "auto", sent=0)


STAYS = 14  # tries in 300 s, when every wait is the middle of its range
TABLE = {
    "200": _well(),
    "200, slow": _well(slow(1)),
    "200, reply broken off": _well(half_a_reply()),
    "200, 10 MB of reply": _well(huge_reply(10_000_000)),
    "200, a gzip bomb as reply": _well(huge_reply(100_000_000, packed=True)),
    "201": _well(takes_and_says(201, b"")),
    "200, figures as text and one level down": _well(
        takes_and_says(200, b'{"result": {"recordsSaved": "3", "RECORDSSKIPPED": "0"}}')
    ),
    "200, figures that do not add up": Row(
        _serves(takes_and_says(200, b'{"RecordsSaved": 1, "RecordsSkipped": 0}')),
        2,
        "PartiallySucceeded",
        sent=4,
    ),
    "200, records skipped": Row(
        _serves(takes_and_says(200, b'{"recordsSaved": 1, "recordsSkipped": "2"}')), 2, "PartiallySucceeded"
    ),
    **{
        f"200, {key} in the reply": Row(
            _serves(takes_and_says(200, b'{"%s": ["something went wrong"]}' % key.encode())),
            2,
            "PartiallySucceeded",
            sent=3,
        )
        for key in ("error", "Errors")
    },
    "200, an empty list of errors": _well(takes_and_says(200, b'{"errors": []}')),
    **{
        f"{status} with a page": _stops(takes_and_says(status, PAGE), "reply-not-connector", "person")
        for status in (200, 201, 202, 207)
    },
    "207 that names a failed item": Row(
        _serves(takes_and_says(207, FAILED_ITEM)), 2, "PartiallySucceeded", sent=5
    ),
    "207 that says nothing": Row(_serves(takes_and_says(207, b"?")), 2, "PartiallySucceeded", sent=3),
    **{str(status): _stops(takes_and_says(status, b""), "reply-unknown", "person") for status in (202, 204)},
    **{str(status): _redirect(status) for status in (301, 302, 303, 307, 308)},
    **{
        f"{status} once": _well(says(status), requests=3, copies=int(status == 504))
        for status in (408, 425, 429, 500, 501, 502, 503, 504)
    },
    **{
        f"{status} for good": Row(_serves(always=says(status)), STAYS, "Failed", code, "auto", sent=0)
        for status, code in ((429, "connector-throttled"), (503, "connector-unavailable"))
    },
    "429 with Retry-After": _well(says(429, b"", ("Retry-After", "20")), requests=3),
    "503 with a Retry-After of two hours": Row(
        _serves(always=says(503, b"", ("Retry-After", "7200"))),
        1,
        "Failed",
        "connector-unavailable",
        "auto",
        sent=0,
    ),
    "host unknown": _unreachable(_no_such_host),
    "connection refused": _unreachable(_refused_connection),
    # A handshake that ends in a reset looks like a connection that broke later: it may be counted, never missed.
    "handshake cut": dataclasses.replace(_unreachable(_handshake_cut), copies=None),
    "connection cut before the reply": _well(cut(), requests=3, copies=1),
    "lost reply": _well(lost_reply(), requests=3, copies=1),
    "lost reply, second batch": _well(None, lost_reply(), requests=3, copies=1),
    "time-out": _well(hang(3), requests=3, copies=1, timeout_seconds=1),
    "untrusted certificate": _unreachable(_untrusted, "Blocked", "untrusted-certificate"),
    "401 once": _well(says(401), requests=3),
    "401 for good": _stops(says(401), "token-refused", requests=2),
    "a token that runs out in the middle": _well(_revoke, requests=3),
    "a rotation in the middle": Row(_rotation, 3, "Succeeded"),
    "400 on the first request": _stops(says(400), "connector-refused"),
    "400 once a batch was accepted": _well(None, says(400), requests=4),
    "400 for one record": Row(_serves(always=refuses_if(_ends_in(5), 400)), 6, "PartiallySucceeded", sent=5),
    "400 for more than 20 records": Row(
        _serves(None, always=says(400)), 36, "Blocked", "too-many-refused", "person", sent=3, records=66
    ),
    "413 once": _well(says(413), requests=5),
    "413 for one record": Row(_serves(always=refuses_if(_ends_in(5), 413)), 6, "PartiallySucceeded", sent=5),
    "413 for every single record": Row(
        _serves(always=says(413)), 8, "Blocked", "connector-refused", "auto", sent=0
    ),
    "403": _stops(says(403), "connector-refused"),
    "403 for the job": _stops(says(403, b'"jobId and corresponding appId do not match."'), "job-mismatch"),
    "404": _stops(says(404), "connector-refused"),
    "410": _stops(says(410), "connector-refused"),
    "AADSTS700016": _entra("700016", "app-unknown"),
    "AADSTS7000112": _entra("7000112", "app-disabled"),
    "AADSTS90002": _entra("90002", "tenant-unknown"),
    "AADSTS500011": _entra("500011", "audience-unknown"),
    "AADSTS90033, an outage": _entra("90033", "entra-unavailable", "Failed"),
    "wrong secret": Row(_wrong_secret, 0, "Failed", "secret-wrong", "auto", sent=0),
    "expired secret": Row(_expired_secret, 0, "Failed", "secret-wrong", "auto", sent=0),
    "vault's firewall": _vault(refuses(403, "ForbiddenByFirewall"), "vault-firewall"),
    "vault's roles": _vault(refuses(403, "ForbiddenByRbac"), "vault-forbidden"),
    "no such secret": _vault(refuses(404, "SecretNotFound"), "secret-missing"),
    "vault of another name": Row(_vault_of_another_name, 0, "Blocked", "vault-misconfigured", "auto", sent=0),
    "vault 503": _vault(refuses(503, "ServiceUnavailable"), "vault-unavailable", "Failed"),
    "vault 429": _vault(refuses(429, "Throttled"), "vault-unavailable", "Failed"),
    "vault unreachable": Row(_vault_unreachable, 0, "Failed", "vault-unavailable", "auto", sent=0),
    "identity endpoint 500": Row(_identity_down, 0, "Failed", "identity-unavailable", "auto", sent=0),
}


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in TABLE.items()])
def test_every_row_on_https(bench: Bench, row: Row) -> None:
    """The server has seen exactly so many requests, and the outcome says why, what was sent and what may be doubled."""
    row.setup(bench)
    outcome = bench.process_export(row.records)
    assert bench.azure.connector.requests == row.requests
    code = outcome.error.code if outcome.error else None
    assert (outcome.status, code, outcome.retry) == (row.status, row.code, row.retry)
    assert (outcome.records.sent if outcome.records else 0) == row.sent
    if row.copies is not None:
        assert sum(batch.possible_copies for batch in outcome.batches) == row.copies
    assert all(len(text.encode()) <= 4_000 for text in outcome.replies)


def test_a_reply_of_many_bytes_a_letter_is_cut_between_letters(bench: Bench) -> None:
    """At most 4,000 bytes are kept, not 4,000 characters, and no letter in half."""
    bench.serve(takes_and_says(200, b"a" + "\N{EURO SIGN}".encode() * 4_000))
    outcome = bench.process_export(3)
    assert outcome.status == "Succeeded"
    assert outcome.replies == ["a" + "\N{EURO SIGN}" * 1_333]


def test_a_token_that_a_reply_echoes_is_masked(bench: Bench) -> None:
    """Whatever the other side writes into its reply, the outcome shows no token, ours or another."""
    tokens: list[str] = []

    def echo(connector: Connector, request: Request, records: Records) -> Answer:
        connector.take(request, records)
        tokens.append(request.headers["authorization"].removeprefix("Bearer "))
        return Answer(200, f"got {tokens[0]}; Authorization: Bearer another-token; eyJhbGc.eyJ0.sig".encode())

    bench.serve(echo)
    outcome = bench.process_export(3)
    assert outcome.replies == ["got (token); Authorization: (token) (token)"]
    assert tokens
    assert tokens[0] not in str(outcome)


def test_a_missing_sources_container_waits_for_a_person(bench: Bench) -> None:
    """It is never taken for there being no sources: an export that may belong to one waits, all others are sent."""
    bench.settings["SOURCES_CONTAINER"] = "missing"
    outcome = bench.process_export(folder="munich/")
    assert (outcome.status.value, outcome.retry) == ("Blocked", "auto")
    assert outcome.error
    assert outcome.error.code == "source-unusable"
    assert "the container missing does not exist" in outcome.error.message
    assert bench.process_export().status.value == "Succeeded"
    bench.settings.clear()
    assert bench.process_export(folder="munich/").status.value == "Succeeded"


def test_a_source_is_found_in_its_container(bench: Bench) -> None:
    """Profile and people file are read there, the folder is noted, and a profile that is gone is said."""
    sources = bench.azure.sources
    sources.upload_blob("plant/profile.toml", a_source.TABLE)
    sources.upload_blob("plant/people.csv", a_source.PEOPLE)
    row = "2026-11-22 07:58:12,1,D1,Lobby,Granted\n"
    outcome = bench.process_export(data=(a_source.HEADER + row).encode(), folder="plant/", ending=".csv")
    assert outcome.status.value == "Succeeded"
    assert outcome.source
    assert outcome.source.name == "plant"
    assert [one["UserId"] for one in bench.azure.connector.records()] == ["ada@example.com"]
    sources.delete_blob("plant/profile.toml")
    outcome = bench.process_export(folder="plant/")
    assert outcome.error
    assert "the profile is gone" in outcome.error.message


@pytest.mark.parametrize("setting", ["RESULTS_CONTAINER", "STATE_CONTAINER"])
def test_a_missing_container_is_raised_to_the_host(bench: Bench, setting: str) -> None:
    """What cannot be written down is not done: no request leaves."""
    bench.settings[setting] = "missing"
    with pytest.raises(StorageError, match="ContainerNotFound"):
        bench.process_export()
    assert bench.azure.connector.requests == 0
