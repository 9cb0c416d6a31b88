"""Runs `gatepost.py` in this process, against the small world of fakes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from typer.testing import CliRunner, Result

from commands.context import CommandContext
from commands.probe import ProbeResult
from commands.program import app
from commands.tenant_users import Users, users_of_tenant
from shared.delivery.dependencies import Dependencies
from shared.messages import Message
from shared.read_settings import read_settings
from shared.settings import Settings
from tests.support.exports import export
from tests.support.fake_connector import reply
from tests.support.fake_poison import FakePoison
from tests.support.fake_versions import FakeVersions
from tests.support.world import ENVIRONMENT, World


@dataclass
class CommandRunner:
    """Runs commands on a world, with a host that works while commands wait.

    Attributes:
        environment: the settings that commands find.
        unreachable: hosts that cannot be reached, with the problem.
        users: the users of the tenant, at an address of Microsoft Graph.
    """

    world: World = field(default_factory=World)
    environment: dict[str, str] = field(default_factory=lambda: dict(ENVIRONMENT))
    unreachable: dict[str, str] = field(default_factory=dict)
    users: Callable[[Settings, str], Users] = users_of_tenant

    def __post_init__(self) -> None:
        """Let the functions run beside the commands."""
        self.poison = FakePoison(self.world.clock)
        self.versions = FakeVersions()
        self._announced: set[str] = set()
        self._waited_for = False
        self.world.clock.every(1.0, self.work)

    def run(self, *arguments: str | Path | int, answers: str | bytes = "", columns: int = 300) -> Result:
        """Run a command.

        Args:
            arguments: of the command line.
            answers: what is typed, or piped in.
            columns: the terminal's width.
        """
        command = CommandContext(
            self.environment,
            self._build,
            lambda _: self.poison,
            self._probe,
            sources=lambda _: self.world.sources,
            users=self.users,
            versions=lambda _: self.versions,
        )
        waited_for, self._waited_for = self._waited_for, True
        try:
            return CliRunner(env={"COLUMNS": str(columns)}).invoke(
                app,
                [str(one) for one in arguments],
                obj=command,
                input=answers,
                prog_name="python gatepost.py",
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

    def _build(self, settings: dict[str, str]) -> Dependencies:
        """The world, for settings that the product would take."""
        read_settings(settings)
        return self.world.deps

    def _probe(self, url: str) -> ProbeResult:
        host = url.removeprefix("https://")
        return ProbeResult(
            host, self.unreachable.get(host, ""), "Fix it." if host in self.unreachable else ""
        )


def day(world: World) -> None:
    """A day with one export of each kind."""
    world.upload("2026/11/22/good.json", export(25))
    world.upload("2026/11/22/part.json", export(30, first=100, bad=(103, 107)))
    world.upload("2026/11/22/copy.json", export(25))
    world.upload("2026/11/22/broken.json", b"[{")
    world.run()


def blocked(commands: CommandRunner, name: str = "2026/11/22/day.json", first: int = 500) -> None:
    """An export that the connector refused; it would take it now."""
    commands.world.connector.script.append(reply(404))
    commands.world.upload(name, export(25, first=first))
    commands.world.run()
