"""The deployment script asks for what it must know, runs the right commands, waits where Azure needs time, tells no secret."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from infra import deploy, deploy_settings, first_export, publish, removal
from infra.publish import Reply
from infra.shell import Shell, StepError
from tests.support.stacks import INFRA

GUID = "11111111-1111-4111-8111-111111111111"
KNOWN = {
    "AZURE_ENV_NAME": "badging",
    "AZURE_LOCATION": "westeurope",
    "CONNECTOR_TENANT_ID": GUID,
    "CONNECTOR_APP_ID": GUID,
    "CONNECTOR_JOB_ID": GUID,
    "OPERATORS_OBJECT_ID": GUID,
    "ALERT_EMAIL": "operators@example.com",
}
NAMES = {
    "AZURE_RESOURCE_GROUP": "rg-badging",
    "FUNCTION_APP_NAME": "func-x",
    "DATA_ACCOUNT_NAME": "stgatepostx",
    "KEY_VAULT_NAME": "kv-x",
}
APP = "/subscriptions/s/resourceGroups/rg-badging/providers/Microsoft.Web/sites/func-x"


class FakeShell(Shell):
    """Notes every command and answers by the words that it contains; the last answer of a list stays."""

    def __init__(self, answers: dict[str, Any]) -> None:
        super().__init__({}, [])
        self.ran: list[tuple[str, ...]] = []
        self._answers = {
            words: list(answer) if isinstance(answer, list) else [answer] for words, answer in answers.items()
        }

    def run(self, program: str, *arguments: str, secret: bool = False, through: bool = False) -> str:
        """Answer instead of running."""
        del secret, through
        self.ran.append((program, *arguments))
        command = " ".join((program, *arguments))
        for words, answers in self._answers.items():
            if words in command:
                answer = answers.pop(0) if len(answers) > 1 else answers[0]
                if isinstance(answer, Exception):
                    raise answer
                return json.dumps(answer)
        return ""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to keep answers and names in."""
    monkeypatch.setattr(deploy, "ROOT", tmp_path)
    return tmp_path


def _asks(answers: dict[str, str]) -> Callable[[str], str]:
    return lambda text: next((answer for words, answer in answers.items() if words in text), "")


def test_settings_come_from_the_environment_before_the_files(tmp_path: Path) -> None:
    """A comment and an empty line are passed over."""
    (tmp_path / "deploy.env").write_text('# mine\n\nAZURE_LOCATION=westeurope\nALERT_EMAIL="a@example.com"\n')
    found = deploy_settings.read(tmp_path, {"AZURE_LOCATION": "northeurope", "EMPTY": ""})
    assert found == {"AZURE_LOCATION": "northeurope", "ALERT_EMAIL": "a@example.com"}


def test_names_of_another_environment_are_passed_over(tmp_path: Path) -> None:
    """Else code would go to the app that was deployed before."""
    deploy_settings.write(
        tmp_path, "outputs.env", {"FUNCTION_APP_NAME": "func-x", "AZURE_ENV_NAME": "badging"}
    )
    assert deploy_settings.read(tmp_path, {"AZURE_ENV_NAME": "badging"})["FUNCTION_APP_NAME"] == "func-x"
    assert deploy_settings.read(tmp_path, {})["FUNCTION_APP_NAME"] == "func-x"
    assert deploy_settings.read(tmp_path, {"AZURE_ENV_NAME": "trial"}) == {"AZURE_ENV_NAME": "trial"}
    deploy_settings.write(tmp_path, "outputs.env", {"AZURE_ENV_NAME": "trial"})
    assert deploy_settings.read(tmp_path, {"AZURE_ENV_NAME": "trial"}) == {"AZURE_ENV_NAME": "trial"}


def test_a_line_that_is_no_setting_is_refused(tmp_path: Path) -> None:
    """By its number, without its text."""
    (tmp_path / "deploy.env").write_text("AZURE_LOCATION=westeurope\nsomething else\n")
    with pytest.raises(StepError, match=r"^Line 2 of deploy\.env is not NAME=value\.$"):
        deploy_settings.read(tmp_path, {})


def test_only_what_is_not_known_is_asked_and_what_azure_knows_is_offered() -> None:
    """Enter takes what is offered."""
    shell = FakeShell({"account show": GUID, "signed-in-user": "me@example.com"})
    known = {
        name: value for name, value in KNOWN.items() if name not in {"ALERT_EMAIL", "CONNECTOR_TENANT_ID"}
    }
    assert deploy_settings.asked(known, lambda _: "", shell) == {
        "CONNECTOR_TENANT_ID": GUID,
        "ALERT_EMAIL": "me@example.com",
    }


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"ALERT_EMAIL": ""}, "nobody would be told"),
        ({"CONNECTOR_JOB_ID": "the job"}, "CONNECTOR_JOB_ID must be a GUID"),
        ({"AZURE_LOCATION": ""}, "AZURE_LOCATION is missing"),
        ({"AZURE_ENV_NAME": "My Badging"}, "at most 20 lower-case letters"),
    ],
)
def test_a_deployment_that_would_be_wrong_is_refused(wrong: dict[str, str], text: str) -> None:
    """Before anything is made; an alert that reaches nobody is wrong too."""
    with pytest.raises(StepError, match=text):
        deploy_settings.check(KNOWN | wrong)
    deploy_settings.check(KNOWN)
    deploy_settings.check(KNOWN | {"ALERT_EMAIL": "", "EXISTING_ACTION_GROUP_ID": "/subscriptions/x"})


def test_bicep_for_a_subscription(root: Path) -> None:
    """Services are registered, the parameters come from the environment, the names are noted for the next steps."""
    shell = FakeShell(
        {
            "deployment sub create": {
                "FUNCTION_APP_NAME": {"value": "func-x"},
                "OUTBOUND_IP_ADDRESS": {"value": ""},
            }
        }
    )
    settings = dict(KNOWN)
    deploy.resources(shell, settings, deploy.Options())
    commands = [" ".join(one) for one in shell.ran]
    assert sum("provider register" in one for one in commands) == len(deploy.PROVIDERS)
    assert "--parameters infra/bicep/main.bicepparam --name gatepost-badging" in commands[-1]
    assert (root / "outputs.env").read_text() == "FUNCTION_APP_NAME=func-x\nAZURE_ENV_NAME=badging\n"
    assert settings["FUNCTION_APP_NAME"] == "func-x"


def test_bicep_for_the_owner_of_one_resource_group(root: Path) -> None:
    """Nothing outside the group is touched."""
    shell = FakeShell({"deployment group create": {}})
    deploy.resources(shell, dict(KNOWN), deploy.Options(group="rg-mine"))
    [command] = [" ".join(one) for one in shell.ran]
    assert "--resource-group rg-mine --parameters infra/bicep/resource-group.bicepparam" in command
    assert (root / "outputs.env").exists()


def test_terraform_in_a_workflow_takes_only_noted_providers(root: Path) -> None:
    """Without the lock file it stops before it downloads anything."""
    shell = FakeShell({"output": {"FUNCTION_APP_NAME": {"value": "func-x"}}})
    options = deploy.Options(terraform=True, locked_providers=True, quiet=True)
    with pytest.raises(StepError, match=r"\.terraform\.lock\.hcl is missing.*providers lock"):
        deploy.resources(shell, dict(KNOWN), options)
    assert "terraform" not in {one[0] for one in shell.ran}
    (root / "infra" / "terraform").mkdir(parents=True)
    (root / deploy.LOCK).write_text("")
    versions = root / "infra" / "terraform" / "versions.tf"
    versions.write_text("terraform {\n}\n")
    with pytest.raises(StepError, match="the state would be lost"):
        deploy.resources(shell, dict(KNOWN), options)
    versions.write_text('terraform {\n  backend "azurerm" {}\n}\n')
    deploy.resources(shell, dict(KNOWN), options)
    terraform = [" ".join(one[2:]) for one in shell.ran if one[0] == "terraform"]
    assert terraform == [
        "init -input=false -lockfile=readonly",
        "apply -auto-approve -input=false",
        "output -json",
    ]


def test_terraform_reads_the_same_names() -> None:
    """A parameter in capitals is its variable; two have azd's names."""
    told = deploy_settings.for_terraform({"AZURE_ENV_NAME": "badging", "RETRY_DAYS": "30", "not_one": "x"})
    assert told == {"TF_VAR_environment_name": "badging", "TF_VAR_retry_days": "30"}


def test_what_is_asked_is_what_both_stacks_read() -> None:
    """Under the same names: Bicep's parameter files from the environment, Terraform's variables from TF_VAR_."""
    variables = (INFRA / "terraform" / "variables.tf").read_text()
    for file in ("main.bicepparam", "resource-group.bicepparam"):
        text = (INFRA / "bicep" / file).read_text()
        for question in deploy_settings.QUESTIONS:
            if (file, question.name) != ("resource-group.bicepparam", "AZURE_LOCATION"):  # the group's own
                assert f"readEnvironmentVariable('{question.name}'" in text
    for name in deploy_settings.for_terraform({question.name: "x" for question in deploy_settings.QUESTIONS}):
        assert f'variable "{name.removeprefix("TF_VAR_")}"' in variables
    for name in ("existing_resource_group_name", "register_providers", "existing_action_group_id"):
        assert f'variable "{name}"' in variables


def test_names_are_looked_up_where_no_note_is_at_hand() -> None:
    """Of several function apps in a group that is shared, the one with Gatepost's tag."""
    apps = [{"name": "func-other", "tag": None}, {"name": "func-x", "tag": {"azd-service-name": "gatepost"}}]
    shell = FakeShell(
        {"functionapp list": [apps], "storage account": [[{"name": "stgatepostx"}]], "keyvault": [[]]}
    )
    settings = {"AZURE_ENV_NAME": "badging"}
    deploy.find_names(shell, settings)
    assert settings == NAMES | {"AZURE_ENV_NAME": "badging", "KEY_VAULT_NAME": ""}
    with pytest.raises(StepError, match="no Gatepost in the resource group rg-x"):
        deploy.find_names(FakeShell({}), {"AZURE_RESOURCE_GROUP": "rg-x"})


def _publish(replies: list[Reply], tmp_path: Path) -> list[tuple[str, str]]:
    package = tmp_path / "gatepost.zip"
    package.write_bytes(b"zip")
    sent: list[tuple[str, str]] = []

    def send(method: str, address: str, headers: dict[str, str], body: bytes | None) -> Reply:
        assert headers["Authorization"] == "Bearer the-token"
        assert body == (b"zip" if method == "POST" else None)
        sent.append((method, address))
        return replies.pop(0)

    shell = FakeShell({"rest": "func-x.scm.example.com", "get-access-token": "the-token"})
    publish.publish(shell, APP, package, send, lambda _: None)
    assert "the-token" not in " ".join(shell.shown)
    return sent


def test_the_package_is_published_without_a_build_in_azure(tmp_path: Path) -> None:
    """As azd does it: accepted, not there yet, going on, done."""
    states = [Reply(202, b'"7"'), Reply(404, b""), Reply(200, b'{"status": 2}'), Reply(200, b'{"status": 4}')]
    sent = _publish(states, tmp_path)
    assert sent[0] == (
        "POST",
        "https://func-x.scm.example.com/api/publish?RemoteBuild=false&Deployer=gatepost",
    )
    assert set(sent[1:]) == {("GET", "https://func-x.scm.example.com/api/deployments/7")}


def test_a_worker_that_has_gone_has_done_its_work(tmp_path: Path) -> None:
    """After an answer a 404 is the end."""
    assert len(_publish([Reply(202, b'"7"'), Reply(200, b'{"status": 2}'), Reply(404, b"")], tmp_path)) == 3


@pytest.mark.parametrize(
    ("replies", "text"),
    [
        ([Reply(403, b"")], "Website Contributor"),
        ([Reply(409, b"")], "another deployment"),
        ([Reply(500, b"broken")], "broken"),
        (
            [Reply(202, b'"7"'), Reply(200, b'{"status": 3, "status_text": "no host.json"}')],
            "failed: no host.json",
        ),
        ([Reply(202, b'"7"'), Reply(401, b"")], "az login"),
        ([Reply(202, b'"7"'), *[Reply(200, b'{"status": 1}')] * 200], "not ended after 10 minutes"),
    ],
)
def test_a_package_that_is_refused_says_what_to_do(replies: list[Reply], text: str, tmp_path: Path) -> None:
    """Rights, another deployment, Azure's own words, or time."""
    with pytest.raises(StepError, match=text):
        _publish(list(replies), tmp_path)


def test_functions_are_waited_for() -> None:
    """They appear some minutes after the package."""
    names = ["func-x/BlobUploadTrigger", "func-x/TimerUploadTrigger"]
    publish.wait_for_functions(FakeShell({"/functions": [[], names[:1], names]}), APP, lambda _: None)
    with pytest.raises(StepError, match="Application Insights, Logs"):
        publish.wait_for_functions(FakeShell({"/functions": [[]]}), APP, lambda _: None)


def test_the_secret_is_on_no_command_line_and_on_no_screen() -> None:
    """It goes through a file that only its owner may read and that is gone afterwards; a new role is waited for."""
    shell = FakeShell({"keyvault secret set": [StepError("Forbidden"), None]})
    first_export.put_secret(shell, NAMES, lambda _: " s3cret \n", lambda _: "2027-11-24", lambda _: None)
    assert "s3cret" not in str(shell.ran) + str(shell.shown)
    command = " ".join(shell.ran[-1])
    assert "--vault-name kv-x --name badging-app-secret --file" in command
    assert "--expires 2027-11-24T00:00:00Z --output none" in command
    assert len(shell.ran) == 2
    assert not Path(shell.ran[-1][shell.ran[-1].index("--file") + 1]).exists()


def test_without_a_day_the_secret_is_not_put() -> None:
    """Nobody would be warned before it expires."""
    with pytest.raises(StepError, match="both needed"):
        first_export.put_secret(FakeShell({}), NAMES, lambda _: "s3cret", lambda _: "soon", lambda _: None)


def test_the_first_export_is_waited_for() -> None:
    """No outcome, one that is being worked on, done."""
    outcomes = [None, {"status": "InProgress"}, {"status": "Succeeded", "recordssent": "1"}]
    shell = FakeShell({"signed-in-user": "me@example.com", "blob upload": {}, "blob list": outcomes})
    assert first_export.send_first(shell, NAMES, lambda _: None)["recordssent"] == "1"


def test_a_first_export_that_does_not_go_well_says_where_to_look() -> None:
    """The code, and the place of the outcome."""
    blocked = {"status": "Blocked", "code": "secret-missing"}
    shell = FakeShell({"signed-in-user": "me@example.com", "blob upload": {}, "blob list": blocked})
    with pytest.raises(StepError, match=r"Blocked \(secret-missing\).*outcomes/first\.json/"):
        first_export.send_first(shell, NAMES, lambda _: None)


def test_another_error_than_a_new_role_is_not_waited_for() -> None:
    """A wrong name does not get better by waiting."""
    shell = FakeShell({"signed-in-user": "me@example.com", "blob upload": StepError("ResourceNotFound")})
    with pytest.raises(StepError, match="ResourceNotFound"):
        first_export.send_first(shell, NAMES, lambda _: None)
    assert len(shell.ran) == 2


def test_removal_needs_the_groups_name() -> None:
    """Anything else deletes nothing."""
    shell = FakeShell({})
    with pytest.raises(StepError, match="Nothing was deleted"):
        removal.remove(shell, NAMES, own_group=True, ask=lambda _: "yes")
    assert shell.ran == []


def test_a_group_of_its_own_goes_as_a_whole() -> None:
    """Locks and roles first: without the group nobody would find the roles."""
    shell = FakeShell(
        {
            "lock list": [["/l"]],
            "exporter stgatepostx --query": [["/a/1"]],
            "assignment list": [[]],
            "group show": "/g",
        }
    )
    removal.remove(shell, NAMES, own_group=True, ask=lambda _: "rg-badging")
    done = [" ".join(one[1:4]) for one in shell.ran]
    assert done == [
        "group show --name",
        "lock list --resource-group",
        "lock delete --ids",
        "role assignment list",
        "role assignment delete",
        "role definition delete",
        "role assignment list",
        "role definition delete",
        "group delete --name",
    ]


def test_in_a_shared_group_only_what_carries_the_tag_goes() -> None:
    """What others still use goes in the next round."""
    shell = FakeShell(
        {
            "group show": "/g",
            "assignment list": [[]],
            "lock list": [[]],
            "resource list": [["/vnet", "/app"], ["/vnet"], []],
            "resource delete --ids /vnet": [StepError("in use"), None],
        }
    )
    removal.remove(shell, KNOWN | NAMES, own_group=False, ask=lambda _: "rg-badging")
    commands = [" ".join(one) for one in shell.ran]
    assert not [one for one in commands if "group delete" in one]
    assert sum("resource delete --ids /vnet" in one for one in commands) == 2


def test_nothing_of_the_settings_is_printed_when_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    """Not the command, and not in an error that repeats a value."""
    shell = Shell({"PATH": "/usr/bin:/bin"}, [GUID, "on"], quiet=True)
    with pytest.raises(StepError, match=r"sh -c failed: \*\*\* is unknown"):
        shell.run("sh", "-c", f"echo {GUID} is unknown >&2; exit 1")
    shell.say(f"{GUID} is on")
    assert capsys.readouterr().out == "*** is on\n"


def test_a_command_is_shown_before_it_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """Quoted so that it can be pasted; one with a token is not shown."""
    shell = Shell({"PATH": "/usr/bin:/bin"})
    assert shell.run("echo", "two words") == "two words\n"
    shell.run("echo", "token", secret=True)
    assert capsys.readouterr().out == '  $ echo "two words"\n'
    with pytest.raises(StepError, match="nothere is not installed"):
        shell.run("nothere")


def test_the_command_says_one_sentence_and_ends_with_1(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback for a person."""
    monkeypatch.chdir(root)
    assert deploy.main(["resources", "--quiet"], {"PATH": ""}) == 1
    assert capsys.readouterr().err.startswith("AZURE_ENV_NAME is missing; ")


def test_up_goes_from_the_answers_to_the_first_export(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Asked, noted, made, deployed, the secret put in, the first export sent; a second run asks nothing that it knows."""
    outputs = {name: {"value": value} for name, value in NAMES.items()}
    shell = FakeShell(
        {
            "account show": GUID,
            "signed-in-user show --query id": GUID,
            "signed-in-user show --query mail": None,
            "userPrincipalName": "me@example.com",
            "deployment sub create": outputs,
            "functionapp show": APP,
            "/functions": [["x/BlobUploadTrigger", "x/TimerUploadTrigger"]],
            "blob list": {"status": "Succeeded", "recordssent": "1"},
        }
    )
    monkeypatch.setattr(deploy, "Shell", lambda *_: shell)
    monkeypatch.setattr(deploy, "wheels", lambda *_: [])
    monkeypatch.setattr(deploy, "pack", lambda *_: "")
    monkeypatch.setattr(publish, "publish", lambda *_: None)
    monkeypatch.setattr(
        first_export, "put_secret", lambda shell, settings: shell.say(settings["KEY_VAULT_NAME"])
    )
    monkeypatch.chdir(root)
    answers = {
        "Short name": "badging",
        "Region": "westeurope",
        "client": GUID,
        "Job": GUID,
        "mailed": "a@example.com",
    }
    assert deploy.main(["up"], {"PATH": ""}, _asks(answers)) == 0
    said = capsys.readouterr().out
    order = [
        "Making the resources",
        "Packing",
        "Both functions are there",
        "kv-x",
        "Succeeded, 1 record sent",
    ]
    assert [said.index(text) for text in order] == sorted(said.index(text) for text in order)
    assert "CONNECTOR_APP_ID=" + GUID in (root / "deploy.env").read_text()
    assert "FUNCTION_APP_NAME=func-x" in (root / "outputs.env").read_text()

    def nobody(text: str) -> str:
        raise AssertionError(text)

    assert deploy.main(["resources"], {"PATH": ""}, nobody) == 0
