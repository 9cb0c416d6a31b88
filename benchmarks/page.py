"""docs/benchmarks.md and its chart, out of the figures of a run."""

import re
from dataclasses import dataclass
from itertools import pairwise
from math import log10
from typing import Final

from benchmarks.child import Figures
from benchmarks.many import SweepFigures

COLOURS: Final = {"ours": "#0b6e4f", "naive": "#b5472f", "script": "#7a5c00"}
LABELS: Final = {"ours": "Gatepost", "naive": "naive script", "script": "sample script's way"}
_WIDTH, _HEIGHT, _TOP, _BOTTOM = 330, 260, 46, 212
_LEFT: Final = 72

_OURS: Final = ("## A pass:", "## Forms of", "## The whole way", "## What bounds")
_BOUNDS: Final = (
    "## What bounds these figures",
    "",
    "* **A pass**: a third of it is decoding segments of the export (msgspec) and judging them column by column, a fifth the",
    "  events: one SipHash a record, and what stays in memory of each. The rest is SHA-256 (once over the export, once over every",
    "  body), reading and joining. An export that is not in order of time takes a third more, for the set of its events. Reasons",
    "  are remembered by value, so that an invalid record costs little more than its line in the rejected file.",
    "* **The whole way**: between two requests a line is appended to the ledger, if nobody else did, and the lease renewed. That",
    "  keeps a batch from being lost or sent twice, so it is never skipped or put off; the floor has none of it.",
    "* **A sweep**: nearly all of it is Azurite making the pages. Of our own CPU half is reading the listings' XML by a pattern; a",
    "  parser needs twice as long for that, the SDK's objects eight times.",
    "",
)


@dataclass(frozen=True)
class Results:
    """Everything a run found.

    Attributes:
        passes: medians by way and number of records.
        forms: ours, by form of the export, at one size.
        naive_forms: records a second of processor time, of the form's own naive way and of ours.
        naive_records: of which they were measured.
        ends: whole attempts over their floor, each a ratio; `end_seconds` is the median attempt.
        sweep: over exports that all have their outcomes.
        waiting: whole attempt over the sum of its replies.
        others: lines of the page that other programs' figures stand in.
    """

    passes: dict[tuple[str, int], Figures]
    forms: dict[str, Figures]
    naive_forms: dict[str, tuple[float, float]]
    naive_records: int
    form_records: int
    end_records: int
    ends: list[float]
    end_seconds: float
    waiting: float
    cold_seconds: float
    imports: tuple[float, float]
    sweep: SweepFigures
    machine: str
    others: list[str]


def other_sections(text: str) -> list[str]:
    """The lines of a page's sections that hold what other programs measured.

    Args:
        text: of the page as it is.
    """
    sections = re.split(r"(?m)^(?=## )", text)[1:]
    others = [one for one in sections if not one.startswith(_OURS)]
    return [line for one in others for line in [*one.rstrip().splitlines(), ""]]


def page(found: Results) -> str:
    """The document."""
    small, *_ = sizes = sorted({records for _, records in found.passes})
    large = sizes[-1]
    ours = {records: found.passes["ours", records] for records in sizes}
    return "\n".join(
        [
            "# Benchmarks",
            "",
            "What the path from blob to request body costs, beside what people would otherwise write. All in one run of",
            f"`make bench`: each way in a process of its own, in turns, medians of three. {found.machine}.",
            "",
            "![Records a second and peak memory against the size of the export](benchmarks.svg)",
            "",
            "## A pass: read, check, normalise, cut, hash",
            "",
            "`naive` is `json.load`, `jsonschema` for each record, `json.dumps` for each batch; it accepts and rejects the same",
            "records and its bodies are the same to the byte (checked at the start of every run). `script` does what Microsoft's",
            "sample script does: no check at all. `floor` reads and hashes the file. Memory is what comes on top of the idle process.",
            "",
            "| Records | Way | Seconds | Records/s | Times naive | Peak MB |",
            "|--:|---|--:|--:|--:|--:|",
            *_pass_rows(found),
            "",
            f"Time a record, {small:,} against {large:,} records: {_growth(ours[small], ours[large]):.2f} times.",
            "",
            f"## Forms of an export, {found.form_records:,} records",
            "",
            "| Form | Seconds | Records/s | Peak MB |",
            "|---|--:|--:|--:|",
            *(
                f"| {form} | {one.seconds:.2f} | {found.form_records / one.seconds:,.0f} | {one.megabytes:.0f} |"
                for form, one in found.forms.items()
            ),
            "",
            "Each beside its own naive way (with offsets that also brings times to UTC), by processor time:",
            "",
            f"| Form, {found.naive_records:,} records | Naive, records/s | Ours, records/s | Times naive |",
            "|---|--:|--:|--:|",
            *(
                f"| {form} | {naive:,.0f} | {own:,.0f} | {own / naive:.1f} |"
                for form, (naive, own) in found.naive_forms.items()
            ),
            "",
            "## The whole way",
            "",
            "| What | Figure |",
            "|---|--:|",
            f"| {found.end_records:,} records from the message to the outcome, Azurite and https on loopback | {found.end_seconds:.1f} s |",
            f"| the same, over merely streaming the blob down twice and posting the same bodies | {max(found.ends):.2f} times at most |",
            f"| a connector that takes 200 ms a request: the whole over posting the same bodies alone | {found.waiting:.2f} times |",
            f"| from the message to the first request, 5,000 records, cold | {found.cold_seconds * 1000:.0f} ms |",
            f"| importing both triggers | {found.imports[0] * 1000:.0f} ms |",
            f"| importing azure-functions, azure-storage-blob and requests alone | {found.imports[1] * 1000:.0f} ms |",
            f"| a sweep over {found.sweep.exports:,} exports with outcomes, on Azurite | {found.sweep.seconds:.1f} s |",
            f"| of these, CPU of our own | {found.sweep.cpu_seconds:.1f} s, {_microseconds(found.sweep):.0f} microseconds an export |",
            f"| a bare listing of the same containers, nothing parsed | {found.sweep.listing_seconds:.1f} s |",
            "",
            *found.others,
            *_BOUNDS,
        ]
    )


def _microseconds(sweep: SweepFigures) -> float:
    """Processor time of ours for an export with its outcome."""
    return sweep.cpu_seconds / sweep.exports * 1_000_000


def chart(found: Results) -> str:
    """Two panels as SVG: throughput, and peak memory, both over the number of records."""
    speed = {way: [(records, records / one.seconds) for records, one in _of(found, way)] for way in COLOURS}
    memory = {way: [(records, max(one.megabytes, 1)) for records, one in _of(found, way)] for way in COLOURS}
    panels = _panel("records a second", speed, 0) + _panel("peak memory, MB above idle", memory, _WIDTH + 20)
    title = "Throughput and peak memory against the number of records"
    legend = "".join(
        f'<rect x="{_LEFT + 190 * place}" y="246" width="10" height="10" fill="{COLOURS[way]}"/>'
        f'<text x="{_LEFT + 16 + 190 * place}" y="255">{LABELS[way]}</text>'
        for place, way in enumerate(COLOURS)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * _WIDTH + 20} {_HEIGHT + 10}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="11" fill="#24292f"><title>{title}</title>'
        f'<rect width="100%" height="100%" fill="#ffffff"/>{panels}{legend}</svg>\n'
    )


def _of(found: Results, way: str) -> list[tuple[int, Figures]]:
    return sorted((records, one) for (name, records), one in found.passes.items() if name == way)


def _pass_rows(found: Results) -> list[str]:
    rows = []
    for (way, records), one in sorted(found.passes.items(), key=lambda item: item[0][1]):
        naive = found.passes.get(("naive", records))
        times = f"{naive.seconds / one.seconds:.1f}" if naive else ""
        rows.append(
            f"| {records:,} | {way} | {one.seconds:.3f} | {records / one.seconds:,.0f} | {times} | {one.megabytes:.0f} |"
        )
    return rows


def _growth(small: Figures, large: Figures) -> float:
    return (large.seconds / large.records) / (small.seconds / small.records)


def _panel(title: str, lines: dict[str, list[tuple[int, float]]], left: int) -> str:
    """One panel with a logarithmic scale upwards; sizes stand side by side, each with its number of records."""
    sizes = sorted({records for line in lines.values() for records, _ in line})
    values = [value for line in lines.values() for _, value in line]
    steps = [10.0**power for power in range(8) if min(values) / 10 < 10.0**power < max(values) * 10]
    low, high = steps[0], steps[-1]

    def up(value: float) -> float:
        return _BOTTOM - (_BOTTOM - _TOP) * log10(value / low) / log10(high / low)

    def across(records: int) -> float:
        return left + _LEFT + 34 + (_WIDTH - _LEFT - 72) * sizes.index(records) / max(1, len(sizes) - 1)

    parts = [f'<text x="{left + _LEFT}" y="22" font-weight="600">{title}</text>']
    parts += [
        f'<line x1="{left + _LEFT}" x2="{left + _WIDTH}" y1="{up(step):.1f}" y2="{up(step):.1f}" stroke="#d0d7de"/>'
        f'<text x="{left + _LEFT - 6}" y="{up(step) + 4:.1f}" text-anchor="end">{step:,.0f}</text>'
        for step in steps
    ]
    parts += [
        f'<text x="{across(records):.1f}" y="{_BOTTOM + 18}" text-anchor="middle">{records:,}</text>'
        for records in sizes
    ]
    for way, line in lines.items():
        dots = [(across(records), up(value)) for records, value in line]
        parts += [
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{COLOURS[way]}" stroke-width="2"/>'
            for (x1, y1), (x2, y2) in pairwise(dots)
        ]
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{COLOURS[way]}"/>' for x, y in dots]
    return "".join(parts)
