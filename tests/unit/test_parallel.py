"""Calls at the same time, in threads."""

import threading
from contextvars import ContextVar
from functools import partial

import pytest

from shared.delivery.parallel import in_threads
from shared.errors import LeaseLostError

INVOCATION = ContextVar("INVOCATION", default="")


def nothing() -> None:
    """Is done meanwhile."""


def test_calls_are_made_at_the_same_time_and_answered_in_order() -> None:
    """Each waits until all have begun; what they return is in the order of the calls."""
    begun = threading.Barrier(4, timeout=10)

    def call(number: int) -> int:
        begun.wait()
        return number

    assert in_threads([partial(call, number) for number in range(4)], nothing) == [0, 1, 2, 3]


def test_the_caller_does_something_else_meanwhile() -> None:
    """Neither waits for the other."""
    met = threading.Barrier(2, timeout=10)
    caller = threading.current_thread()

    def meanwhile() -> None:
        assert threading.current_thread() is caller
        met.wait()

    def call() -> bool:
        met.wait()
        return threading.current_thread() is not caller

    assert in_threads([call], meanwhile) == [True]


def test_a_mistake_meanwhile_waits_until_all_calls_have_ended() -> None:
    """Nothing goes on behind the caller's back."""
    go_on, ended = threading.Event(), threading.Event()

    def meanwhile() -> None:
        threading.Timer(0.01, go_on.set).start()
        raise ZeroDivisionError

    def slow() -> None:
        go_on.wait(10)
        ended.set()

    with pytest.raises(ZeroDivisionError):
        in_threads([slow], meanwhile)
    assert ended.is_set()


def test_an_error_waits_until_all_have_ended() -> None:
    """Nothing goes on behind the caller's back."""
    go_on, ended = threading.Event(), threading.Event()

    def lost() -> None:
        threading.Timer(0.01, go_on.set).start()
        raise LeaseLostError("lost")

    def slow() -> None:
        go_on.wait(10)
        ended.set()

    with pytest.raises(LeaseLostError):
        in_threads([lost, slow], nothing)
    assert ended.is_set()


def test_threads_are_used_again() -> None:
    """Eighty calls, four at a time, take far fewer threads than calls."""
    together = threading.Barrier(4)
    for _ in range(20):
        in_threads([partial(together.wait, 10)] * 4, nothing)
    assert len([one for one in threading.enumerate() if one.name.startswith("request")]) <= 20


def test_calls_hang_under_the_same_invocation() -> None:
    """They see the caller's context."""
    INVOCATION.set("this one")
    assert in_threads([INVOCATION.get, INVOCATION.get], nothing) == ["this one", "this one"]
