"""The worker: loads the functions of a folder the way Azure does, under Microsoft's own library, and invokes them.

The library (`azure-functions-runtime-v1`) checks `function.json` against the signature of `main`, decodes what a trigger
brings, and runs a synchronous `main` in its thread pool; none of that is ours. Its protobuf-free entry is used, so no
gRPC is needed.

`python -m local.worker` is the worker as a process of its own, as in Azure: it reads an `Invocation` a line from standard
input and writes a `Result` a line to standard output. It ends when its input ends. A host that is killed leaves it behind:
it finishes the function that runs, as the real worker does. `local.worker_process` is the other end.
"""

import argparse
import importlib.util  # noqa: F401  (the library's loader uses it without importing it)
import json
import logging
import os
import sys
import uuid
from pathlib import Path
from types import SimpleNamespace
from typing import Final

import msgspec
from azure_functions_runtime_v1 import loader, native_invocation
from azure_functions_runtime_v1.bindings import meta
from azure_functions_runtime_v1.bindings.datumdef import Datum
from azure_functions_runtime_v1.otel import initialize_azure_monitor
from azure_functions_runtime_v1.utils import threadpool

from local.invocation import Function, Invocation, Result

_DIRECTIONS: Final = {"in": 0, "out": 1, "inout": 2}
_PROTOS: Final = SimpleNamespace(
    BindingInfo=SimpleNamespace(**_DIRECTIONS, undefined=0, string=1, binary=2, stream=3)
)
_TELEMETRY: Final = "PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY"


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

    def invoke(self, invocation: Invocation) -> Result:
        """Run a function once and wait for it."""
        invocation_id = str(uuid.uuid4())
        trigger = next(one.trigger for one in self.functions if one.name == invocation.function)
        metadata = {name: Datum(text, kind) for name, (kind, text) in invocation.metadata.items()}
        inputs = [(trigger["name"], Datum(invocation.text, invocation.kind))]
        _, succeeded, _, _, error, _ = native_invocation.run_invocation_sync(
            invocation_id, invocation.function, inputs, metadata, trace_parent=invocation.trace_parent
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


def main() -> None:
    """Run as a process."""
    parser = argparse.ArgumentParser(
        prog="python -m local.worker", description="Invokes a folder's functions."
    )
    parser.add_argument("--root", type=Path, required=True, help="the folder with host.json")
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    results = os.dup(1)
    os.dup2(2, 1)  # what a function prints is log
    root = parser.parse_args().root
    sys.path.insert(0, str(root))  # as the real worker does, before it loads a function
    worker = Worker(root)
    _say(results, worker.functions)
    for line in sys.stdin.buffer:
        _say(results, worker.invoke(msgspec.json.decode(line, type=Invocation)))


def _say(results: int, value: object) -> None:
    try:
        with open(results, "wb", closefd=False) as pipe:
            pipe.write(msgspec.json.encode(value) + b"\n")
    except BrokenPipeError:
        return  # the host was killed; its end of input is the next thing to be read


if __name__ == "__main__":
    main()
