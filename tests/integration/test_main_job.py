"""The main job, end to end on one machine: what people see when they follow the README, and what it promises them."""

import gzip
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from rich.console import Console

from local.azure import LocalAzure
from local.host import ROOT
from local.host_process import HostProcess
from local.run import run
from local.samples import record
from local.serve import Inbox, Mirror
from tests.integration.conftest import StartHost
from tests.integration.outcomes import outcome_of
from tests.support.exports import array, export
from tests.support.exports import record as numbered

pytestmark = pytest.mark.unmeasured

# Valid in everything but its commas: as the documentation's sample stood for a year, one is missing and some are too many.
PAGE_SAMPLE = """[
    {
        "UserId":"sarad@example.com"
        "AssetId":"Mid-Sec-7",
        "AssetName":"Main Building 1st Floor Mid Section",
        "EventTime":"2019-07-04T01:57:49",
        "AccessStatus":"Failed",
    },
    {
        "UserId":"pilarp@example.com",
        "AssetId":"Mid-Sec-7",
        "AssetName":"Main Building 1st Floor Mid Section",
        "EventTime":"2019-07-04T02:57:49",
        "AccessStatus":"Success",
    }
]
"""
CORRECTED_SAMPLE = PAGE_SAMPLE.replace('example.com"\n', 'example.com",\n').replace('",\n    }', '"\n    }')
BAD_EXPORTS = {
    "truncated.json": b'[{"UserId": "a@example.com", "AssetId": "d',
    "white-space.json": b" \r\n\t",
    "latin-1.json": json.dumps([numbered(1, AssetName="Büro")], ensure_ascii=False).encode("latin-1"),
    "utf-16-unmarked.json": export(1).decode().encode("utf-16-le"),
    "envelope.json": b'{"records": ' + export(2) + b"}",
    "table.json": b"UserId,AssetId\na@example.com,d1\n",
    "number.json": b"42",
    "two-arrays.json": export(1) + export(1),
    "nan.json": export(1).replace(b'"Main entrance"', b"NaN"),
    "deep.json": b"[" * 100_000,
    "deep-record.json": b'[{"a":' * 5_000,
    "giant.json": b'[{"UserId": "' + b"a" * (2 << 20) + b'"}]',
    "half.json.gz": gzip.compress(export(500))[:-20],
    "more.json.gz": gzip.compress(export(1)) + b"more",
    "all-bad.json": export(4, bad=(1, 2, 3, 4)),
    "picture.png": b"\x89PNG",
}


def test_make_run_prints_what_the_readme_shows() -> None:
    """Table, counted reasons, line and column of the broken one, 24 requests for 120,000 records; the seconds may differ."""
    printed = io.StringIO()
    assert run(Console(file=printed, width=100)) == 0
    blocks = (ROOT / "README.md").read_text().split("```\n")
    (shown,) = (block for block in blocks if block.startswith("Starting Azurite"))
    assert _without_seconds(printed.getvalue()) == _without_seconds(shown)
    assert "all-doors.json     Succeeded            120,000   120,000          0         24" in shown


def _without_seconds(text: str) -> list[str]:
    return [re.sub(r"in [0-9.]+ s\.", "in ... s.", line.rstrip()) for line in text.strip().splitlines()]


def test_the_pages_sample_is_rejected_by_line_and_sent_once_corrected(
    azure: LocalAzure, start_host: StartHost
) -> None:
    """A missing comma after line 3 is found at line 4; with its commas corrected the same text is `Succeeded`."""
    host = start_host()
    for name, text in (("page.json", PAGE_SAMPLE), ("corrected.json", CORRECTED_SAMPLE)):
        azure.exports.upload_blob(name, text.encode())
        azure.event_grid.poll()
        host.next()
    error = outcome_of(azure, "page.json").error
    assert error is not None
    assert (error.code, error.line) == ("broken-json", 4)
    assert "line 4" in error.message
    assert "comma" in error.message
    assert outcome_of(azure, "corrected.json").status == "Succeeded"
    assert azure.connector.records() == json.loads(CORRECTED_SAMPLE)


def test_bad_input_of_every_kind_leaves_an_outcome_and_sends_nothing(
    azure: LocalAzure, start_host: StartHost
) -> None:
    """Each is `Rejected` with a code, a sentence and what to do; the function itself never fails."""
    host = start_host()
    for name, data in BAD_EXPORTS.items():
        azure.exports.upload_blob(name, data)
    azure.event_grid.poll()
    assert [host.next()["succeeded"] for _ in BAD_EXPORTS] == [True] * len(BAD_EXPORTS)
    for name in BAD_EXPORTS:
        outcome = outcome_of(azure, name)
        assert outcome.status == "Rejected", name
        assert outcome.error is not None
        assert outcome.error.message.endswith("."), name
        assert outcome.error.help, name
    assert azure.connector.requests == 0
    assert azure.entra.token_requests == 0
    assert {blob.name.partition("/")[0] for blob in azure.state.list_blobs()} == {"keys", "lease"}


def test_what_the_connector_receives_is_what_was_in_the_export(
    azure: LocalAzure, start_host: StartHost
) -> None:
    """Extra properties, numbers, nesting, escapes and non-ASCII names arrive as the same JSON values, in order."""
    odd = [
        numbered(
            1, AssetName='Zoë \u00e9\U0001f600 \\ " / \n', Extra={"deep": [1, 2.5, None, True, {"x": "y"}]}
        ),
        numbered(2, Card=9007199254740993, Share=0.1, Empty="", Nothing=[]),
        numbered(3, UserId="ユーザー@example.com", AssetId="дверь-3"),
    ]
    host = start_host()
    later = [one | {"EventTime": "2026-11-22T08:00:00"} for one in odd]
    for name, data in (
        ("array.json", array(odd)),
        ("ascii.jsonl", b"\n".join(json.dumps(one).encode() for one in later)),
    ):
        azure.exports.upload_blob(name, data)
        azure.event_grid.poll()
        host.next()
    assert azure.connector.records() == [*odd, *later]


def test_a_million_records_go_through_in_one_invocation_with_flat_memory(tmp_path: Path) -> None:
    """200 MB cost less than 160 MB above the idle process, and 80 bytes for what each event is known by."""
    with LocalAzure(keep_bodies=False) as azure, HostProcess(azure.environment, tmp_path / "log") as host:
        azure.exports.upload_blob("warm-up.json", export(10))
        azure.event_grid.poll()
        host.next()
        idle = _memory_mb(host.worker_pid, "VmRSS")
        line = json.dumps(record(1) | {"EventTime": "2026-11-21T06:00:00", "Note": "x" * 35}).encode()
        head, _, tail = line.partition(b"door-01")
        lines = b"".join(b"%sdoor-%07d%s\n" % (head, number, tail) for number in range(1_000_000))
        azure.exports.upload_blob("million.jsonl", lines, max_concurrency=2)
        azure.event_grid.poll()
        end = host.next(300)
        assert (end["succeeded"], end["tries"]) == (True, 1)
        outcome = outcome_of(azure, "million.jsonl")
        assert outcome.records is not None
        assert (outcome.status, outcome.attempts, outcome.records.sent) == ("Succeeded", 1, 1_000_000)
        assert sum(one.records for one in azure.connector.accepted) == 1_000_010
        assert _memory_mb(host.worker_pid, "VmHWM") - idle < 160 + 80


def test_nothing_secret_or_personal_is_in_the_logs(
    azure: LocalAzure, start_host: StartHost, host_log: Callable[[], str]
) -> None:
    """Job id, secret, token and UserIds stay out of what is logged, whatever becomes of an export."""
    host = start_host()
    for name, data in {"good.json": export(3), "bad.json": export(3, bad=(1,)), **BAD_EXPORTS}.items():
        azure.exports.upload_blob(name, data)
    azure.event_grid.poll()
    azure.queue.send_message("person99@example.com")
    for _ in range(len(BAD_EXPORTS) + 3):
        host.next()
    host.sweep()
    log = host_log()
    assert "good.json" in log
    for secret in (azure.connector.job_id, azure.secret, *azure.entra.issued, "@example.com", "door-0"):
        assert secret not in log


def test_a_file_in_the_inbox_is_an_upload_and_its_outcome_comes_back(
    azure: LocalAzure, start_host: StartHost, tmp_path: Path
) -> None:
    """A file is uploaded once it has stopped growing and again when it changes; results are copied beside it."""
    host = start_host()
    folder, results = tmp_path / "inbox", tmp_path / "results"
    printed = io.StringIO()
    inbox = Inbox(folder, azure.exports)
    mirror = Mirror(azure.results, results, Console(file=printed, width=200))
    (folder / "site").mkdir()
    (folder / ".hidden").write_text("no")
    (folder / "site/day.json").write_bytes(export(3, bad=(2,)))
    assert [inbox.poll(), inbox.poll(), inbox.poll()] == [[], ["site/day.json"], []]
    azure.event_grid.poll()
    host.next()
    mirror.poll()
    assert "PartiallySucceeded  site/day.json  2 of 3 records sent" in printed.getvalue()
    shown = re.search(r"local/results/(outcomes/site/day\.json/\S+\.json)", printed.getvalue())
    assert shown is not None
    assert json.loads((results / shown[1]).read_text())["status"] == "PartiallySucceeded"
    assert len(list(results.glob("rejected/site/day.json/*.jsonl"))) == 1
    assert {path.name for path in results.iterdir()} == {"outcomes", "rejected"}
    (folder / "site/day.json").write_bytes(export(4))
    assert [inbox.poll(), inbox.poll()] == [[], ["site/day.json"]]


def _memory_mb(pid: int, what: str) -> float:
    """`VmRSS` (now) or `VmHWM` (the most so far) of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(rf"{what}:\s+(\d+) kB", status)
    if not found:
        pytest.skip("this system does not say what memory a process uses")
    return int(found[1]) / 1_024
