"""A person at a desk: runs `gatepost.py` in this process, against the small world of fakes."""

from dataclasses import dataclass, field
from pathlib import Path

from typer.testing import CliRunner, Result

from commands.context import CommandContext
from commands.probe import ProbeResult
from commands.program import app
from shared.messages import Message
from tests.support.fake_storage import FakeQueue
from tests.support.world import ENVIRONMENT, World


@dataclass
class CommandRunner:
    """A desk in front of a world, with a host that works while commands wait.

    Attributes:
        environment: the settings the desk has.
        unreachable: hosts that cannot be reached, with the problem.
    """

    world: World = field(default_factory=World)
    environment: dict[str, str] = field(default_factory=lambda: dict(ENVIRONMENT))
    unreachable: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Let the functions run beside whatever a command does."""
        self.poison = FakeQueue(self.world.clock)
        self._announced: set[str] = set()
        self._waited_for = False
        self.world.clock.every(1.0, self.work)

    def run(self, *arguments: str | Path | int, answers: str = "", columns: int = 300) -> Result:
        """Run a command."""
        command = CommandContext(
            self.environment, lambda _: self.world.at, lambda _: self.poison, self._probe
        )
        waited_for, self._waited_for = self._waited_for, True
        try:
            return CliRunner(env={"COLUMNS": str(columns)}).invoke(
                app, [str(one) for one in arguments], obj=command, input=answers
            )
        finally:
            self._waited_for = waited_for

    def work(self) -> None:
        """Announce what was uploaded, and let the functions run, if a command waits for them."""
        if not self._waited_for:
            return
        self._waited_for = False
        for name in self.world.exports.names():
            etag = self.world.exports.head(name).etag
            if etag not in self._announced:
                self._announced.add(etag)
                self.world.announce(Message(name, etag))
        self.world.run()
        self._waited_for = True

    def _probe(self, url: str) -> ProbeResult:
        host = url.removeprefix("https://")
        return ProbeResult(
            host, self.unreachable.get(host, ""), "Fix it." if host in self.unreachable else ""
        )
