"""A number with its noun, the same in the report, in sentences and on terminals."""


def counted(number: int, what: str) -> str:
    """`1 record`, `2,000 records`: a number with its noun, which takes an s where there is not exactly one."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
