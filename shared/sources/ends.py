"""How a row ends that is no record: ignored under a code, or rejected for what is wrong with it."""

from dataclasses import dataclass
from typing import Final

from shared.exports.validate import Violation
from shared.sources.profile_model import Policed
from shared.sources.reasons import VIOLATIONS
from shared.sources.rules import Ruling


@dataclass(frozen=True, slots=True)
class Ended:
    """An end; with an empty code the row is rejected."""

    ignored: str
    violations: tuple[Violation, ...] = ()


RULED: Final = Ended("rule")
LEFT_OUT: Final = Ended("outcome")
WITHOUT_ACCOUNT: Final = Ended("person-without-account")
REJECTED: Final = {code: Ended("", (violation,)) for code, violation in VIOLATIONS.items()}
"""By the code of what is wrong."""


def ended_by(ruling: Ruling) -> Ended | None:
    """How the rules end a row, if they do."""
    if not ruling.code:
        return None
    return RULED if ruling.code == RULED.ignored else REJECTED[ruling.code]


def by_policy(policy: Policed, code: str) -> Ended:
    """How a row ends that the profile's policy ignores or rejects."""
    return Ended(code) if policy == "ignore" else REJECTED[code]
