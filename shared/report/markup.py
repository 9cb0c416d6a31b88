"""HTML that cannot be broken out of: text is escaped wherever it goes in, only `element` makes markup."""

import html
import re
from typing import Final

_UNSEEN: Final = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
"""Control characters, and those that are invisible or turn the direction of writing: a name could pose as another."""

_VOID: Final = frozenset({"meta", "rect", "line"})


class Markup(str):
    """Text that is HTML already; everything else is escaped."""

    __slots__ = ()


type Child = str | Markup | None


def text(value: str) -> Markup:
    """Text as a page shows it: escaped, and unseen characters written out."""
    return Markup(html.escape(_UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", value)))


def join(*children: Child) -> Markup:
    """Children one after another; strings are escaped, `None` is left out."""
    return Markup(
        "".join(one if isinstance(one, Markup) else text(one) for one in children if one is not None)
    )


def element(tag: str, /, *children: Child, **attributes: str | int | None) -> Markup:
    """One element.

    Args:
        tag: its name.
        children: its content.
        attributes: `class_` stands for `class`, `aria_label` for `aria-label`; those that are `None` are left out.
    """
    parts = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{tag}{parts}/>" if tag in _VOID else f"<{tag}{parts}>{join(*children)}</{tag}>")


def section(name: str, heading: str, *content: Markup | None) -> Markup:
    """A part of a page under a heading of its own; `name` is its anchor."""
    return element("section", element("h2", heading, id=name), *content, aria_labelledby=name)
