"""Blobs, staged blocks and listings of the model, where Azure's documentation says more than Azurite does."""

from collections.abc import Callable

import pytest

from shared.delivery.ports import ABSENT
from tests.support.storage_model.blobs import BlobModel
from tests.support.storage_model.clock import WorldTime
from tests.support.storage_model.refusals import Dialect, RefusedError
from tests.support.storage_model.stored import Terms

PLACE = ("exports", "day.json")
ONE, TWO = [("Latest", "1")], [("Latest", "2")]


@pytest.fixture
def blobs() -> BlobModel:
    """An account with one container."""
    return _account(Dialect.AZURE)


def _account(dialect: Dialect) -> BlobModel:
    made = BlobModel(WorldTime(), dialect)
    made.create_container("exports")
    return made


def _refusal(request: Callable[[], object]) -> tuple[int, str] | None:
    try:
        request()
    except RefusedError as refused:
        return refused.status, refused.code
    return None


def test_a_commit_discards_what_others_have_staged(blobs: BlobModel) -> None:
    """Two writers of one blob: the second one's list names a block that is no longer there."""
    blobs.stage(*PLACE, "1", b"one")
    blobs.stage(*PLACE, "2", b"two")
    blobs.commit(*PLACE, ONE)
    assert _refusal(lambda: blobs.commit(*PLACE, TWO)) == (400, "InvalidBlockList")
    assert blobs.get(*PLACE)[0] == b"one"


def test_the_same_list_can_be_committed_again(blobs: BlobModel) -> None:
    """A repetition after a lost reply finds its blocks among the committed ones."""
    blobs.stage(*PLACE, "1", b"one")
    first = blobs.commit(*PLACE, ONE)
    assert blobs.commit(*PLACE, ONE) != first
    assert blobs.get(*PLACE)[0] == b"one"


def test_a_staged_block_goes_before_a_committed_one_of_its_id(blobs: BlobModel) -> None:
    """`Latest` means that; `Committed` and `Uncommitted` say which."""
    blobs.stage(*PLACE, "1", b"old")
    blobs.commit(*PLACE, ONE)
    blobs.stage(*PLACE, "1", b"new")
    blobs.commit(*PLACE, [("Committed", "1"), ("Uncommitted", "1"), ("Latest", "1")])
    assert blobs.get(*PLACE)[0] == b"oldnewnew"


@pytest.mark.parametrize("change", ["put", "delete"])
def test_a_new_blob_and_a_deletion_discard_staged_blocks(blobs: BlobModel, change: str) -> None:
    """Nothing that was staged before can be committed any more."""
    blobs.put(*PLACE, b"first")
    blobs.stage(*PLACE, "1", b"one")
    if change == "put":
        blobs.put(*PLACE, b"second")
    else:
        blobs.delete(*PLACE)
    assert _refusal(lambda: blobs.commit(*PLACE, ONE)) == (400, "InvalidBlockList")


def test_staged_blocks_alone_are_no_blob(blobs: BlobModel) -> None:
    """Nobody sees them, no condition does, and they cannot be deleted; they can be leased."""
    blobs.stage(*PLACE, "1", b"one")
    assert _refusal(lambda: blobs.head(*PLACE)) == (404, "BlobNotFound")
    assert _refusal(lambda: blobs.get(*PLACE)) == (404, "BlobNotFound")
    assert _refusal(lambda: blobs.delete(*PLACE)) == (404, "BlobNotFound")
    assert blobs.page("exports").blobs == []
    assert blobs.block_ids(*PLACE) == ([], ["1"])
    blobs.acquire(*PLACE, "a", 15)
    assert _refusal(lambda: blobs.commit(*PLACE, ONE)) == (412, "LeaseIdMissing")
    blobs.put(*PLACE, b"x", Terms(ABSENT, "a"))


def test_ids_of_staged_blocks_are_of_one_length(blobs: BlobModel) -> None:
    """Another length is refused, and nothing is kept of it."""
    blobs.stage(*PLACE, "1", b"one")
    assert _refusal(lambda: blobs.stage(*PLACE, "22", b"x")) == (400, "InvalidBlobOrBlock")
    assert blobs.block_ids(*PLACE) == ([], ["1"])


def test_an_archived_blob_is_only_seen_and_deleted(blobs: BlobModel) -> None:
    """It is neither read nor written, nor are blocks staged for it."""
    blobs.put(*PLACE, b"x")
    blobs.archive(*PLACE)
    assert blobs.head(*PLACE).is_archived
    for request in (
        lambda: blobs.get(*PLACE),
        lambda: blobs.put(*PLACE, b"y"),
        lambda: blobs.stage(*PLACE, "1", b"y"),
        lambda: blobs.commit(*PLACE, []),
    ):
        assert _refusal(request) == (409, "BlobArchived")
    blobs.delete(*PLACE)


def test_a_page_shows_what_was_there_when_it_was_made(blobs: BlobModel) -> None:
    """What comes later shows on a later page if its name does; what goes is not missed."""
    for name in "abcd":
        blobs.put("exports", name, b"x")
    first = blobs.page("exports", most=2)
    blobs.delete("exports", "b")
    blobs.delete("exports", "c")
    blobs.put("exports", "e", b"x")
    second = blobs.page("exports", marker=first.marker, most=2)
    assert [[blob.name for blob in page.blobs] for page in (first, second)] == [["a", "b"], ["d", "e"]]
    assert second.marker == ""


def test_a_container_that_is_not_there_answers_for_every_blob(blobs: BlobModel) -> None:
    """Whatever is asked of it."""
    nowhere = ("nowhere", "day.json")
    for request in (
        lambda: blobs.head(*nowhere),
        lambda: blobs.put(*nowhere, b"x"),
        lambda: blobs.stage(*nowhere, "1", b"x"),
        lambda: blobs.acquire(*nowhere, "a", 15),
        lambda: blobs.page("nowhere"),
    ):
        assert _refusal(request) == (404, "ContainerNotFound")


@pytest.mark.parametrize(
    ("request_it", "azure", "azurite"),
    [
        (
            lambda blobs: blobs.get("exports", "none", etag="0x1"),
            (404, "BlobNotFound"),
            (412, "ConditionNotMet"),
        ),
        (lambda blobs: blobs.get(*PLACE, start=3, length=2), (416, "InvalidRange"), None),
        (lambda blobs: blobs.put("exports", "staged", b"", Terms(ABSENT)), None, (409, "BlobAlreadyExists")),
        (lambda blobs: blobs.delete("exports", "staged"), (404, "BlobNotFound"), None),
    ],
)
def test_where_azurite_differs(
    request_it: Callable[[BlobModel], object], azure: tuple[int, str] | None, azurite: tuple[int, str] | None
) -> None:
    """Each dialect answers as its own service does."""
    for dialect, expected in ((Dialect.AZURE, azure), (Dialect.AZURITE, azurite)):
        blobs = _account(dialect)
        blobs.put(*PLACE, b"abc")
        blobs.stage("exports", "staged", "1", b"x")
        assert _refusal(lambda blobs=blobs: request_it(blobs)) == expected, dialect  # type: ignore[misc]
