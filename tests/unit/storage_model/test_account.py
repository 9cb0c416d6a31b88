"""Everything of the model together."""

from datetime import timedelta

import pytest

from shared.delivery.ports import ABSENT
from shared.errors import ConditionError
from tests.support.storage_model.account import Account
from tests.support.storage_model.wire import Call


def test_workers_share_storage_and_nothing_else() -> None:
    """What one writes the other sees; clocks, hooks and chance are each one's own."""
    account, calls = Account(), list[Call]()
    one = account.worker("one", calls.append, offset=timedelta(hours=1))
    two = account.worker("two", rate=2.0)
    one.state.write("ledger.json", b"{}", ABSENT)
    with pytest.raises(ConditionError):
        two.state.write("ledger.json", b"[]", ABSENT)
    assert [(call.worker, call.what, call.where) for call in calls] == [("one", "put", "gatepost-state")]
    two.clock.sleep(10)
    assert (one.clock.monotonic(), two.clock.monotonic()) == (5, 10)
    assert one.clock.now() - account.world.now() == timedelta(hours=1)
    again = Account().worker("one")
    assert one.clock.between(0, 1) == again.clock.between(0, 1) != two.clock.between(0, 1)


def test_a_message_goes_round() -> None:
    """Announced, taken, put again by the worker for later, taken again when it shows."""
    account = Account()
    worker, listener = account.worker("one"), account.listener()
    account.announce("first")
    delivery = listener.take()
    assert delivery is not None
    worker.queue.put("second", 300)
    delivery.succeed()
    assert listener.take() is None
    shows = account.queues.next_shows("badging-exports")
    assert shows == 300
    account.world.move_to(shows)
    later = listener.take()
    assert later is not None
    assert later.message.text == "second"
