"""Files as they really arrive: cut, flipped, recoded. Refused whole, or read whole; never in part, never by chance."""

import gzip
import json
import random
import tracemalloc
from collections.abc import Iterator

import pytest

from shared.errors import ExportError
from shared.exports.reader import Reader
from shared.exports.unpacking import Unpacked
from tests.support.exports import export, record
from tests.support.read_export import Found, read

CODES = {
    "broken-json", "truncated", "wrong-encoding", "not-json", "wrong-top-level", "broken-gzip", "empty-export",
    "record-too-large", "nested-too-deep", "too-large",
}  # fmt: skip
PRIVATE = ("person", "door-0", "entrance", "2026-11-21")
ERROR_CODES = ("cut", "flip", "drop", "double", "recode", "swap", "blank")


def forms() -> list[bytes]:
    """The same records in every form an export may have."""
    records = [record(number, AssetName="Büro 🚪") for number in range(1, 11)]
    lines = "\n".join(json.dumps(one, ensure_ascii=False) for one in records)
    pretty = json.dumps(records, indent=2, ensure_ascii=False)
    return [
        export(10),
        lines.encode(),
        pretty.encode("utf-8-sig"),
        pretty.encode("utf-16"),
        gzip.compress(lines.encode()),
        gzip.compress(export(5)[:300]) + gzip.compress(export(5)[300:]),
    ]


def harmed(data: bytes, chance: random.Random) -> bytes:
    """The data with one fault in it."""
    at = chance.randrange(len(data))
    length = chance.randrange(1, 60)
    before, rest = data[:at], data[at:]
    match chance.choice(ERROR_CODES):
        case "cut":
            rest = b""
        case "flip":
            rest = bytes([rest[0] ^ 1 << chance.randrange(8)]) + rest[1:]
        case "drop":
            rest = rest[length:]
        case "double":
            rest = rest[:length] + rest
        case "recode":
            return data.decode("latin-1").encode(chance.choice(["utf-8", "utf-16-le", "utf-32"]))
        case "swap":
            middle = chance.randrange(len(rest))
            rest = rest[middle:] + rest[:middle]
        case _:
            rest = b"\0" * length + rest[length:]
    return before + rest


def check(data: bytes, chunk: int) -> Found:
    """One pass: whole or refused, with a known code and nothing out of the export in its text."""
    found = read(data, chunk=chunk, max_bytes=1_000_000)
    if found.error:
        assert isinstance(found.error, ExportError)
        assert found.error.code in CODES
        assert not any(private in str(found.error) for private in PRIVATE)
        return found
    numbers = sorted([*found.valid, *(one.number for one in found.rejected)])
    assert numbers == list(range(1, len(numbers) + 1))
    assert _objects(data) == len(numbers)
    return found


def _objects(data: bytes) -> int:
    """How many records the standard library counts in a file that was read to its end."""
    plain = gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data
    text = plain.decode("utf-16" if plain[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig").strip()
    if text.startswith("["):
        return len(json.loads(text))
    count, decoder = 0, json.JSONDecoder()
    while text:
        _, end = decoder.raw_decode(text)
        text = text[end:].strip()
        count += 1
    return count


def run(cases: int, seed: int) -> tuple[int, int]:
    """So many faults; how many files were refused, and how many were still whole."""
    chance = random.Random(seed)
    sound = forms()
    refused = 0
    for _ in range(cases):
        found = check(harmed(chance.choice(sound), chance), chance.choice([1, 5, 64, 1 << 20]))
        refused += found.error is not None
    return refused, cases - refused


def test_every_sound_form_is_read_whole() -> None:
    """Before anything is broken."""
    assert [len(check(data, 64).valid) for data in forms()] == [10, 10, 10, 10, 10, 5]


@pytest.mark.parametrize("form", range(6))
def test_a_file_cut_at_any_byte_is_refused_or_was_complete(form: int) -> None:
    """Of an array or gzip file every cut is noticed; of one record a line, all but those between two records."""
    data = forms()[form]
    for end in range(0, len(data), 1 if len(data) < 1_500 else 3):
        found = check(data[:end], 1 << 20)
        if form != 1 and data[end:].strip(b"\n\0"):
            assert found.error is not None, end


def test_hundreds_of_faults_are_survived() -> None:
    """A smaller draw of the same faults, in every run."""
    refused, whole = run(1_200, seed=11)
    assert refused > 400
    assert whole > 100


@pytest.mark.soak
def test_ten_thousand_faults_are_survived() -> None:
    """Never an exception that was not foreseen, never a part taken for the whole, memory bounded."""
    tracemalloc.start()
    refused, whole = run(10_000, seed=20_261_122)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert refused > 4_000
    assert whole > 1_000
    assert peak < 48_000_000


@pytest.mark.unmeasured
@pytest.mark.parametrize(
    "filling",
    [b"[", b"{", b'"', b" ", b"7", b"\\", b'{"a":', b'[{"a":"x"},', b'\\"', b"\n", b"\xf0\x9f\x9a\xaa"],
)
@pytest.mark.parametrize("before", [b"", b"[", b"{", b'[{"a":', b'[{"a":"'])
def test_memory_and_time_stay_bounded_whatever_a_file_is_full_of(before: bytes, filling: bytes) -> None:
    """100 MB of anything, made as it is read: it ends early, or is passed over without being kept."""
    block = filling * (1_000_000 // len(filling))
    blocks = 100
    tracemalloc.start()
    served = 0

    def stream() -> Iterator[bytes]:
        nonlocal served
        yield before
        for _ in range(blocks):
            served += 1
            yield block

    with pytest.raises(ExportError):
        for _ in Reader(Unpacked(stream(), 30_000_000)):
            pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert served <= 31
    assert peak < 48_000_000
