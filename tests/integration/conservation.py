"""Whether records were lost, doubled or altered: what the connector took, held against what was uploaded and the outcomes."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from local.azure import LocalAzure
from tests.integration.outcomes import outcome_of


@dataclass
class Figures:
    """What a campaign has seen.

    Attributes:
        moments: at which moments something was killed or held up, and how often.
        missing: valid records that the connector never took.
        spurious: records at the connector that no export has.
        repeats: requests that were accepted again.
        uncounted: of these, how many the outcomes do not say.
    """

    moments: Counter[str] = field(default_factory=Counter)
    acceptances: int = 0
    missing: int = 0
    spurious: int = 0
    altered: int = 0
    repeats: int = 0
    uncounted: int = 0
    most_repeats_an_export: int = 0

    def __str__(self) -> str:
        """One line for a person."""
        return (
            f"{self.moments.total()} deaths or stops, {self.acceptances} acceptances: missing {self.missing}, "
            f"spurious {self.spurious}, altered {self.altered}, repeated batches {self.repeats}, "
            f"of these uncounted {self.uncounted}"
        )

    def check(self) -> None:
        """Nothing was lost, made up or altered, and every repeat is in an outcome."""
        assert (self.missing, self.spurious, self.altered) == (0, 0, 0), self
        assert self.uncounted == 0, self


def tally(
    figures: Figures, azure: LocalAzure, uploaded: Iterable[dict[str, Any]], names: Iterable[str]
) -> None:
    """Add to the figures what the connector took, and start its memory anew.

    Args:
        figures: are added to.
        azure: whose connector and outcomes are read.
        uploaded: the valid records of all exports since the last tally, as they should arrive.
        names: of these exports.
    """
    accepted = azure.connector.accepted
    expected = {one["AssetId"]: one for one in uploaded}
    records = azure.connector.records()
    taken = {one["AssetId"] for one in records}
    figures.acceptances += len(accepted)
    figures.missing += len(expected.keys() - taken)
    figures.spurious += len(taken - expected.keys())
    figures.altered += sum(one != expected.get(one["AssetId"]) for one in records)
    bodies = Counter(one.sha256 for one in accepted)
    repeated = {sha256: times - 1 for sha256, times in bodies.items() if times > 1}
    batches = [batch for name in names for batch in outcome_of(azure, name).batches]
    counted = {batch.sha256: batch.possible_copies for batch in batches}
    figures.repeats += sum(repeated.values())
    figures.uncounted += sum(max(0, times - counted.get(sha256, 0)) for sha256, times in repeated.items())
    figures.most_repeats_an_export = max(figures.most_repeats_an_export, sum(repeated.values()))
    accepted.clear()
