"""The reference pages are what the code declares."""

import pytest

from docs import reference
from tests.support.guides import guide


@pytest.mark.parametrize("name", reference.BLOCKS)
def test_the_pages_are_what_the_code_declares(name: str) -> None:
    """`python -m docs.reference` was run after the last change."""
    file, make = reference.BLOCKS[name]
    page = guide(file)
    assert page == reference.with_block(page, name, make())


def test_a_page_without_the_marks_is_an_error() -> None:
    """A block cannot be left out by accident."""
    with pytest.raises(ValueError, match="no block 'error codes'"):
        reference.with_block("# A page", "error codes", "")
