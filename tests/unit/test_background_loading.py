"""What a worker imports while it waits for its first message."""

import gc
import subprocess
import sys
import threading

from shared.background_loading import BackgroundLoading
from tests.support.guides import ROOT

_FORKS = """
import os
from shared.background_loading import BackgroundLoading
loading = BackgroundLoading(lambda: os.write(1, b"loaded"))
if os.fork() == 0:
    loading.start()
    loading.wait()
    os._exit(0)
os.wait()
"""


def test_it_loads_once_and_does_not_hold_up_who_starts_it() -> None:
    """However often it is started: a host may load the function more than once."""
    may_end, began = threading.Event(), []

    def load() -> None:
        began.append(threading.current_thread().name)
        may_end.wait()

    loading = BackgroundLoading(load)
    for _ in range(3):
        loading.start()
    may_end.set()
    loading.wait()
    assert began == ["loading"]


def test_waiting_ends_with_the_loading() -> None:
    """An invocation that comes early does not import beside it."""
    may_end, done = threading.Event(), []

    def load() -> None:
        may_end.wait()
        done.append("loaded")

    loading = BackgroundLoading(load)
    loading.start()
    threading.Timer(0.05, may_end.set).start()
    loading.wait()
    assert done == ["loaded"]
    assert gc.isenabled()


def test_what_was_never_started_is_not_waited_for() -> None:
    """As in a process that is no worker."""
    BackgroundLoading(lambda: None).wait()


def test_a_library_that_is_missing_is_said_where_it_is_needed() -> None:
    """The thread says nothing: the same import fails again in the invocation."""

    def load() -> None:
        raise ModuleNotFoundError("No module named 'x'")

    loading = BackgroundLoading(load)
    loading.start()
    loading.wait()


def test_a_process_that_was_forked_loads_too() -> None:
    """A worker that is made out of a process which has imported the app and started nothing yet."""
    done = subprocess.run(
        [sys.executable, "-c", _FORKS], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("loaded", "")
