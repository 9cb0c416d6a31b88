"""`env remove`: removes settings that are kept under a name."""

import typer

from commands.console import environments, screen
from commands.env.add import EnvironmentName
from commands.local_files import writing
from commands.options import Yes


def remove(name: EnvironmentName, *, yes: Yes = False) -> None:
    """Remove the settings that are kept under a name; asks first.

    Example: python gatepost.py env remove test
    """
    path = environments.file_of(name)
    if not yes:
        typer.confirm(f"Remove the settings of {name}? They are only in {path}. Continue?", abort=True)
    with writing(path, "Check that you may delete it"):
        path.unlink()
    screen.say(f"Removed: {name}.")
