"""The page for platform teams says what the stacks are; what a scanner finds is named there with its reason."""

import re
from pathlib import Path

import pytest

from infra import checkov
from tests.support.stacks import BICEP, ROOT, TERRAFORM, bicep_parameters

TEXT = (ROOT / "docs" / "policies.md").read_text()


@pytest.mark.parametrize("finding", checkov.NAMED, ids=lambda one: one["check"])
def test_every_finding_has_its_row(finding: dict[str, str]) -> None:
    """Check, place, reason and remedy stand on the page as in `infra/policies.toml`."""
    row = f"| `{finding['check']}` | {finding['where']} | {finding['reason']} | {finding['way']} |"
    assert row in TEXT.splitlines()


def test_what_is_named_exists() -> None:
    """Parameters, outputs, files and modules on the page are real."""
    symbols = {one.name for path, one in BICEP if path.name == "resource-group.bicep"}
    known = symbols | {
        "appReadsSecret",
        "ftpsState",
        "maximumInstanceCount",
        "http20Enabled",
        "basicPublishingCredentialsPolicies",
    }
    known |= {"costCentre", "dataAccount", "certificate", "federated"}
    assert set(re.findall(r"`([a-z]+(?:[A-Z][a-z]*)+)`", TEXT)) <= known
    for name in re.findall(r"azd env set ([A-Z_]+)", TEXT):
        assert name.lower() in bicep_parameters() or name == "AZURE_RESOURCE_GROUP"
    for name in re.findall(r"`(infra/[\w./-]+)`", TEXT):
        assert (ROOT / name).exists(), name
    assert {"existing_resource_group_name", "register_providers"} <= {
        one.name for _, one in TERRAFORM if one.kind == "variable"
    }


def test_every_choice_of_an_organisation_is_on_the_page() -> None:
    """Who has a policy finds the parameter for it."""
    conventions = {
        one.name
        for path, one in BICEP
        if path.name == "main.bicep"
        and one.kind == "param"
        and re.match(
            r"existing(?!SystemTopic)|tags|names|locked|zone|infra|private|\w+PublicNetworkAccess|networkAddress|logDaily",
            one.name,
        )
    }
    assert len(conventions) >= 16
    for name in conventions:
        assert f"`{name}`" in TEXT, name


def test_anchors_lead_somewhere() -> None:
    """On this page, and from here into the guide."""
    guide = (ROOT / "docs" / "deploy.md").read_text()
    for text, pattern in ((TEXT, r"\]\(#([^)]+)\)"), (guide, r"\]\(deploy\.md#([^)]+)\)")):
        anchors = {
            re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
            for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
        }
        for anchor in re.findall(pattern, TEXT):
            assert anchor in anchors


def test_a_run_of_checkov_that_checked_nothing_is_an_error(tmp_path: Path) -> None:
    """It ends with 0 when it reads nothing, so the count decides."""
    fake = tmp_path / "checkov"
    fake.write_text(
        '#!/bin/sh\necho \'{"summary": {"resource_count": 0, "parsing_errors": 0}, "results": {"failed_checks": []}}\'\n'
    )
    fake.chmod(0o755)
    with pytest.raises(SystemExit, match="read 0 resources"):
        checkov.main(str(fake))


def test_a_finding_that_is_not_named_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """So is one that is named and no longer found: both are said."""
    fake = tmp_path / "checkov"
    said = '{"summary": {"resource_count": 1, "parsing_errors": 0}, "results": {"failed_checks": [{"check_id": "CKV_NEW_1", "resource": "x"}]}}'
    fake.write_text(f"#!/bin/sh\necho '{said}'\n")
    fake.chmod(0o755)
    assert checkov.main(str(fake)) == 1
    text = capsys.readouterr().err
    assert "CKV_NEW_1 (x) is not named" in text
    assert "CKV_AZURE_78 is named in infra/policies.toml but no longer found" in text
