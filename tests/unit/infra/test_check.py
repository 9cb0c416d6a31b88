"""`make infra` checks with whatever is at hand, and says what it could not check."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.stacks import INFRA

TOOLS = ("sh", "dirname", "mktemp", "rm", "cut", "grep", "cat")
SWITCHED_ON = {
    "explicit-values-for-loc-params",
    "no-deployments-resources",
    "no-unused-existing-resources",
    "use-recent-api-versions",
    "use-user-defined-types",
    "what-if-short-circuiting",
}
"""Off in the compiler by default."""


def check(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """`infra/check.sh` where there is nothing but a shell's own tools."""
    for tool in TOOLS:
        found = shutil.which(tool)
        assert found, tool
        (folder / tool).symlink_to(found)
    nowhere = {"PATH": str(folder), "HOME": str(folder), "INFRA_CHECK": "/nowhere", "PYTHON": "/nowhere"}
    command = [str(folder / "sh"), str(INFRA / "check.sh")]
    return subprocess.run(command, env=nowhere | environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("environment", "code"), [({}, 0), ({"CI": "true"}, 1)])
def test_what_could_not_be_checked_is_said(tmp_path: Path, environment: dict[str, str], code: int) -> None:
    """Each by its name; at a desk that is no error, where CI is set it is one."""
    done = check(tmp_path, **environment)
    assert done.returncode == code
    for what in (
        "Bicep, because there is neither",
        "Terraform, because there is no terraform",
        "policies, because",
    ):
        assert f"infra: not checked: {what}" in done.stderr


def test_a_compiler_that_finds_something_is_an_error(tmp_path: Path) -> None:
    """A warning leaves its exit code at 0; that it says anything is enough."""
    compiler = tmp_path / "compiler"
    compiler.write_text(
        "#!/bin/sh\ncase $1 in lint) echo 'main.bicep(1,1) : Warning no-unused-vars' >&2 ;; esac\n"
    )
    compiler.chmod(0o755)
    for tool in ("cp", "diff", "env"):
        (tmp_path / tool).symlink_to(str(shutil.which(tool)))
    done = check(tmp_path, BICEP=str(compiler))
    assert done.returncode == 1
    assert "Warning no-unused-vars" in done.stderr


def test_rules_of_the_compiler_are_on() -> None:
    """Those that show what what-if cannot see, old versions of Azure's interfaces, and what nobody uses."""
    rules = json.loads((INFRA / "bicep" / "bicepconfig.json").read_text())["analyzers"]["core"]["rules"]
    assert rules.keys() >= SWITCHED_ON
    assert {rule["level"] for rule in rules.values()} <= {"error", "warning"}
    suppressed = [
        line
        for path in sorted((INFRA / "bicep").glob("*.bicep"))
        for line in path.read_text().splitlines()
        if "#disable" in line
    ]
    assert all(" // " in line for line in suppressed), "each with its reason"
