"""The poison queue in memory, as the command-line tool sees it."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from shared.services.poison_messages import PoisonMessage
from tests.support.fake_clock import FakeClock


@dataclass
class FakePoison:
    """Messages in the order in which they came; what another person holds is in `held`, and not taken."""

    clock: FakeClock
    messages: list[PoisonMessage] = field(default_factory=list)
    held: set[str] = field(default_factory=set)

    def put(self, text: str, _delay_seconds: int = 0) -> None:
        """What the host does after five tries."""
        self.messages.append(PoisonMessage(text, self.clock.now(), str(len(self.messages))))

    def waiting(self) -> int:
        """How many there are."""
        return len(self.messages)

    def peek(self) -> list[PoisonMessage]:
        """All of them."""
        return list(self.messages)

    def take(self, count: int) -> Iterator[PoisonMessage]:
        """Those that nobody holds."""
        yield from [one for one in self.messages if one.id not in self.held][:count]

    def release(self, message: PoisonMessage) -> None:
        """Nobody holds it any longer."""
        self.held.discard(message.id)

    def delete(self, message: PoisonMessage) -> None:
        """It is gone."""
        self.messages.remove(message)
