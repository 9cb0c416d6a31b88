"""Microsoft's own parser of Kusto queries, on the tables of Application Insights.

It comes from npm, at the version and with the checksum of `package-lock.json`, into `.tools/`, once.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from local import npm

_HERE: Final = Path(__file__).parent
_COMMON: Final = "timestamp: datetime, itemType: string, customDimensions: dynamic, operation_Id: string, cloud_RoleName: string"
TABLES: Final = {
    "traces": f"({_COMMON}, message: string, severityLevel: int)",
    "requests": f"({_COMMON}, name: string, url: string, success: string, resultCode: string, duration: real)",
    "dependencies": f"({_COMMON}, name: string, target: string, type: string, data: string, success: string, "
    "resultCode: string, duration: real)",
    "exceptions": f"({_COMMON}, type: string, outerMessage: string, problemId: string, severityLevel: int)",
    "customMetrics": f"({_COMMON}, name: string, value: real, valueSum: real, valueCount: int, valueMin: real, "
    "valueMax: real)",
}
"""What the queries may use of each table, with the types of Microsoft's reference of Application Insights."""


def diagnostics(queries: Mapping[str, str]) -> dict[str, list[str]]:
    """What the parser says of each query: wrong grammar, unknown names, types that do not fit.

    Raises:
        local.npm.InstallError: there is no Node, or the parser cannot be installed; the text says what to do.
    """
    node, folder = _installed()
    done = subprocess.run(
        [node, str(_HERE / "check.js"), str(folder)],
        input=json.dumps({"tables": TABLES, "queries": dict(queries)}),
        capture_output=True,
        text=True,
        check=True,
    )
    said: dict[str, list[str]] = json.loads(done.stdout)
    return said


def _installed() -> tuple[str, Path]:
    version = json.loads((_HERE / "package.json").read_text())["dependencies"]["@kusto/language-service-next"]
    folder = npm.TOOLS / f"kusto-parser-{version}"
    with npm.alone():
        node = npm.node()
        if not folder.exists():
            unfinished = folder.with_name(f"{folder.name}.new")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            for name in ("package.json", "package-lock.json"):
                shutil.copy(_HERE / name, unfinished)
            _npm_ci(node, unfinished)
            unfinished.rename(folder)
    return node, folder


def _npm_ci(node: str, folder: Path) -> None:
    beside = Path(node).parent
    npm_here = beside / "npm"
    done = subprocess.run(
        [npm_here if npm_here.exists() else "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        cwd=folder,  # with --prefix it reads the lock file of the folder it was called in
        env=os.environ | {"PATH": f"{beside}:{os.environ.get('PATH', '')}"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["no reason given"]
        raise npm.InstallError(f"`npm ci` failed: {last[0]}. Network to the npm registry is needed once.")
