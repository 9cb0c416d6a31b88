"""Each identity may do what its work needs, on the narrowest scope that works; nobody may do more."""

import re
from pathlib import Path

import pytest

from tests.support.stacks import BICEP, INFRA, ROOT, TERRAFORM, Role, bicep_roles, terraform_roles

READ = "Storage Blob Data Reader"
WRITE = "Storage Blob Data Contributor"
NEEDED = {
    # the app, its host and its worker: one identity
    "app_reads_exports": Role("app", READ, "exports"),
    "app_writes_results": Role("app", WRITE, "results"),
    "app_writes_state": Role("app", WRITE, "state"),
    "app_works_queue": Role("app", "Storage Queue Data Contributor", "queue"),
    "app_works_poison_queue": Role("app", "Storage Queue Data Contributor", "poison_queue"),
    "app_reads_secret": Role("app", "Key Vault Secrets User", "secret"),
    "app_sends_telemetry": Role("app", "Monitoring Metrics Publisher", "insights"),
    "app_owns_host_blobs": Role("app", "Storage Blob Data Owner", "host_account"),
    # Event Grid
    "topic_sends_messages": Role("topic", "Storage Queue Data Message Sender", "queue"),
    "topic_writes_dead_letters": Role("topic", WRITE, "dead_letters"),
    # people and the badging system
    "exporter_writes_exports": Role("exporter", "Gatepost exporter", "exports"),
    "readers_read_results": Role("readers", READ, "results"),
    "operators_write_exports": Role("operators", "Gatepost exporter", "exports"),
    "operators_read_exports": Role("operators", READ, "exports"),
    "operators_read_results": Role("operators", READ, "results"),
    "operators_read_state": Role("operators", READ, "state"),
    "operators_read_queue": Role("operators", "Storage Queue Data Reader", "queue"),
    "operators_read_poison_queue": Role("operators", "Storage Queue Data Reader", "poison_queue"),
    "operators_send_messages": Role("operators", "Storage Queue Data Message Sender", "queue"),
    "operators_empty_poison_queue": Role("operators", "Storage Queue Data Message Processor", "poison_queue"),
    "operators_read_dead_letters": Role("operators", READ, "dead_letters"),
    "operators_set_secret": Role("operators", "Key Vault Secrets Officer", "secret"),
}
READING = {"blobs", "chunks", "head", "name", "read"}
WRITING = {"acquire", "block_writer", "release", "renew", "write"}


@pytest.mark.parametrize("roles", [bicep_roles(), terraform_roles()], ids=["bicep", "terraform"])
def test_roles_are_the_needed_ones(roles: dict[str, Role]) -> None:
    """None is missing and none is too many, wide or strong."""
    assert roles == NEEDED


def test_the_app_only_reads_exports() -> None:
    """The code asks the exports container for nothing that Storage Blob Data Reader does not allow, nor hands it on."""
    assert not re.search(r"\bat\.exports[,)]", _code())
    assert {"chunks", "head"} <= _asked_of("exports") <= READING


def test_the_app_writes_results_and_state() -> None:
    """Both containers are written, so a reader's role would not do; the code knows no other verbs."""
    for container in ("results", "state"):
        asked = _asked_of(container)
        assert asked <= READING | WRITING
        assert NEEDED[f"app_writes_{container}"].role == WRITE
    assert _asked_of("results") & WRITING


def test_containers_and_queues_carry_the_same_names_in_both_stacks() -> None:
    """A role's scope is a symbol; behind it stands the same name."""
    types = ("/containers", "/queues")
    in_bicep = {one.body["name"] for _, one in BICEP if one.type.endswith(types) and not one.existing}
    in_terraform = {
        one.body["name"]
        for _, one in TERRAFORM
        if one.type in {"azurerm_storage_container", "azurerm_storage_queue"}
    }
    assert in_bicep == in_terraform
    assert in_bicep == {
        "badging-exports",
        "badging-results",
        "gatepost-state",
        "dead-letters",
        "badging-exports-poison",
        "app-package",
    }


def test_the_exporter_neither_reads_nor_deletes() -> None:
    """Its own role has two data actions, the same in both stacks, and no action on the account itself."""
    bicep = next(one.body for _, one in BICEP if one.type == "Microsoft.Authorization/roleDefinitions")
    terraform = next(one.body for _, one in TERRAFORM if one.type == "azurerm_role_definition")
    blobs = "Microsoft.Storage/storageAccounts/blobServices/containers/blobs"
    expected = [f"{blobs}/add/action", f"{blobs}/write"]
    assert bicep["properties"]["permissions"] == [{"dataActions": expected}]
    assert terraform["permissions"] == [{"data_actions": expected}]


@pytest.mark.parametrize("name", NEEDED)
def test_every_role_says_who_needs_it_for_what(name: str) -> None:
    """Right above each assignment stands a comment, the same in both stacks."""
    symbol = re.sub(r"_([a-z])", lambda match: match[1].upper(), name)
    in_bicep = _comment_above(INFRA / "bicep", rf"^resource {symbol} ")
    in_terraform = _comment_above(INFRA / "terraform", rf'^resource "azurerm_role_assignment" "{name}" ')
    assert in_bicep == in_terraform
    assert re.match(r"(The|Event Grid|Badge|Operators)\b.*: ", in_bicep), in_bicep


def _comment_above(folder: Path, declaration: str) -> str:
    for path in sorted(folder.glob("*.*")):
        lines = path.read_text().splitlines()
        for number, line in enumerate(lines):
            if re.match(declaration, line):
                return lines[number - 1].lstrip("/# ")
    return ""


def _asked_of(container: str) -> set[str]:
    """The names of the methods that the delivery code calls on a container."""
    return set(re.findall(rf"\b_?at\.{container}\.(\w+)", _code())) - {"name"}


def _code() -> str:
    return "\n".join(path.read_text() for path in sorted((ROOT / "shared").rglob("*.py")))
