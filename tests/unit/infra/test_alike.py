"""Bicep's snapshots and Terraform's plans of the same parameters: the same, or a difference with a reason."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

import pytest

from infra.plans import PLANS
from tests.support.snapshots import SETS, SNAPSHOTS, in_bicep, in_terraform
from tests.support.stacks import INFRA, ONLY_TERRAFORM, snake

each_set = pytest.mark.parametrize("name", SETS)
REASONS = tomllib.loads((INFRA / "differences.toml").read_text())["difference"]


@dataclass(frozen=True)
class Difference:
    """A property, or with no path a whole resource, of which the stacks make different things."""

    resource: str
    type: str
    property: str
    bicep: object
    terraform: object

    def explained_by(self, reason: dict[str, str]) -> bool:
        """Whether a reason speaks of this."""
        only = {"bicep": self.terraform is None, "terraform": self.bicep is None}[reason["only"]]
        return only and self.type == reason["type"] and fnmatchcase(self.property, reason.get("property", ""))


def differences(name: str) -> Iterator[Difference]:
    """Everything in which the two stacks differ for a set of parameters."""
    bicep, terraform = in_bicep(name), in_terraform(name)
    for resource in sorted(bicep | terraform):
        one, other = bicep.get(resource), terraform.get(resource)
        if one is None or other is None:
            yield Difference(resource, (one or other or {})["type"], "", one, other)
            continue
        for path in sorted(one | other):
            if one.get(path) != other.get(path):
                yield Difference(resource, one["type"], path, one.get(path), other.get(path))


@each_set
def test_both_stacks_come_to_the_same(name: str) -> None:
    """Resource by resource, role by role, setting by setting; what differs has its reason."""
    unexplained = [
        one for one in differences(name) if not any(one.explained_by(reason) for reason in REASONS)
    ]
    assert unexplained == []


def test_every_reason_is_needed() -> None:
    """A difference that is gone leaves the list as well."""
    found = [one for name in SETS for one in differences(name)]
    for reason in REASONS:
        assert any(one.explained_by(reason) for one in found), reason
        assert reason["reason"].endswith(".")


@each_set
def test_both_stacks_were_given_the_same_parameters(name: str) -> None:
    """The runs of Terraform's test are the files of parameters, value by value."""
    text = (INFRA / "terraform" / "tests" / "sets.tftest.hcl").read_text()
    [run] = re.findall(
        rf'^run "{snake(name).replace("-", "_")}" {{\n(.*?)^}}', text, re.DOTALL | re.MULTILINE
    )
    in_run = _values(re.sub(r" +=", ":", run.partition("variables {")[2].replace('"', "'")))
    given = _values(re.sub(r"(?m)^param (\w+) =", r"  \1:", (SNAPSHOTS / f"{name}.bicepparam").read_text()))
    assert {key: value for key, value in in_run.items() if key not in ONLY_TERRAFORM} == given


def _values(text: str) -> dict[str, str]:
    one_a_line = re.sub(r"\{ (.*?) \}", lambda found: "{\n  " + found[1].replace(", ", "\n  ") + "\n}", text)
    return {snake(key): one for key, one in re.findall(r"^ +(\w+) *: *([^\s{].*)$", one_a_line, re.MULTILINE)}


def test_every_set_is_kept_of_both() -> None:
    """At least the six: plain, own network, existing network and zones, SFTP, existing resources, one group."""
    assert {path.stem for path in PLANS.glob("*.json")} == set(SETS)
    assert {path.name.removesuffix(".snapshot.json") for path in SNAPSHOTS.glob("*.json")} == set(SETS)
    assert len(SETS) >= 6
