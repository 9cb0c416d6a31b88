"""`python -m local run|serve|events`."""

import signal
import sys

from rich.console import Console

from local.azurite import AzuriteError
from local.events import events
from local.npm import InstallError
from local.run import run
from local.serve import serve

USAGE = "usage: python -m local run|serve|events"


def main(words: list[str]) -> int:
    """Do what is asked; gives the exit code."""
    console = Console(highlight=False)
    for name in ("SIGTERM", "SIGHUP"):  # a closed terminal, say: nothing that was started stays behind
        if number := getattr(signal, name, None):
            signal.signal(number, _end)
    try:
        match words:
            case ["run"]:
                return run(console)
            case ["serve"]:
                serve(console)
                return 1  # it ends by itself only when something is wrong
            case ["events"]:
                events(console)
            case _:
                console.print(USAGE)
                return 2
    except (AzuriteError, InstallError) as error:
        console.print(f"[red]{error}[/red]")
        return 1
    except KeyboardInterrupt:
        console.print("\nEnded.")
    return 0


def _end(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
