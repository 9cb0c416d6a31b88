"""What a stack's source computes, as text: in tests it must not be taken for a literal."""


class Expression(str):
    """The text of an expression, without the language's brackets around it."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Say that this is no literal."""
        return f"Expression({super().__repr__()})"
