"""By what an export's bytes become records: the connector's own format, or the mapping of the source that it belongs to.

Everything behind it is the same for both: both passes, plan, ledger, rejected file, outcome. It sees a `RecordReader`, which
says of every record in order what becomes of it.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo
from typing import TYPE_CHECKING, Protocol
from zoneinfo import ZoneInfo

from shared.blob_names import Kind, classify_name
from shared.error_codes import RejectedCode
from shared.errors import ExportError
from shared.exports.items import Item
from shared.exports.reader import Reader
from shared.exports.rules import Rules
from shared.exports.unpacking import Unpacked
from shared.sources.file_names import ENDINGS, first_folder, takes, without_gz

if TYPE_CHECKING:
    from shared.sources.source import Source
    from shared.sources.tally import Counts


class RecordReader(Protocol):
    """One pass over an export; `Reader` and `SourceReader` are such."""

    @property
    def sha256(self) -> str:
        """Of the unpacked bytes, once all were read."""
        ...

    @property
    def read(self) -> int:
        """Records seen so far."""
        ...

    @property
    def latest_event(self) -> str:
        """The latest EventTime in UTC among the valid ones so far, to the second; empty if none."""
        ...

    def __iter__(self) -> Iterator[Item]:
        """Yield what becomes of every record, in order.

        Raises:
            ExportError: if the export cannot be read as a whole; what was yielded before must then not be used.
        """
        ...


@dataclass(frozen=True, slots=True)
class ExportRules:
    """How one export is read, loaded once an attempt and used by all its passes.

    Attributes:
        name: of the export.
        records: by which a record is judged.
        source: that the export belongs to; `None`: it holds the connector's own records.
        not_before: the app's own start as an EventTime in UTC, where the source has none; empty for no start.
        changed: whether the source gives events other values than when exports of it were last sent.
    """

    name: str
    records: Rules
    source: "Source | None" = None
    not_before: str = ""
    changed: bool = False

    @property
    def digest(self) -> str:
        """Names everything that decides what becomes of a record (SHA-256, hexadecimal)."""
        if self.source is None and not self.not_before:
            return self.records.digest
        parts = [self.records.digest, self.source.digest if self.source else "", self.start]
        return hashlib.sha256(" ".join(parts).encode()).hexdigest()

    @property
    def start(self) -> str:
        """Events before this EventTime in UTC do not go; empty: all do."""
        own = self.source.profile.policy.not_before if self.source else None
        return own or self.not_before

    @property
    def start_of_records(self) -> str:
        """Likewise, where the reader does not look at it itself."""
        return "" if self.source and self.source.profile.mapping else self.start

    def zone(self, usual: tzinfo) -> tzinfo:
        """The zone in which the export's days are counted: the source's, or the app's own."""
        profile = self.source.profile if self.source else None
        named = profile.schedule.zone if profile and profile.schedule else None
        if named is None and profile and profile.mapping:
            named = profile.mapping.time.zone
        return ZoneInfo(named) if named else usual

    @property
    def on_trial(self) -> bool:
        """Whether the source is only tried: everything is done but the requests."""
        return self.source is not None and not self.source.profile.policy.send

    def max_invalid_percent(self, usual: int) -> int:
        """The share of invalid records above which an export is rejected: the source's, or the app's own."""
        own = self.source.profile.policy.max_invalid_percent if self.source else None
        return usual if own is None else own

    def key(self, sha256: str) -> str:
        """Names the content that ledgers are about; `sha256` is of the unpacked bytes."""
        return self.source.key(sha256, self._file_name) if self.source else sha256

    def check_name(self) -> None:
        """Make sure that the name is one of an export.

        Raises:
            ExportError: `not-an-export`.
        """
        if self.source is None:
            if classify_name(self.name) is not Kind.EXPORT:
                message = (
                    "The file name must end in .json, .jsonl or .ndjson, each also with .gz; it was not read. A table "
                    "is read only in the folder of a source."
                )
                raise ExportError(RejectedCode.NOT_AN_EXPORT, message)
        elif not takes(self.source.profile.input, self._below):
            raise ExportError(RejectedCode.NOT_AN_EXPORT, _not_of_source(self.source))

    def reader(self, unpacked: Unpacked) -> RecordReader:
        """A pass over the export's unpacked bytes."""
        if self.source is None or self.source.profile.mapping is None:
            return Reader(unpacked, self.records)
        from shared.sources.reader import SourceReader

        return SourceReader(unpacked, self.source, self._file_name, self.not_before)

    @property
    def _below(self) -> str:
        place = first_folder(self.name)
        return place[1] if place else self.name

    @property
    def _file_name(self) -> str:
        return without_gz(self._below)


def counts_of(reader: RecordReader) -> "Counts | None":
    """What a mapping has counted in a finished pass; `None` of the connector's own format."""
    if isinstance(reader, Reader):
        return None
    from shared.sources.reader import SourceReader

    return reader.counts if isinstance(reader, SourceReader) else None


def is_as_it_stands(reader: RecordReader) -> bool:
    """Whether a finished pass found nothing that must be written anew to be sent; never so of what is mapped."""
    return isinstance(reader, Reader) and reader.as_it_stands


def _not_of_source(source: "Source") -> str:
    said = source.profile.input
    endings = ", ".join(ENDINGS[said.format])
    message = f"The file name must end in one of {endings}, each also with .gz, for the source {source.name}"
    if said.files:
        message += f", and match {said.files}, which its profile says in [input] files"
    return f"{message}; the file was not read."
