"""The profiles that come with Gatepost, in `sources/`, as beginnings for a source's own."""

import re
from importlib.resources import files
from pathlib import Path
from typing import Final

from commands.console.errors import CommandError
from commands.console.exit_codes import Exit
from commands.drafting.draft import Draft
from commands.drafting.profile_text import UPN
from commands.drafting.tables import TableLayout
from commands.drafting.toml_text import quoted
from shared.sources.profile import read_profile
from shared.sources.profile_model import Profile
from shared.sources.values import lacking

_SHIPPED: Final = Path(str(files("commands"))).parent / "sources"
_ZONE: Final = re.compile(r'^(zone = ".*/.*")$', re.MULTILINE)
_NAME: Final = re.compile(r"^name = .*$", re.MULTILINE)
_POLICY: Final = re.compile(r"^\[policy\]$", re.MULTILINE)
_SEND: Final = (
    "# false: everything is done but sending. Say true when `source try` shows what you expect.\nsend = false"
)


def systems() -> list[str]:
    """The systems for which a profile is shipped."""
    return sorted(path.parent.name for path in _SHIPPED.glob("*/profile.toml"))


def shipped_profile(system: str) -> str:
    """The text of a system's profile.

    Raises:
        CommandError: none is shipped for it.
    """
    if system not in systems():
        raise CommandError(
            f"No profile is shipped for {system}.",
            f"One of: {', '.join(systems())}. Without --system the draft is made from the file alone.",
            Exit.NOT_FOUND,
        )
    return (_SHIPPED / system / "profile.toml").read_text(encoding="utf-8")


def started_from(text: str, draft: Draft, name: str) -> tuple[str, str, list[str]]:
    """A source's profile begun from a shipped one.

    Args:
        text: of the shipped profile.
        draft: what was found in a file.
        name: of the source.

    Returns:
        The profile's text, the first line of its people file, and what in the file differs from the profile.
    """
    profile = read_profile(text.encode())
    text = _NAME.sub(lambda _: f"name = {quoted(name)}", text, count=1)
    text = _ZONE.sub(r"# TODO: the time zone of your doors' clocks: a name of the IANA list.\n\1", text)
    text = (
        _POLICY.sub(lambda _: f"[policy]\n{_SEND}", text)
        if _POLICY.search(text)
        else f"{text}\n[policy]\n{_SEND}\n"
    )
    if profile.mapping and profile.mapping.lookups:
        place = text.index("[[person]]")
        text = (
            text[:place]
            + "# TODO: fill in the people file, people.csv: who has which number.\n"
            + text[place:]
        )
    return text, _people_header(profile), _differences(profile, draft)


def _people_header(profile: Profile) -> str:
    lookups = profile.mapping.lookups if profile.mapping else []
    keys = dict.fromkeys(column for lookup in lookups for column in lookup.key)
    return ",".join([*keys, UPN]) + "\n" if keys else ""


def _differences(profile: Profile, draft: Draft) -> list[str]:
    """What in the file is not as the profile says."""
    said, layout = profile.input, draft.layout
    form = "csv" if isinstance(layout, TableLayout) else "json"
    if form != said.format:
        return [f"The profile is for {said.format} files, this one is {form}."]
    found = []
    if draft.encoding.name != said.encoding and not draft.encoding.words.endswith("mark"):
        found.append(
            f"[input] encoding: the file is {draft.encoding.words}; write encoding = {quoted(draft.encoding.name)}"
        )
    if isinstance(layout, TableLayout):
        found += _of_table(profile, layout)
    elif layout.records != said.records:
        found.append(
            f"[input] records: the events stand under {layout.records or 'no name'}, not under {said.records}"
        )
    present = frozenset(said.columns or draft.columns)
    mapping = profile.mapping
    lost = (
        dict.fromkeys(name for value in mapping.values for name in lacking(value, present)) if mapping else {}
    )
    plain = [one for one in lost if "[" not in one]
    found += [
        f"The file has no {'column' if form == 'csv' else 'value'} {one}; name the one that takes its place"
        for one in plain
    ]
    return found


def _of_table(profile: Profile, layout: TableLayout) -> list[str]:
    said = profile.input
    found = []
    if layout.delimiter != said.delimiter:
        found.append(f"[input] delimiter: write delimiter = {quoted(layout.delimiter)}")
    if said.columns and len(said.columns) != len(layout.columns):
        found.append(f"[input] columns: the profile has {len(said.columns)}, the file {len(layout.columns)}")
    if layout.header and not said.columns and layout.header != said.header:
        found.append(f"[input] header: write header = {layout.header}")
    return found
