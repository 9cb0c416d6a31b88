"""Storage with the app's identity over https: what it refuses and how, and names that would lead elsewhere."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import azure.core.exceptions
import azure.storage.blob
import pytest
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ResourceNotFoundError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.storage.blob import BlobClient, ContainerClient
from pytest_socket import enable_socket

from local.azure import LocalAzure
from local.servers import Answer
from shared.blob_names import Kind, classify_name, lease_path, outcome_path
from shared.delivery.dependencies import Dependencies
from shared.delivery.outcome import decode
from shared.delivery.ports import ABSENT
from shared.delivery.process_export import process_export
from shared.errors import (
    ActionRequiredError,
    ConditionError,
    ExportChangedError,
    GatepostError,
    MissingBlobError,
    StorageError,
    TransientError,
)
from shared.messages import Message
from shared.services import storage_errors
from shared.services.identity import own_credential
from shared.services.message_queue import MessageQueue
from shared.services.storage import BlobContainer
from shared.storage_connection import StorageConnection
from shared.wiring import build

ESCAPING = "../gatepost-state/ledger.json"


@pytest.fixture(scope="module")
def azure_here() -> Iterator[LocalAzure]:
    """Azurite over https with tokens, and the stand-ins."""
    enable_socket()
    with LocalAzure(with_identity=True) as running:
        yield running


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The blobs that clients are built for; asked for before the containers are made."""
    blobs: list[str] = []
    real = ContainerClient.get_blob_client

    def noted(self: ContainerClient, blob: str, *rest: Any, **more: Any) -> BlobClient:
        blobs.append(f"{self.container_name}/{blob}")
        return real(self, blob, *rest, **more)

    monkeypatch.setattr(ContainerClient, "get_blob_client", noted)
    return blobs


@pytest.fixture
def deps(azure_here: LocalAzure, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dependencies]:
    """The product's dependencies as `shared.wiring` builds them from the app settings."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    for name, value in azure_here.environment.items():
        monkeypatch.setenv(name, value)
    built = build(os.environ)
    yield built
    azure_here.identity.trouble = None


def test_everything_works_with_the_apps_identity(deps: Dependencies, azure_here: LocalAzure) -> None:
    """Write, look, read, list, lease, queue: with a token and no key."""
    etag = deps.state.write("ledger/a.json", b"{}", ABSENT)
    assert deps.state.head("ledger/a.json").etag == etag
    document = deps.state.read("ledger/a.json")
    assert document is not None
    assert document.data == b"{}"
    assert [blob.name for blob in deps.state.blobs("ledger/")] == ["ledger/a.json"]
    deps.state.acquire("ledger/a.json", "0b7c2a52-1111-4222-8333-444455556666", 15)
    deps.state.release("ledger/a.json", "0b7c2a52-1111-4222-8333-444455556666")
    deps.queue.put("text", 0)
    assert [message.content for message in azure_here.queue.receive_messages()] == ["text"]
    azure_here.queue.clear_messages()


def test_the_sdk_alone_would_write_into_another_container(deps: Dependencies, azure_here: LocalAzure) -> None:
    """Why names are checked before a client is built: with a token credential `..` is resolved on the way."""
    connection = StorageConnection(blob_uri=azure_here.azurite.blob_uri)
    unchecked = BlobContainer(connection, own_credential(azure_here.client_id), "badging-results")
    unchecked.write(f"outcomes/../{ESCAPING}", b"escaped", None)
    assert "ledger.json" in [blob.name for blob in deps.state.blobs()]
    azure_here.state.delete_blob("ledger.json")


@pytest.mark.parametrize(
    "name",
    [
        ESCAPING,
        "a/../../gatepost-state/ledger.json",
        "..",
        "../../x.json",
        "a/./b.json",
        "a//b.json",
        "a/b./c.json",
        "a\\..\\b.json",
        "day.json\n2026-11-22 ERROR",
        "x" * 1_019 + ".json",
    ],
)
def test_a_name_that_would_escape_is_refused_before_any_client_is_built(
    asked: list[str], deps: Dependencies, azure_here: LocalAzure, name: str
) -> None:
    """It is `Rejected` under its hash; the exports container is not asked, and nothing lands where it would lead."""
    assert classify_name(name) is Kind.UNSAFE
    outcome = process_export(deps, Message(name, "0x8D"), "invocation")
    assert outcome is not None
    assert outcome.error is not None
    assert outcome.error.code == "unsafe-name"
    path = outcome_path(name, "0x8D")
    lease = f"gatepost-state/{lease_path(azure_here.connector.job_id)}"
    assert set(asked) == {f"badging-results/{path}", lease}
    document = deps.results.read(path)
    assert document is not None
    assert decode(document.data).export.name == name
    assert "ledger.json" not in [blob.name for blob in deps.state.blobs()]
    azure_here.results.delete_blob(path)


@pytest.mark.parametrize(
    "answer", [Answer(500, b"oops"), Answer(429), Answer.of([]), Answer(200, b"<html>"), Answer.of({}, 400)]
)
def test_an_identity_without_tokens_is_a_storage_error(
    deps: Dependencies, azure_here: LocalAzure, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever its endpoint answers: raised to the host by name, never a bug."""
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    azure_here.identity.trouble = lambda: answer
    attempts: tuple[Callable[[], object], ...] = (
        lambda: deps.exports.head("day.json"),
        lambda: deps.state.write("x.json", b"{}", ABSENT),
        lambda: deps.queue.put("x", 0),
        lambda: list(deps.results.blobs()),
    )
    for attempt in attempts:
        with pytest.raises(StorageError, match="identity gives no token"):
            attempt()


def test_a_stranger_is_refused_by_storage(azure_here: LocalAzure, deps: Dependencies) -> None:
    """A token that storage does not take: a storage error with its code, not a missing blob."""
    del deps

    class Stranger:
        """Hands out a token for nobody."""

        def get_token(self, *_: str, **__: object) -> Any:
            """A token."""
            return azure.core.credentials.AccessToken("not.a.token", 9_999_999_999)

    connection = StorageConnection(azure_here.azurite.blob_uri, azure_here.azurite.queue_uri)
    stranger = BlobContainer(connection, Stranger(), "badging-exports")
    for attempt in (
        lambda: stranger.head("x"),
        lambda: list(stranger.chunks("x", "1")),
        lambda: stranger.read("x"),
    ):
        with pytest.raises(StorageError) as caught:
            attempt()
        assert "40" in str(caught.value)
    with pytest.raises(StorageError):
        MessageQueue(connection, Stranger(), "badging-exports").put("x", 0)


def _classes(root: type[Exception]) -> Iterator[type[Exception]]:
    yield root
    for one in root.__subclasses__():
        yield from _classes(one)


EXCEPTIONS = sorted(
    {*_classes(AzureError), OSError, TimeoutError}, key=lambda one: f"{one.__module__}.{one.__name__}"
)
STATUSES = [None, 304, 400, 403, 404, 408, 409, 412, 416, 429, 500, 503]


def _made(one: type[Exception], status: int | None = None, code: str | None = None) -> Exception:
    error: Any = one.__new__(one)
    error.args = ("https://account.example/badging-exports/day.json?sig=secret",)
    for name in ("message", "response", "error", "reason", "inner_exception"):
        if not hasattr(error, name):
            setattr(error, name, None)
    error.status_code = status
    error.error_code = code
    made: Exception = error
    return made


@pytest.mark.parametrize("one", EXCEPTIONS, ids=lambda one: f"{one.__module__}.{one.__name__}")
def test_every_exception_of_the_library_is_translated(one: type[Exception]) -> None:
    """Whatever status it carries: into one of ours, the cause kept, nothing of its text in ours."""
    for status in STATUSES:
        with pytest.raises(GatepostError) as caught, storage_errors.translated():
            raise _made(one, status)
        assert isinstance(caught.value, StorageError | ConditionError | MissingBlobError)
        assert "secret" not in str(caught.value)
        assert caught.value.__cause__ is not None
        if isinstance(caught.value, ConditionError):
            assert status in {409, 412}


@pytest.mark.parametrize("one", EXCEPTIONS, ids=lambda one: f"{one.__module__}.{one.__name__}")
def test_every_exception_while_reading_is_translated(one: type[Exception]) -> None:
    """As when writing, but that storage which cannot be reached is a fault that passes; a refusal never is."""
    for status in STATUSES:
        with pytest.raises(GatepostError) as caught, storage_errors.translated(reading=True):
            raise _made(one, status)
        assert isinstance(caught.value, StorageError | ConditionError | MissingBlobError | TransientError)
        assert "secret" not in str(caught.value)
        assert caught.value.__cause__ is not None
        if status == 403 and issubclass(one, HttpResponseError):
            assert not isinstance(caught.value, TransientError)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (_made(HttpResponseError, 500, "InternalError"), TransientError),
        (_made(HttpResponseError, 503, "ServerBusy"), TransientError),
        (_made(HttpResponseError, 429), TransientError),
        (_made(HttpResponseError, 408, "OperationTimedOut"), TransientError),
        (_made(HttpResponseError, None), TransientError),
        (_made(ServiceRequestError), TransientError),
        (_made(ServiceResponseError), TransientError),
        (_made(TimeoutError), TransientError),
        (_made(HttpResponseError, 403, "AuthorizationFailure"), StorageError),
        (_made(ClientAuthenticationError, 401, "NoAuthenticationInformation"), StorageError),
        (_made(HttpResponseError, 400, "InvalidUri"), StorageError),
        (_made(ResourceNotFoundError, 404, "ContainerNotFound"), StorageError),
        (_made(ResourceNotFoundError, 404, "BlobNotFound"), MissingBlobError),
    ],
    ids=lambda one: f"{getattr(one, 'status_code', '')} {getattr(one, 'error_code', '')}",
)
def test_storage_that_cannot_be_read_passes_and_storage_that_refuses_does_not(
    error: Exception, expected: type[Exception]
) -> None:
    """Reading: an outage is waited for by the message, a refusal is raised to the host. Writing: both are raised."""
    with pytest.raises(GatepostError) as caught, storage_errors.translated(reading=True):
        raise error
    assert type(caught.value) is expected
    with pytest.raises(GatepostError) as caught, storage_errors.translated():
        raise error
    assert type(caught.value) is (MissingBlobError if expected is MissingBlobError else StorageError)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (409, "BlobAlreadyExists"),
        (412, "ConditionNotMet"),
        (412, "AppendPositionConditionNotMet"),
        (412, "LeaseIdMissing"),
        (412, "LeaseLost"),
        (409, "LeaseAlreadyPresent"),
        (409, "LeaseIdMismatchWithLeaseOperation"),
        (409, "LeaseIsBrokenAndCannotBeRenewed"),
        (400, "InvalidBlockList"),
        (412, None),  # a HEAD's answer has no body, and so no code
    ],
)
def test_whoever_was_faster_is_a_conflict(status: int, code: str | None) -> None:
    """Decided anew from what is there now, whichever worker wrote."""
    with pytest.raises(ConditionError), storage_errors.translated():
        raise _made(HttpResponseError, status, code)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (409, "BlobImmutableDueToPolicy"),
        (409, "ContainerBeingDeleted"),
        (409, "BlobBeingRehydrated"),
        (409, "SnapshotsPresent"),
        (409, "InvalidBlobType"),
        (412, "SourceConditionNotMet"),
        (400, "InvalidHeaderValue"),
        (413, "RequestBodyTooLarge"),
    ],
)
def test_what_is_no_conflict_is_said_as_what_it_is(status: int, code: str) -> None:
    """An immutability policy on a container is for a person to lift: nothing would come of deciding anew."""
    for reading in (False, True):
        with pytest.raises(StorageError) as caught, storage_errors.translated(reading=reading):
            raise _made(HttpResponseError, status, code)
        assert f"{status} ({code})" in str(caught.value)


class _Breaking:
    """A blob's client whose downloads break."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def get_blob_client(self, _name: str) -> "_Breaking":
        """Itself."""
        return self

    def download_blob(self, **_: object) -> None:
        """Break."""
        raise self._error

    def get_blob_properties(self) -> None:
        """There is another version."""
        raise _made(ResourceNotFoundError, 404)


def _streaming(error: Exception) -> list[bytes]:
    container = BlobContainer(StorageConnection(connection_string=_AZURITE), None, "badging-exports")
    container._blob = _Breaking(error).get_blob_client  # type: ignore[assignment]
    return list(container.chunks("day.json", "0x8D"))


_AZURITE = "UseDevelopmentStorage=true"


@pytest.mark.parametrize("one", EXCEPTIONS, ids=lambda one: f"{one.__module__}.{one.__name__}")
def test_every_exception_while_streaming_is_translated(one: type[Exception]) -> None:
    """A stream that breaks off passes; what is refused is raised; what is gone is said."""
    for status in STATUSES:
        with pytest.raises(GatepostError) as caught:
            _streaming(_made(one, status))
        assert isinstance(
            caught.value, ActionRequiredError | ExportChangedError | TransientError | StorageError
        )
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (_made(HttpResponseError, 409, "BlobArchived"), ActionRequiredError),
        (_made(HttpResponseError, 412, "ConditionNotMet"), ActionRequiredError),  # and the blob is gone
        (_made(ResourceNotFoundError, 404, "BlobNotFound"), ActionRequiredError),
        (_made(ResourceNotFoundError, 404, "ContainerNotFound"), StorageError),
        (_made(HttpResponseError, 403, "AuthorizationPermissionMismatch"), StorageError),
        (_made(HttpResponseError, 503, "ServerBusy"), TransientError),
        (_made(HttpResponseError, 429), TransientError),
        (_made(HttpResponseError, 408), TransientError),
        (_made(HttpResponseError, None), TransientError),
    ],
)
def test_a_stream_that_fails_says_why(error: Exception, expected: type[Exception]) -> None:
    """Blocked, raised, or tried again: three different things to do."""
    with pytest.raises(expected):
        _streaming(error)


def test_the_librarys_classes_are_all_among_them() -> None:
    """What azure.core and azure.storage.blob export as exceptions is in the list above."""
    for library in (azure.core.exceptions, azure.storage.blob):
        for name in dir(library):
            one = getattr(library, name)
            if isinstance(one, type) and issubclass(one, AzureError):
                assert one in EXCEPTIONS
