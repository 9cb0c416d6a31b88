"""How well `source new` does: its drafts of sample exports beside what is known about these.

The samples are those of `sources/`, whose profiles say what is right, and a control group of five more systems, made from the
same public descriptions before the command was written. To write the table into the guide:
`python -m tests.support.source_new_table`.
"""

import json
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commands.drafting.draft import Draft, make_draft
from commands.drafting.profile_text import profile_text
from shared.sources.profile import read_profile
from shared.sources.values import names_in
from tests.support.guides import DOCS, ROOT

CONTROL = ROOT / "tests/unit/commands/source_new_control"
GUIDE = DOCS / "connect-a-badging-system.md"
BEGIN, END = "<!-- source new: begin -->\n", "<!-- source new: end -->\n"
ASPECTS = ("format", "encoding", "delimiter", "columns", "time format")
_BESIDE = {"profile.toml", "people.csv", "expected.json"}
_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Judged:
    """One sample: what of its draft is right, and how many TODOs it leaves."""

    name: str
    control: bool
    right: dict[str, bool]
    todos: int

    @property
    def all_right(self) -> bool:
        """Whether everything is right."""
        return all(self.right.values())


def judged() -> list[Judged]:
    """Every sample, the control group last."""
    return [*_shipped(), *_control()]


def table(results: list[Judged]) -> str:
    """The results as a table for the guide."""
    head = f"| Sample | {' | '.join(one.capitalize() for one in ASPECTS)} | TODOs left |\n"
    lines = [head, "|---" * (len(ASPECTS) + 2) + "|\n"]
    for one in results:
        name = f"{one.name} (control)" if one.control else one.name
        cells = " | ".join("right" if one.right[aspect] else "**wrong**" for aspect in ASPECTS)
        lines.append(f"| {name} | {cells} | {one.todos} |\n")
    right = sum(one.all_right for one in results)
    control = [one for one in results if one.control]
    return "".join(lines) + (
        f"\nEverything is right for {right} of {len(results)}, and for {sum(one.all_right for one in control)} of the "
        f"{len(control)} of the control group.\n"
    )


def _shipped() -> Iterator[Judged]:
    for folder in sorted((ROOT / "sources").iterdir()):
        (sample,) = (path for path in folder.iterdir() if path.name not in _BESIDE)
        profile = read_profile((folder / "profile.toml").read_bytes())
        said, mapping = profile.input, profile.mapping
        assert mapping is not None
        draft = make_draft(sample.read_bytes())
        written = _written(draft)
        if said.format == "csv":
            drawn = (
                len(draft.columns) == len(said.columns)
                if said.columns
                else _names(mapping) <= set(draft.columns)
            )
            header = written["input"].get("header", 1) == said.header
            columns = drawn and header and ("columns" in written["input"]) == bool(said.columns)
        else:
            columns = written["input"].get("records") == said.records and _plain_names(mapping) <= set(
                draft.columns
            )
        right = {
            "format": written["input"]["format"] == said.format,
            "encoding": written["input"].get("encoding", "utf-8") == said.encoding,
            "delimiter": written["input"].get("delimiter", ",") == said.delimiter,
            "columns": columns,
            "time format": written["time"]["format"] == mapping.time.format,
        }
        yield Judged(folder.name, control=False, right=right, todos=_todos(draft))


def _control() -> Iterator[Judged]:
    expected: dict[str, Any] = json.loads((CONTROL / "expected.json").read_text(encoding="utf-8"))
    for name, known in expected.items():
        draft = make_draft((CONTROL / name).read_bytes())
        written = _written(draft)
        if known["format"] == "json":
            columns = written["input"].get("records") == known["columns"]
        elif known["header"]:
            columns = list(draft.columns) == known["columns"] and "columns" not in written["input"]
        else:
            columns = len(written["input"].get("columns", ())) == known["columns"]
        right = {
            "format": written["input"]["format"] == known["format"],
            "encoding": written["input"].get("encoding", "utf-8") == known["encoding"],
            "delimiter": written["input"].get("delimiter", ",") == (known["delimiter"] or ","),
            "columns": columns,
            "time format": written["time"]["format"] == known["time_format"],
        }
        yield Judged(Path(name).stem, control=True, right=right, todos=_todos(draft))


def _written(draft: Draft) -> dict[str, Any]:
    text = profile_text(draft, "made")
    read_profile(text.encode())
    return tomllib.loads(text)


def _todos(draft: Draft) -> int:
    return profile_text(draft, "made").count("TODO:")


def _names(mapping: Any) -> set[str]:
    return {name for value in mapping.values for name in names_in(value)}


def _plain_names(mapping: Any) -> set[str]:
    return {name for name in _names(mapping) if "[" not in name}


def main() -> None:
    """Write the table into the guide."""
    text = GUIDE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    GUIDE.write_text(before + BEGIN + table(judged()) + END + after, encoding="utf-8")


if __name__ == "__main__":
    main()
