"""Writes a blob of unknown length in blocks, holding no more than one."""

import hashlib
from base64 import b64encode
from typing import Any, Final

from azure.core import MatchConditions
from azure.storage.blob import BlobBlock, BlobClient, ContentSettings

from shared.blob_names import bare
from shared.delivery.ports import ABSENT, Condition
from shared.services.storage_errors import translated

BLOCK_BYTES: Final = 4 << 20


class BlockBlobWriter:
    """Writes a block blob in blocks of 4 MiB, holding no more than one; nothing is visible before `commit`.

    Block ids are made of place and content, so that two workers staging the same blob do not disturb each other.
    """

    def __init__(self, client: BlobClient, condition: Condition = None) -> None:
        self._client = client
        self._condition = condition
        self._buffer = bytearray()
        self._blocks: list[str] = []
        self._marked = 0

    def add(self, data: bytes) -> None:
        """Append bytes."""
        self._buffer += data
        while len(self._buffer) >= BLOCK_BYTES:
            self._stage(BLOCK_BYTES)

    def mark(self) -> None:
        """Remember this length; `commit(marked_only=True)` leaves out what is added later."""
        if self._buffer:
            self._stage(len(self._buffer))
        self._marked = len(self._blocks)

    def commit(self, *, marked_only: bool = False) -> None:
        """Make the blob visible, whole or only up to the mark."""
        if self._buffer and not marked_only:
            self._stage(len(self._buffer))
        blocks = self._blocks[: self._marked] if marked_only else self._blocks
        with translated():
            self._client.commit_block_list(
                [BlobBlock(block) for block in blocks],
                content_settings=content_settings(str(self._client.blob_name)),
                **matching(self._condition),
            )

    def _stage(self, length: int) -> None:
        data = bytes(self._buffer[:length])
        del self._buffer[:length]
        block = b64encode(
            f"{len(self._blocks):06d}-{hashlib.sha256(data).hexdigest()[:24]}".encode()
        ).decode()
        with translated():
            self._client.stage_block(block, data)
        self._blocks.append(block)


def matching(condition: Condition) -> dict[str, Any]:
    """A condition as the SDK's options."""
    if condition is ABSENT:
        return {"match_condition": MatchConditions.IfMissing}
    if condition is None:
        return {}
    return {"etag": f'"{bare(str(condition))}"', "match_condition": MatchConditions.IfNotModified}


def content_settings(name: str) -> ContentSettings:
    """The content type of a blob: HTML by its name, JSON otherwise."""
    page = name.endswith(".html")
    return ContentSettings(content_type="text/html; charset=utf-8" if page else "application/json")
