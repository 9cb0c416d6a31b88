"""The local functions host does with messages what the real one does; where the listener decides, Microsoft's is asked too."""

import json
import os
import time
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError

from local.azurite import Azurite
from local.host_process import HostError, HostProcess
from local.listener import listener_program
from tests.support.recorder import Recorder, until

_NUMBERS = count()
_PASSED_ON = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}


@pytest.fixture
def local_host(azurite: Azurite, tmp_path: Path) -> Recorder:
    """The app under the local host, on a queue."""
    recorder = Recorder(azurite, f"local-{next(_NUMBERS)}", tmp_path)
    recorder.queue.create_queue()
    return recorder


@pytest.fixture(params=["local host", "queue listener"])
def either_host(request: pytest.FixtureRequest, local_host: Recorder) -> Recorder:
    """The app under the local host, then under Microsoft's listener, on a queue."""
    if request.param == "queue listener":
        local_host.listener = listener_program()
        if not local_host.listener:
            pytest.skip("Microsoft's queue listener is not on this machine (GATEPOST_QUEUE_LISTENER)")
    return local_host


def _started(recorder: Recorder, **times: Any) -> HostProcess:
    return recorder.host(_PASSED_ON, **times)


def test_a_function_gets_the_text_whole_up_to_64_kib(either_host: Recorder) -> None:
    """65,536 bytes, non-ASCII among them, arrive as they were; a byte more is refused by the queue."""
    text = "ü" * 32_768
    either_host.send(text)
    with pytest.raises(HttpResponseError):
        either_host.send(text + "x")
    with _started(either_host) as host:
        assert host.next()["succeeded"]
    assert [call["began"] for call in either_host.calls()] == [text]
    until(lambda: either_host.left() == 0)


def test_a_messages_own_properties_lie_over_the_metadata(local_host: Recorder) -> None:
    """An event's `id` is what the function reads; an `InsertionTime` of its own keeps the function from being called."""
    local_host.send('{"id": "of the event"}')
    local_host.send('{"insertiontime": "2026-11-21T08:20:00Z"}')
    with _started(local_host, pause_seconds=600) as host:
        ends = [host.next(), host.next()]
    assert [end["succeeded"] for end in ends] == [True, False]
    assert [call["id"] for call in local_host.calls()] == ["of the event"]


def test_a_function_that_outlasts_the_hiding_is_called_once(local_host: Recorder) -> None:
    """The message is renewed at half of its time, so another host never sees it."""
    local_host.send(do="sleep", seconds=3)
    with (
        _started(local_host, hidden_seconds=1) as one,
        _started(local_host, hidden_seconds=1),
    ):
        local_host.wait_for(1, "ended")
        until(lambda: local_host.left() == 0)
        assert one.running
    assert len(local_host.calls()) == 1


def test_a_message_that_fails_five_times_goes_to_the_poison_queue(either_host: Recorder) -> None:
    """It is made on demand; the message has the same text, a new id, and seven days to live, whatever it had before."""
    either_host.send(do="raise")
    with _started(either_host, pause_seconds=0) as host:
        ends = [host.next() for _ in range(5)]
        until(lambda: either_host.left() == 0)
    assert [(end["succeeded"], end["tries"]) for end in ends] == [(False, number) for number in range(1, 6)]
    (original,) = {call["id"] for call in either_host.calls()}
    (poison,) = either_host.poison.receive_messages()
    assert poison.content == json.dumps({"do": "raise"})
    assert poison.id != original
    assert poison.expires_on
    assert abs(poison.expires_on - datetime.now(UTC) - timedelta(days=7)) < timedelta(minutes=10)


def test_a_message_taken_too_often_is_set_aside_without_a_call(either_host: Recorder) -> None:
    """Five hosts have died of it: the sixth does not try."""
    either_host.send("deadly")
    for _ in range(5):
        message = either_host.queue.receive_message()
        assert message is not None
        either_host.queue.update_message(message, visibility_timeout=0)
    with _started(either_host):
        until(lambda: either_host.left() == 0)
    assert either_host.calls() == []
    assert [one.content for one in either_host.poison.receive_messages()] == ["deadly"]


def test_a_dead_worker_fails_its_invocation_at_once(either_host: Recorder) -> None:
    """The host starts another, and the message shows again after the pause of a failure."""
    either_host.send(do="wait")
    with _started(either_host, pause_seconds=1) as host:
        either_host.wait_for(1)
        host.kill_worker()
        assert "the worker process ended (-9)" in host.next()["error"]
        either_host.go()
        end = host.next()
    assert (end["succeeded"], end["tries"]) == (True, 2)
    first, second = either_host.calls()
    assert first["pid"] != second["pid"]


def test_a_function_that_runs_too_long_loses_its_worker(local_host: Recorder) -> None:
    """After `functionTimeout` the worker is killed; the message is tried again once another has started."""
    local_host.send(do="wait")
    with _started(local_host, pause_seconds=0, function_seconds=0.5, cancel_seconds=0) as host:
        assert not host.next()["succeeded"]
        local_host.go()
        end = host.next()
        while not end["succeeded"]:  # the second call may have begun before the test said so
            end = host.next()
    assert end["tries"] > 1


def test_at_a_stop_the_running_function_may_end(either_host: Recorder) -> None:
    """SIGTERM: the function ends within its time, so its message is deleted; the next one is not taken."""
    either_host.send(do="wait")
    either_host.send("next")
    with _started(either_host) as host:
        either_host.wait_for(1)
        host.terminate()
        time.sleep(2)  # a host needs a moment to hear the signal; the function waits as long
        either_host.go()
        assert host.next()["succeeded"]
        assert host.wait(60) == 0
    assert len(either_host.calls()) == 1
    until(lambda: either_host.left() == 1)


def test_after_a_stop_the_worker_is_killed_and_the_message_left_as_it_is(either_host: Recorder) -> None:
    """Its time is over: no failure is noted, the message stays hidden for what is left of its ten minutes."""
    either_host.send(do="wait")
    with _started(either_host, pause_seconds=0, grace_seconds=0.2) as host:
        either_host.wait_for(1)
        host.terminate()
        assert host.wait(60) == 0
    assert either_host.calls("ended") == []
    assert either_host.left() == 1
    assert either_host.queue.peek_messages() == []


def test_an_idle_host_stops_at_once(local_host: Recorder) -> None:
    """SIGTERM without a message ends it in good order."""
    with _started(local_host) as host:
        host.terminate()
        assert host.wait(60) == 0


def test_a_lost_instance_gives_its_message_back_when_the_hiding_ends(local_host: Recorder) -> None:
    """Host and worker are killed: another host is given the message again, counted."""
    local_host.send(do="wait")
    with _started(local_host, hidden_seconds=1) as lost:
        local_host.wait_for(1)
        lost.kill()
    local_host.go()
    with _started(local_host) as host:
        assert host.next()["tries"] == 2
    assert len(local_host.calls("ended")) == 1


def test_a_worker_without_its_host_finishes_and_the_work_is_done_twice(local_host: Recorder) -> None:
    """Only the host is killed: its worker lives on until the function ends, and its message is delivered once more."""
    local_host.send(do="wait")
    with _started(local_host, hidden_seconds=1) as lost, _started(local_host, hidden_seconds=1) as host:
        local_host.wait_for(1)
        owner, other = (lost, host) if local_host.calls()[0]["pid"] == lost.worker_pid else (host, lost)
        owner.kill_host()
        local_host.wait_for(2)
        local_host.go()
        assert other.next()["tries"] == 2
        assert len(local_host.wait_for(2, "ended")) == 2


def test_a_listener_is_part_of_its_host(either_host: Recorder) -> None:
    """Where only the host is killed, nobody fails the message: its worker finishes, and the message stays hidden."""
    either_host.send(do="wait")
    with _started(either_host, pause_seconds=0) as host:
        either_host.wait_for(1)
        host.kill_host()
        either_host.go()
        either_host.wait_for(1, "ended")
    assert either_host.left() == 1
    assert either_host.queue.peek_messages() == []


def test_two_hosts_share_a_queue_and_nothing_is_done_twice(either_host: Recorder) -> None:
    """Eight messages, each called once."""
    for number in range(8):
        either_host.send(f"message {number}")
    with _started(either_host), _started(either_host):
        until(lambda: either_host.left() == 0)
    assert sorted(call["began"] for call in either_host.calls()) == [
        f"message {number}" for number in range(8)
    ]


def test_an_idle_host_has_done_what_showed_on_its_queue(local_host: Recorder) -> None:
    """What was put there before is done when it says so; a message that is hidden until later is not waited for."""
    local_host.queue.send_message("later", visibility_timeout=600)
    with _started(local_host) as host:
        local_host.send(do="sleep", seconds=1)
        local_host.send("second")
        host.wait_until_idle()
        assert len(local_host.calls("ended")) == 2
        local_host.send(do="sleep", seconds=3)
        with pytest.raises(HostError, match="busy"):
            host.wait_until_idle(0.5)
        host.wait_until_idle()
        assert len(local_host.calls("ended")) == 3
        host.kill()
        with pytest.raises(HostError, match="has ended"):
            host.wait_until_idle()
    assert local_host.left() == 1


def test_a_queue_that_is_not_there_is_waited_for(azurite: Azurite, tmp_path: Path) -> None:
    """The host does not make it; what is put on it later is delivered."""
    recorder = Recorder(azurite, f"local-{next(_NUMBERS)}", tmp_path)
    with _started(recorder) as host:
        until(lambda: "the queue cannot be reached" in (tmp_path / "host.log").read_text())
        recorder.queue.create_queue()
        recorder.send("late")
        assert host.next()["succeeded"]


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"EXPORTS_QUEUE": ""}, "%EXPORTS_QUEUE% does not resolve to a value"),
        ({"ExportStorage": ""}, "ExportStorage is set but empty"),
    ],
)
def test_a_binding_without_its_setting_is_said(
    local_host: Recorder, settings: dict[str, str], said: str
) -> None:
    """The real host leaves such a function out and only logs it; the local one does not start."""
    with pytest.raises(HostError, match=said), local_host.host(_PASSED_ON, settings):
        pass
