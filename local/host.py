"""The functions host, as far as Gatepost uses it: a queue trigger with its tries and poison queue, and a timer by hand.

`python -m local.host` runs it as a process of its own, with settings from the environment, the way Azure runs the app; its
worker is another process (`local.worker`). It reads words from standard input (`sweep`: run the timer's function; `idle`:
say so once no message shows on the queue; end of input: finish and stop) and says on standard output what it has done, one
JSON object a line. `HostProcess` is the other end of those pipes. What it does with a message is in `local.queue_trigger`;
with `--listener` Microsoft's own queue listener does that instead (`local.listener`). Of the rest it does what the real
host does:

* a worker that dies fails its invocation at once, and another is started;
* a function that runs longer than `functionTimeout` loses its worker, and its message waits until another has started;
* SIGTERM: no new message, ten seconds for the running function, then the worker is killed and the message left as it is,
  so it shows again up to ten minutes later. The function is told nothing.
"""

import argparse
import json
import logging
import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import fields, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from azure.core.exceptions import AzureError

from local.host_times import HostTimes
from local.invocation import Ended, Function, Invocation, Invoker
from local.listener import Listener, ListenerError
from local.queue_trigger import BindingError, QueueTrigger, delivery
from local.trigger_metadata import Delivery, trigger_metadata
from local.worker_process import WorkerError, WorkerProcess

ROOT: Final = Path(__file__).resolve().parent.parent
_IDLE_SECONDS: Final = 0.1
_AWAY_SECONDS: Final = 1
_TIMER: Final = {"Schedule": {"AdjustForDST": True}, "ScheduleStatus": None, "IsPastDue": False}

type Tell = Callable[[dict[str, Any]], None]


class Host:
    """Runs functions in a worker that may die, one invocation at a time.

    Args:
        worker: where they run.
        times: how long a function may run, and has left at a stop.
        tell: is given what happened, as a JSON object.
        traced: whether invocations belong to an operation of the host's. In OpenTelemetry mode the real host was seen to
            name none, neither for the queue nor for the timer.

    Attributes:
        stopping: SIGTERM came; no new message is taken.
        abandoned: the time after SIGTERM is over and the worker was killed; its message is not settled.
    """

    def __init__(self, worker: Invoker, times: HostTimes, tell: Tell, *, traced: bool = False) -> None:
        self._worker = worker
        self._times = times
        self._tell = tell
        self._traced = traced
        self._one_at_a_time = threading.Lock()
        self.stopping = self.abandoned = False

    def take(self, queue: QueueTrigger) -> bool:
        """Take one message and run the queue's function; whether there was one."""
        message = queue.take()
        if message is None:
            return False
        if queue.is_worn_out(message):
            queue.set_aside(message)
            return True
        with queue.kept_hidden(message):
            ended = self.run(delivery(message))
        if not self.abandoned:
            queue.settle(message, succeeded=ended.succeeded)
            self._tell(ended.said())
        return True

    def run(self, taken: Delivery) -> Ended:
        """Run the queue's function on a message; where the worker died, another has started afterwards."""
        name = triggered_by(self._worker, "queueTrigger").name
        metadata = trigger_metadata(taken)
        call = Invocation(name, "string", taken.text, metadata, self._trace_parent())
        return self._invoke(call, taken.dequeue_count)

    def answer(self, taken: Delivery) -> bool:
        """The same for a message that Microsoft's listener took and settles; whether the function succeeded."""
        ended = self.run(taken)
        if not self.abandoned:
            self._tell(ended.said())
        return ended.succeeded

    def sweep(self) -> None:
        """Run the timer's function once."""
        name = triggered_by(self._worker, "timerTrigger").name
        call = Invocation(name, "json", json.dumps(_TIMER), {}, self._trace_parent())
        self._tell(self._invoke(call, 1).said())

    def stop(self) -> None:
        """SIGTERM: the running function has its grace, then the worker is killed."""
        self.stopping = True

        def abandon() -> None:
            self.abandoned = True
            self._worker.kill()

        _later(self._times.grace_seconds, abandon)

    def _trace_parent(self) -> str:
        """A trace context (W3C): an operation id and a parent id."""
        return f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-01" if self._traced else ""

    def _invoke(self, call: Invocation, tries: int) -> Ended:
        with self._one_at_a_time:
            timeout = _later(self._times.function_seconds + self._times.cancel_seconds, self._worker.kill)
            result = self._worker.invoke(call)
            timeout.cancel()
            if result.died and not self.stopping:
                self._worker.restart()
                self._tell({"worker": self._worker.pid})
        return Ended(
            call.function, tries, result.succeeded, result.error, result.invocation_id, call.trace_parent
        )


def triggered_by(worker: Invoker, kind: str) -> Function:
    """The function with a trigger of this type."""
    return next(one for one in worker.functions if one.trigger["type"] == kind)


def _later(seconds: float, action: Callable[[], None]) -> threading.Timer:
    timer = threading.Timer(seconds, action)
    timer.daemon = True
    timer.start()
    return timer


def main() -> None:
    """Run as a process."""
    arguments = _arguments()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    logging.getLogger("azure").setLevel(logging.WARNING)  # the host polls ten times a second
    times = _times(arguments)
    with ExitStack() as stack:
        worker = stack.enter_context(WorkerProcess(arguments.root))
        host = Host(worker, times, _tell, traced=arguments.traced)
        signal.signal(signal.SIGTERM, lambda *_: host.stop())
        binding = triggered_by(worker, "queueTrigger").trigger
        ready = {"ready": True, "at": datetime.now(UTC).isoformat(), "worker": worker.pid}
        if arguments.listener:
            listener = stack.enter_context(Listener(arguments.listener, binding, times, host))
            step, ready["listener"] = listener.step, listener.pid
        else:
            step = partial(_take, host, QueueTrigger(binding, times))
        _tell(ready)
        _run(host, step, _Words())


def _run(host: Host, step: Callable[[], bool], words: "_Words") -> None:
    swept = answered = 0
    while not (words.over or host.stopping):
        asked = words.said["idle"]  # before the queue is asked: what was put there until then is seen
        if words.said["sweep"] > swept:
            swept += 1
            host.sweep()
        elif not step():
            if asked > answered:
                _tell({"idle": asked})
            answered = asked
            time.sleep(_IDLE_SECONDS)


def _take(host: Host, queue: QueueTrigger) -> bool:
    """Whether there may be another message; a queue that is not there yet is asked again until it is."""
    try:
        return host.take(queue)
    except AzureError as error:
        logging.getLogger("local.host").warning("the queue cannot be reached (%s)", type(error).__name__)
        time.sleep(_AWAY_SECONDS)
        return True


class _Words:
    """What standard input says: how often each word was said, and whether it is over."""

    def __init__(self) -> None:
        self.over = False
        self.said: Counter[str] = Counter()
        threading.Thread(target=self._listen, name="words", daemon=True).start()

    def _listen(self) -> None:
        for line in sys.stdin:
            self.said[line.strip()] += 1
        self.over = True


def _tell(said: dict[str, Any]) -> None:
    print(json.dumps(said), flush=True)  # noqa: T201  (the parent reads it)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m local.host", description="Runs the functions of a folder."
    )
    parser.add_argument("--root", type=Path, default=ROOT, help="the folder with host.json")
    parser.add_argument("--listener", type=Path, help="Microsoft's queue listener, to take the messages")
    parser.add_argument("--traced", action="store_true", help="give invocations a trace context")
    for one in fields(HostTimes):
        kind = int if one.type is int else float
        parser.add_argument(f"--{one.name.replace('_', '-')}", type=kind, help="see local.host_times")
    return parser.parse_args()


def _times(arguments: argparse.Namespace) -> HostTimes:
    given = {one.name: getattr(arguments, one.name) for one in fields(HostTimes)}
    return replace(
        HostTimes.of(arguments.root), **{name: value for name, value in given.items() if value is not None}
    )


if __name__ == "__main__":
    try:
        main()
    except (BindingError, ListenerError, WorkerError) as error:
        sys.exit(str(error))
