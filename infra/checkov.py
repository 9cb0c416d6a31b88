"""Runs checkov over what both stacks come to, and holds what it finds against `infra/policies.toml`.

    python -m infra.checkov PATH/TO/checkov

Bicep's snapshots are handed over as ARM templates, because checkov finds nothing in compiled Bicep and ends with 0 all the
same; for that reason a run without resources, or with files that it could not read, is an error here. Nothing is fetched.
"""

import json
import os
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any, Final

INFRA: Final = Path(__file__).parent
NAMED: Final = tomllib.loads((INFRA / "policies.toml").read_text(encoding="utf-8"))["finding"]
_SCHEMA: Final = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"


def main(checkov: str) -> int:
    """Both runs; 1 if they found something that is not named, or no longer find what is."""
    with tempfile.TemporaryDirectory() as folder:
        _write_templates(Path(folder))
        found = _failed(checkov, "arm", folder) | _failed(checkov, "terraform", str(INFRA / "terraform"))
    named = {one["check"] for one in NAMED}
    for check in sorted(set(found) - named):
        _say(f"{check} ({found[check]}) is not named in infra/policies.toml")
    for check in sorted(named - set(found)):
        _say(f"{check} is named in infra/policies.toml but no longer found")
    return int(set(found) != named)


def _write_templates(folder: Path) -> None:
    for path in (INFRA / "bicep" / "snapshots").glob("*.snapshot.json"):
        resources = json.loads(path.read_text(encoding="utf-8"))["predictedResources"]
        template = {"$schema": _SCHEMA, "contentVersion": "1.0.0.0", "resources": resources}
        (folder / path.name).write_text(json.dumps(template), encoding="utf-8")


def _failed(checkov: str, framework: str, folder: str) -> dict[str, str]:
    """The checks that failed, each with a resource.

    Raises:
        SystemExit: nothing was checked, or not everything could be read.
    """
    command = [checkov, "--skip-download", "--framework", framework, "-d", folder, "--quiet", "-o", "json"]
    quiet = os.environ | {"CKV_SKIP_PACKAGE_UPDATE_CHECK": "true"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=quiet)
    try:
        said: dict[str, Any] = json.loads(done.stdout)
        summary = said["summary"]
    except (ValueError, KeyError, TypeError):
        sys.exit(f"infra: checkov checked nothing as {framework}: {done.stderr[-500:]}")
    if not summary["resource_count"] or summary["parsing_errors"]:
        sys.exit(
            f"infra: checkov read {summary['resource_count']} resources, {summary['parsing_errors']} files not"
        )
    return {one["check_id"]: one["resource"] for one in said["results"]["failed_checks"]}


def _say(text: str) -> None:
    print(f"infra: checkov: {text}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
