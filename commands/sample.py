"""`sample` and `schema`: made-up exports to try things out with, and the rules of a record as a file."""

import gzip
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Annotated

import typer

from commands import sample_records
from commands.console import screen
from commands.console.errors import CommandError
from commands.console.formatting import records as counted
from commands.file_names import check_name
from commands.local_files import writing
from commands.options import Overwrite, between, day_named
from shared.errors import ExportError
from shared.exports.rules import RULES


def sample(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="Its name decides: .json, .jsonl or .ndjson, each also with .gz."
        ),
    ] = Path("sample.json"),
    *,
    records: Annotated[int, typer.Option(callback=between(0), metavar="N", help="How many records.")] = 1_000,
    bad: Annotated[
        float,
        typer.Option(callback=between(0, 100), metavar="P", help="What percentage of them breaks a rule."),
    ] = 0,
    seed: Annotated[int, typer.Option(metavar="N", help="The same seed makes the same records.")] = 1,
    day: Annotated[
        datetime | None,
        typer.Option(
            parser=day_named, metavar="DATE", help="Their day, such as 2026-01-12. Default: yesterday."
        ),
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Write an export with made-up records, to try things out.

    Example: python gatepost.py sample badging.json --records 1000 --bad 2
    """
    try:
        check_name(file.name)
    except ExportError:
        raise CommandError(
            f"{file.name} is not the name of an export.",
            "The name must end in .json, .jsonl or .ndjson (each also with .gz).",
        ) from None
    midnight = day or datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    made = sample_records.records(records, bad, seed, midnight)
    is_array = file.name.lower().removesuffix(".gz").endswith(".json")
    pieces = sample_records.as_array(made) if is_array else sample_records.as_lines(made)
    _write(file, pieces, overwrite=overwrite)
    wrong = round(records * bad / 100)
    rest = f", {wrong:,} of them with a mistake" if wrong else ""
    screen.say(f"{counted(records)} written to {file}{rest}.")


def schema(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="Where to write it. Default: the screen.")
    ] = None,
    *,
    overwrite: Overwrite = False,
) -> None:
    """Write the JSON Schema of a record.

    For the exporter's own checks.

    Example: python gatepost.py schema record.schema.json
    """
    if file is None:
        typer.echo(RULES.schema_bytes.decode(), nl=False)
        return
    _write(file, [RULES.schema_bytes], overwrite=overwrite)
    screen.say(f"Schema of a record written to {file}.")


def _write(file: Path, pieces: Iterable[bytes], *, overwrite: bool) -> None:
    with writing(file, "Name another file"), _opened(file, "wb" if overwrite else "xb") as target:
        for piece in pieces:
            target.write(piece)


def _opened(file: Path, mode: str) -> "IO[bytes] | gzip.GzipFile":
    return gzip.open(file, mode) if file.name.lower().endswith(".gz") else file.open(mode)  # type: ignore[return-value]  # both take bytes
