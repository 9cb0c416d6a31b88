"""Each part of the outside world is built from the setting that names it."""

import pytest

from shared import wiring
from shared.services.message_queue import MessageQueue
from tests.support.world import ENVIRONMENT

ACCOUNT = "DefaultEndpointsProtocol=http;AccountName=acct;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:1/acct;QueueEndpoint=http://127.0.0.1:1/acct;"


def test_containers_and_queues_are_those_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exports, results and ledgers are where the settings say, for every job alike; nothing is contacted."""
    queues: list[str] = []
    original = MessageQueue.__init__

    def noting(self: MessageQueue, connection: object, credential: object, name: str) -> None:
        queues.append(name)
        original(self, connection, credential, name)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(MessageQueue, "__init__", noting)
    deps = wiring.build(
        ENVIRONMENT
        | {
            "ExportStorage": ACCOUNT,
            "RESULTS_CONTAINER": "out-results",
            "STATE_CONTAINER": "kept-state",
            "EXPORTS_CONTAINER": "the-exports",
            "EXPORTS_QUEUE": "the-queue",
        }
    )
    assert (deps.exports.name, deps.results.name, deps.state.name) == (
        "the-exports",
        "out-results",
        "kept-state",
    )
    assert queues == ["the-queue", "the-queue-poison"]
