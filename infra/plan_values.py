"""What the translations of `infra.plan_types` and `infra.plan_alerts` have in common."""

from collections.abc import Mapping
from typing import Any

type Values = Mapping[str, Any]
type Resource = dict[str, Any]


def first(values: Values, block: str) -> Values:
    """The one block of its kind, or nothing."""
    found: list[Values] = values[block] or [{}]
    return found[0]


def placed(values: Values, **properties: Any) -> Resource:
    """A resource with region and tags."""
    return {"location": values["location"], "tags": values["tags"], "properties": properties}
