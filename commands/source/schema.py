"""`source schema`: the JSON Schema of a profile, for editors that check TOML."""

from pathlib import Path
from typing import Annotated

import typer

from commands.console import screen
from commands.local_files import writing
from commands.options import Overwrite
from shared.sources.profile_schema import SCHEMA_BYTES


def schema(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Where to write it. Default: the screen.")
    ] = None,
    *,
    overwrite: Overwrite = False,
) -> None:
    """Write the JSON Schema of a profile.

    For editors that check and complete a profile while it is written.

    Example: python gatepost.py source schema profile.schema.json
    """
    if file is None:
        typer.echo(SCHEMA_BYTES.decode(), nl=False)
        return
    with writing(file, "Name another file"), file.open("wb" if overwrite else "xb") as target:
        target.write(SCHEMA_BYTES)
    screen.say(f"Schema of a profile written to {file}.")
