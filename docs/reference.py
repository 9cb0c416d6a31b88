"""Writes what the reference pages say about the code: a block of each page is made from what the code declares.

`python -m docs.reference` brings the pages up to date after a change; a test fails while a page differs from the code.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from shared.clouds import CLOUDS
from shared.error_codes import BlockedCode, ErrorCode, FailedCode, RejectedCode
from shared.setting_checks import Setting
from shared.settings import SETTINGS
from shared.telemetry.metrics import METRICS

DOCS: Final = Path(__file__).parent
_WHO: Final = {"exporter": "Exporter", "operator": "Operator", "nobody": "Nobody"}
_RETRY: Final = {None: "", "auto": ", retry `auto`", "person": ", retry `person`"}


def error_codes() -> str:
    """A heading for each code, so that it has an anchor, below a heading for each kind."""
    return "\n".join(_kinds())


def _kinds() -> Iterator[str]:
    for heading, kind in (
        ("Rejected: the export is wrong", RejectedCode),
        ("Blocked: a person must fix something else", BlockedCode),
        ("Failed: should pass", FailedCode),
    ):
        yield f"## {heading}\n"
        yield from map(_entry, kind)


def _entry(code: ErrorCode) -> str:
    return (
        f"### {code}\n\n"
        f"{_marked(code.text)} *{code.status}{_RETRY[code.retry]}.*\n\n"
        f"**{_WHO[code.who]}:** {_marked(code.help)}\n"
    )


def _marked(text: str) -> str:
    """The text as Markdown: names of settings and commands as code, nothing taken for HTML."""
    text = re.sub(r"<([^<>]+)>", r"&lt;\1&gt;", text)
    return re.sub(r"\b([A-Z]+_[A-Z_]+|gatepost\.py [a-z-]+)\b", r"`\1`", text)


def settings() -> str:
    """A row for each app setting."""
    rows = "".join(map(_row, SETTINGS.values()))
    return f"| Name | Default | Must be | Meaning |\n|---|---|---|---|\n{rows}"


def _row(setting: Setting) -> str:
    default = "required" if setting.default is None else f"`{setting.default}`" if setting.default else ""
    meaning = re.sub(r"\b(on|off):", r"`\1`:", _marked(setting.meaning))
    return f"| `{setting.name}` | {default} | {setting.should_be} | {meaning} |\n"


def clouds() -> str:
    """A row for each Microsoft cloud."""
    rows = "".join(
        f"| `{name}` | `{cloud.connector_url}` | `{cloud.authority}` |\n" for name, cloud in CLOUDS.items()
    )
    return f"| `CONNECTOR_CLOUD` | Connector | Entra ID |\n|---|---|---|\n{rows}"


def metrics() -> str:
    """A row for each metric."""
    head = "| Metric | Kind | Unit | Attributes | What it measures |\n|---|---|---|---|---|\n"
    return head + "".join(
        f"| `{one.name}` | {one.kind} | `{one.unit}` | {', '.join(f'`{name}`' for name in one.attributes)} "
        f"| {one.description} |\n"
        for one in METRICS
    )


BLOCKS: Final[dict[str, tuple[str, Callable[[], str]]]] = {
    "error codes": ("error-codes.md", error_codes),
    "settings": ("settings.md", settings),
    "clouds": ("settings.md", clouds),
    "metrics": ("telemetry.md", metrics),
}
"""Each block by its name: the page it is in, and what makes it."""


def with_block(page: str, name: str, block: str) -> str:
    """The page with a block put between its two marks.

    Raises:
        ValueError: the page has no such marks.
    """
    begin, end = f"<!-- from the code: {name} -->\n", f"<!-- end: {name} -->\n"
    before, found, rest = page.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"the page has no block {name!r}")
    return f"{before}{begin}\n{block}\n{end}{after}"


def main() -> None:
    """Bring every page up to date."""
    for name, (file, make) in BLOCKS.items():
        page = DOCS / file
        page.write_text(with_block(page.read_text(encoding="utf-8"), name, make()), encoding="utf-8")


if __name__ == "__main__":
    main()
