"""Profiles: what is right, and everything that is wrong named by table and key."""

from datetime import UTC, datetime, time

import pytest

from shared.sources.limits import MAX_PROFILE_BYTES
from shared.sources.problems import SourceUnusableError
from shared.sources.profile import read_profile
from shared.sources.source import make_source, people_files
from tests.support.sources import EVENTS, PEOPLE, TABLE, source


def problems(text: str, now: datetime | None = None) -> tuple[str, ...]:
    """What is wrong with a profile."""
    with pytest.raises(SourceUnusableError) as caught:
        read_profile(text.encode(), now=now)
    return caught.value.problems


def test_a_profile_with_defaults_filled_in() -> None:
    """What a profile leaves out has the documented default."""
    profile = read_profile(TABLE.encode())
    said = profile.input
    assert (said.encoding, said.delimiter, said.quote, said.header) == ("utf-8", ",", '"', 1)
    assert profile.mapping
    assert profile.mapping.time.ambiguous == "earlier"
    assert (profile.policy.no_person, profile.policy.unknown_person, profile.policy.send) == (
        "ignore",
        "reject",
        True,
    )
    assert people_files(profile) == ["people.csv"]


def test_a_byte_order_mark_from_notepad_is_no_problem() -> None:
    """A profile saved by Notepad is read."""
    assert read_profile(b"\xef\xbb\xbf" + TABLE.encode()).name == "A table"


def test_every_problem_is_named_at_once_with_table_and_key() -> None:
    """One error lists what the schema finds and what only code can find."""
    found = problems(
        """
        version = 2
        nam = "x"
        [input]
        format = "csv"
        delimiter = ";;"
        encodin = "utf-8"
        records = "events"
        [time]
        from = { value = "a", patern = "(x)" }
        format = "%Y-%m-%d"
        zone = "Eastern Standard Time"
        [[person]]
        from = "a"
        key = "Id"
        [[person]]
        from = { value = "b", pattern = "(a)(b)" }
        [asset]
        id = { file_name = "(?<=x)(y)" }
        [outcome]
        from = "x"
        success = ["Yes"]
        failed = ["yes "]
        [[ignore]]
        from = "a"
        [policy]
        max_invalid_percent = 101
        not_before = "yesterday"
        [schedule]
        every = "1 week"
        by = "25:00"
        """
    )
    begins = [one.split(": ")[0] for one in found]
    assert begins == [
        "name",
        "nam",
        "[[ignore]] number 1",
        "[input] encodin",
        "[input] delimiter",
        "[[person]] number 1 directory",
        "[policy] max_invalid_percent",
        "[schedule] every",
        "[time] from patern",
        "version",
        "[input] records",
        "[time] format",
        "[time] zone",
        "[asset] id file_name",
        "[[person]] number 2 from pattern",
        "outcome",
        "[policy] not_before",
        "[schedule] by",
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('format = "%Y-%m-%d %H:%M:%S"', 'format = "%Y-%m-%d %H:%M:%S %Q"', "has %Q, which is not supported"),
        ('format = "%Y-%m-%d %H:%M:%S"', 'format = "%Y-%m-%d %I:%M"', "without %p"),
        ('format = "%Y-%m-%d %H:%M:%S"', 'format = "%H:%M"', "a year, a month and a day"),
        ('format = "%Y-%m-%d %H:%M:%S"', 'format = "%Y-%m-%d %H:%M%"', "lone %"),
        ('format = "%Y-%m-%d %H:%M:%S"', 'format = "%Y-%m-%d %d %H:%M"', "twice"),
        ('zone = "UTC"', 'zone = "Europe/Berln"', "is Europe/Berlin meant?"),
        ('zone = "UTC"', 'zone = { from = "Site", map = { A = "Nowhere" } }', "[time] zone map A"),
        ('zone = "UTC"', 'zone = { from = "Site", mapp = {} }', "[time] zone mapp"),
        ('from = "Event"', 'always = "Success"', "does not go with lists"),
        ('from = "Event"', "", "there must be either from or always"),
        ('directory = "people.csv"', 'directory = "../people.csv"', "[[person]] number 1 directory"),
        ('id = "Door"', "id = { text = 3 }", "[asset] id text: must be a text"),
        ('id = "Door"', 'id = { join = ["a"] }', "[asset] id with: is missing"),
        ('id = "Door"', "id = 7", "[asset] id: must be a name, a list of names"),
        ('format = "csv"', 'format = "csv"\nheader = 2\ncolumns = ["a"]', "no header line"),
        ('format = "csv"', 'format = "csv"\nquote = ","', "another character than delimiter"),
        ('format = "csv"', 'format = "json"\ndelimiter = ";"', "[input] delimiter: is for tables"),
        ('format = "csv"', 'format = "json"\nrecords = "a[["', "[input] records: is no path"),
        ('format = "csv"', 'format = "connector"', "time: does not belong"),
        ("version = 1", "version = 1\nversion = 1", "is no TOML"),
    ],
)
def test_one_problem(old: str, new: str, said: str) -> None:
    """Each mistake is said in words that name its place."""
    assert said in "\n".join(problems(TABLE.replace(old, new, 1)))


def test_not_before_must_not_be_in_the_future() -> None:
    """A start in the future would silently ignore everything."""
    text = TABLE + '[policy]\nnot_before = "2026-11-22T00:00:00+01:00"\n'
    assert problems(text, datetime(2026, 11, 21, tzinfo=UTC)) == (
        "[policy] not_before: must not be in the future",
    )
    policy = read_profile(text.encode(), now=datetime(2026, 12, 1, tzinfo=UTC)).policy
    assert policy.not_before == "2026-11-21T23:00:00"


def test_schedule_is_read() -> None:
    """Every, days, by and zone; the zone is the time's where none is given."""
    text = (
        TABLE.replace('"UTC"', '"Europe/Berlin"')
        + '[schedule]\nevery = "1 day"\ndays = ["Mon", "Friday"]\nby = 07:30:00\n'
    )
    schedule = read_profile(text.encode()).schedule
    assert schedule
    assert (schedule.every_hours, schedule.daily, schedule.days) == (24, True, frozenset({0, 4}))
    assert (schedule.by, schedule.zone) == (time(7, 30), "Europe/Berlin")


def test_connector_format_has_a_schedule_and_a_policy_but_nothing_to_map() -> None:
    """A source of connector-format exports is a profile too."""
    text = 'version = 1\nname = "x"\n[input]\nformat = "connector"\n[policy]\nsend = false\n[schedule]\nevery = "7 days"\n'
    profile = read_profile(text.encode())
    assert profile.mapping is None
    assert not profile.policy.send
    assert make_source("x", profile, {}).indexes == {}


def test_too_large_and_not_utf8() -> None:
    """Limits and encoding are problems of the file as a whole."""
    assert "larger than 256 kB" in problems("#" * (MAX_PROFILE_BYTES + 1))[0]
    with pytest.raises(SourceUnusableError, match="not UTF-8"):
        read_profile("name = 'Röhr'".encode("cp1252"))


def test_more_than_four_people_files_are_a_problem() -> None:
    """At most four people files a source."""
    more = "".join(f'[[person]]\nfrom = "a"\ndirectory = "p{n}.csv"\nkey = "k"\n' for n in range(4))
    assert "at most 4 are read" in problems(TABLE + more)[0]


def test_a_missing_people_file_makes_the_source_unusable() -> None:
    """Every problem of the people files is in one error."""
    with pytest.raises(SourceUnusableError, match=r"people\.csv: is missing"):
        make_source("x", read_profile(TABLE.encode()), {})


def test_the_digest_changes_with_profile_and_people() -> None:
    """What decides a mapping decides its digest, and nothing else does."""
    digests = {
        source(TABLE, people=PEOPLE).digest,
        source(TABLE + "\n", people=PEOPLE).digest,
        source(TABLE, people=PEOPLE + "9,9,x@example.com\n").digest,
        source(EVENTS, people=PEOPLE).digest,
    }
    assert len(digests) == 4
    assert source(TABLE, people=PEOPLE).digest in digests
