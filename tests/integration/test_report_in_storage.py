"""The report where the sweep puts it: a page for browsers among documents for programs."""

from local.azure import LocalAzure
from tests.integration.conftest import StartHost
from tests.support.exports import export


def test_the_sweep_leaves_a_page_that_a_browser_shows(azure: LocalAzure, start_host: StartHost) -> None:
    """`reports/latest.html` is there after the timer's function, as HTML; outcomes and rejected records stay JSON."""
    host = start_host()
    azure.exports.upload_blob("2026/day.json", export(20, bad=(3,)))
    azure.event_grid.poll()
    assert host.next()["succeeded"]
    for _ in range(2):
        assert host.sweep()["succeeded"]
    types = {
        blob.name.partition("/")[0]: blob.content_settings.content_type for blob in azure.results.list_blobs()
    }
    assert types == {
        "outcomes": "application/json",
        "rejected": "application/json",
        "reports": "text/html; charset=utf-8",
    }
    page = azure.results.download_blob("reports/latest.html").readall().decode()
    assert "2026/day.json" in page
    assert 'href="../outcomes/2026/day.json/' in page
