"""The same deployment with a client secret and without any, as the table of a guide: what disappears, and what comes."""

from collections.abc import Callable, Mapping
from typing import Final

from tests.support.snapshots import Leaves, in_bicep, in_terraform

STACKS: Final[Mapping[str, Callable[[str], dict[str, Leaves]]]] = {
    "bicep": in_bicep,
    "terraform": in_terraform,
}
WITH, WITHOUT = "plain", "without-secret"
_SETTING: Final = "properties.siteConfig.appSettings"
GONE: Final = {
    "Microsoft.KeyVault/vaults": "the vault",
    "Microsoft.Insights/diagnosticSettings": "the log of who read the secret",
    "Microsoft.Authorization/roleAssignments": "*Key Vault Secrets User* for the app; *Gatepost secret setter* for the operators",
    "Microsoft.Authorization/roleDefinitions": "the role *Gatepost secret setter*",
}
"""What each type is of which resources disappear."""
_OUTSIDE: Final = (
    "| app registration | a client secret | a federated credential (`python3 -m infra.deploy secret` makes it) |",
    "| a person's work | a new secret before the old one ends | none |",
)


def gone(stack: str) -> dict[str, list[str]]:
    """The resources that only the deployment with a secret has, by type."""
    found: dict[str, list[str]] = {}
    with_one, without = STACKS[stack](WITH), STACKS[stack](WITHOUT)
    for key in sorted(set(with_one) - set(without)):
        found.setdefault(str(with_one[key]["type"]), []).append(key)
    return found


def changed(stack: str) -> dict[str, tuple[str, str]]:
    """Values that differ in what both deployments have, by the last part of their path."""
    with_one, without = STACKS[stack](WITH), STACKS[stack](WITHOUT)
    return {
        path.removeprefix(f"{_SETTING}[").removesuffix("].value"): (
            str(with_one[key].get(path, "-")),
            str(without[key].get(path, "-")),
        )
        for key in sorted(set(with_one) & set(without))
        for path in sorted({*with_one[key], *without[key]})
        if with_one[key].get(path) != without[key].get(path)
    }


def table(stack: str) -> str:
    """The comparison, made from one stack."""
    rows = ["| | With a client secret | With `federated` |", "|---|---|---|"]
    rows += [f"| `{type_}` | {len(keys)}: {GONE[type_]} | - |" for type_, keys in gone(stack).items()]
    rows += [
        f"| setting `{name}` | `{old}` | {new if new == '-' else f'`{new}`'} |"
        for name, (old, new) in changed(stack).items()
    ]
    return "\n".join((*rows, *_OUTSIDE))
