"""The report where the sweep puts it: a page for browsers among documents for programs."""

from local.azure import LocalAzure
from shared.blob_names import REPORT_PATH, REPORT_PENDING_PATH
from shared.messages import TaskMessage
from tests.integration.conftest import StartHost
from tests.support.exports import export


def test_the_sweep_leaves_a_page_that_a_browser_shows(azure: LocalAzure, start_host: StartHost) -> None:
    """`reports/latest.html` is there after a sweep, as HTML; outcomes and rejected records stay JSON."""
    host = start_host()
    azure.exports.upload_blob("2026/day.json", export(20, bad=(3,)))
    azure.event_grid.poll()
    assert host.next()["succeeded"]
    for _ in range(2):
        assert host.sweep()["succeeded"]
        assert [host.next()["succeeded"] for _ in range(2)] == [True, True]  # the sweep, and the report
    types = {
        blob.name.partition("/")[0]: blob.content_settings.content_type for blob in azure.results.list_blobs()
    }
    assert types == {
        "outcomes": "application/json",
        "rejected": "application/json",
        "reports": "text/html; charset=utf-8",
    }
    page = azure.results.download_blob(REPORT_PATH).readall().decode()
    assert "2026/day.json" in page


def test_exports_that_end_ask_for_one_report_in_five_minutes(
    azure: LocalAzure, start_host: StartHost
) -> None:
    """The first one queues its message and notes it, the next one leaves it at that; the message writes the page."""
    host = start_host()
    for number in range(2):
        azure.exports.upload_blob(f"{number}.json", export(3, first=10 * number + 1))
        azure.event_grid.poll()
        assert host.next()["succeeded"]
    assert azure.results.get_blob_client(REPORT_PENDING_PATH).exists()
    assert not azure.results.get_blob_client(REPORT_PATH).exists()
    assert azure.queue.peek_messages() == []
    assert azure.queue.get_queue_properties().approximate_message_count == 1
    azure.queue.clear_messages()
    azure.queue.send_message(TaskMessage("report").encode())  # the same one, five minutes later
    assert host.next()["succeeded"]
    page = azure.results.download_blob(REPORT_PATH).readall().decode()
    assert all(f"{number}.json" in page for number in range(2))
    assert not azure.results.get_blob_client(REPORT_PENDING_PATH).exists()
