"""Nothing marked leaves the process: not in an envelope, not in a log line, whatever goes wrong.

What is marked: UserIds and doors of every record, the app secret, tokens, and the job id; the connector, Entra ID and
the vault quote them back in their answers, as real services do.
"""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from local.azure import LocalAzure
from local.client_assertions import app_certificate
from local.connector import Fault, cut, half_a_reply, hang, lost_reply, says, takes_and_says
from local.entra_errors import AADSTS
from local.servers import Answer, Request
from shared.error_codes import RejectedCode, Status
from shared.messages import Message
from tests.integration.insights import Watched, watched
from tests.integration.outcomes import outcome_of
from tests.support.exports import array, record
from tests.support.sources import EVENTS, HEADER, TABLE

MARK = "marked-person"
DOOR = "marked-door"
QUOTE = f'{{"error": "{MARK}1@example.com at {DOOR}-1"}}'.encode()


def marked(number: int, **changes: object) -> dict[str, object]:
    """A record whose person and door are marked."""
    return record(number, UserId=f"{MARK}{number}@example.com", AssetId=f"{DOOR}-{number}") | changes


def good(first: int) -> bytes:
    """Two marked records nobody else has."""
    return array([marked(first), marked(first + 1)])


LINE = json.dumps(marked(1)).encode()
REJECTED = {
    "not-an-export": ("table.csv", LINE),
    "empty-export": ("empty.json", b" \n"),
    "too-large": ("large.json", array(marked(number) for number in range(20_000))),
    "broken-gzip": ("broken.json.gz", gzip.compress(good(1))[:-20]),
    "wrong-encoding": ("latin.json", array([marked(1)]).replace(DOOR.encode(), b"marked-door-\xfc")),
    "not-json": ("table.json", f"UserId\n{MARK}1@example.com\n".encode()),
    "wrong-top-level": ("envelope.json", b'{"records": [' + LINE + b"]}"),
    "broken-json": ("comma.json", b"[" + LINE + LINE + b"]"),
    "truncated": ("half.json", array([marked(1)])[:-20]),
    "record-too-large": ("giant.json", array([marked(1, Note=MARK * 100_000)])),
    "nested-too-deep": (
        "deep.json",
        LINE.join([b"[", b"]"]).replace(b'"Main entrance"', b"[" * 100 + b"]" * 100),
    ),
    "too-many-invalid": ("invalid.json", array([marked(1, EventTime=MARK), marked(2, AccessStatus=MARK)])),
}
PARTLY = b"\n".join(
    json.dumps(one).encode()
    for one in [
        *(marked(number) for number in range(100, 120)),
        marked(1, UserId=f"{MARK}1@@example.com"),
        marked(2, AccessStatus=f"{MARK}2@example.com"),
        marked(3, EventTime=f"{MARK}3@example.com"),
        marked(4, AssetName=[f"{MARK}4@example.com"]),
        marked(5, Extra="\ud800"),
        marked(6, UserId={f"{MARK}6@example.com": 1}),
    ]
)
CONNECTOR: dict[str, Fault] = {
    "redirect": says(302, QUOTE, ("Location", f"https://elsewhere.example/{MARK}")),
    "bad request": says(400, QUOTE),
    "unauthorized": says(401, QUOTE),
    "forbidden": says(403, b"jobId and corresponding appId do not match. " + QUOTE),
    "not found": says(404, QUOTE),
    "too large": says(413, QUOTE),
    "too many requests": says(429, QUOTE, ("Retry-After", "3600")),
    "server error": says(500, QUOTE),
    "unavailable": says(503, QUOTE),
    "no content": says(204),
    "unconfirmed": takes_and_says(207, QUOTE),
    "skipped": takes_and_says(
        200, b'{"RecordsSaved": 1, "RecordsSkipped": 1, "first": "' + MARK.encode() + b'"}'
    ),
    "cut": cut(),
    "lost reply": lost_reply(),
    "half a reply": half_a_reply(),
    "page": takes_and_says(200, f"<html>{MARK} at {DOOR}</html>".encode()),
    "error in the reply": takes_and_says(200, QUOTE),
    "no answer in time": hang(3),
}
VAULT = {
    "firewall": (403, "ForbiddenByFirewall"),
    "role": (403, "ForbiddenByRbac"),
    "disabled": (403, "SecretDisabled"),
    "missing": (404, "SecretNotFound"),
    "refused": (400, "BadParameter"),
    "busy": (503, "ServiceUnavailable"),
}


@contextmanager
def unmarked(azure: LocalAzure, folder: Path, **changes: str) -> Iterator[Watched]:
    """A host that gives up quickly; when the block ends, nothing marked may have left it."""
    settings = {
        "RETRY_MAX_SECONDS": "0",
        "CONNECTOR_TIMEOUT_SECONDS": "1",
        "MAX_EXPORT_BYTES": "2000000",
    } | changes
    with watched(azure, folder, **settings) as running:
        yield running
    text = running.said()
    secrets = {azure.connector.job_id, azure.secret, azure.identity.header, *azure.entra.issued}
    for what in (MARK, DOOR, "eyJ", "Bearer ", "sig=", "?jobid", *secrets):
        found = text.find(what)
        assert found < 0, text[max(0, found - 500) : found + 100]


def _process(azure: LocalAzure, running: Watched, name: str, data: bytes) -> None:
    azure.exports.upload_blob(name, data, overwrite=True)
    azure.event_grid.poll()
    assert running.host.next()["succeeded"]


PEOPLE_OF_MARKED = f"Id,UPN\n1,{MARK}1@example.com\n2,{MARK}2@example.com\n3,{MARK} 3\n"
MARKED_ROW = f"2026-11-22 07:58:12,1,{DOOR}-1,{DOOR},Granted\n"
OF_SOURCES = {
    "not-a-table": ("table/x.csv", f"<html>{MARK}</html>".encode()),
    "broken-csv": ("table/quote.csv", f'{HEADER}"{MARK}" {DOOR},1\n'.encode()),
    "columns-changed": ("table/bare.csv", f"2026-11-22,{MARK}1@example.com,{DOOR}\n".encode()),
    "nothing-mapped": ("table/unknown.csv", f"{HEADER}2026-11-22 07:58:12,{MARK},{DOOR},,Granted\n".encode()),
    "records-missing": ("pages/error.json", f'{{"message": "{MARK} at {DOOR}"}}'.encode()),
    "page-too-large": (
        "pages/large.json.gz",
        gzip.compress(b'{"items": "' + MARK.encode() * 5_500_000 + b'"}'),
    ),
}
"""Exports of sources that are rejected for what only such exports can have."""


def _codes(running: Watched) -> set[str]:
    """Codes of the errors that have arrived so far."""
    return {one.dimensions.get("code", "") for one in running.ingestion.envelopes("traces")} - {""}


def test_of_exports_that_go_well_nothing_leaves(azure: LocalAzure, tmp_path: Path) -> None:
    """Success, partial success with every kind of violation, a duplicate, and the sweep."""
    with unmarked(azure, tmp_path) as running:
        _process(azure, running, "day.json", good(1))
        _process(azure, running, "partly.json", PARTLY)
        _process(azure, running, "copy.json", good(1))
        running.swept()
    statuses = {one.dimensions.get("status") for one in running.ingestion.envelopes("traces")}
    assert statuses == {"Succeeded", "PartiallySucceeded", "Duplicate", None}


def test_of_rejected_exports_nothing_leaves(azure: LocalAzure, tmp_path: Path) -> None:
    """Every code that rejects an export."""
    with unmarked(azure, tmp_path) as running:
        for name, data in REJECTED.values():
            _process(azure, running, name, data)
        azure.event_grid.announce("folder/../unsafe.json", "0x1")
        assert running.host.next()["succeeded"]
    rejecting = {code.value for code in RejectedCode} - set(OF_SOURCES)
    assert _codes(running) == rejecting
    assert {*REJECTED, "unsafe-name"} == rejecting


def test_of_what_sources_map_nothing_leaves(azure: LocalAzure, tmp_path: Path) -> None:
    """Rows of every fate, everything that rejects an export, and people files that cannot be used."""
    for folder, profile in (
        ("table", TABLE),
        ("pages", EVENTS.replace("[input]\n", '[input]\nrecords = "items"\n')),
    ):
        azure.sources.upload_blob(f"{folder}/profile.toml", profile)
        azure.sources.upload_blob(f"{folder}/people.csv", PEOPLE_OF_MARKED)
    odd = [f"2026-11-22 07:58:{second},{second % 3},{DOOR}-2,,{MARK} {DOOR}\n" for second in range(10, 14)]
    odd += [MARKED_ROW * 5, MARKED_ROW.replace("07:58", MARK), f"{MARK},{DOOR}\n"]
    with unmarked(azure, tmp_path, MAX_EXPORT_BYTES="100000000", MAX_INVALID_PERCENT="90") as running:
        _process(azure, running, "table/day.csv", (HEADER + "".join(odd)).encode())
        for name, data in OF_SOURCES.values():
            _process(azure, running, name, data)
        azure.sources.upload_blob("table/people.csv", f"7,{MARK}1@example.com\n", overwrite=True)
        _process(azure, running, "table/other.csv", (HEADER + MARKED_ROW).encode())
    assert _codes(running) == {*OF_SOURCES, "source-unusable"}
    outcome = outcome_of(azure, "table/day.csv")
    assert outcome.status is Status.PARTIALLY_SUCCEEDED
    assert {one.code for one in outcome.warnings} >= {"people-lines-skipped"}


def test_of_the_connector_s_faults_nothing_leaves(azure: LocalAzure, tmp_path: Path) -> None:
    """Every row of the table of faults, with replies that quote records."""
    with unmarked(azure, tmp_path) as running:
        for number, (name, fault) in enumerate(CONNECTOR.items()):
            azure.connector.always = fault
            _process(azure, running, f"{name}.json", good(10 * number + 1))
    expected = {
        "connector-redirects",
        "connector-refused",
        "token-refused",
        "job-mismatch",
        "connector-throttled",
        "connector-unavailable",
        "reply-unknown",
        "reply-not-connector",
    }
    assert _codes(running) == expected


def test_of_entra_s_and_the_vault_s_faults_nothing_leaves(azure: LocalAzure, tmp_path: Path) -> None:
    """Every code of Entra ID, and every refusal of the vault; all quote the secret."""
    with unmarked(azure, tmp_path) as running:
        azure.connector.always = says(401)  # so that every look asks for a new token
        for number, (name, (status, code)) in enumerate(VAULT.items(), 1):
            error = {"code": code, "message": azure.secret, "innererror": {"code": code}}
            azure.vault.trouble = lambda status=status, error=error: Answer.of({"error": error}, status)
            _process(azure, running, f"vault {name}.json", good(100 * number))
        azure.vault.trouble = None
        for number, code in enumerate(AADSTS, 1):
            text = f"AADSTS{code}: {azure.secret} of {MARK}"
            azure.entra.trouble = lambda text=text: Answer.of(
                {"error": "invalid_client", "error_description": text}, 401
            )
            _process(azure, running, f"entra {code}.json", good(1_000 * number))
        azure.entra.trouble = None
    expected = {
        "vault-firewall",
        "vault-forbidden",
        "secret-missing",
        "vault-misconfigured",
        "vault-unavailable",
        "app-unknown",
        "app-disabled",
        "tenant-unknown",
        "audience-unknown",
        "conditional-access",
        "secret-wrong",
        "certificate-wrong",
        "federation-wrong",
        "entra-unavailable",
    }
    assert _codes(running) == expected


@pytest.mark.parametrize("kind", ["certificate", "federated"])
def test_without_a_client_secret_nothing_leaves_either(azure: LocalAzure, tmp_path: Path, kind: str) -> None:
    """Sent and refused: no key, no assertion and no token in telemetry, log, outcome or any other blob."""
    made = app_certificate()
    azure.vault.secret_name, azure.vault.value = "badging-app-certificate", made.pfx
    azure.vault.expires_on = made.ends
    azure.entra.proofs.certificates.append(made.public)
    azure.entra.trust(azure.identity, "api://AzureADTokenExchange")
    changes = {"CONNECTOR_CREDENTIAL": kind} | ({"KEY_VAULT_URI": ""} if kind == "federated" else {})
    sent: list[str] = []
    real = azure.entra.answer

    def answer(request: Request) -> Answer:
        sent.extend(parse_qs(request.body.decode()).get("client_assertion", []))
        return real(request)

    azure.entra.answer = answer  # type: ignore[method-assign]
    with unmarked(azure, tmp_path, **changes) as running:
        _process(azure, running, "day.json", good(1))
        running.swept()
        azure.entra.proofs.certificates.clear()
        azure.entra.proofs.federated.clear()
        azure.connector.always = says(401)
        _process(azure, running, "refused.json", good(11))
    assert outcome_of(azure, "day.json").status is Status.SUCCEEDED
    assert _codes(running) == {f"{'certificate' if kind == 'certificate' else 'federation'}-wrong"}
    written = b"".join(
        container.download_blob(blob.name).readall()
        for container in (azure.results, azure.state)
        for blob in container.list_blobs()
    ).decode(errors="replace")
    texts = running.said() + written
    assert len(sent) > 1
    for hidden in (*(one[:60] for one in sent), made.pfx[:60], made.pem.splitlines()[1], *azure.entra.issued):
        assert hidden not in texts
    assert azure.vault.reads == 0 if kind == "federated" else azure.vault.reads > 0


def test_of_an_identity_endpoint_out_of_order_nothing_leaves(azure: LocalAzure, tmp_path: Path) -> None:
    """Its answer may hold anything."""
    with unmarked(azure, tmp_path) as running:
        azure.identity.trouble = lambda: Answer.of({"message": f"{azure.secret} {MARK}"}, 500)
        _process(azure, running, "identity.json", good(1))
    assert _codes(running) == {"identity-unavailable"}


@pytest.mark.measured_processes
def test_of_faults_that_are_raised_nothing_leaves(azure: LocalAzure, tmp_path: Path) -> None:
    """Bad messages and storage that is gone: what leaves `main`, and the worker's own log of it, have fixed texts."""
    with unmarked(azure, tmp_path) as running:
        _process(azure, running, "day.json", good(1))
        azure.queue.send_message(f"{MARK}1@example.com {azure.secret}")
        azure.queue.send_message(json.dumps({"gatepost": 1, "name": "x.json", "etag": "1", "trigger": MARK}))
        azure.queue.send_message(json.dumps({"subject": f"/blobServices/default/containers/{MARK}/blobs/x"}))
        bad = [running.host.next() for _ in range(15)]
        assert {said["error"] for said in bad} == {
            "InvocationError(\"bad-message (export '-', outcome '-')\")"
        }
        azure.exports.upload_blob("later.json", good(11))
        azure.state.delete_container()
        azure.event_grid.poll()
        raised = [running.host.next() for _ in range(5)]
        azure.exports.upload_blob("last.json", good(21))
        azure.results.delete_container()
        azure.event_grid.poll()
        raised += [running.host.next() for _ in range(5)]
        assert not any(said["succeeded"] for said in raised)
        assert {said["error"].partition(" ")[0] for said in raised} == {'InvocationError("storage'}
        assert running.host.sweep()["succeeded"]
        swept = [running.host.next() for _ in range(5)]
        assert {said["error"] for said in swept} == {"InvocationError(\"storage (export '-', outcome '-')\")"}
    assert _codes(running) == {"bad-message", "storage"}


def test_of_exports_that_vanish_nothing_leaves(azure: LocalAzure, tmp_path: Path) -> None:
    """Gone, overwritten, or with a ledger that is not as it was left."""
    with unmarked(azure, tmp_path) as running:
        azure.connector.always = says(403, QUOTE)
        for name, first in (("gone.json", 1), ("damaged.json", 11), ("lost.json", 21)):
            _process(azure, running, name, good(first))
        etags = {blob.name: str(blob.etag).strip('"') for blob in azure.exports.list_blobs()}
        for blob in list(azure.state.list_blobs()):
            azure.state.upload_blob(blob.name, b'{"schemaVersion": 1, "x": "' + MARK.encode(), overwrite=True)
        azure.queue.send_message(Message("damaged.json", etags["damaged.json"], trigger="command").encode())
        assert running.host.next()["succeeded"]
        for blob in list(azure.state.list_blobs()):
            azure.state.delete_blob(blob.name)
        azure.exports.delete_blob("gone.json")
        for name in ("gone.json", "lost.json"):
            azure.queue.send_message(Message(name, etags[name], trigger="command").encode())
            assert running.host.next()["succeeded"]
        running.swept()
    assert _codes(running) == {"connector-refused", "ledger-damaged", "ledger-gone", "export-deleted"}
