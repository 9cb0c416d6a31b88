"""Exports of badging systems: a profile and people files decide what becomes of each row, and the rest is as ever."""

import gzip
import json

import pytest

from shared.delivery.outcome import Ignored, Outcome, UnknownWord
from shared.error_codes import Status
from tests.support.exports import export
from tests.support.fake_connector import OK, reply
from tests.support.source_samples import COUNTS, SOURCES, sample_of
from tests.support.sources import EVENTS, HEADER, PEOPLE, TABLE
from tests.support.world import World

DAY = "munich/2026-11-22.csv"
ON_TRIAL = TABLE + "[policy]\nsend = false\n"
STRICT = TABLE + "[policy]\nmax_invalid_percent = 0\n"
CONNECTOR = 'version = 1\nname = "Plain"\n[input]\nformat = "connector"\n'


def row(second: int, *, person: str = "1", event: str = "Granted") -> str:
    """A row of the table; every second is an event of its own."""
    return f"2026-11-22 03:{second // 60:02}:{second % 60:02},{person},D1,Lobby,{event}\n"


def table(*rows: str) -> bytes:
    """Rows under their header."""
    return (HEADER + "".join(rows)).encode()


def munich(profile: str = TABLE, people: str = PEOPLE, **settings: str) -> World:
    """A world with one source."""
    world = World().with_settings(**settings)
    world.put_source("munich", profile, people=people)
    return world


def sent(world: World, data: bytes, name: str = DAY) -> Outcome:
    """What becomes of an export."""
    world.upload(name, data)
    world.run()
    return world.outcome(name)


def code(outcome: Outcome) -> str | None:
    """Of its error."""
    return outcome.error.code if outcome.error else None


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
@pytest.mark.parametrize("system", sorted(COUNTS))
def test_samples_are_sent_as_expected(system: str, *, packed: bool) -> None:
    """Exactly the expected records leave; every other row is counted under its reason, and rejected ones are set aside."""
    world, folder, sample = World(), SOURCES / system, sample_of(system)
    people = {"people": path.read_bytes()} if (path := folder / "people.csv").exists() else {}
    world.put_source(system, (folder / "profile.toml").read_bytes(), **people)
    data, name = sample.read_bytes(), f"{system}/{sample.name}"
    outcome = sent(world, gzip.compress(data), f"{name}.gz") if packed else sent(world, data, name)

    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    rows, ignored, repeated, rejected, warnings = COUNTS[system]
    assert [one for batch in world.connector.taken for one in batch] == expected
    assert outcome.status is (Status.PARTIALLY_SUCCEEDED if rejected else Status.SUCCEEDED)
    assert outcome.records is not None
    assert (outcome.records.read, outcome.records.sent) == (rows, len(expected))
    assert (outcome.records.rejected, outcome.records.repeated) == (len(rejected), repeated)
    assert outcome.records.ignored == sum(ignored.values())
    assert {one.code: one.records for one in outcome.ignored} == ignored
    assert sorted(one.code for one in outcome.rejections.by_reason) == sorted(set(rejected.values()))
    assert {one.code for one in outcome.warnings} - {"events-in-the-future"} == set(warnings)
    assert outcome.source is not None
    assert (outcome.source.name, set(outcome.source.people)) == (system, {f"{one}.csv" for one in people})


def test_an_outcome_says_what_its_source_has_to_say() -> None:
    """Ignored rows by reason, unknown words and keys, bad lines of people files, and repeated rows."""
    people = PEOPLE + "4,0014,not an address\n"
    rows = [row(second, person=str(second % 2 + 1), event="Perplexed") for second in range(2)]
    rows += [row(2, person="3", event="Perplexed"), row(3), row(3), row(4, person="9"), row(5, person="")]
    outcome = sent(munich(people=people, MAX_INVALID_PERCENT="100"), table(*rows))
    assert outcome.records is not None
    assert (outcome.records.sent, outcome.records.repeated, outcome.records.rejected) == (1, 1, 4)
    assert outcome.ignored == [Ignored(code="no-person", records=1)]
    assert outcome.unknown_words == [UnknownWord(word="Perplexed", records=3)]
    assert outcome.unknown_keys == 1
    assert [one.code for one in outcome.warnings] == ["people-lines-skipped"]
    assert "people.csv: 1 lines, the first of them 5" in outcome.warnings[0].message
    assert outcome.summary == (
        "1 of 7 records sent; 1 ignored; 1 repeated; 4 rejected: "
        "AccessStatus has an outcome word that the profile does not list (and 1 other reason)."
    )


def test_the_first_folder_decides() -> None:
    """The same bytes are a table in the source's folder, and no export elsewhere or under another kind of name."""
    world = munich()
    assert sent(world, table(row(1))).status is Status.SUCCEEDED
    for name in ("vienna/day.csv", "day.csv", "munich/day.json", "munich/day.xlsx"):
        assert code(sent(world, table(row(1)), name)) == "not-an-export"
    world.sources.put(
        "munich/profile.toml", TABLE.replace("[input]\n", '[input]\nfiles = "events*.csv"\n').encode()
    )
    assert code(sent(world, table(row(2)), "munich/other.csv")) == "not-an-export"
    assert sent(world, table(row(2)), "munich/events-2.csv.gz").status is Status.SUCCEEDED
    assert sent(world, export(2), "2026/11/22/lenel.json").source is None


def test_a_source_may_hold_the_connectors_own_records() -> None:
    """It has a policy and nothing to map; the outcome names it all the same."""
    world = World()
    world.put_source("plant", CONNECTOR + "[policy]\nmax_invalid_percent = 10\n")
    assert sent(world, export(9), "plant/good.json").source is not None
    assert code(sent(world, export(4, bad=(1,)), "plant/bad.json")) == "too-many-invalid"
    assert code(sent(world, table(row(1)), "plant/day.csv")) == "not-an-export"
    _, ledger = world.only_ledger()
    assert ledger.plan.mapping is not None
    assert ledger.plan.key == world.outcome("plant/good.json").export.sha256


def test_a_closed_day_and_a_day_of_held_doors_succeed() -> None:
    """No rows at all, and rows that name nobody, are no fault; the same again is no duplicate, or one that sent nothing."""
    world = munich()
    assert sent(world, table()).status is Status.SUCCEEDED
    quiet = sent(world, table(row(1, person="", event="Denied")), "munich/sunday.csv")
    assert (quiet.status, quiet.summary) == (Status.SUCCEEDED, "0 of 1 records sent; 1 ignored.")
    assert world.connector.requests == []


def test_a_profile_that_does_not_fit_sends_nothing() -> None:
    """Whatever was granted has a person; and not every row can be wrong."""
    world = munich()
    assert code(sent(world, table(row(1, person=""), row(2, person="3")))) == "nothing-mapped"
    assert code(sent(world, table(row(1, person="8")), "munich/unknown.csv")) == "nothing-mapped"
    changed = sent(world, b"When,Who\n1,2\n", "munich/changed.csv")
    assert (changed.status, code(changed), changed.records) == (Status.REJECTED, "columns-changed", None)
    assert changed.source is not None
    world.put_source("api", EVENTS.replace("[input]\n", '[input]\nrecords = "items"\n'), people=PEOPLE)
    assert code(sent(world, b'{"error": "no"}', "api/day.json")) == "records-missing"


def test_ignored_rows_are_in_no_share() -> None:
    """One of two judged rows is half of them, however many others are ignored."""
    rows = [row(second, person="") for second in range(10)] + [row(11), row(12, person="9")]
    half = munich(MAX_INVALID_PERCENT="50")
    assert sent(half, table(*(one.replace("Granted", "Denied") for one in rows))).status is (
        Status.PARTIALLY_SUCCEEDED
    )
    less = munich(MAX_INVALID_PERCENT="49")
    assert code(sent(less, table(*rows))) == "too-many-invalid"
    assert code(sent(munich(STRICT), table(row(1), row(2), row(3, person="9")))) == "too-many-invalid"


def test_a_rejected_row_goes_once_the_people_file_knows_it() -> None:
    """The rejected file holds the row as an object of its columns, and is itself an export of the source."""
    world = munich()
    outcome = sent(world, table(row(1), row(2, person="9")))
    (line,) = world.rejected(DAY)
    assert line["content"] == {
        "Time": "2026-11-22 03:00:02",
        "Id": "9",
        "Door": "D1",
        "Name": "Lobby",
        "Event": "Granted",
    }
    world.put_source("munich", TABLE, people=PEOPLE + "9,0019,cy@example.com\n")
    again = sent(world, world.results.data(outcome.rejections.blob or ""), "munich/corrected.jsonl")
    assert again.status is Status.SUCCEEDED
    assert [batch[0]["UserId"] for batch in world.connector.taken] == ["ada@example.com", "cy@example.com"]


def test_what_was_sent_is_not_judged_by_a_new_mapping() -> None:
    """Half of an export was sent when the people file changed: the rest goes under a second ledger, each row once."""
    world = munich()
    world.connector.script.extend([OK, reply(403)])
    rows = [row(second) for second in range(12)] + [row(second, person="9") for second in range(12, 15)]
    first = sent(world, table(*rows))
    assert first.records is not None
    assert (first.status, first.records.sent, first.records.rejected) == (Status.BLOCKED, 10, 3)
    # by the new profile everything that was sent would be ignored, and what was rejected goes
    world.put_source(
        "munich",
        TABLE + '[[ignore]]\nfrom = "Id"\nis = ["1"]\n',
        people="Id,UPN\n9,cy@example.com\n",
    )
    world.sweep()
    world.run()
    outcome = world.outcome(DAY)
    assert outcome.status is Status.SUCCEEDED
    assert outcome.records is not None
    assert (outcome.records.sent, outcome.records.ignored, outcome.records.rejected) == (13, 2, 0)
    assert [len(batch) for batch in world.connector.taken] == [10, 3]
    assert len(world.ledgers()) == 2
    assert len({one.plan.rules for one in world.ledgers()}) == 2
    assert len({one.plan.key for one in world.ledgers()}) == 1
    assert outcome.rejections.blob is None


def test_a_mapping_that_rejects_what_is_left_needs_a_person() -> None:
    """Some of it was accepted; by the new people file nobody is known any more."""
    world = munich()
    world.connector.script.extend([OK, reply(403)])
    sent(world, table(*(row(second) for second in range(15))))
    world.put_source("munich", TABLE, people="Id,UPN\n7,dee@example.com\n")
    world.sweep()
    world.run()
    outcome = world.outcome(DAY)
    assert outcome.records is not None
    assert (outcome.status, code(outcome), outcome.records.sent) == (Status.BLOCKED, "rules-changed", 10)


def test_the_same_content_is_a_duplicate_within_its_source_only() -> None:
    """Another source may read the same bytes otherwise; one that looks at names also has the name in the key."""
    world = munich()
    world.put_source("vienna", TABLE, people=PEOPLE.replace("ada", "eve"))
    assert sent(world, table(row(1))).status is Status.SUCCEEDED
    duplicate = sent(world, table(row(1)), "munich/again.csv")
    assert (duplicate.status, duplicate.duplicate_of and duplicate.duplicate_of.name) == (
        Status.DUPLICATE,
        DAY,
    )
    assert sent(world, table(row(1)), "vienna/day.csv").status is Status.SUCCEEDED
    by_name = TABLE.replace('id = "Door"', "id = { file_name = '([a-z]+)' }")
    world.put_source("graz", by_name, people=PEOPLE)
    for name in ("graz/lobby.csv", "graz/gate.csv.gz"):
        assert sent(world, table(row(1)), name).status is Status.SUCCEEDED
    assert [batch[0]["AssetId"] for batch in world.connector.taken] == ["D1", "D1", "lobby", "gate"]


def test_a_trial_shows_everything_and_sends_nothing_until_it_ends() -> None:
    """Complete counts, reasons and rejected file; the sweep leaves it alone until the profile says `send = true`."""
    world = munich(ON_TRIAL)
    outcome = sent(world, table(row(1), row(2, person="3"), row(3, person="9")))
    assert (outcome.status, outcome.retry, code(outcome)) == (Status.BLOCKED, "auto", "source-on-trial")
    assert outcome.records is not None
    assert (outcome.records.unsent, outcome.records.ignored, outcome.records.rejected) == (1, 1, 1)
    assert len(world.rejected(DAY)) == 1
    assert world.connector.requests == []
    assert world.sweep().queued == 0

    world.clock.pass_until(90 * 86_400)
    world.put_source("munich", TABLE, people=PEOPLE + "9,0019,cy@example.com\n")
    assert world.sweep().queued == 1
    world.run()
    outcome = world.outcome(DAY)
    assert (outcome.status, outcome.retry_from) == (Status.SUCCEEDED, "2027-02-20T05:00:00Z")
    assert outcome.rejections.blob is None
    assert world.connector.taken[0][1]["UserId"] == "cy@example.com"


def test_what_an_earlier_profile_found_does_not_outlive_it() -> None:
    """On trial the file was read; by the corrected profile it cannot be: no counts, no words, no rejected file are left."""
    world = munich(ON_TRIAL)
    first = sent(world, table(row(1), row(2, person="9"), row(3, event="Perplexed"), row(4, person="3")))
    assert first.rejections.blob in world.results.names()
    world.put_source("munich", TABLE.replace('from = "Event"', 'from = "Result"'))
    world.sweep()
    world.run()
    outcome = world.outcome(DAY)
    assert (outcome.status, code(outcome), outcome.records) == (Status.REJECTED, "columns-changed", None)
    assert (outcome.ignored, outcome.unknown_words, outcome.unknown_keys) == ([], [], 0)
    assert (outcome.rejections.blob, outcome.rejections.by_reason) == (None, [])
    assert not [name for name in world.results.names() if name.startswith("rejected/")]
    assert outcome.source != first.source


def test_nothing_is_final_on_trial() -> None:
    """What would be rejected waits as well, and says why; so does an empty export, and one under the wrong name."""
    world = munich(ON_TRIAL)
    for name, data, says in (
        ("munich/a.csv", table(row(1, person="9")), "It will be rejected: No row became a record"),
        ("munich/b.csv", b"When\n", "It will be rejected: The columns are not those"),
        ("munich/c.xlsx", b"PK", "It will be rejected: The file name must end in one of .csv"),
        ("munich/d.csv", table(), "The source is on trial"),
    ):
        outcome = sent(world, data, name)
        assert (outcome.status, code(outcome)) == (Status.BLOCKED, "source-on-trial")
        assert says in outcome.summary
    assert len(world.rejected("munich/a.csv")) == 1
    world.put_source("munich", TABLE)
    assert world.sweep().queued == 4
    world.run()
    names = ("munich/a.csv", "munich/b.csv", "munich/c.xlsx", "munich/d.csv")
    assert [code(world.outcome(name)) for name in names] == [
        "nothing-mapped",
        "columns-changed",
        "not-an-export",
        None,
    ]


def test_while_sending_is_off_a_trial_is_not_looked_at() -> None:
    """What waits for its source waits for the setting as well."""
    world = munich(ON_TRIAL)
    sent(world, table(row(1)))
    world.put_source("munich", TABLE)
    assert world.with_settings(CONNECTOR_SENDING="off").sweep().queued == 0
    assert world.with_settings().sweep().queued == 1


def test_a_source_that_cannot_be_used_stops_its_own_exports_only() -> None:
    """Everything that is wrong is in one message; once it is corrected, the sweep sends what waited."""
    world = munich(TABLE.replace('"%Y-%m-%d %H:%M:%S"', '"%Q"').replace('zone = "UTC"', 'zone = "Nowhere"'))
    outcome = sent(world, table(row(1)))
    assert (outcome.status, outcome.retry, code(outcome)) == (Status.BLOCKED, "auto", "source-unusable")
    assert outcome.error is not None
    assert "The source munich cannot be used." in outcome.error.message
    assert "[time] format" in outcome.error.message
    assert "[time] zone" in outcome.error.message
    assert sent(world, export(2), "plain.json").status is Status.SUCCEEDED
    world.put_source("munich", TABLE)
    world.sweep()
    world.run()
    assert world.outcome(DAY).status is Status.SUCCEEDED


def test_what_a_complete_ledger_says_needs_no_source() -> None:
    """The worker died after the last batch, and the profile broke: the outcome is rebuilt from the ledger."""
    world = munich()
    world.upload(DAY, table(row(1), row(2, person="3")))
    world.run()
    path = next(name for name in world.results.names() if name.startswith("outcomes/"))
    begun = json.loads(world.results.data(path))
    begun |= {
        "status": "InProgress",
        "finishedAt": None,
        "unfinishedStarts": 1,
        "source": None,
        "ignored": [],
    }
    world.results.put(path, json.dumps(begun).encode(), metadata={"status": "InProgress"})
    world.put_source("munich", "nonsense")
    world.clock.pass_until(3 * 3_600)
    world.sweep()
    world.run()
    outcome = world.outcome(DAY)
    assert outcome.status is Status.SUCCEEDED
    assert outcome.source is not None
    assert outcome.ignored == [Ignored(code="person-without-account", records=1)]
    assert len(world.connector.taken) == 1


def test_a_refused_row_is_kept_as_the_record_that_was_sent() -> None:
    """The connector refused one record: it stands in the rejected file beside the rejected row, ready to be corrected."""
    world = munich()

    def refusing(records: list[dict[str, str]]) -> object:
        bad = any(one["EventTime"].endswith("03") for one in records)
        return reply(413 if len(records) > 1 else 400) if bad else OK

    world.connector.always = refusing  # type: ignore[assignment]
    outcome = sent(world, table(row(1), row(2, person="9"), row(3), row(4, person="3"), row(5)))
    assert outcome.records is not None
    assert (outcome.records.sent, outcome.records.refused, outcome.records.rejected) == (2, 1, 1)
    assert [(one["record"], one["errors"][0]["code"]) for one in world.rejected(DAY)] == [
        (2, "person-unknown"),
        (3, "refused"),
    ]
    assert world.rejected(DAY)[1]["content"]["UserId"] == "ada@example.com"
