"""What makes a source unusable, all of it at once, in words that name the file, the table and the key."""

from collections.abc import Sequence

from shared.errors import GatepostError


class SourceUnusableError(GatepostError):
    """A profile or a people file that cannot be used; nothing is sent by a half-understood one.

    Attributes:
        problems: one sentence each, every one that was found.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)
