"""What a deployment is told: from the environment, else from `deploy.env`, else the person is asked.

The names are those that azd uses, and that Bicep's parameter file reads: a parameter in capitals. Nothing here is secret.
"""

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infra.shell import Shell, StepError

ANSWERS: Final = "deploy.env"
"""What a person has answered, in the project's folder; ignored by git and left out of the package."""
FOUND: Final = "outputs.env"
"""What the last deployment made: names that later steps use."""
_OTHER_IN_TERRAFORM: Final = {"AZURE_ENV_NAME": "environment_name", "AZURE_LOCATION": "location"}


@dataclass(frozen=True)
class Question:
    """One thing to know: its name, what to ask, whether it is a GUID, the command whose answer is offered, if it may be empty."""

    name: str
    text: str
    guid: bool = False
    offered: tuple[str, ...] = ()
    optional: bool = False


QUESTIONS: Final = (
    Question("AZURE_ENV_NAME", "Short name of this environment, lower-case letters, digits and hyphens"),
    Question("AZURE_LOCATION", "Region, such as westeurope"),
    Question(
        "CONNECTOR_TENANT_ID",
        "Directory (tenant) ID that has Purview",
        guid=True,
        offered=("account", "show", "--query", "tenantId"),
    ),
    Question("CONNECTOR_APP_ID", "Application (client) ID of the app registration", guid=True),
    Question("CONNECTOR_JOB_ID", "Job ID of the connector in Purview", guid=True),
    Question(
        "OPERATORS_OBJECT_ID",
        "Object ID of the person or group that looks after Gatepost",
        guid=True,
        offered=("ad", "signed-in-user", "show", "--query", "id"),
        optional=True,
    ),
    Question(
        "ALERT_EMAIL",
        "Address that alerts are mailed to",
        offered=("ad", "signed-in-user", "show", "--query", "mail"),
    ),
)


def read(root: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """The settings that are known: files, and over them the environment.

    The names that a deployment of another environment made are passed over.

    Raises:
        StepError: a line of a file is no NAME=value.
    """
    answers, made = (_lines(root / name) if (root / name).exists() else {} for name in (ANSWERS, FOUND))
    told = answers | {name: value for name, value in environment.items() if value}
    of_another = told.get("AZURE_ENV_NAME", "") not in {"", made.get("AZURE_ENV_NAME", "")}
    return told if of_another else made | told


def _lines(path: Path) -> dict[str, str]:
    found = {}
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        name, equals, value = text.partition("=")
        if text.strip() and not text.startswith("#"):
            if not equals or not re.fullmatch(r"[A-Z][A-Z_]*", name.strip()):
                raise StepError(f"Line {number} of {path.name} is not NAME=value.")
            found[name.strip()] = value.strip().strip('"')
    return found


def write(root: Path, name: str, values: Mapping[str, str]) -> None:
    """Keep settings in a file: a person's answers beside those that are there, names in place of those of before."""
    path = root / name
    before = _lines(path) if name == ANSWERS and path.exists() else {}
    kept = before | dict(values)
    path.write_text("".join(f"{one}={value}\n" for one, value in kept.items()), encoding="utf-8")


def asked(settings: Mapping[str, str], ask: Callable[[str], str], shell: Shell) -> dict[str, str]:
    """The answers to what is not known yet.

    Args:
        settings: what is known.
        ask: shows a text and gives the answer.
        shell: for the answers that are offered.

    Raises:
        StepError: an answer that is needed is empty or no GUID.
    """
    answers: dict[str, str] = {}
    for question in QUESTIONS:
        told_otherwise = question.name == "ALERT_EMAIL" and settings.get("EXISTING_ACTION_GROUP_ID")
        if not settings.get(question.name) and not told_otherwise:
            offered = str(shell.az(*question.offered) or "") if question.offered else ""
            answer = ask(f"{question.text}{f' [{offered}]' if offered else ''}: ").strip() or offered
            answers[question.name] = answer
    check(dict(settings) | answers)
    return answers


def check(settings: Mapping[str, str]) -> None:
    """Refuse a deployment that would be wrong or that nobody would hear of.

    Raises:
        StepError: with all that is missing or malformed.
    """
    wrong = []
    for question in QUESTIONS:
        value = settings.get(question.name, "")
        if question.name == "ALERT_EMAIL":
            if not value and not settings.get("EXISTING_ACTION_GROUP_ID"):
                wrong.append(
                    "ALERT_EMAIL is empty, and there is no EXISTING_ACTION_GROUP_ID: nobody would be told"
                )
        elif not value and question.optional:
            continue
        elif not value:
            wrong.append(f"{question.name} is missing")
        elif question.guid and not _is_guid(value):
            wrong.append(f"{question.name} must be a GUID")
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,19}", settings.get("AZURE_ENV_NAME", "x")):
        wrong.append("AZURE_ENV_NAME must be at most 20 lower-case letters, digits and hyphens")
    if wrong:
        raise StepError("; ".join(wrong) + f". Set them in {ANSWERS}, one NAME=value a line.")


def _is_guid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def for_terraform(settings: Mapping[str, str]) -> dict[str, str]:
    """The same as Terraform reads them from the environment."""
    return {
        f"TF_VAR_{_OTHER_IN_TERRAFORM.get(name, name.lower())}": value
        for name, value in settings.items()
        if re.fullmatch(r"[A-Z][A-Z_]*", name)
    }
