"""Takes away what a deployment with Bicep or azd made; what lies outside the resource group first."""

from collections.abc import Callable, Mapping

from infra.shell import Shell, StepError


def remove(
    shell: Shell, settings: Mapping[str, str], *, own_group: bool, ask: Callable[[str], str] = input
) -> None:
    """Delete locks and roles of its own, then the group; in a group that was there before, only what carries the environment's tag.

    Args:
        shell: to run commands in.
        settings: name the group, the data account and the environment.
        own_group: the deployment made the group, so it goes as a whole.
        ask: must be answered with the group's name.

    Raises:
        StepError: the answer is another, or something cannot be deleted.
    """
    group, account = settings["AZURE_RESOURCE_GROUP"], settings["DATA_ACCOUNT_NAME"]
    what = f"everything in {group}" if own_group else f"Gatepost in {group}"
    if ask(f"This deletes {what}, with all exports and outcomes. Type the group's name to go on: ") != group:
        raise StepError("Nothing was deleted.")
    scope = shell.az("group", "show", "--name", group, "--query", "id")
    shell.say("Removing locks, and the roles that Gatepost made for itself")
    for lock in shell.az("lock", "list", "--resource-group", group, "--query", "[].id") or []:
        shell.az("lock", "delete", "--ids", lock)
    for role in (f"Gatepost exporter {account}", f"Gatepost secret setter {settings['KEY_VAULT_NAME']}"):
        for given in (
            shell.az("role", "assignment", "list", "--all", "--role", role, "--query", "[].id") or []
        ):
            shell.az("role", "assignment", "delete", "--ids", given)
        shell.az("role", "definition", "delete", "--name", role, "--scope", scope)
    if own_group:
        shell.say("Deleting the group; this takes some minutes")
        shell.az("group", "delete", "--name", group, "--yes")
        return
    shell.say("Deleting what carries the environment's tag")
    tag = f"azd-env-name={settings['AZURE_ENV_NAME']}"
    for _ in range(3):  # what others still use goes in the next round
        left = shell.az("resource", "list", "--resource-group", group, "--tag", tag, "--query", "[].id") or []
        for one in left:
            try:
                shell.az("resource", "delete", "--ids", one)
            except StepError as error:
                shell.say(f"  Not yet: {error}")
        if not left:
            return
    raise StepError(f"Something is left in {group}; see above what it is and why.")
