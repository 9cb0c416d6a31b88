"""How often storage is asked for an export of one request: what many small exports wait for."""

import json
import os
from collections import Counter
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from requests.adapters import HTTPAdapter

from local.azure import LocalAzure
from shared import app, wiring
from tests.support.exports import export

CALLS = {
    "HEAD export": 1,
    "GET outcome": 2,  # before the lease and under it
    "PUT lease": 4,  # taken, renewed before the body and before the open file goes, given back
    "LIST open": 1,
    "PUT outcome": 3,  # begun, naming the ledger, the end
    "GET export": 1,
    "LIST events": 1,
    "LIST ledger": 1,
    "PUT plans": 1,
    "PUT ledger": 4,  # made, plan, `sending`, accepted
    "PUT open": 1,
    "PUT events": 1,
    "DELETE open": 1,
}
"""Of an export in no folder; one more read in each of two containers where its first folder may be a source."""


@pytest.fixture
def calls(azure: LocalAzure, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is asked of storage, as it is asked."""
    asked: list[str] = []
    send = HTTPAdapter.send

    def noting(
        adapter: HTTPAdapter, request: requests.PreparedRequest, *rest: Any, **options: Any
    ) -> requests.Response:
        parts = urlsplit(request.url or "")
        _, _, container, name = (f"{parts.path}/////").split("/", 3)
        kind = {"badging-exports": "export", "badging-results": name.split("/")[0].rstrip("s")}
        what = kind.get(container, name.split("/")[0])
        method = request.method or ""
        if "comp=list" in parts.query:
            method, what = "LIST", parts.query.partition("prefix=")[2].split("%2F")[0]
        if parts.path.startswith(f"/{azure.azurite.account}/"):
            asked.append(f"{method} {what}")
        return send(adapter, request, *rest, **options)

    monkeypatch.setattr(HTTPAdapter, "send", noting)
    return asked


def test_an_export_of_one_request_asks_storage_so_often(
    azure: LocalAzure, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second of a worker; keys, runs and the report's message are known by then."""
    for name, value in azure.environment.items():
        monkeypatch.setitem(os.environ, name, value)
    deps = wiring.build(azure.environment)
    for number in range(2):
        name = f"day-{number}.json"
        azure.exports.upload_blob(name, export(300, first=1 + 300 * number))
        calls.clear()
        app._process(deps, json.dumps({"gatepost": 1, "name": name, "trigger": "upload"}).encode(), "0")
    assert Counter(calls) == CALLS
    assert azure.connector.requests == 2
