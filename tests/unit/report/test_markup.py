"""Markup: what goes in as text comes out as text, whatever it holds."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.report.markup import Markup, element, join, text


class _Reader(HTMLParser):
    """Collects elements, attributes and text as a browser would see them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts += data


@given(st.text(alphabet=st.characters(exclude_categories=("C", "Z")), min_size=1))
def test_text_cannot_become_markup(hostile: str) -> None:
    """Whatever is put into an element and into an attribute, one element comes out, with that text and that value."""
    read = _Reader(element("p", hostile, title=hostile))
    assert read.elements == [("p", {"title": hostile})]
    assert read.texts == hostile


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        ("a\u202eb", r"a\u202eb"),
        ("a\x00b", r"a\u0000b"),
        ("a\u200bb", r"a\u200bb"),
        ("a\ud800b", r"a\ud800b"),
    ],
)
def test_unseen_characters_are_written_out(hidden: str, shown: str) -> None:
    """A name cannot pose as another by turning the direction of writing or by characters nobody sees."""
    assert text(hidden) == shown


def test_markup_is_not_escaped_twice_and_none_is_left_out() -> None:
    """Children that are elements stay elements; what is not there leaves no trace."""
    inner = element("b", "<")
    assert join(inner, None, "&") == Markup("<b>&lt;</b>&amp;")
    assert (
        element("p", inner, None, id=None, class_="a", aria_label="b")
        == '<p class="a" aria-label="b"><b>&lt;</b></p>'
    )


def test_an_empty_element_closes_itself() -> None:
    """Within a drawing, an element that is not closed would swallow the ones after it."""
    assert element("rect", x=1) == '<rect x="1"/>'
