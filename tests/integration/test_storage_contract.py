"""The same assertions against the fakes and against Azurite, so that what is tested on fakes holds in storage."""

import functools
import gzip
import random
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC
from typing import Any, Protocol

import pytest
from azure.storage.blob import BlobClient, ContainerClient, ContentSettings, StandardBlobTier
from azure.storage.queue import QueueClient

from local.azurite import Azurite
from shared.blob_names import bare
from shared.delivery.ports import ABSENT, Container
from shared.errors import (
    ActionRequiredError,
    ConditionError,
    ExportChangedError,
    LeaseTakenError,
    MissingBlobError,
    StorageError,
)
from shared.services.message_queue import MessageQueue
from shared.services.storage import READ_BYTES, BlobContainer
from shared.storage_connection import StorageConnection
from tests.support.fake_clock import FakeClock
from tests.support.fake_storage import FakeContainer, FakeQueue
from tests.support.storage_model.blobs import BlobModel
from tests.support.storage_model.wire import Wire
from tests.support.storage_model.workers import WorkerContainer

MIB = 1 << 20
PAGE_BLOBS = 5
US, THEM = str(uuid.uuid4()), str(uuid.uuid4())


class Ground(Protocol):
    """A container to test, and what others do to it."""

    container: Container

    def put(self, name: str, data: bytes, metadata: Mapping[str, str] | None = None) -> str:
        """Put a blob; gives its ETag."""
        ...

    def made(self, name: str) -> str:
        """Make an append blob without a byte in it; gives its ETag."""
        ...

    def delete(self, name: str) -> None:
        """Delete a blob."""
        ...

    def archive(self, name: str) -> None:
        """Move a blob to the archive tier."""
        ...

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        ...

    def nowhere(self) -> Container:
        """A container that does not exist."""
        ...


class FakeGround:
    """The fake."""

    def __init__(self) -> None:
        self._clock = FakeClock()
        self._fake = FakeContainer("exports", self._clock, chunk_bytes=4 * MIB, page_blobs=PAGE_BLOBS)
        self.container: Container = self._fake

    def put(self, name: str, data: bytes, metadata: Mapping[str, str] | None = None) -> str:
        """Put a blob."""
        return self._fake.put(name, data, metadata=metadata).etag

    def made(self, name: str) -> str:
        """Make an append blob."""
        return self._fake.put_journal(name, b"").etag

    def delete(self, name: str) -> None:
        """Delete a blob."""
        self._fake.delete(name)

    def archive(self, name: str) -> None:
        """Archive a blob."""
        self._fake.archive(name)

    def wait(self, seconds: float) -> None:
        """Move the clock."""
        self._clock.sleep(seconds)

    def nowhere(self) -> Container:
        """A container that was never created."""
        return WorkerContainer(BlobModel(self._clock), Wire("worker", self._clock), "nowhere")


class AzuriteGround:
    """Azurite, through the product's own module."""

    def __init__(self, azurite: Azurite) -> None:
        self._connection = StorageConnection(connection_string=azurite.connection_string)
        name = f"contract-{uuid.uuid4().hex}"
        self._outside = ContainerClient.from_connection_string(azurite.connection_string, name)
        self._outside.create_container()
        container = BlobContainer(self._connection, None, name)
        whole_list: Any = container._client.list_blobs
        container._client.list_blobs = functools.partial(whole_list, results_per_page=PAGE_BLOBS)  # type: ignore[method-assign]
        self.container: Container = container

    def put(self, name: str, data: bytes, metadata: Mapping[str, str] | None = None) -> str:
        """Put a blob."""
        written = self._blob(name).upload_blob(data, overwrite=True, metadata=dict(metadata or {}))
        return bare(str(written["etag"]))

    def made(self, name: str) -> str:
        """Make an append blob."""
        return bare(str(self._blob(name).create_append_blob()["etag"]))

    def delete(self, name: str) -> None:
        """Delete a blob."""
        self._blob(name).delete_blob()

    def archive(self, name: str) -> None:
        """Archive a blob."""
        self._blob(name).set_standard_blob_tier(StandardBlobTier.ARCHIVE)

    def wait(self, seconds: float) -> None:
        """Wait: Azurite's leases run on the machine's clock."""
        time.sleep(seconds)

    def nowhere(self) -> Container:
        """A container that was never created."""
        return BlobContainer(self._connection, None, "nowhere")

    def _blob(self, name: str) -> BlobClient:
        return self._outside.get_blob_client(name)


@pytest.fixture(params=["fake", "azurite"])
def ground(request: pytest.FixtureRequest) -> Ground:
    """Fresh, empty ground of either kind."""
    if request.param == "fake":
        return FakeGround()
    return AzuriteGround(request.getfixturevalue("azurite"))


def test_head_shows_what_an_attempt_needs(ground: Ground) -> None:
    """ETag without quotes, length, time in UTC, metadata."""
    etag = ground.put("a/day.json", b"[]", {"status": "Failed"})
    blob = ground.container.head("a/day.json")
    assert (blob.name, blob.etag, blob.bytes, dict(blob.metadata)) == (
        "a/day.json",
        etag,
        2,
        {"status": "Failed"},
    )
    assert blob.last_modified.tzinfo is not None
    assert blob.last_modified.astimezone(UTC) == blob.last_modified
    assert blob.last_modified.microsecond == 0
    assert (blob.is_folder, blob.is_archived) == (False, False)


def test_what_is_not_there_is_missing(ground: Ground) -> None:
    """`head` and `acquire` say so; `read` gives nothing; `release` does not mind."""
    with pytest.raises(MissingBlobError):
        ground.container.head("day.json")
    with pytest.raises(MissingBlobError):
        ground.container.acquire("day.json", US, 15)
    with pytest.raises(MissingBlobError):
        ground.container.renew("day.json", US)
    assert ground.container.read("day.json") is None
    ground.container.release("day.json", US)


def test_a_container_that_does_not_exist_is_a_storage_error_everywhere(ground: Ground) -> None:
    """It must never look like a blob that is gone: that would be `Blocked` instead of raised."""
    nowhere = ground.nowhere()
    writer = nowhere.block_writer("day.json")
    writer.add(b"x")
    for attempt in (
        lambda: nowhere.head("day.json"),
        lambda: nowhere.read("day.json"),
        lambda: nowhere.write("day.json", b"{}", ABSENT),
        lambda: nowhere.write("day.json", b"{}", "0x8D"),
        lambda: list(nowhere.blobs()),
        lambda: list(nowhere.chunks("day.json", "0x8D")),
        lambda: nowhere.acquire("day.json", US, 15),
        lambda: nowhere.renew("day.json", US),
        lambda: nowhere.append("day.json", b"1", ""),
        lambda: nowhere.append("day.json", b"1", "0x8D"),
        lambda: nowhere.delete("day.json"),
        lambda: list(nowhere.pages()),
        writer.commit,
    ):
        with pytest.raises(StorageError):
            attempt()


def test_a_write_that_must_be_the_first_is(ground: Ground) -> None:
    """If-None-Match: the second one is refused and changes nothing."""
    etag = ground.container.write("ledger.json", b"{}", ABSENT)
    with pytest.raises(ConditionError):
        ground.container.write("ledger.json", b"[]", ABSENT)
    document = ground.container.read("ledger.json")
    assert document is not None
    assert (document.data, document.etag) == (b"{}", etag)
    assert ground.container.head("ledger.json").etag == etag


def test_a_write_over_a_known_version_holds_only_for_that_version(ground: Ground) -> None:
    """If-Match: a stale ETag is refused, and so is one of a blob that is gone."""
    first = ground.container.write("outcome.json", b"1", ABSENT)
    second = ground.container.write("outcome.json", b"2", first)
    assert second != first
    with pytest.raises(ConditionError):
        ground.container.write("outcome.json", b"3", first)
    document = ground.container.read("outcome.json")
    assert document is not None
    assert document.data == b"2"
    ground.delete("outcome.json")
    with pytest.raises(ConditionError):
        ground.container.write("outcome.json", b"3", second)


def test_a_write_without_condition_creates_and_overwrites(ground: Ground) -> None:
    """Without a condition none is asked for."""
    ground.container.write("x.json", b"1", None)
    ground.container.write("x.json", b"2", None)
    document = ground.container.read("x.json")
    assert document is not None
    assert document.data == b"2"


def test_an_empty_value_of_metadata_is_never_none(ground: Ground) -> None:
    """Whatever wrote it, head and listing show a text: the sweep and the report compare and count them."""
    ground.put("outcomes/x.json", b"{}", {"status": "Rejected", "recordssent": ""})
    (listed,) = ground.container.blobs("outcomes/")
    for blob in (listed, ground.container.head("outcomes/x.json")):
        assert blob.metadata.get("recordssent", "") == ""
        assert blob.metadata["status"] == "Rejected"


def test_a_write_replaces_metadata(ground: Ground) -> None:
    """Empty values are kept as empty; what is not given is gone."""
    etag = ground.container.write(
        "x.json", b"1", ABSENT, metadata={"status": "Failed", "retry": "auto", "finishedat": ""}
    )
    assert ground.container.head("x.json").metadata.get("status") == "Failed"
    assert ground.container.head("x.json").metadata.get("finishedat", "") == ""
    ground.container.write("x.json", b"1", etag, metadata={"status": "Succeeded"})
    assert dict(ground.container.head("x.json").metadata) == {"status": "Succeeded"}
    (listed,) = ground.container.blobs()
    assert dict(listed.metadata) == {"status": "Succeeded"}


def test_a_lease_can_be_taken_again_under_its_own_id(ground: Ground) -> None:
    """A reply that was lost on the way costs nothing."""
    ground.put("ledger.json", b"1")
    ground.container.acquire("ledger.json", US, 15)
    ground.container.acquire("ledger.json", US, 15)
    ground.container.renew("ledger.json", US)
    with pytest.raises(ConditionError):
        ground.container.renew("ledger.json", THEM)


def test_a_lease_that_is_given_back_is_free(ground: Ground) -> None:
    """And no longer ours: no renewal goes through, nor does giving it back twice hurt."""
    ground.put("ledger.json", b"1")
    ground.container.acquire("ledger.json", US, 15)
    ground.container.release("ledger.json", US)
    with pytest.raises(ConditionError):
        ground.container.renew("ledger.json", US)
    ground.container.acquire("ledger.json", THEM, 15)
    ground.container.release("ledger.json", US)
    with pytest.raises(LeaseTakenError):
        ground.container.acquire("ledger.json", US, 15)


def test_a_lease_that_ran_out(ground: Ground) -> None:
    """Others get in; ours can be renewed only as long as nobody took or changed the blob."""
    etags = {name: ground.put(name, b"1") for name in ("free", "taken", "changed", "untouched")}
    for name in etags:
        ground.container.acquire(name, US, 15)
    ground.wait(15.5)
    ground.container.acquire("taken", THEM, 15)
    ground.container.write("changed", b"2", etags["changed"])
    for name in ("taken", "changed"):
        with pytest.raises(ConditionError):
            ground.container.renew(name, US)
    ground.container.renew("untouched", US)
    with pytest.raises(LeaseTakenError):
        ground.container.acquire("untouched", THEM, 15)


def test_a_blob_streams_whole(ground: Ground) -> None:
    """In pieces, in order, however long; an empty one as nothing."""
    data = bytes(range(256)) * (2 * READ_BYTES // 256) + b"end"
    etag = ground.put("day.json", data)
    pieces = list(ground.container.chunks("day.json", etag))
    assert len(pieces) > 2
    assert b"".join(pieces) == data
    assert b"".join(ground.container.chunks("empty.json", ground.put("empty.json", b""))) == b""


def test_another_version_is_noticed_before_the_first_byte(ground: Ground) -> None:
    """The ETag we looked at is the condition."""
    old = ground.put("day.json", b"[1]")
    ground.put("day.json", b"[2]")
    with pytest.raises(ExportChangedError):
        list(ground.container.chunks("day.json", old))


def test_an_overwrite_while_streaming_is_noticed(ground: Ground) -> None:
    """Never half of the one and half of the other."""
    etag = ground.put("day.json", bytes(9 * MIB))
    stream = ground.container.chunks("day.json", etag)
    assert next(stream)
    ground.put("day.json", b"1" * (9 * MIB))
    with pytest.raises(ExportChangedError):
        list(stream)


def test_a_deletion_while_streaming_is_noticed(ground: Ground) -> None:
    """The rest is not simply missing."""
    etag = ground.put("day.json", bytes(9 * MIB))
    stream = ground.container.chunks("day.json", etag)
    assert next(stream)
    ground.delete("day.json")
    with pytest.raises(ActionRequiredError) as caught:
        list(stream)
    assert caught.value.code == "export-gone"


def test_an_export_that_is_gone_says_so(ground: Ground) -> None:
    """Before the first byte, too."""
    with pytest.raises(ActionRequiredError) as caught:
        list(ground.container.chunks("day.json", "0x8D"))
    assert caught.value.code == "export-gone"


def test_an_archived_export_says_so(ground: Ground) -> None:
    """`head` shows it, and reading is refused by name."""
    ground.put("day.json", b"[]")
    ground.archive("day.json")
    blob = ground.container.head("day.json")
    assert blob.is_archived
    with pytest.raises(ActionRequiredError) as caught:
        list(ground.container.chunks("day.json", blob.etag))
    assert caught.value.code == "export-archived"


ODD = [
    "a b.json",
    "a+b&c=d.json",
    "a.json?x=1#y",
    "a/b/\u00fc\u2603\U0001f6aa.json",
    "b%2e%2e%2fc.json",
    "c<d>'e.json",
    "d/",
]


def test_listing_is_in_order_with_metadata_and_etags(ground: Ground) -> None:
    """Odd names are returned as they were put; a prefix narrows; nothing is left out."""
    etags = {name: ground.put(name, b"[]", {"status": "Blocked"}) for name in ODD}
    listed = list(ground.container.blobs())
    assert [blob.name for blob in listed] == sorted(ODD)
    assert {blob.name: blob.etag for blob in listed} == etags
    assert all(dict(blob.metadata) == {"status": "Blocked"} and blob.bytes == 2 for blob in listed)
    assert [blob.name for blob in ground.container.blobs("a/")] == ["a/b/\u00fc\u2603\U0001f6aa.json"]
    assert list(ground.container.blobs("z")) == []


@pytest.mark.parametrize("name", ODD)
def test_odd_names_mean_one_blob_in_every_call(ground: Ground, name: str) -> None:
    """Written, looked at, read and streamed under the same name, and never beside it."""
    etag = ground.container.write(name, b"[]", ABSENT)
    assert ground.container.head(name).name == name
    document = ground.container.read(name)
    assert document is not None
    assert (document.data, document.etag) == (b"[]", etag)
    assert b"".join(ground.container.chunks(name, etag)) == b"[]"
    assert [blob.name for blob in ground.container.blobs()] == [name]


def test_a_block_writer_shows_nothing_before_it_commits(ground: Ground) -> None:
    """A reader meanwhile sees what was there before, or nothing."""
    writer = ground.container.block_writer("rejected.jsonl")
    for _ in range(9):
        writer.add(b"x" * MIB)
    assert ground.container.read("rejected.jsonl") is None
    writer.commit()
    document = ground.container.read("rejected.jsonl")
    assert document is not None
    assert document.data == b"x" * (9 * MIB)


@pytest.mark.parametrize("before", [0, 3, 5 * MIB])
@pytest.mark.parametrize("after", [0, 2, 5 * MIB])
def test_a_commit_up_to_the_mark_leaves_out_what_came_later(ground: Ground, before: int, after: int) -> None:
    """The first 1,000 of a rejected export: exactly up to the mark, however the blocks fall."""
    for marked_only, expected in ((True, b"a" * before), (False, b"a" * before + b"b" * after)):
        name = f"{marked_only}.jsonl"
        writer = ground.container.block_writer(name)
        writer.add(b"a" * before)
        writer.mark()
        writer.add(b"b" * after)
        writer.commit(marked_only=marked_only)
        document = ground.container.read(name)
        assert document is not None
        assert document.data == expected


def test_two_writers_of_the_same_content_do_not_disturb_each_other(ground: Ground) -> None:
    """Two workers with the same message: whichever commits last, the file is whole."""
    one, other = (ground.container.block_writer("rejected.jsonl") for _ in range(2))
    for writer in (one, other, other, one):
        writer.add(b"x" * (5 * MIB))
    one.commit()
    other.commit()
    document = ground.container.read("rejected.jsonl")
    assert document is not None
    assert document.data == b"x" * (10 * MIB)


def test_a_commit_replaces_an_earlier_file(ground: Ground) -> None:
    """A later attempt writes the rejected file anew."""
    for data in (b"first", b"second"):
        writer = ground.container.block_writer("rejected.jsonl")
        writer.add(data)
        writer.commit()
    document = ground.container.read("rejected.jsonl")
    assert document is not None
    assert document.data == b"second"


def test_folders_of_a_data_lake_are_no_blobs_to_read(ground: Ground) -> None:
    """A directory shows as an empty blob with a mark in its metadata."""
    if isinstance(ground, FakeGround):
        ground._fake.put("2026", b"", metadata={"hdi_isfolder": "true"}, is_folder=True)
    else:
        ground.put("2026", b"", {"hdi_isfolder": "true"})
    assert ground.container.head("2026").is_folder
    assert [blob.is_folder for blob in ground.container.blobs()] == [True]


@pytest.mark.parametrize("pack", [gzip.compress, bytes], ids=["packed", "plain"])
def test_a_content_encoding_changes_nothing(azurite: Azurite, pack: Callable[[bytes], bytes]) -> None:
    """The bytes come as they are stored, beyond the first range and whatever the header claims."""
    data = pack(random.Random(1).randbytes(READ_BYTES + MIB))
    ground = AzuriteGround(azurite)
    blob = ground._blob("day.json.gz")
    etag = str(blob.upload_blob(data, content_settings=ContentSettings(content_encoding="gzip"))["etag"])
    assert b"".join(ground.container.chunks("day.json.gz", etag)) == data
    document = ground.container.read("day.json.gz")
    assert document is not None
    assert document.data == data


def test_messages_are_plain_text_that_never_expires_and_shows_after_its_delay(azurite: Azurite) -> None:
    """As the fake has it: shown in its time, unchanged."""
    name = f"contract-{uuid.uuid4().hex}"
    outside = QueueClient.from_connection_string(azurite.connection_string, name)
    outside.create_queue()
    queue = MessageQueue(StorageConnection(connection_string=azurite.connection_string), None, name)
    text = '{"name": "t\u00fcr <&> \u2603.json"}'
    queue.put(text, 0)
    queue.put("later", 3_600)
    queue.put("in a week", 7 * 86_400)
    shown = list(outside.receive_messages())
    assert [message.content for message in shown] == [text]
    assert shown[0].expires_on is not None
    assert shown[0].expires_on.year == 9999
    fake = FakeQueue(FakeClock())
    for put in ((text, 0), ("later", 3_600)):
        fake.put(*put)
    assert [one for shows, one in fake.messages if shows <= fake.clock.monotonic()] == [text]


def test_a_queue_that_does_not_exist_is_a_storage_error(azurite: Azurite) -> None:
    """A requeue that cannot be put is raised to the host, which tries the message again."""
    queue = MessageQueue(StorageConnection(connection_string=azurite.connection_string), None, "nowhere")
    with pytest.raises(StorageError):
        queue.put("x", 0)


def test_a_journal_grows_only_from_the_version_that_is_known(ground: Ground) -> None:
    """It is made once, and every step says which version it follows."""
    first = ground.container.append("ledger.jsonl", b"1\n", "")
    with pytest.raises(ConditionError):
        ground.container.append("ledger.jsonl", b"1\n", "")
    second = ground.container.append("ledger.jsonl", b"2\n", first)
    with pytest.raises(ConditionError):
        ground.container.append("ledger.jsonl", b"3\n", first)
    with pytest.raises(ConditionError):
        ground.container.append("missing.jsonl", b"3\n", first)
    document = ground.container.read("ledger.jsonl")
    assert document is not None
    assert (document.data, document.etag) == (b"1\n2\n", second)


def test_a_journal_that_was_made_and_not_written_can_be_gone_on_with(ground: Ground) -> None:
    """Making it and the first step are two requests; who died in between left an empty one."""
    etag = ground.made("ledger.jsonl")
    document = ground.container.read("ledger.jsonl")
    assert document is not None
    assert (document.data, document.etag) == (b"", etag)
    with pytest.raises(ConditionError):
        ground.container.append("ledger.jsonl", b"1\n", "")
    ground.container.append("ledger.jsonl", b"1\n", etag)
    assert ground.container.head("ledger.jsonl").bytes == 2


def test_what_is_written_over_a_lease_is_a_conflict_and_changes_nothing(ground: Ground) -> None:
    """Nobody takes leases on documents; who does it all the same is no reason for a bug."""
    etag = ground.container.append("ledger.jsonl", b"1\n", "")
    ground.container.acquire("ledger.jsonl", THEM, 15)
    with pytest.raises(ConditionError):
        ground.container.append("ledger.jsonl", b"2\n", etag)
    ground.put("outcome.json", b"{}")
    ground.container.acquire("outcome.json", THEM, 15)
    for condition in (None, ground.container.head("outcome.json").etag, ABSENT):
        with pytest.raises(ConditionError):
            ground.container.write("outcome.json", b"[]", condition)
    for name, expected in (("ledger.jsonl", b"1\n"), ("outcome.json", b"{}")):
        document = ground.container.read(name)
        assert document is not None
        assert document.data == expected


def test_deleting_twice_is_no_error(ground: Ground) -> None:
    """What is gone is gone."""
    ground.put("pending", b"{}")
    ground.container.delete("pending")
    ground.container.delete("pending")
    assert ground.container.read("pending") is None


def test_a_listing_goes_on_from_any_page(ground: Ground) -> None:
    """A page's marker asks for that very page again."""
    for number in range(12):
        ground.put(f"{number:02d}.json", b"{}")
    pages = [*ground.container.pages()]
    names = [blob.name for page in pages for blob in page.blobs]
    assert names == [f"{number:02d}.json" for number in range(12)]
    assert [len(page.blobs) for page in pages] == [PAGE_BLOBS, PAGE_BLOBS, 2]
    assert [page.marker for page in pages] == ["", *(page.next_marker for page in pages[:-1])]
    assert pages[-1].next_marker == ""
    for index, page in enumerate(pages):
        again = [blob.name for one in ground.container.pages("", page.marker) for blob in one.blobs]
        assert again == [blob.name for one in pages[index:] for blob in one.blobs]
