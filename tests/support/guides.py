"""The guides as tests read them: tables, links, headings, marked examples."""

import re
from pathlib import Path
from typing import Any

from typer.main import get_command

from commands.program import app

ROOT = Path(__file__).resolve().parent.parent.parent
DOCS = ROOT / "docs"


def guide(name: str) -> str:
    """One guide's text."""
    return (DOCS / name).read_text(encoding="utf-8")


def guides() -> list[Path]:
    """Every text for people in the repository's root and in docs/."""
    return sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md")])


def section(text: str, heading: str) -> str:
    """What stands under a heading, down to the next one of its level or above."""
    found = re.search(rf"^(#+) {re.escape(heading)}$(.*?)(?=^#{{1,6}} |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[2]


def rows(text: str) -> list[list[str]]:
    """The cells of all tables in a text, without the rows of headings."""
    lines = text.splitlines()
    found = []
    for place, line in enumerate(lines):
        is_heading = place + 1 < len(lines) and re.match(r"\|[ :|-]+\|$", lines[place + 1])
        if line.startswith("|") and not is_heading and not re.match(r"\|[ :|-]+\|$", line):
            found.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    return found


def code_of(cell: str) -> str:
    """What stands in a cell between backquotes, if that is all there is."""
    found = re.fullmatch(r"`([^`]+)`", cell)
    assert found, cell
    return found[1]


def examples(text: str, mark: str) -> list[tuple[str, str]]:
    """Code under a comment such as `<!-- accepted: 2 -->`: what the mark says, and the code."""
    return re.findall(rf"<!-- {mark}(?:: (.*?))? -->\n```[a-z]*\n(.*?)```", text, re.DOTALL)


def anchors(text: str) -> set[str]:
    """The anchors of a text's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands() -> dict[str, Any]:
    """Every command that is shown, by its name; those below another one as `source new`."""
    found: dict[str, Any] = {}
    for name, command in get_command(app).commands.items():  # type: ignore[attr-defined]  # a group has them
        if not command.hidden:
            below = getattr(command, "commands", None)
            found |= {f"{name} {inner}": one for inner, one in below.items()} if below else {name: command}
    return found


def named_commands(text: str) -> list[tuple[str, str]]:
    """Every command that a text names, with the words behind it."""
    known = commands()
    found = []
    for name, below, rest in re.findall(r"gatepost\.py ([a-z][a-z-]*)(?: ([a-z]+)\b)?([^`\n]*)", text):
        both = f"{name} {below}"
        found.append((both, rest) if both in known else (name, f" {below}{rest}"))
    return found
