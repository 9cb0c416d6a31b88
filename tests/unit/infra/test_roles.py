"""Each identity may do what its work needs, on the narrowest scope that works; nobody may do more."""

import re
from pathlib import Path

import pytest

from tests.support.snapshots import SETS, Leaves, in_bicep, in_terraform, of_type
from tests.support.stacks import INFRA, ROLE_IDS, ROOT, Role, terraform_roles

READ = "Storage Blob Data Reader"
WRITE = "Storage Blob Data Contributor"
NEEDED = {
    # the app, its host and its worker: one identity
    "app_reads_exports": Role("app", READ, "exports"),
    "app_reads_sources": Role("app", READ, "sources"),
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
    "operators_write_sources": Role("operators", WRITE, "sources"),
    "operators_read_queue": Role("operators", "Storage Queue Data Reader", "queue"),
    "operators_read_poison_queue": Role("operators", "Storage Queue Data Reader", "poison_queue"),
    "operators_send_messages": Role("operators", "Storage Queue Data Message Sender", "queue"),
    "operators_empty_poison_queue": Role("operators", "Storage Queue Data Message Processor", "poison_queue"),
    "operators_read_dead_letters": Role("operators", READ, "dead_letters"),
    "operators_set_secret": Role("operators", "Gatepost secret setter", "secret"),
}
READING = {"blobs", "chunks", "head", "name", "pages", "read"}
WRITING = {"acquire", "append", "block_writer", "delete", "release", "renew", "write"}


PEOPLE = {
    "<identity principalId>": "app",
    "<topic principalId>": "topic",
    "00000000-0000-0000-0000-0000000000e1": "exporter",
    "00000000-0000-0000-0000-0000000000e2": "readers",
    "00000000-0000-0000-0000-0000000000e3": "operators",
}
SCOPES = {
    "containers/badging-exports": "exports",
    "containers/badging-results": "results",
    "containers/gatepost-state": "state",
    "containers/gatepost-sources": "sources",
    "containers/dead-letters": "dead_letters",
    "queues/badging-exports": "queue",
    "queues/badging-exports-poison": "poison_queue",
    "secrets/badging-app-secret": "secret",
    "storageAccounts/sthostcde093fc": "host_account",
    "components/appi-gatepost-cde093fc": "insights",
}


def roles(resources: dict[str, Leaves]) -> set[Role]:
    """Who may do what on what."""
    found = set()
    for key in of_type(resources, "Microsoft.Authorization/roleAssignments"):
        scope, principal, role = re.fullmatch(r".*/(\w+/[\w-]+): (.+) is (.+)", key).groups()  # type: ignore[union-attr]
        found.add(Role(PEOPLE[principal], ROLE_IDS.get(role, role), SCOPES[scope]))
    return found


def test_roles_are_the_needed_ones() -> None:
    """With everybody named, none is missing and none is too many, wide or strong; the other stack gives the same."""
    assert roles(in_bicep("plain")) == set(NEEDED.values())
    assert roles(in_terraform("plain")) == set(NEEDED.values())
    assert terraform_roles() == NEEDED


@pytest.mark.parametrize("name", SETS)
def test_nobody_but_the_app_has_a_role_on_the_state(name: str) -> None:
    """A person who reads the state container has the key to the index of events."""
    assert [role.principal for role in _roles_on(name, "gatepost-state")] == ["app"]


@pytest.mark.parametrize("name", SETS)
def test_nobody_but_the_app_writes_results(name: str) -> None:
    """Outcomes are the app's word; people read them."""
    assert {role.principal for role in _roles_on(name, "badging-results") if role.role != READ} == {"app"}


def _roles_on(name: str, container: str) -> list[Role]:
    resources = {key: one for key, one in in_bicep(name).items() if f"/containers/{container}:" in key}
    return list(roles(resources))


@pytest.mark.parametrize(("name", "given"), [("plain", True), ("sftp", False)])
def test_nobody_gets_a_role_who_was_not_named(name: str, *, given: bool) -> None:
    """Without object IDs only the app and Event Grid have roles, and no role of our own is made."""
    found = of_type(in_bicep(name), "Microsoft.Authorization/roleAssignments")
    assert any("00000000-0000-0000-0000-0000000000e" in key for key in found) == given
    assert bool(of_type(in_bicep(name), "Microsoft.Authorization/roleDefinitions")) == given


def test_the_app_writes_sources_only_if_it_refreshes_the_people_file() -> None:
    """With `peopleFromEntra` the sweep writes people.csv; without it sources are read."""
    assert Role("app", WRITE, "sources") in _roles_on("existing-resources", "gatepost-sources")
    assert Role("app", READ, "sources") in _roles_on("plain", "gatepost-sources")


def test_a_federated_credential_needs_no_vault_and_a_certificate_is_read_as_its_secret() -> None:
    """The one role in the vault follows the kind of credential."""
    assert not [key for key in in_bicep("resource-group") if "Microsoft.KeyVault" in key]
    [certificate] = [key for key in in_bicep("existing-resources") if "Microsoft.KeyVault" in key]
    assert "/vaults/kv-theirs/secrets/badging-app-certificate: <identity principalId> is " in certificate


def test_the_app_only_reads_exports() -> None:
    """The code asks the exports container for nothing that Storage Blob Data Reader does not allow, nor hands it on."""
    assert {"chunks", "head"} <= _asked_of("exports") <= READING


def test_the_app_writes_results_and_state() -> None:
    """Both containers are written, so a reader's role would not do; the code knows no other verbs."""
    for container in ("results", "state"):
        asked = _asked_of(container)
        assert asked <= READING | WRITING
        assert NEEDED[f"app_writes_{container}"].role == WRITE
    assert _asked_of("results") & WRITING


def test_own_roles_hold_what_they_say() -> None:
    """The exporter neither reads nor deletes, the one who sets the secret does not read it; neither may touch a resource."""
    blobs, secrets = (
        "Microsoft.Storage/storageAccounts/blobServices/containers/blobs",
        "Microsoft.KeyVault/vaults/secrets",
    )
    allowed = {
        "Gatepost exporter stgatepostcde093fc": [f"{blobs}/add/action", f"{blobs}/write"],
        "Gatepost secret setter kv-gatepost-cde093fc": [
            f"{secrets}/readMetadata/action",
            f"{secrets}/setSecret/action",
            f"{secrets}/update/action",
        ],
    }
    for resources in (in_bicep("plain"), in_terraform("plain")):
        found = of_type(resources, "Microsoft.Authorization/roleDefinitions")
        assert {name: one["properties.permissions[0].dataActions"] for name, one in found.items()} == allowed
        assert not [path for one in found.values() for path in one if path.endswith("].actions")]


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
    return set(re.findall(rf"\b_?{container}\.(\w+)\(", _code())) - {"name"}


def _code() -> str:
    return "\n".join(path.read_text() for path in sorted((ROOT / "shared").rglob("*.py")))
