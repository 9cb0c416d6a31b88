"""Runs the Azure CLI and Terraform, shows each command before it runs, and says in one sentence what went wrong.

With `quiet`, no value of the settings is printed: a workflow's log may be public.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

_SHORTEST_HIDDEN: Final = 6
"""Shorter values (true, 40, the environment's name) hide nothing and would garble the text."""


class StepError(Exception):
    """A step cannot be done; the text says what to do."""


@dataclass
class Shell:
    """A place to run commands in.

    Attributes:
        environment: what a command finds in its environment: the settings too.
        hidden: values that are not printed.
        quiet: show what is done, not the commands and what they answer.
    """

    environment: Mapping[str, str]
    hidden: Sequence[str] = ()
    quiet: bool = False
    shown: list[str] = field(default_factory=list)

    def say(self, text: str) -> None:
        """A line for the person, or for the log."""
        self.shown.append(self._masked(text))
        sys.stdout.write(f"{self.shown[-1]}\n")
        sys.stdout.flush()

    def az(self, *arguments: str, secret: bool = False) -> Any:
        """Run the Azure CLI; gives what it answers, out of JSON.

        Raises:
            StepError: it is not installed, not signed in, or refuses.
        """
        answer = self.run("az", *arguments, "--output", "json", secret=secret)
        return json.loads(answer) if answer.strip() else None

    def run(self, program: str, *arguments: str, secret: bool = False, through: bool = False) -> str:
        """Run a program to its end; gives what it prints.

        Args:
            program: its name, to be found on the PATH (on Windows `az` is a script).
            arguments: as they are, without a shell in between.
            secret: do not show the command.
            through: let it talk to the person itself.

        Raises:
            StepError: it is not installed, or it fails.
        """
        path = shutil.which(program, path=self.environment.get("PATH"))
        if path is None:
            raise StepError(f"{program} is not installed. Install it, or open shell.azure.com, which has it.")
        if not (self.quiet or secret):
            self.say("  $ " + " ".join([program, *(_quoted(one) for one in arguments)]))
        done = subprocess.run(
            [path, *arguments],
            env=dict(self.environment),
            stdout=None if through else subprocess.PIPE,
            stderr=None if through else subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            said = (done.stderr or done.stdout or "").strip()
            raise StepError(self._masked(f"{program} {arguments[0]} failed: {said or 'see above'}"))
        return done.stdout or ""

    def _masked(self, text: str) -> str:
        for value in sorted(self.hidden if self.quiet else (), key=len, reverse=True):
            if len(value) >= _SHORTEST_HIDDEN:
                text = text.replace(value, "***")
        return text


def _quoted(text: str) -> str:
    return (
        text if text and not set(text) & set(" \"'$&|<>()[]{}*?`\\") else '"' + text.replace('"', '\\"') + '"'
    )
