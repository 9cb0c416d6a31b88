"""Bodies that are cut out of an export by their lengths, without a look at its records."""

import codecs
import json
from collections.abc import Iterator, Sequence

import pytest

from shared.errors import ExportError
from shared.exports.batches import Batch, Body, Limits, cut
from shared.exports.items import RecordRun
from shared.exports.unjudged import unjudged_bodies
from tests.support.exports import record

_ALL = Limits(1 << 30, 1 << 30)


def texts(count: int = 20, **values: object) -> list[str]:
    """Records, no two of the same length as their neighbours."""
    return [
        json.dumps(record(number, AssetName="x" * (number % 7), **values)) for number in range(1, count + 1)
    ]


def written(records: Sequence[str], between: str) -> bytes:
    """An export; an array if there are commas."""
    begin, end = ("[ ", " ]\n") if "," in between else ("", "\n")
    return (begin + between.join(records) + end).encode()


def planned(
    records: Sequence[str], *ranges: tuple[int, int], without: frozenset[int] = frozenset()
) -> list[Body]:
    """The bodies of ranges of records."""
    runs = [
        RecordRun([number], [text.encode()])
        for number, text in enumerate(records, 1)
        if number not in without and any(first <= number <= last for first, last in ranges)
    ]
    return [*cut(runs, _ALL, ranges)]


def found(
    data: bytes, bodies: Sequence[Body], *, piece: int = 1 << 20, without: frozenset[int] = frozenset()
) -> list[tuple[Batch, bytes, list[int]]]:
    """What is cut out of an export that comes in pieces."""

    def going(batch: Batch) -> Sequence[int]:
        numbers = range(batch.first, batch.last + 1)
        return [one for one in numbers if one not in without] if without.intersection(numbers) else numbers

    pieces = (data[start : start + piece] for start in range(0, len(data), piece))
    some = unjudged_bodies(pieces, [body.batch for body in bodies], going)
    return [(body.batch, body.data, [*body.numbers[0]]) for body in some]


def shown(bodies: Sequence[Body]) -> list[tuple[Batch, bytes, list[int]]]:
    """The same of what was planned."""
    return [(body.batch, body.data, [one for numbers in body.numbers for one in numbers]) for body in bodies]


BETWEEN = [",", ", ", ",\n", " ,\r\n  ", "\n", "\r\n", "\n\n \n"]


@pytest.mark.parametrize("between", BETWEEN)
@pytest.mark.parametrize("piece", [400, 401, 1 << 20])
@pytest.mark.parametrize("left_out", [(), (3,), (1, 20), (7, 8, 9)])
def test_whatever_stands_between_records_a_body_has_commas(
    between: str, piece: int, left_out: Sequence[int]
) -> None:
    """Also where the plan leaves some out, and wherever the pieces end."""
    without = frozenset(left_out)
    bodies = planned(texts(), (1, 7), (8, 8), (10, 20), without=without)
    assert found(written(texts(), between), bodies, piece=piece, without=without) == shown(bodies)


@pytest.mark.parametrize("piece", [1, 2, 3, 50])
@pytest.mark.parametrize("left_out", [(), (3,), (1, 20), (7, 8, 9)])
def test_where_nothing_but_commas_is_between_pieces_may_be_small(piece: int, left_out: Sequence[int]) -> None:
    """They may end at a comma, before or behind it."""
    without = frozenset(left_out)
    bodies = planned(texts(), (1, 7), (8, 8), (10, 20), without=without)
    assert found(written(texts(), ","), bodies, piece=piece, without=without) == shown(bodies)


def test_what_was_sent_before_is_passed_over() -> None:
    """Where the plan begins late."""
    bodies = planned(texts(200), (150, 170), (190, 200))
    assert found(written(texts(200), ",\n"), bodies, piece=500) == shown(bodies)


@pytest.mark.parametrize(
    ("wrong", "are_right"),
    [
        pytest.param({6: '{"A": 1}'}, 1, id="another record"),
        pytest.param({1: '{"A": 1}'}, 0, id="another first record"),
        pytest.param({6: "17"}, 1, id="no object"),
        pytest.param({6: '{"A": 1}\n,\n{"A": 1}'}, 1, id="something else between"),
    ],
)
def test_it_ends_where_the_bytes_are_not_those_of_the_plan(wrong: dict[int, str], are_right: int) -> None:
    """Nothing of what follows comes out, even if it is right again."""
    bodies = planned(texts(), (1, 5), (6, 10), (11, 20))
    records = [wrong.get(number, text) for number, text in enumerate(texts(), 1)]
    assert found(written(records, ",\n"), bodies) == shown(bodies[:are_right])


@pytest.mark.parametrize(
    ("extra", "are_right"),
    [
        pytest.param('[{"A": 1},\n{"B": 2}]', 2, id="others"),
        pytest.param('[{"UserId": 1}, {"UserId": 2}]', 2, id="written otherwise"),
        pytest.param('[{"UserId": 1},\n{"UserId": 2}]', 0, id="written like records"),
        pytest.param('"}, {"', 2, id="a text"),
    ],
)
def test_objects_within_records_are_told_from_records(extra: str, are_right: int) -> None:
    """By their first name and by how they are written; what is taken for a record all the same does not come out."""
    records = [f'{text[:-1]}, "Extra": {extra}}}' for text in texts()]
    without = frozenset((12,))
    bodies = planned(records, (1, 10), (11, 20), without=without)
    assert found(written(records, ",\n"), bodies, without=without) == shown(bodies[:are_right])


def test_a_record_that_does_not_seem_to_end_is_not_looked_for_in_all_of_the_export() -> None:
    """Memory stays flat where what is between records changes."""
    given = list[int]()

    def pieces() -> Iterator[bytes]:
        yield written(texts(), ",\n").removesuffix(b"]")
        for number in range(100):
            given.append(number)
            yield b'{"A": 1}\n,' * 10_000

    (batch,) = [body.batch for body in planned(texts(30), (25, 30))]
    assert not [*unjudged_bodies(pieces(), [batch], lambda batch: range(batch.first, batch.last + 1))]
    assert len(given) < 20


def test_no_more_is_read_than_bodies_need() -> None:
    """A body comes out as soon as its last byte is there, and the export's end is not read."""
    given = list[int]()
    data = written(texts(200), ",")

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(data), 1_000):
            given.append(start)
            yield data[start : start + 1_000]

    bodies = planned(texts(200), (1, 20), (21, 40))
    numbers = [range(body.batch.first, body.batch.last + 1) for body in bodies]
    some = unjudged_bodies(pieces(), [body.batch for body in bodies], lambda batch: numbers[batch.first > 1])
    ends = 0
    for body in bodies:
        assert next(some).data == body.data
        ends += len(body.data)
        assert given[-1] < ends


def test_what_cannot_be_read_is_said() -> None:
    """By the error that a careful pass would raise, too."""
    data = written(texts(), ",").replace(b"example", b"ex\xffmple")
    with pytest.raises(ExportError):
        found(data, planned(texts(), (1, 20)))


@pytest.mark.parametrize("data", [b"", b"[]", b"   ", b"{", b"nothing of the kind", b'{"A":1'])
def test_where_there_are_no_records_there_is_no_body(data: bytes) -> None:
    """And no error either."""
    assert found(data, planned(texts(3), (1, 3))) == []
    assert found(data, planned(texts(3), (2, 3))) == []
    assert found(data, planned(texts(3), (1, 1), (3, 3)), without=frozenset((2,))) == []


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_other_encodings_are_recoded(encoding: str) -> None:
    """The plan is about UTF-8 without a mark, which is what is sent."""
    records = texts(AssetId="Tür")
    bodies = planned(records, (1, 20))
    data = ("[" + ",\n".join(records) + "]").encode(encoding)
    assert data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16))
    assert found(data, bodies) == shown(bodies)
