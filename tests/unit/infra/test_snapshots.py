"""Bicep's compiler agrees with what is kept, where there is one: $BICEP, or bicep on the PATH. `make infra` asks it as well."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.snapshots import SETS, SNAPSHOTS
from tests.support.stacks import INFRA

BICEP = os.environ.get("BICEP") or shutil.which("bicep") or ""
with_compiler = pytest.mark.skipif(
    not BICEP, reason="no Bicep compiler at hand: set BICEP, or put bicep on the PATH"
)
REQUIRED = """
param environmentName = 'badging'
param location = 'westeurope'
param connectorTenantId = '00000000-0000-0000-0000-000000000003'
param connectorAppId = '00000000-0000-0000-0000-000000000004'
param connectorJobId = '00000000-0000-0000-0000-000000000005'
"""
WHERE = [
    "--subscription-id=00000000-0000-0000-0000-000000000001",
    "--tenant-id=00000000-0000-0000-0000-000000000002",
    "--location=westeurope",
]


def bicep(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """One call of the compiler."""
    return subprocess.run([BICEP, *arguments], capture_output=True, text=True, check=False)


@with_compiler
@pytest.mark.parametrize("name", SETS)
def test_a_snapshot_is_what_the_compiler_comes_to(name: str) -> None:
    """After a change, `make snapshots` writes them anew, and git shows what changes in Azure."""
    group = ["--resource-group=rg-theirs"] if name == "resource-group" else []
    done = bicep("snapshot", SNAPSHOTS / f"{name}.bicepparam", "--mode=validate", *WHERE, *group)
    assert done.returncode == 0, done.stdout + done.stderr


@with_compiler
@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ("param environmentName = 'Badging!'", "use lower-case letters, digits and hyphens only"),
        ("param exportRetentionDays = 66", "exportRetentionDays is 66: at least 67"),
        ("param remapDays = 100", "exportRetentionDays is 90: at least 107"),
        ("param outcomeRetentionDays = 119", "outcomeRetentionDays is 119: at least 120"),
        ("param invocationSeconds = 2000", "together are 2400: at most 2300"),
        ("param existingAppSubnetId = '/subscriptions/x'", "give both or none"),
        ("param appPublicNetworkAccess = 'Disabled'", "needs privateNetworking"),
    ],
)
def test_what_cannot_work_is_said_before_anything_is_made(tmp_path: Path, parameters: str, said: str) -> None:
    """The deployment stops with a sentence that says what to set, as Terraform's validation does."""
    required = "\n".join(line for line in REQUIRED.splitlines() if line.split(" = ")[0] not in parameters)
    file = tmp_path / "refused.bicepparam"
    file.write_text(
        f"using '{os.path.relpath(INFRA / 'bicep' / 'main.bicep', tmp_path)}'\n{required}\n{parameters}\n"
    )
    done = bicep("snapshot", file, "--mode=overwrite", *WHERE)
    assert said in done.stdout + done.stderr + _diagnostics(file)


def _diagnostics(file: Path) -> str:
    kept = file.with_suffix(".snapshot.json")
    return kept.read_text() if kept.exists() else ""
