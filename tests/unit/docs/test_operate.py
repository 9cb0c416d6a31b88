"""The operator's guide says of every status, code and warning what the code does."""

import re
from itertools import pairwise

import pytest

from shared import app
from shared.delivery.attempt import SECRET_REQUEUES
from shared.delivery.sweep import DEAD_WORKER, MISSED
from shared.delivery.waiting import FAILED_DELAYS_SECONDS
from shared.error_codes import ERROR_CODES, Status
from shared.errors import BadMessageError, InvocationError, SettingsError, StorageError
from shared.report.collect import MAX_DOCUMENTS
from shared.services import credentials
from tests.support.guides import ROOT, code_of, guide, rows, section

TEXT = guide("operate.md")
CODES = {code_of(row[0]): row[1:] for row in rows(section(TEXT, "Every error code"))}


def test_every_code_stands_there_once_in_the_codes_order() -> None:
    """No code is missing, none is left over, none twice."""
    assert [code_of(row[0]) for row in rows(section(TEXT, "Every error code"))] == list(ERROR_CODES)


@pytest.mark.parametrize("code", ERROR_CODES)
def test_a_codes_line_says_what_the_code_does(code: str) -> None:
    """Status, who starts the next try, and what to do are word for word those of an outcome."""
    becomes, happened, who, what_to_do = CODES[code]
    fault = ERROR_CODES[code]
    assert (happened, who) == (fault.text, fault.who)
    assert becomes == fault.status.value + (f", `{fault.retry}`" if fault.retry else "")
    assert what_to_do == fault.help


def test_every_status_is_explained() -> None:
    """The table of statuses has all of them, and says of the final ones that they are."""
    found = {code_of(row[0]): row[1] for row in rows(section(TEXT, "The statuses"))}
    assert set(found) == {status.value for status in Status}
    assert {name for name, means in found.items() if "Final" in means} == {
        status.value for status in Status if status.final
    }


def test_every_warning_is_explained() -> None:
    """Each code of a warning that delivery can write stands in the guide."""
    source = "".join(path.read_text() for path in (ROOT / "shared/delivery").glob("*.py"))
    written = set(re.findall(r'Notice\(\s*code="([a-z-]+)"', source))
    assert written == {code_of(row[0]) for row in rows(section(TEXT, "Warnings"))}


def test_what_only_the_log_shows_is_what_leaves_the_functions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each code of a `InvocationError` stands in the guide."""

    def refuse() -> None:
        raise SettingsError(["CONNECTOR_JOB_ID is missing"])

    faults = (BadMessageError("-"), StorageError("-"), RuntimeError("-"))
    codes = {app._fault(fault, "-").code for fault in faults}
    monkeypatch.setattr(app, "_collaborators", refuse)
    with pytest.raises(InvocationError) as raised:
        app._collaborators_or_raise()
    assert codes | {raised.value.code} == {
        code_of(row[0]) for row in rows(section(TEXT, "What only the log shows"))
    }


def test_entras_codes_are_those_acted_upon() -> None:
    """The table of AADSTS codes is the code's."""
    acted_upon: dict[str, str] = {
        f"AADSTS{number}": code for number, (code, _) in credentials._PERSON.items()
    }
    acted_upon |= {f"AADSTS{number}": "secret-wrong" for number in credentials._SECRET}
    assert {row[0]: code_of(row[1]) for row in rows(section(TEXT, "Entra ID's codes"))} == acted_upon


def test_the_times_are_those_of_the_code() -> None:
    """How long a failed export waits, when the sweep helps, how often a secret is tried."""
    minutes = [seconds // 60 for seconds in FAILED_DELAYS_SECONDS]
    assert f"after {', '.join(map(str, minutes[:-1]))}, then every {minutes[-1]} minutes" in TEXT
    assert all(one < other for one, other in pairwise(minutes))
    assert f"outcome {MISSED.seconds // 60} minutes after it was uploaded" in TEXT
    assert f"takes it up after {DEAD_WORKER.seconds // 3_600} hours" in TEXT
    assert SECRET_REQUEUES == 3
    assert "come back three times" in TEXT
    assert f"most {MAX_DOCUMENTS} outcome documents" in TEXT.replace("\n", " ")
