"""The workflows run in a fork, pin what they use, and hold no secret."""

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
def test_actions_are_pinned_by_their_full_version(name: str) -> None:
    """A moved major tag must not change what runs."""
    used = [step["uses"] for step in _steps(name) if "uses" in step]
    used += [job["uses"] for job in _document(name)["jobs"].values() if "uses" in job]
    for action in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@v\d+\.\d+\.\d+|\./\.github/workflows/\w+\.yml", action)
    assert used


@each_workflow
def test_make_targets_exist(name: str) -> None:
    """What a workflow makes can be made at a desk."""
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"\bmake (\w+)\n", WORKFLOWS[name].read_text()):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@each_workflow
def test_no_secret_is_used_and_nothing_is_put_into_a_script_by_the_template(name: str) -> None:
    """Forks have no secrets; text from outside reaches a script as a variable only."""
    assert "secrets." not in WORKFLOWS[name].read_text()
    for step in _steps(name):
        assert "${{" not in step.get("run", "")


def test_only_the_deployment_may_ask_for_a_token_and_only_by_hand() -> None:
    """A pull request from a stranger gets to read and to test."""
    for name in WORKFLOWS:
        document = _document(name)
        assert document["permissions"] == {"contents": "read"}
        for job, body in document["jobs"].items():
            assert ("id-token" in body.get("permissions", {})) == (job == "deploy")
    assert list(_document("deploy.yml")[True]) == ["workflow_dispatch"]  # YAML 1.1 reads `on` as true


def test_a_fork_without_variables_deploys_nothing() -> None:
    """The job is passed over instead of failing."""
    assert _document("deploy.yml")["jobs"]["deploy"]["if"] == "vars.AZURE_CLIENT_ID != ''"


def test_it_deploys_what_it_tested() -> None:
    """The package comes from the run's own tests, by the artefact's name."""
    jobs = _document("deploy.yml")["jobs"]
    assert jobs["deploy"]["needs"] == "test"
    assert jobs["test"]["uses"] == "./.github/workflows/test.yml"
    uploaded = [
        step["with"]["name"] for step in _steps("test.yml") if "upload-artifact" in step.get("uses", "")
    ]
    downloaded = [
        step["with"]["name"] for step in _steps("deploy.yml") if "download-artifact" in step.get("uses", "")
    ]
    assert uploaded == downloaded
