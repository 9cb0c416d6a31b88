"""What a worker that has just started imports before its first request, and when: modules do not depend on the machine, seconds do."""

import json
import subprocess
import sys
from collections.abc import Sequence

import pytest

from local.azure import LocalAzure
from local.host import ROOT
from tests.support.exports import export

FOR_OTHERS = {
    *(
        "re2",
        "jmespath",
        "tomllib",
        "shared.sources.profile",
        "shared.sources.source",
        "shared.sources.reader",
    ),  # sources
    *("shared.delivery.sweep", "shared.delivery.source_watch", "shared.delivery.people_refresh"),  # the sweep
    *("shared.report.publish", "shared.report.page", "shared.completeness.verdict"),  # the report
    *("jsonschema", "shared.delivery.remap_attempt"),  # records that are rejected
    *("azure.storage.queue", "shared.services.graph", "opentelemetry.trace"),  # messages, users, telemetry
}
"""What an export in the connector's own format does not need to come to its first request."""

_PROGRAM = """
import json, sys, threading

def waited():
    for thread in threading.enumerate():
        if thread.name == "loading":
            thread.join()

import BlobUploadTrigger, TimerUploadTrigger
started = set(sys.modules)
waited()
loaded = set(sys.modules)
from requests.adapters import HTTPAdapter
send, seen = HTTPAdapter.send, []

def noting(adapter, request, *rest, **options):
    if "/physicalbadging" in request.url:
        seen.append(set(sys.modules))
    return send(adapter, request, *rest, **options)

HTTPAdapter.send = noting
BlobUploadTrigger.process_message(sys.argv[1].encode(), "0")
print(json.dumps([sorted(one) for one in (started, loaded, seen[0])]))
"""


@pytest.fixture
def modules(azure: LocalAzure) -> Sequence[set[str]]:
    """In memory when both triggers were imported, when the background had loaded, and when the first request left."""
    azure.exports.upload_blob("day.json", export(300))
    message = json.dumps({"gatepost": 1, "name": "day.json", "trigger": "upload"})
    measured = [
        name for name in azure.environment if name.startswith("COVERAGE_")
    ]  # which imports modules, too
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, message],
        cwd=ROOT,
        env={name: value for name, value in azure.environment.items() if name not in measured},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert azure.connector.requests == 1
    return [set(one) for one in json.loads(done.stdout)]


def test_nothing_is_imported_that_the_first_request_does_not_need(modules: Sequence[set[str]]) -> None:
    """Neither what reads sources, nor what sweeps, nor what writes the report."""
    _, _, at_request = modules
    assert not at_request & FOR_OTHERS
    assert len(at_request) < 1_000


def test_what_the_first_request_needs_is_imported_before_its_message_comes(
    modules: Sequence[set[str]],
) -> None:
    """In the background, so that the triggers themselves are imported at once; nothing of ours is left for the invocation."""
    started, loaded, at_request = modules
    assert {"shared.app", "shared.background_loading"} <= started
    late = {
        name for name in at_request - loaded if name.startswith(("shared.", "requests", "urllib3", "msal."))
    }
    assert late == set()
    assert {"shared.delivery.process_export", "azure.identity", "azure.keyvault.secrets"} <= loaded


def test_a_process_that_ends_while_it_loads_ends_in_good_order() -> None:
    """As a worker may that is stopped as soon as it has started."""
    program = [sys.executable, "-c", "import BlobUploadTrigger"]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
