"""`make bench`: everything of docs/benchmarks.md, measured in one run of about ten minutes, and written there.

python -m benchmarks [--sweep EXPORTS] [--quick]
"""

import argparse
import os
import platform
import statistics
import tempfile
from pathlib import Path
from typing import Final

from rich.console import Console

from benchmarks import ends
from benchmarks.child import Figures, measured
from benchmarks.made import FORMS, write
from benchmarks.many import sweep
from benchmarks.page import Results, chart, other_sections, page
from benchmarks.passes import NAIVE_OF, naive_bodies, our_bodies
from local.host import ROOT

RUNS: Final = 3
SIZES: Final = (50_000, 1_000_000, 2_400_000)
PEERS_UP_TO: Final = 1_000_000  # beyond that the peers need gigabytes
NAIVE_RECORDS: Final = 200_000  # it takes a quarter of a minute for them
QUICK: Final = (20_000, 100_000)
_DOCS: Final = ROOT / "docs"


def main() -> None:
    """Measure, show, write down."""
    arguments = _arguments()
    console = Console(highlight=False)
    sizes = QUICK if arguments.quick else SIZES
    with tempfile.TemporaryDirectory(prefix="gatepost-bench-") as name:
        found = _run(Path(name), sizes, arguments.sweep, console)
    console.print(page(found))
    if not arguments.quick:
        (_DOCS / "benchmarks.md").write_text(page(found), encoding="utf-8")
        (_DOCS / "benchmarks.svg").write_text(chart(found), encoding="utf-8")


def _run(folder: Path, sizes: tuple[int, ...], sweep_result: int, console: Console) -> Results:
    for form in NAIVE_OF:
        _same_bodies(write(folder / "same.json", 12_345, form), form, console)
    passes: dict[tuple[str, int], Figures] = {}
    for records in sizes:
        path = write(folder / "passes.json", records)
        ways = ("ours", "naive", "script", "floor") if records <= PEERS_UP_TO else ("ours", "floor")
        taken: dict[str, list[Figures]] = {way: [] for way in ways}
        for _ in range(RUNS):
            for way in ways:
                taken[way].append(measured(way, path))
                console.print(f"{records:,} {way}: {taken[way][-1].seconds:.2f} s")
        passes |= {(way, records): _median(figures) for way, figures in taken.items()}
    form_records = sizes[1]
    forms = _forms(folder, form_records, console)
    pairs = ends.end_to_end(folder, form_records, RUNS)
    console.print(f"end to end and floor: {pairs}")
    return Results(
        passes=passes,
        forms=forms,
        naive_forms=_naive_forms(folder, min(NAIVE_RECORDS, sizes[1])),
        naive_records=min(NAIVE_RECORDS, sizes[1]),
        form_records=form_records,
        end_records=form_records,
        ends=[whole / least for whole, least in pairs],
        end_seconds=statistics.median(whole for whole, _ in pairs),
        waiting=ends.waiting(folder, 40),
        cold_seconds=ends.first_request(folder, RUNS),
        imports=ends.imports(9),
        sweep=sweep(folder, sweep_result),
        machine=f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}",
        others=other_sections((_DOCS / "benchmarks.md").read_text(encoding="utf-8")),
    )


def _forms(folder: Path, records: int, console: Console) -> dict[str, Figures]:
    forms = {}
    for form in FORMS:
        path = write(folder / f"form{'.gz' if form == 'gzip' else '.json'}", records, form)
        forms[form] = _median([measured("ours", path) for _ in range(RUNS)])
        console.print(f"{form}: {forms[form].seconds:.2f} s, {forms[form].megabytes:.0f} MB")
    return forms


def _naive_forms(folder: Path, records: int) -> dict[str, tuple[float, float]]:
    """Records a second of the naive way and of ours, in turns; of fewer records, since the naive way takes long."""
    found = {}
    for form, naive in NAIVE_OF.items():
        path = write(folder / "naive.json", records, form)
        ways = ("ours", naive)
        taken = [[measured(way, path).cpu_seconds for way in ways] for _ in range(RUNS)]
        ours, other = (records / statistics.median(one) for one in zip(*taken, strict=True))
        found[form] = other, ours
    return found


def _same_bodies(path: Path, form: str, console: Console) -> None:
    """Ours and the naive script's must not differ in a byte, or nothing is worth comparing."""
    if list(our_bodies(path)) != list(naive_bodies(path, to_utc=form == "offsets")):
        raise SystemExit(f"{form}: the bodies differ: the comparison would be worth nothing")
    console.print(f"{form}: the bodies are the same to the byte.")


def _median(figures: list[Figures]) -> Figures:
    return Figures(
        statistics.median(one.seconds for one in figures),
        statistics.median(one.megabytes for one in figures),
        figures[0].records,
        statistics.median(one.cpu_seconds for one in figures),
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measures speed and memory.")
    parser.add_argument("--sweep", type=int, default=100_000, help="exports for the sweep")
    parser.add_argument("--quick", action="store_true", help="small sizes, nothing written down")
    return parser.parse_args()


if __name__ == "__main__":
    main()
