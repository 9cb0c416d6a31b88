"""Loads the functions of a folder the way Azure does, under Microsoft's own worker library, and invokes them.

The library (`azure-functions-runtime-v1`) checks `function.json` against the signature of `main`, decodes what a trigger
brings, and runs a synchronous `main` in its thread pool; none of that is ours. Its protobuf-free entry is used, so no
gRPC is needed. What the host does around it is in `local.host`.
"""

import importlib.util  # noqa: F401  (the library's loader uses it without importing it)
import json
import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from azure_functions_runtime_v1 import loader, native_invocation
from azure_functions_runtime_v1.bindings import meta
from azure_functions_runtime_v1.bindings.datumdef import Datum
from azure_functions_runtime_v1.otel import initialize_azure_monitor
from azure_functions_runtime_v1.utils import threadpool

_DIRECTIONS: Final = {"in": 0, "out": 1, "inout": 2}
_PROTOS: Final = SimpleNamespace(
    BindingInfo=SimpleNamespace(**_DIRECTIONS, undefined=0, string=1, binary=2, stream=3)
)
_TELEMETRY: Final = "PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY"


@dataclass(frozen=True)
class Function:
    """One loaded function: its name, and the trigger's binding out of `function.json`."""

    name: str
    trigger: Mapping[str, Any]


@dataclass(frozen=True)
class Result:
    """How an invocation ended; `error` is what the worker reports to the host."""

    invocation_id: str
    succeeded: bool
    error: str | None = None


class Worker:
    """The functions of one folder.

    Args:
        root: the folder with `host.json`.

    Raises:
        RuntimeError: a function does not fit its `function.json`.
    """

    def __init__(self, root: Path) -> None:
        meta.load_binding_registry()
        loader.install()
        threadpool.start_threadpool_executor()
        if os.environ.get(_TELEMETRY, "").lower() in {"1", "true", "t", "yes", "y"}:
            initialize_azure_monitor()
        self.functions = [_load(file.parent) for file in sorted(root.glob("*/function.json"))]

    def invoke(
        self, function: Function, data: Datum, metadata: Mapping[str, Datum], trace_parent: str = ""
    ) -> Result:
        """Run a function once and wait for it."""
        invocation_id = str(uuid.uuid4())
        inputs = [(function.trigger["name"], data)]
        _, succeeded, _, _, error, _ = native_invocation.run_invocation_sync(
            invocation_id, function.name, inputs, dict(metadata), trace_parent=trace_parent
        )
        return Result(invocation_id, succeeded, error)


def _load(folder: Path) -> Function:
    document = json.loads((folder / "function.json").read_text())
    script = str(folder / document["scriptFile"])
    bindings = {
        one["name"]: SimpleNamespace(type=one["type"], direction=_DIRECTIONS[one["direction"]], data_type=0)
        for one in document["bindings"]
    }
    described = SimpleNamespace(
        name=folder.name, directory=str(folder), script_file=script, entry_point="", bindings=bindings
    )
    loaded = loader.load_function(folder.name, str(folder), script, "")
    native_invocation._functions.add_function(folder.name, loaded, described, _PROTOS)  # noqa: SLF001  (its one registry)
    return Function(folder.name, next(one for one in document["bindings"] if one["type"].endswith("Trigger")))
