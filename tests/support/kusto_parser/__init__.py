"""Microsoft's own parser of Kusto queries, on the tables of Application Insights.

It comes from npm, at the version and with the checksum of `package-lock.json`, into `.tools/`, once.
"""

import json
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
    with npm.alone():
        node = npm.node()
        return node, npm.install(node, _HERE)
