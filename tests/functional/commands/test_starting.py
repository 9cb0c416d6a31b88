"""The program starts quickly, with few libraries, and says which one is missing."""

import inspect
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from commands.console.lazy_group import LazyCommand, LazyGroup
from commands.program import _COMMANDS
from commands.source.program import _COMMANDS as _SOURCE_COMMANDS
from tests.support.exports import export
from tests.support.guides import ROOT

HEAVY = ("azure", "requests", "urllib3", "opentelemetry", "msal", "cryptography", "aiohttp", "pydantic")
"""Libraries of the cloud: nobody who checks a file on a PC needs them. And typer's own, which costs as much as all the rest."""

_REPORT = """
import json, sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {heavy!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Missing())
sys.path.insert(0, {root!r})
sys.argv = ["gatepost.py", *{words!r}]
try:
    from commands.program import main
    main()
finally:
    print("MODULES", json.dumps(sorted(sys.modules)), file=sys.stderr)
"""


def _unmeasured() -> dict[str, str]:
    """The environment without what makes a program measure its own coverage: that imports modules, too."""
    return {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}


def _run_without_cloud(*words: str | Path) -> tuple[int, str, set[str]]:
    """Exit code, what was said, and the modules that were loaded, where no library of the cloud is installed."""
    program = _REPORT.format(heavy=set(HEAVY), root=str(ROOT), words=[str(word) for word in words])
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, env=_unmeasured()
    )
    said, _, modules = done.stderr.partition("MODULES ")
    loaded = json.loads(modules)
    return done.returncode, done.stdout + said, {*loaded, *(name.partition(".")[0] for name in loaded)}


def _all_commands() -> Iterator[tuple[str, LazyCommand]]:
    yield from _COMMANDS.items()
    yield from _SOURCE_COMMANDS.items()


@pytest.mark.parametrize(("name", "command"), [one for one in _all_commands() if not one[1].is_hidden])
def test_the_list_says_what_each_command_says_itself(name: str, command: LazyCommand) -> None:
    """The sentence that the list shows without importing the command is the first of its own help."""
    loaded = command.load(name)
    assert loaded.name == name
    help_text = inspect.cleandoc(loaded.help or "")
    assert command.summary == help_text.split("\n")[0]


def test_every_group_of_commands_is_lazy_or_small() -> None:
    """What `--help` prints is known without importing one of them."""
    for table, where in ((_COMMANDS, "commands"), (_SOURCE_COMMANDS, "commands.source")):
        assert all(one.where.startswith(f"{where}.") for one in table.values())
        assert all(
            hasattr(import_module(module), attribute)
            for module, _, attribute in (one.where.partition(":") for one in table.values())
        )
    assert LazyGroup.table == {}


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["source", "--help"]])
def test_help_imports_no_command(words: list[str]) -> None:
    """Neither the libraries of the cloud nor those that check records; only what prints."""
    code, _, modules = _run_without_cloud(*words)
    assert code == 0
    assert not modules & {*HEAVY, "jsonschema", "msgspec", "re2", "jmespath"}


def test_files_are_checked_made_and_described_without_the_libraries_of_the_cloud(tmp_path: Path) -> None:
    """`validate`, `sample`, `schema`, `explain` and the `source` commands for a desk work with the light installation."""
    file, bad, sample = tmp_path / "day.json", tmp_path / "bad.json", tmp_path / "sample.json"
    file.write_bytes(export(5))
    bad.write_bytes(export(5, bad=(3,)))
    rows = ROOT / "sources/lenel-onguard"
    table = rows / "sample.csv"
    runs: list[tuple[tuple[str | Path, ...], set[int]]] = [
        (("validate", file), {0}),
        (("validate", "--json", bad), {6}),
        (("sample", sample), {0}),
        (("schema",), {0}),
        (("explain", "job-mismatch"), {0}),
        (("source", "schema"), {0}),
        (("source", "new", table, "--name", "made", "--to", tmp_path / "made"), {0, 2}),
        (("source", "check", rows), {0, 6}),
        (("source", "try", rows / "profile.toml", table), {0, 3, 6}),
    ]
    for words, codes in runs:
        code, said, modules = _run_without_cloud(*words)
        assert code in codes, (words, said)
        assert "Python library" not in said, words
        assert not modules & set(HEAVY), words


def test_a_command_that_needs_the_cloud_says_what_is_missing() -> None:
    """No stack trace: the library, and what to install."""
    code, said, _ = _run_without_cloud("list")
    assert code == 2
    assert re.search(r"Error: The Python library (azure|requests|opentelemetry|urllib3) is missing\.", said)
    assert "pip install -r requirements.txt" in said


def test_a_small_file_is_checked_without_what_only_others_need(tmp_path: Path) -> None:
    """No profiles and zones, no index of events that were sent, no bars and tables, no judge while every record is fine."""
    file, bad = tmp_path / "day.json", tmp_path / "bad.json"
    file.write_bytes(export(5))
    bad.write_bytes(export(5, bad=(3,)))
    of_sources = {"shared.sources.profile", "shared.sources.reader", "re2", "jmespath", "tomllib"}
    of_the_app = {
        "shared.delivery.passes",
        "shared.delivery.event_index",
        "shared.delivery.ledger_store",
        "shared.wiring",
    }
    code, _, modules = _run_without_cloud("validate", file)
    assert code == 0
    assert not modules & {*of_sources, *of_the_app, "jsonschema", "rich.progress", "rich.table"}
    code, _, modules = _run_without_cloud("validate", bad)
    assert code == 6
    assert not modules & {*of_sources, *of_the_app, "rich.progress"}


@pytest.mark.parametrize(
    ("words", "most"),
    [
        (["--help"], 200),
        (["--version"], 200),
        (["explain", "job-mismatch"], 280),
        (["schema"], 320),
        (["validate", "{file}"], 375),
        (["source", "schema"], 310),
        (["source", "check", str(ROOT / "sources/lenel-onguard")], 430),
    ],
)
def test_starting_costs_little(tmp_path: Path, words: list[str], most: int) -> None:
    """Counted in modules, which do not depend on the machine; docs/install.md has the seconds."""
    file = tmp_path / "day.json"
    file.write_bytes(export(5))
    done = subprocess.run(
        [
            sys.executable,
            "-X",
            "importtime",
            ROOT / "gatepost.py",
            *(one.replace("{file}", str(file)) for one in words),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={**_unmeasured(), "COLUMNS": "80"},
    )
    assert done.returncode in {0, 6}, done.stderr
    assert done.stderr.count("import time:") < most


def test_the_light_installation_names_what_the_desk_needs() -> None:
    """The wheel's own dependencies hold no library of the cloud; the extra has them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    light = {re.split(r"[\[<>=~ ]", one)[0] for one in project["dependencies"]}
    assert light == {"google-re2", "jmespath", "jsonschema", "msgspec", "rich", "siphashc", "typer", "tzdata"}
    extra = {re.split(r"[\[<>=~ ]", one)[0] for one in project["optional-dependencies"]["azure"]}
    assert extra >= {
        "azure-identity",
        "azure-keyvault-secrets",
        "azure-storage-blob",
        "azure-storage-queue",
        "requests",
    }
