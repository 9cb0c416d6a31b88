"""All guides: links lead somewhere, settings exist, dependencies and commands are the real ones."""

import re
from pathlib import Path

import pytest

from commands.console.exit_codes import Exit, exit_of
from shared.clouds import CLOUDS
from shared.error_codes import Status
from shared.settings import SETTINGS
from tests.support.guides import (
    DOCS,
    ROOT,
    anchors,
    code_of,
    commands,
    guide,
    guides,
    named_commands,
    rows,
    section,
)

COMMANDS = commands()
MINE = [
    DOCS / name
    for name in (
        "dependencies.md", "from-the-sample-script.md", "limits-and-promises.md", "operate.md", "error-codes.md", "prepare-an-export.md",
        "connect-a-badging-system.md",
    )
]  # fmt: skip


@pytest.mark.parametrize("path", guides(), ids=lambda path: path.name)
def test_links_within_the_repository_lead_somewhere(path: Path) -> None:
    """Each relative link names a file that is there and, behind #, a heading it has."""
    for link in re.findall(r"\]\((?!https?:)([^)\s]*)\)", path.read_text(encoding="utf-8")):
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), link


@pytest.mark.parametrize("path", MINE, ids=lambda path: path.name)
def test_settings_named_in_a_guide_exist(path: Path) -> None:
    """What looks like an app setting is one."""
    named = set(re.findall(r"`([A-Z][A-Z]+(?:_[A-Z]+)+)`", path.read_text(encoding="utf-8")))
    libraries = {"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "HTTPS_PROXY", "NO_PROXY"}  # what `requests` reads
    assert named - set(SETTINGS) - libraries == set()


@pytest.mark.parametrize("path", guides(), ids=lambda path: path.name)
def test_commands_named_in_a_guide_exist(path: Path) -> None:
    """No guide names a command or an option that gatepost.py does not have."""
    for name, rest in named_commands(path.read_text(encoding="utf-8")):
        options = {option for parameter in COMMANDS[name].params for option in parameter.opts}
        assert set(re.findall(r"(?<=\s)--[a-z-]+", rest)) <= options, name


def _names(file: str) -> list[str]:
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    return [re.split(r"[<>=!~\[; ]", line)[0] for line in lines if re.match(r"[a-zA-Z]", line)]


@pytest.mark.parametrize(
    ("heading", "file"),
    [
        ("What the function app runs on", "requirements.in"),
        ("What people and tests need", "requirements-dev.in"),
    ],
)
def test_every_dependency_has_its_reason(heading: str, file: str) -> None:
    """A line for each line of the .in file, in its order: what for, and why this one."""
    found = rows(section(guide("dependencies.md"), heading))
    assert [code_of(row[0]) for row in found] == _names(file)
    assert all(len(row[1]) > 5 and len(row[2]) > 10 for row in found)


def test_the_scripts_parameters_are_all_there() -> None:
    """Each of the sample script's parameters has something that takes its place, and the clouds have their names."""
    found = rows(section(guide("from-the-sample-script.md"), "The parameters"))
    text = " ".join(row[0] for row in found)
    for parameter in ("tenantId", "appId", "appSecret", "jobId", "jsonFilePath", "retryTimeout"):
        assert f"`-{parameter}`" in text
    clouds = found[-1][1]
    assert all(f"`{cloud}`" in clouds for cloud in CLOUDS if cloud != "commercial")


def test_the_guides_name_no_machine_and_no_person() -> None:
    """No absolute path, and no address but those made for examples."""
    for path in guides():
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"(?<![\w.])/(home|work|root|tmp|Users)/", text), path
        hosts = re.findall(r"[\w.]+@([\w.]+\w)", text)
        assert all(host == "example.com" or host.startswith("DATAACCOUNT.") for host in hosts), path


def test_the_exit_codes_are_the_commands() -> None:
    """What a pipeline is told to expect of `validate`."""
    text = section(guide("prepare-an-export.md"), "In a pipeline")
    assert f"is {Exit.DONE:d}\nif every record may go, {Exit.PARTLY:d} if some would be rejected" in text
    assert f"{Exit.INVALID:d} if the file would be rejected whole" in text
    assert exit_of(Status.REJECTED) == Exit.INVALID
