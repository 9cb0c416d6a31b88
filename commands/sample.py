"""`sample` and `schema`: something to try things out with, and the rules as a file."""

import gzip
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Annotated

import typer

from commands import samples
from commands.console import screen
from commands.console.errors import CommandError
from commands.files import check_name
from commands.validate import records as counted
from shared.errors import ExportError
from shared.exports.validate import SCHEMA_BYTES

Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the file if it is there.")]


def sample(  # noqa: PLR0913  (each one is an option)
    file: Annotated[
        Path,
        typer.Argument(metavar="[FILE]", help="Its name decides: .json, .jsonl or .ndjson, each also .gz."),
    ] = Path("sample.json"),
    *,
    records: Annotated[int, typer.Option(min=0, metavar="N", help="How many records.")] = 1_000,
    bad: Annotated[
        float, typer.Option(min=0, max=100, metavar="P", help="How many percent of them break a rule.")
    ] = 0,
    seed: Annotated[int, typer.Option(metavar="N", help="The same seed makes the same records.")] = 1,
    day: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], metavar="DATE", help="Their day, such as 2026-01-12; by default yesterday."
        ),
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Write an export with made-up records, for trying things out.

    Example: python gatepost.py sample badging.json --records 1000 --bad 2
    """
    try:
        check_name(file.name)
    except ExportError:
        raise CommandError(
            f"{file.name} is no name for an export.",
            "Name the file .json, .jsonl or .ndjson (each may also end in .gz).",
        ) from None
    midnight = day or datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    made = samples.records(records, bad, seed, midnight)
    plain = file.name.lower().removesuffix(".gz")
    _write(
        file,
        samples.as_array(made) if plain.endswith(".json") else samples.as_lines(made),
        overwrite=overwrite,
    )
    wrong = round(records * bad / 100)
    rest = f", {wrong:,} of them with a mistake" if wrong else ""
    screen.say(f"{counted(records)} written to {file}{rest}.")


def schema(
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="Where to; by default to the screen.")
    ] = None,
    *,
    overwrite: Overwrite = False,
) -> None:
    """Write the JSON Schema of a record, for the exporter's own checks.

    Example: python gatepost.py schema record.schema.json
    """
    if file is None:
        typer.echo(SCHEMA_BYTES.decode(), nl=False)
        return
    _write(file, [SCHEMA_BYTES], overwrite=overwrite)
    screen.say(f"The schema of a record is in {file}.")


def _write(file: Path, pieces: Iterable[bytes], *, overwrite: bool) -> None:
    try:
        with _opened(file, "wb" if overwrite else "xb") as target:
            for piece in pieces:
                target.write(piece)
    except FileExistsError:
        raise CommandError(f"{file} is there already.", "Name another file, or say --overwrite.") from None
    except OSError as error:
        raise CommandError(f"{file} cannot be written: {error.strerror}.", "Name another file.") from None


def _opened(file: Path, mode: str) -> "IO[bytes] | gzip.GzipFile":
    return gzip.open(file, mode) if file.name.lower().endswith(".gz") else file.open(mode)  # type: ignore[return-value]  # both take bytes
