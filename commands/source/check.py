"""`source check`: whether a profile and its people files can be used, and what in them is doubtful."""

import typer

from commands.console import screen
from commands.console.command_line import command
from commands.console.formatting import count
from commands.source.doubtful import doubtful
from commands.source.local_source import ProfileFile, load_source, profile_path
from shared.printable import printable


def check(profile: ProfileFile) -> None:
    """Check a profile and its people files.

    Schema, patterns, zones, time formats, people files, and what is doubtful. Reads no export: that is `source try`.

    Example: python gatepost.py source check munich/profile.toml
    """
    source = load_source(profile)
    path = profile_path(profile)
    screen.say(f"OK: {printable(source.name)} ({printable(source.profile.name)}) can be used.", "green")
    for lookup, index in source.indexes.items():
        keys = " and ".join(lookup.key)
        screen.say(f"  {lookup.directory}: {count(index.keys, 'key')} in {printable(keys)}")
    doubts = doubtful(source, path.read_text(encoding="utf-8-sig"))
    for doubt in doubts:
        screen.say(f"  Doubtful: {printable(doubt)}.", "yellow")
    screen.say("Next, try it with a file of the system:")
    screen.say_commands([command("source try", str(path), "FILE")])
    raise typer.Exit(0)
