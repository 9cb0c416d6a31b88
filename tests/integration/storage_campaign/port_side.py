"""A container as the product sees it as a side of the campaign: on Azurite through the SDK, or on the models."""

import random
from typing import TYPE_CHECKING, Any, Final

from shared.delivery.ports import ABSENT, Blob, BlockWriter, Condition, Container
from shared.errors import GatepostError
from tests.integration.storage_campaign.operations import UNKNOWN, Answer, Labels, Operation

if TYPE_CHECKING:
    from collections.abc import Callable

_NAMES: Final = ("day.json", "2026/11/a b.json", "\u00fc/page.html")
_LEASES: Final = tuple(f"{digit * 8}-{digit * 4}-4{digit * 3}-8{digit * 3}-{digit * 12}" for digit in "1a")
_PASSES: Final = (1, 5, 14.875, 15, 40, 60, 61)


class PortSide:
    """Every method of `shared.delivery.ports.Container`; an exception is answered as its type and code."""

    def __init__(self, container: Container) -> None:
        self.labels = Labels()
        self._container = container
        self._writers: dict[tuple[str, int], BlockWriter] = {}

    def do(self, operation: Operation) -> Answer:
        """Carry a call out."""
        method: Callable[..., Any] = getattr(self, f"_{operation.kind}")
        try:
            return Answer(0, told=method(**operation.arguments))
        except GatepostError as error:
            return Answer(1, f"{type(error).__name__} {getattr(error, 'code', getattr(error, 'why', ''))}")

    def _write(self, name: str, data: bytes, condition: str | None, metadata: dict[str, str]) -> str:
        held: Condition = ABSENT if condition == "*" else self.labels.value(condition)
        return self.labels.of("e", self._container.write(name, data, held, metadata=metadata))

    def _append(self, name: str, data: bytes, etag: str) -> str:
        return self.labels.of("e", self._container.append(name, data, self.labels.value(etag) or ""))

    def _delete(self, name: str, condition: str | None) -> None:
        self._container.delete(name, self.labels.value(condition))

    def _pages(self, prefix: str, page: int) -> Any:
        """All pages, then once more from one of them on."""
        pages = [*self._container.pages(prefix)]
        again = self._container.pages(prefix, pages[min(page, len(pages) - 1)].marker)
        return [[self._shown(blob) for blob in one.blobs] for one in (*pages, *again)]

    def _read(self, name: str) -> Any:
        document = self._container.read(name)
        return document and (document.data, self.labels.of("e", document.etag))

    def _head(self, name: str) -> Any:
        return self._shown(self._container.head(name))

    def _chunks(self, name: str, etag: str) -> bytes:
        return b"".join(self._container.chunks(name, self.labels.value(etag) or ""))

    def _blobs(self, prefix: str) -> Any:
        return [self._shown(blob) for blob in self._container.blobs(prefix)]

    def _acquire(self, name: str, lease: str, seconds: int) -> None:
        self._container.acquire(name, lease, seconds)

    def _renew(self, name: str, lease: str) -> None:
        self._container.renew(name, lease)

    def _release(self, name: str, lease: str) -> None:
        self._container.release(name, lease)

    def _stage(self, name: str, writer: int, data: bytes) -> None:
        if (name, writer) not in self._writers:
            self._writers[name, writer] = self._container.block_writer(name)
        self._writers[name, writer].add(data)
        self._writers[name, writer].mark()

    def _commit(self, name: str, writer: int, data: bytes, *, marked_only: bool) -> None:
        begun = self._writers.pop((name, writer), None) or self._container.block_writer(name)
        begun.add(data)
        begun.commit(marked_only=marked_only)

    def _shown(self, blob: Blob) -> Any:
        # an empty value may be kept as empty or not at all
        metadata = {key: value for key, value in blob.metadata.items() if value}
        return (
            blob.name,
            self.labels.of("e", blob.etag),
            blob.bytes,
            blob.last_modified,
            metadata,
            blob.is_folder,
        )


class PortGenerator:
    """Random calls of the port; see `generator` for what they name."""

    def __init__(self, chance: random.Random, labels: Labels) -> None:
        self._chance = chance
        self._labels = labels

    def next(self) -> Operation:
        """The next call, or some time."""
        if self._chance.random() < 0.1:
            return Operation("pass", {"seconds": self._chance.choice(_PASSES)})
        kinds = {"write": 6, "read": 2, "head": 2, "chunks": 3, "blobs": 1, "stage": 4, "commit": 3}
        kinds |= {"append": 6, "delete": 2, "pages": 1}
        kinds |= {"acquire": 3, "renew": 4, "release": 2}
        kind = self._chance.choices(list(kinds), list(kinds.values()))[0]
        made: Callable[[], dict[str, Any]] = getattr(self, f"_{kind}")
        name = {} if kind in {"blobs", "pages"} else {"name": self._chance.choices(_NAMES, (6, 2, 1))[0]}
        return Operation(kind, {**name, **made()})

    def learn(self, _operation: Operation, _answer: Answer) -> None:
        """Labels say enough."""

    def _write(self) -> dict[str, Any]:
        condition = self._chance.choices((None, "*", self._etag()), (3, 1, 4))[0]
        told = self._chance.random() < 0.4
        metadata = {"status": self._chance.choice(("Failed", "")), "code": "7"} if told else {}
        return {"data": self._data(), "condition": condition, "metadata": metadata}

    def _append(self) -> dict[str, Any]:
        """Often to make the blob; never nothing, for which the SDK asks nobody."""
        etag = "" if self._chance.random() < 0.4 else self._etag()
        return {"data": self._data() or b"{}", "etag": etag}

    def _delete(self) -> dict[str, Any]:
        return {"condition": self._etag() if self._chance.random() < 0.5 else None}

    def _pages(self) -> dict[str, Any]:
        return {"prefix": self._chance.choice(("", "2026/")), "page": self._chance.randrange(3)}

    def _read(self) -> dict[str, Any]:
        return {}

    _head = _read

    def _chunks(self) -> dict[str, Any]:
        return {"etag": self._etag()}

    def _blobs(self) -> dict[str, Any]:
        return {"prefix": self._chance.choice(("", "2026/", "none"))}

    def _acquire(self) -> dict[str, Any]:
        return {**self._renew(), "seconds": self._chance.choice((15, 60))}

    def _renew(self) -> dict[str, Any]:
        return {"lease": self._chance.choice(_LEASES)}

    _release = _renew

    def _stage(self) -> dict[str, Any]:
        return {"writer": self._chance.randrange(2), "data": self._data()}

    def _commit(self) -> dict[str, Any]:
        return {**self._stage(), "marked_only": self._chance.random() < 0.5}

    def _data(self) -> bytes:
        return self._chance.choice((b"", b"{}", b"[1, 2]", b"x" * 100))

    def _etag(self) -> str:
        known = self._labels.all("e")
        if not known or self._chance.random() < 0.05:
            return UNKNOWN
        return known[-1] if self._chance.random() < 0.6 else self._chance.choice(known[-4:])
