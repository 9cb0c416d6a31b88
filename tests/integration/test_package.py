"""The package, unpacked somewhere else, is a function app that Microsoft's worker library loads."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

from infra.package import ROOT, pack

LOAD = """
import os, sys
from pathlib import Path

root, project = Path(sys.argv[1]), sys.argv[2]
sys.path[:] = [str(root), *(entry for entry in sys.path if entry not in {"", project}), project]
from local.worker import Worker  # the library's loader, driven as the host drives it

for function in Worker(root).functions:
    print(function.name, function.trigger["type"])
from shared.wiring import build

build(os.environ)
files = [str(getattr(module, "__file__", None) or "") for module in sys.modules.values()]
ours = {Path(file).relative_to(project).parts[0] for file in files if file.startswith(project) and "site-packages" not in file}
print(sorted(ours))
"""
SETTINGS = {
    "EXPORTS_QUEUE": "badging-exports",
    "UPLOAD_SCHEDULE": "0 30 5 * * *",
    "ExportStorage": "UseDevelopmentStorage=true",
    "CONNECTOR_TENANT_ID": "11111111-1111-4111-8111-111111111111",
    "CONNECTOR_APP_ID": "22222222-2222-4222-8222-222222222222",
    "CONNECTOR_JOB_ID": "33333333-3333-4333-8333-333333333333",
    "KEY_VAULT_URI": "https://vault.example.com",
}


def test_both_functions_load_from_the_unpacked_package(tmp_path: Path) -> None:
    """Loader and checks are Microsoft's; everything of ours but the loader comes out of the package; collaborators can be built."""
    pack(tmp_path / "gatepost.zip")
    root = tmp_path / "wwwroot"
    with zipfile.ZipFile(tmp_path / "gatepost.zip") as package:
        package.extractall(root)
    done = subprocess.run(  # noqa: S603  (our own interpreter and script)
        [sys.executable, "-c", LOAD, str(root), str(ROOT)],
        cwd=root,
        env={**os.environ, **SETTINGS, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "BlobUploadTrigger queueTrigger",
        "TimerUploadTrigger timerTrigger",
        "['local']",
    ]
