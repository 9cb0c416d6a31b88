"""Random requests, the same for the same seed; what they name is what the models have answered so far."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from tests.integration.storage_campaign.operations import UNKNOWN, Labels, Operation

NAMES: Final = ("day.json", "2026/11/a b.json", "2026/12/x+y.json", "z")
_LEASES: Final = tuple(f"{digit * 8}-{digit * 4}-4{digit * 3}-8{digit * 3}-{digit * 12}" for digit in "1ab")
_BLOCKS: Final = ("000001-aa", "000001-bb", "000002-aa", "short")
_SOURCES: Final = ("Latest", "Latest", "Uncommitted", "Committed")
_DURATIONS: Final = (15, 15, 15, 20, 60, -1, 14, 61)
_BREAKS: Final = (None, 0, 1, 5, 10, 60)
_NOWHERE: Final = "nowhere"
_PASSES: Final = (0.125, 0.5, 1, 1, 4, 5, 10, 14.875, 15, 15.125, 30, 45, 60, 300, 600, 7 * 86_400)
_HIDDEN: Final = (0, 1, 1, 5, 30, 600, 7 * 86_400, 7 * 86_400 + 1)
_LIVES: Final = (-1, -1, 7 * 86_400, 10, 1)


@dataclass
class Generator:
    """Makes one request after another.

    Attributes:
        chance: decides everything.
        labels: what the models have named so far.
    """

    chance: random.Random
    labels: Labels

    def next(self) -> Operation:
        """The next request, or some time."""
        if self.chance.random() < 0.12:
            return Operation("pass", {"seconds": self.chance.choice(_PASSES)})
        makers = {**_BLOB_MAKERS, **_QUEUE_MAKERS}
        weights = [weight for _, weight in makers.values()]
        kind = self.chance.choices(list(makers), weights)[0]
        return Operation(kind, makers[kind][0](self))

    def name(self) -> str:
        """A blob; two of them far more often than the others."""
        return self.chance.choices(NAMES, (8, 4, 1, 1))[0]

    def lease(self, given: float = 0.5) -> str | None:
        """A lease id, with a chance."""
        return self.chance.choices(_LEASES, (4, 2, 1))[0] if self.chance.random() < given else None

    def label(self, kind: str) -> str:
        """Something storage named: mostly one of the newest."""
        known = self.labels.all(kind)
        if not known or self.chance.random() < 0.05:
            return UNKNOWN
        return self.chance.choice(known[-4:] if self.chance.random() < 0.85 else known)

    def terms(self) -> dict[str, Any]:
        """A condition and a lease."""
        condition = self.chance.choices(("", "*", "etag"), (3, 2, 3))[0]
        held = self.label("e") if condition == "etag" else condition or None
        return {"condition": held, "lease": self.lease()}

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
        """A message's text; now and then as large as allowed, or larger.

        Large ones are ASCII: Azurite breaks characters that lie across two pieces of a body.
        """
        large = {0: "x" * 65_536, 1: "x" * 65_537}
        return large.get(
            self.chance.randrange(120), f'{{"n": {self.chance.randrange(100)}, "<&>": "\u2603"}}'
        )


def _put(make: Generator) -> dict[str, Any]:
    return {
        "name": make.name(),
        "data": make.data(),
        "metadata": make.metadata(),
        **make.terms(),
        **make.where(),
    }


def _delete(make: Generator) -> dict[str, Any]:
    terms = make.terms()
    return {
        "name": make.name(),
        **terms,
        "condition": terms["condition"] if terms["condition"] != "*" else None,
    }


def _commit(make: Generator) -> dict[str, Any]:
    count = make.chance.choices((0, 1, 2, 3), (1, 6, 3, 1))[0]
    blocks = [(make.chance.choice(_SOURCES), make.chance.choice(_BLOCKS)) for _ in range(count)]
    return {
        "name": make.name(),
        "blocks": blocks,
        "metadata": make.metadata(),
        **make.terms(),
        **make.where(),
    }


def _stage(make: Generator) -> dict[str, Any]:
    block = make.chance.choices(_BLOCKS, (4, 4, 4, 1))[0]
    return {
        "name": make.name(),
        "block": block,
        "data": make.data(),
        "lease": make.lease(0.4),
        **make.where(),
    }


def _get(make: Generator) -> dict[str, Any]:
    etag = make.label("e") if make.chance.random() < 0.6 else None
    start, length = make.chance.choice(((0, None), (0, 16), (0, 100), (5, 3), (63, 2), (64, 8), (65, 8)))
    return {"name": make.name(), "etag": etag, "start": start, "length": length}


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
    seconds = make.chance.choice(_DURATIONS)
    return {"name": make.name(), "lease": make.lease(1), "seconds": seconds, **make.where()}


def _message(make: Generator) -> dict[str, Any]:
    """A message and its newest receipt more often than not."""
    if make.chance.random() < 0.6 and (known := make.labels.pairs):
        message, receipt = make.chance.choice(known[-4:])
        return {"message": message, "receipt": receipt}
    return {"message": make.label("i"), "receipt": make.label("r")}


type _Maker = Callable[[Generator], dict[str, Any]]

_BLOB_MAKERS: Final[dict[str, tuple[_Maker, int]]] = {
    "put": (_put, 14),
    "head": (lambda make: {"name": make.name(), **make.where()}, 8),
    "get": (_get, 8),
    "delete": (_delete, 3),
    "archive": (lambda make: {"name": make.name(), "lease": make.lease()}, 1),
    "stage": (_stage, 10),
    "commit": (_commit, 10),
    "blocks": (lambda make: {"name": make.name()}, 4),
    "list": (_list, 6),
    "acquire": (_acquire, 10),
    "renew": (lambda make: {"name": make.name(), "lease": make.lease(1), **make.where()}, 10),
    "release": (lambda make: {"name": make.name(), "lease": make.lease(1)}, 4),
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
            "hidden": make.chance.choice(_HIDDEN),
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
    "clear": (lambda _: {}, 0),
}
