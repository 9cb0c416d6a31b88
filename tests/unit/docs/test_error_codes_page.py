"""The reference of statuses and codes is what the code declares, and of the rest says what the code does."""

import re

import pytest

from shared import app
from shared.error_codes import ERROR_CODES, Status
from shared.errors import BadMessageError, InvocationError, SettingsError, StorageError
from shared.services import entra_errors
from tests.support.guides import ROOT, anchors, code_of, guide, rows, section

TEXT = guide("error-codes.md")


def test_every_code_has_an_anchor() -> None:
    """A message can link to it."""
    assert set(ERROR_CODES) <= anchors(TEXT)


def test_every_status_is_explained() -> None:
    """The table of statuses has all of them, and says of the final ones that they are."""
    found = {code_of(row[0]): row[1] for row in rows(section(TEXT, "Statuses"))}
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
    codes = {app._failed(fault).code for fault in faults}
    monkeypatch.setattr(app, "_dependencies", refuse)
    with pytest.raises(InvocationError) as raised:
        app._dependencies_or_raise()
    assert codes | {raised.value.code} == {
        code_of(row[0]) for row in rows(section(TEXT, "What only the log shows"))
    }


def test_entras_codes_are_those_acted_upon() -> None:
    """The table of AADSTS codes is the code's."""
    acted_upon: dict[str, str] = {
        f"AADSTS{number}": code for number, (code, _) in entra_errors._PERSON.items()
    }
    acted_upon |= {f"AADSTS{number}": code for number, (code, *_) in entra_errors._REFUSED.items()}
    assert {row[0]: code_of(row[1]) for row in rows(section(TEXT, "Entra ID's codes"))} == acted_upon
