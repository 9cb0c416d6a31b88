"""The workflows run in a fork, pin what they use by commit, and print nothing of a deployment."""

import re
from typing import Any

import pytest
import yaml

from tests.support.stacks import ROOT

WORKFLOWS = {path.name: path for path in sorted((ROOT / ".github" / "workflows").glob("*.yml"))}
each_workflow = pytest.mark.parametrize("name", WORKFLOWS)


def _document(name: str) -> dict[Any, Any]:
    loaded: dict[Any, Any] = yaml.safe_load(WORKFLOWS[name].read_text())
    return loaded


def _steps(name: str) -> list[dict[str, Any]]:
    return [step for job in _document(name)["jobs"].values() for step in job.get("steps", [])]


@each_workflow
def test_actions_are_pinned_by_commit(name: str) -> None:
    """A moved tag must not change what runs; the release that a commit belongs to stands beside it, the same everywhere."""
    lines = re.findall(r"uses: (.+)", WORKFLOWS[name].read_text())
    for line in lines:
        assert re.fullmatch(
            r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+|\./\.github/workflows/\w+\.yml", line
        ), line
    assert lines


def test_an_action_has_one_version() -> None:
    """Two workflows do not run two releases of one."""
    versions: dict[str, set[str]] = {}
    for path in WORKFLOWS.values():
        for action, version in re.findall(r"uses: ([\w-]+/[\w-]+)@(.+)", path.read_text()):
            versions.setdefault(action, set()).add(version)
    assert {action: found for action, found in versions.items() if len(found) > 1} == {}


@each_workflow
def test_make_targets_exist(name: str) -> None:
    """What a workflow makes can be made at a desk."""
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"\bmake (\w+)\n", WORKFLOWS[name].read_text()):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@each_workflow
def test_nothing_is_put_into_a_script_by_the_template(name: str) -> None:
    """Text from outside reaches a script as a variable only."""
    for step in _steps(name):
        assert "${{" not in step.get("run", "")


def test_only_the_deployment_knows_secrets_and_they_are_what_github_masks() -> None:
    """IDs and parameters are no variables, which a log shows; tests and releases need none of them."""
    for name, path in WORKFLOWS.items():
        text = path.read_text()
        assert ("secrets." in text) == (name == "deploy.yml")
        assert set(re.findall(r"vars\.(\w+)", text)) <= {"GATEPOST_DEPLOY"}


def test_the_deployment_prints_no_command_and_no_answer() -> None:
    """The log of a public fork is public."""
    [job] = [job for name, job in _document("deploy.yml")["jobs"].items() if name == "deploy"]
    runs = [step["run"] for step in job["steps"] if "run" in step]
    for run in runs:
        assert re.fullmatch(r"python3 -m infra\.deploy \w+ .*--quiet", run) or run.endswith("> deploy.env"), (
            run
        )
    assert len(runs) == 4


def test_the_deployment_builds_nothing_in_azure_and_takes_only_noted_providers() -> None:
    """What was tested is what runs; Terraform stops without its lock file."""
    text = WORKFLOWS["deploy.yml"].read_text()
    assert "infra.deploy code --package dist/gatepost.zip" in text
    assert "config-zip" not in text
    assert "--terraform --locked-providers" in text


def test_only_the_deployment_may_ask_for_a_token_and_only_by_hand() -> None:
    """A pull request from a stranger gets to read and to test; only a tag makes a release."""
    more = {"deploy": {"contents": "read", "id-token": "write"}, "release": {"contents": "write"}}
    for name in WORKFLOWS:
        document = _document(name)
        assert document["permissions"] == {"contents": "read"}
        for job, body in document["jobs"].items():
            assert body.get("permissions") == more.get(job)
    assert list(_document("deploy.yml")[True]) == ["workflow_dispatch"]  # YAML 1.1 reads `on` as true
    assert _document("release.yml")[True] == {"push": {"tags": ["v*"]}}


def test_a_fork_that_is_not_set_up_deploys_nothing() -> None:
    """The job is passed over instead of failing."""
    assert _document("deploy.yml")["jobs"]["deploy"]["if"] == "vars.GATEPOST_DEPLOY == 'true'"


@pytest.mark.parametrize("name", ["deploy.yml", "release.yml"])
def test_it_takes_what_was_tested(name: str) -> None:
    """The package comes from the run's own tests, by the artefact's name."""
    jobs = _document(name)["jobs"]
    assert "test" in jobs[name.removesuffix(".yml")]["needs"]
    assert jobs["test"]["uses"] == "./.github/workflows/test.yml"
    uploaded = [
        step["with"]["name"] for step in _steps("test.yml") if "upload-artifact" in step.get("uses", "")
    ]
    downloaded = [
        step["with"]["name"]
        for step in _steps(name)
        if "download-artifact" in step.get("uses", "") and "name" in step["with"]
    ]
    assert uploaded == downloaded


def test_a_release_has_package_bill_of_materials_and_checksums() -> None:
    """Anybody can see what is in it and that it is whole."""
    text = WORKFLOWS["release.yml"].read_text()
    assert "make bom" in text
    assert "sha256sum gatepost* > SHA256SUMS" in text
    assert "gatepost* SHA256SUMS" in text
