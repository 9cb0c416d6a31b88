"""`gatepost.py person find`: every blob that holds a person, whatever its form, and none that does not."""

import gzip
import json

import pytest

from commands.console.exit_codes import Exit
from commands.person_search import Patterns, is_in
from tests.support.command_runner import CommandRunner
from tests.support.exports import export
from tests.support.fake_connector import reply

_ANA = "Ana.Müller@example.com"


def _one(user: str) -> bytes:
    record = {"UserId": user, "AssetId": "d1", "EventTime": "2026-11-22T05:00:00", "AccessStatus": "Success"}
    return json.dumps([record], ensure_ascii=False).encode()


def test_a_persons_data_is_found_wherever_it_stands(commands: CommandRunner) -> None:
    """Exports in every form, rejected records, a reply that repeats a record, a people file by its badge number."""
    world = commands.world
    world.upload("plain.json", _one(_ANA))
    world.upload("escaped.json", json.dumps([{"UserId": _ANA}]).encode())
    world.upload("wide.json", "\ufeff".encode("utf-16-le") + _one(_ANA.upper()).decode().encode("utf-16-le"))
    world.upload("packed.json.gz", gzip.compress(_one("x@example.com")) + gzip.compress(_one(_ANA)))
    world.upload("other.json", export(3))
    world.connector.script.append(reply(400, f"not taken: {_ANA}".encode()))
    world.run()
    world.sources.put("munich/people.csv", b"Badge,UPN\r\n4711,z@example.com\r\n")
    done = commands.run("person", "find", _ANA.lower(), "--key", "4711", "--json")
    found = {(one["container"], one["name"].split("/0x")[0]) for one in json.loads(done.stdout)}
    assert done.exit_code == Exit.DONE
    exports = {
        ("badging-exports", name) for name in ("plain.json", "escaped.json", "wide.json", "packed.json.gz")
    }
    assert exports <= found
    assert ("badging-exports", "other.json") not in found
    assert ("badging-results", "rejected/escaped.json") in found
    assert any(name.startswith("outcomes/plain.json") for _, name in found)
    assert ("gatepost-sources", "munich/people.csv") in found
    assert not any(one["unread"] for one in json.loads(done.stdout))


def test_a_person_who_is_nowhere_is_said(commands: CommandRunner) -> None:
    """With an exit code of its own, and what was not searched."""
    commands.world.upload("other.json", export(3))
    done = commands.run("person", "find", "nobody@example.com")
    assert done.exit_code == Exit.NOT_FOUND
    assert done.output == (
        "Found nowhere in exports, results and sources.\n"
        "Older versions and deleted blobs are not searched; they are gone after 30 days.\n"
    )


def test_what_cannot_be_read_is_named(commands: CommandRunner) -> None:
    """A broken archive may hold the person; it is never passed over in silence."""
    commands.world.exports.put(
        "broken.json.gz", gzip.compress(_one("x@example.com") * 50)[:40] + b"garbage" * 9
    )
    done = commands.run("person", "find", "ana@example.com")
    assert "badging-exports/broken.json.gz  (could not be read whole; look into it yourself)" in done.output


@pytest.mark.parametrize("size", [1, 2, 7, 10_000])
def test_a_text_that_two_pieces_share_is_found(size: int) -> None:
    """However the stream is cut."""
    data = b"x" * 50 + b"ANA@example.com" + b"x" * 50
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    assert is_in(pieces, Patterns.of(["ana@Example.com"]))
    assert not is_in(pieces, Patterns.of(["anb@example.com", ""]))


def test_nothing_is_in_nothing() -> None:
    """An empty blob, and an empty question."""
    assert not is_in([], Patterns.of(["ana@example.com"]))
    assert not is_in([b"x"], Patterns.of([]))
