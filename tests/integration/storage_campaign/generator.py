"""Random requests, the same for the same seed; what they name is what the models have answered so far."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from tests.integration.storage_campaign.operations import UNKNOWN, Answer, Labels, Operation

NAMES: Final = ("day.json", "2026/11/a b.json", "2026/12/x+y.json", "z")
_LEASES: Final = tuple(f"{digit * 8}-{digit * 4}-4{digit * 3}-8{digit * 3}-{digit * 12}" for digit in "1ab")
_BLOCKS: Final = ("000001-aa", "000001-bb", "000002-aa", "short")
_SOURCES: Final = ("Latest", "Latest", "Uncommitted", "Committed")
_DURATIONS: Final = (15, 15, 15, 20, 60, -1, 14, 61)
_BREAKS: Final = (None, 0, 1, 5, 10, 60)
_NOWHERE: Final = "nowhere"
_PASSES: Final = (0.125, 0.5, 1, 1, 4, 5, 10, 14.875, 15, 15.125, 30, 45, 60, 600)
_HIDDEN: Final = (0, 0, 1, 1, 1, 5, 5, 30, 600, 7 * 86_400, 7 * 86_400 + 1)
_LIVES: Final = (-1, -1, -1, 7 * 86_400, 10, 1)


@dataclass
class Generator:
    """Makes one request after another: most of them such that they can be done, many such that they cannot.

    Attributes:
        chance: decides everything.
        labels: what the models have named so far.
        etags: the newest ETag of each blob.
        leases: the lease that each blob was put under last.
        staged: the blocks that were staged for each blob since it was last written.
        lengths: of the ids of blocks that Azurite may keep.
        deleted: the blobs that were deleted once.
        journal: the append blob that was written last.
    """

    chance: random.Random
    labels: Labels
    etags: dict[str, str] = field(default_factory=dict)
    leases: dict[str, str] = field(default_factory=dict)
    staged: dict[str, list[str]] = field(default_factory=dict)
    lengths: dict[str, int] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    journal: str = "z"

    def next(self) -> Operation:
        """The next request, or some time."""
        if self.chance.random() < 0.12:
            weeks = 7 * 86_400 * (self.chance.random() < 0.03)
            return Operation("pass", {"seconds": weeks or self.chance.choice(_PASSES)})
        makers = {**_BLOB_MAKERS, **_QUEUE_MAKERS}
        weights = [weight for _, weight in makers.values()]
        kind = self.chance.choices(list(makers), weights)[0]
        return Operation(kind, makers[kind][0](self))

    def learn(self, operation: Operation, answer: Answer) -> None:
        """Remember what was done."""
        name, given = operation.arguments.get("name", ""), operation.arguments
        if answer.code or not name:
            return
        if operation.kind in {"create", "append"}:
            self.etags[name] = str(answer.told)
            self.journal = name
        if operation.kind in {"put", "commit"}:
            self.etags[name] = str(answer.told)
            self.staged.pop(name, None)
        if operation.kind == "stage":
            self.staged.setdefault(name, []).append(given["block"])
            self.lengths.setdefault(name, len(given["block"]))
        if operation.kind == "commit":
            self.lengths.pop(name, None)
        if operation.kind == "delete":
            self.deleted.add(name)
        if operation.kind == "acquire":
            self.leases[name] = given["lease"]
        if operation.kind in {"release", "delete"}:
            self.leases.pop(name, None)

    def name(self) -> str:
        """A blob; two of them far more often than the others."""
        return self.chance.choices(NAMES, (9, 3, 1, 1))[0]

    def lease(self, name: str, given: float = 0.3) -> str | None:
        """A lease id: mostly the blob's, if it has one; else one with a chance."""
        if self.chance.random() < 0.7 and (held := self.leases.get(name)):
            return held
        return self.chance.choices(_LEASES, (4, 2, 1))[0] if self.chance.random() < given else None

    def label(self, kind: str) -> str:
        """Something storage named: mostly one of the newest."""
        known = self.labels.all(kind)
        if not known or self.chance.random() < 0.05:
            return UNKNOWN
        return self.chance.choice(known[-4:] if self.chance.random() < 0.85 else known)

    def etag(self, name: str) -> str:
        """Mostly the blob's."""
        return self.etags.get(name, UNKNOWN) if self.chance.random() < 0.7 else self.label("e")

    def terms(self, name: str) -> dict[str, Any]:
        """A condition and a lease."""
        absent = 1 if name in self.etags else 4
        condition = self.chance.choices(("", "*", "etag"), (3, absent, 3))[0]
        held = self.etag(name) if condition == "etag" else condition or None
        return {"condition": held, "lease": self.lease(name)}

    def data(self) -> bytes:
        """Some bytes, or none."""
        return self.chance.randbytes(self.chance.choice((0, 1, 7, 64)))

    def metadata(self) -> dict[str, str]:
        """Some pairs."""
        keys = self.chance.sample(("status", "retry", "code"), self.chance.randrange(3))
        return {key: self.chance.choice(("Failed", "auto", "7")) for key in keys}

    def where(self) -> dict[str, str]:
        """Now and then a container or queue that does not exist."""
        return {"where": _NOWHERE} if self.chance.random() < 0.02 else {}

    def text(self) -> str:
        """A text; now and then as large as allowed, or larger; in ASCII then, of others Azurite may break some."""
        large = {0: "x" * 65_536, 1: "x" * 65_537}
        return large.get(
            self.chance.randrange(120), f'{{"n": {self.chance.randrange(100)}, "<&>": "\u2603"}}'
        )


def _put(make: Generator) -> dict[str, Any]:
    name = make.name()
    return {
        "name": name,
        "data": make.data(),
        "metadata": make.metadata(),
        **make.terms(name),
        **make.where(),
    }


def _create(make: Generator) -> dict[str, Any]:
    name = make.name()
    return {"name": name, **make.terms(name), **make.where()}


def _append(make: Generator) -> dict[str, Any]:
    """Mostly to what is an append blob, in the version that is known; never under If-None-Match, which is no condition of it."""
    name = make.journal if make.chance.random() < 0.8 else make.name()
    terms = make.terms(name)
    condition = terms["condition"] if terms["condition"] != "*" else None
    return {"name": name, "data": make.data(), **terms, "condition": condition, **make.where()}


def _delete(make: Generator) -> dict[str, Any]:
    name = make.name()
    terms = make.terms(name)
    return {"name": name, **terms, "condition": terms["condition"] if terms["condition"] != "*" else None}


def _commit(make: Generator) -> dict[str, Any]:
    name = make.name()
    known = make.staged.get(name)
    if known and make.chance.random() < 0.7:
        blocks = [(make.chance.choice(_SOURCES[:3]), block) for block in dict.fromkeys(known)]
    else:
        count = make.chance.choices((0, 1, 2, 3), (1, 6, 3, 1))[0]
        blocks = [(make.chance.choice(_SOURCES), make.chance.choice(_BLOCKS)) for _ in range(count)]
    return {
        "name": name,
        "blocks": blocks,
        "metadata": make.metadata(),
        **make.terms(name),
        **make.where(),
    }


def _stage(make: Generator) -> dict[str, Any]:
    """A block; never so that Azurite, which keeps blocks over a deletion, has ids of two lengths: it errs at random then."""
    name = make.name()
    block = make.chance.choices(_BLOCKS, (4, 4, 4, 1))[0]
    if name in make.deleted and len(block) != make.lengths.get(name, len(block)):
        block = next(one for one in _BLOCKS if len(one) == make.lengths[name])
    return {"name": name, "block": block, "data": make.data(), "lease": make.lease(name, 0.2), **make.where()}


def _get(make: Generator) -> dict[str, Any]:
    name = make.name()
    etag = make.etag(name) if make.chance.random() < 0.6 else None
    start, length = make.chance.choice(((0, None), (0, 16), (0, 100), (5, 3), (63, 2), (64, 8), (65, 8)))
    return {"name": name, "etag": etag, "start": start, "length": length}


def _list(make: Generator) -> dict[str, Any]:
    marker = make.label("m") if make.chance.random() < 0.4 else None
    prefix = make.chance.choice(("", "", "2026/", "2026/11/a", "none"))
    return {
        "prefix": prefix,
        "marker": None if marker == UNKNOWN else marker,
        "most": make.chance.choice((1, 2, 5_000)),
        **make.where(),
    }


def _acquire(make: Generator) -> dict[str, Any]:
    name, seconds = make.name(), make.chance.choice(_DURATIONS)
    return {"name": name, "lease": make.lease(name, 1), "seconds": seconds, **make.where()}


def _leased(make: Generator) -> dict[str, Any]:
    name = make.name()
    return {"name": name, "lease": make.lease(name, 1)}


def _archive(make: Generator) -> dict[str, Any]:
    name = make.name()
    return {"name": name, "lease": make.lease(name)}


def _message(make: Generator) -> dict[str, Any]:
    """A message and its newest receipt more often than not."""
    if make.chance.random() < 0.6 and (known := make.labels.pairs):
        message, receipt = make.chance.choice(known[-4:])
        return {"message": message, "receipt": receipt}
    return {"message": make.label("i"), "receipt": make.label("r")}


type _Maker = Callable[[Generator], dict[str, Any]]

_BLOB_MAKERS: Final[dict[str, tuple[_Maker, int]]] = {
    "put": (_put, 14),
    "create": (_create, 4),
    "append": (_append, 10),
    "head": (lambda make: {"name": make.name(), **make.where()}, 8),
    "get": (_get, 8),
    "delete": (_delete, 3),
    "archive": (_archive, 1),
    "stage": (_stage, 10),
    "commit": (_commit, 10),
    "blocks": (lambda make: {"name": make.name()}, 4),
    "list": (_list, 6),
    "acquire": (_acquire, 10),
    "renew": (lambda make: {**_leased(make), **make.where()}, 10),
    "release": (_leased, 4),
    "break": (lambda make: {"name": make.name(), "seconds": make.chance.choice(_BREAKS)}, 4),
}
_QUEUE_MAKERS: Final[dict[str, tuple[_Maker, int]]] = {
    "send": (
        lambda make: {
            "text": make.text(),
            "hidden": make.chance.choice(_HIDDEN),
            "lives": make.chance.choice(_LIVES),
            **make.where(),
        },
        10,
    ),
    "receive": (
        lambda make: {
            "hidden": make.chance.choice(_HIDDEN[1:]),
            "most": make.chance.choice((1, 1, 2, 33)),
            **make.where(),
        },
        10,
    ),
    "peek": (lambda make: {"most": make.chance.choice((1, 32))}, 3),
    "update": (
        lambda make: {**_message(make), "hidden": make.chance.choice(_HIDDEN), "text": make.text()},
        8,
    ),
    "remove": (_message, 6),
    "count": (lambda _: {}, 3),
}
