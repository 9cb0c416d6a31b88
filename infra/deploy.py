"""From a signed-in Azure CLI to the first export: `python3 -m infra.deploy up`. Needs Python 3.11 or newer and `az`, nothing else.

Each step says what it does and shows the commands it runs; each can be run alone and again:

* `up`         all of them, asking for what it does not know
* `resources`  make or update everything in Azure, with Bicep or (`--terraform`) Terraform
* `code`       pack the app with its libraries and deploy it
* `secret`     put the app registration's secret into the vault (or make its certificate, or its federated credential)
* `first`      upload one record about yourself and wait for its outcome
* `remove`     take everything away again

Settings come from the environment or from `deploy.env`; docs/deploy.md says which there are.
"""

import argparse
import json
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from infra import app_proof, deploy_settings, first_export, publish, removal
from infra.package import CACHE, ROOT, pack
from infra.shell import Shell, StepError
from infra.wheels import WheelsError, wheels

PROVIDERS: Final = (
    "Microsoft.App",
    "Microsoft.EventGrid",
    "Microsoft.Insights",
    "Microsoft.KeyVault",
    "Microsoft.ManagedIdentity",
    "Microsoft.Network",
    "Microsoft.OperationalInsights",
    "Microsoft.Storage",
    "Microsoft.Web",
)
_TERRAFORM: Final = "infra/terraform"
LOCK: Final = f"{_TERRAFORM}/.terraform.lock.hcl"


@dataclass(frozen=True)
class Options:
    """How to go about it.

    Attributes:
        group: a resource group that is there already, for those who own no more than that.
        terraform: with Terraform instead of Bicep.
        locked_providers: only with the providers that are noted in the repository.
        package: a zip to deploy instead of packing one.
        quiet: print no command and no value; ask nothing.
    """

    group: str = ""
    terraform: bool = False
    locked_providers: bool = False
    package: str = ""
    quiet: bool = False


def resources(shell: Shell, settings: dict[str, str], options: Options) -> None:
    """Make or update everything in Azure, and note the names.

    Raises:
        StepError: a setting is missing, or Azure refuses.
    """
    deploy_settings.check(settings)
    if not options.group:
        shell.say("Letting the subscription know the services that are used")
        for name in PROVIDERS:
            shell.az("provider", "register", "--namespace", name)
    shell.say("Making the resources; this takes about 15 minutes")
    made = _terraform(shell, options) if options.terraform else _bicep(shell, settings, options)
    names = {name: str(one["value"]) for name, one in made.items() if one.get("value")}
    settings |= names
    names["AZURE_ENV_NAME"] = settings["AZURE_ENV_NAME"]
    deploy_settings.write(ROOT, deploy_settings.FOUND, names)
    shell.say(f"Made. The names are in {deploy_settings.FOUND}")


def _bicep(shell: Shell, settings: Mapping[str, str], options: Options) -> Mapping[str, Any]:
    name = ("--name", f"gatepost-{settings['AZURE_ENV_NAME']}", "--query", "properties.outputs")
    if options.group:
        file = "infra/bicep/resource-group.bicepparam"
        where = ("deployment", "group", "create", "--resource-group", options.group)
    else:
        file = "infra/bicep/main.bicepparam"
        where = ("deployment", "sub", "create", "--location", settings["AZURE_LOCATION"])
    made: Mapping[str, Any] = shell.az(*where, "--parameters", file, *name)
    return made


def _terraform(shell: Shell, options: Options) -> Mapping[str, Any]:
    if options.locked_providers and not (ROOT / LOCK).exists():
        raise StepError(
            f"{LOCK} is missing: nobody has noted which providers are meant. Run terraform -chdir={_TERRAFORM} providers "
            "lock -platform=linux_amd64 -platform=darwin_arm64 -platform=windows_amd64, and commit the file."
        )
    if options.quiet and not re.search(r'(?m)^ *backend "', (ROOT / _TERRAFORM / "versions.tf").read_text()):
        raise StepError(
            f"There is no backend in {_TERRAFORM}/versions.tf: the state would be lost with this machine, and the next run would "
            "want to make everything anew."
        )
    lock = ("-lockfile=readonly",) if options.locked_providers else ()
    shell.run("terraform", f"-chdir={_TERRAFORM}", "init", "-input=false", *lock)
    approve = ("-auto-approve", "-input=false") if options.quiet else ()
    shell.run("terraform", f"-chdir={_TERRAFORM}", "apply", *approve, through=not options.quiet)
    made: Mapping[str, Any] = json.loads(shell.run("terraform", f"-chdir={_TERRAFORM}", "output", "-json"))
    return made


def _code(shell: Shell, settings: dict[str, str], options: Options) -> None:
    """Pack the app and deploy it, and see both functions.

    Raises:
        StepError: it cannot be packed, or the app refuses it.
    """
    package = Path(options.package) if options.package else ROOT / "dist" / "gatepost.zip"
    if not options.package:
        shell.say("Packing the app with its libraries")
        try:
            pack(package, ROOT, wheels(ROOT / "requirements.txt", CACHE))
        except WheelsError as error:
            raise StepError(str(error)) from error
    find_names(shell, settings)
    group, name = settings["AZURE_RESOURCE_GROUP"], settings["FUNCTION_APP_NAME"]
    app = shell.az("functionapp", "show", "--resource-group", group, "--name", name, "--query", "id")
    shell.say(f"Deploying {package.name}")
    publish.publish(shell, app, package)
    shell.say("Waiting for both functions")
    publish.wait_for_functions(shell, app)
    shell.say("Both functions are there")


def find_names(shell: Shell, settings: dict[str, str]) -> None:
    """Look up what earlier steps made, where their notes are not at hand.

    Raises:
        StepError: there is no Gatepost in the resource group.
    """
    group = settings.setdefault("AZURE_RESOURCE_GROUP", f"rg-{settings.get('AZURE_ENV_NAME', '')}")
    kinds = {
        "FUNCTION_APP_NAME": ("functionapp", "[].{name: name, tag: tags}", "azd-service-name"),
        "DATA_ACCOUNT_NAME": ("storage account", "[?starts_with(name, 'stgatepost')].{name: name}", ""),
        "KEY_VAULT_NAME": ("keyvault", "[].{name: name}", ""),
    }
    for setting, (kind, query, tag) in kinds.items():
        if not settings.get(setting):
            found = shell.az(*kind.split(), "list", "--resource-group", group, "--query", query) or []
            names = [one["name"] for one in found if not tag or (one["tag"] or {}).get(tag) == "gatepost"]
            settings[setting] = names[0] if names else ""
    if not settings["FUNCTION_APP_NAME"]:
        raise StepError(f"There is no Gatepost in the resource group {group}. Run the step resources first.")


def _secret(shell: Shell, settings: dict[str, str], options: Options) -> None:
    """Put the app registration's secret into the vault, unseen; or what takes its place."""
    del options
    find_names(shell, settings)
    match settings.get("CONNECTOR_CREDENTIAL") or "secret":
        case "certificate":
            app_proof.certificate(shell, settings)
        case "federated":
            app_proof.federated_credential(shell, settings)
        case _:
            first_export.put_secret(shell, settings)


def _first(shell: Shell, settings: dict[str, str], options: Options) -> None:
    """Upload one record and wait for its outcome."""
    del options
    find_names(shell, settings)
    first_export.send_first(shell, settings)


def _remove(shell: Shell, settings: dict[str, str], options: Options) -> None:
    """Take everything away again, after a question."""
    if options.terraform:
        shell.run("terraform", f"-chdir={_TERRAFORM}", "destroy", through=True)
        return
    find_names(shell, settings)
    removal.remove(shell, settings, own_group=not options.group)


def _up(shell: Shell, settings: dict[str, str], options: Options) -> None:
    """All steps, one after another."""
    for step in (resources, _code, _secret, _first):
        step(shell, settings, options)


STEPS: Final[Mapping[str, Callable[[Shell, dict[str, str], Options], None]]] = {
    "up": _up,
    "resources": resources,
    "code": _code,
    "secret": _secret,
    "first": _first,
    "remove": _remove,
}


def _options(arguments: list[str]) -> tuple[str, Options]:
    parser = argparse.ArgumentParser(
        prog="python3 -m infra.deploy",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("step", choices=STEPS)
    parser.add_argument("--group", default="", help="a resource group that is there already")
    parser.add_argument("--terraform", action="store_true", help="with Terraform instead of Bicep")
    parser.add_argument(
        "--locked-providers", action="store_true", help="only the providers noted in the repository"
    )
    parser.add_argument("--package", default="", help="a zip to deploy instead of packing one")
    parser.add_argument("--quiet", action="store_true", help="ask nothing, print no command and no value")
    given = vars(parser.parse_args(arguments))
    return given.pop("step"), Options(**given)


def main(arguments: list[str], environment: Mapping[str, str], ask: Callable[[str], str] = input) -> int:
    """The command; 1 with a sentence if a step cannot be done."""
    step, options = _options(arguments)
    os.chdir(ROOT)
    try:
        settings = deploy_settings.read(ROOT, environment)
        if options.group:
            settings["AZURE_RESOURCE_GROUP"] = options.group
        if step in {"up", "resources"} and not options.quiet:
            answers = deploy_settings.asked(settings, ask, Shell(environment))
            deploy_settings.write(ROOT, deploy_settings.ANSWERS, answers)
            settings |= answers
        if options.group:
            settings |= {"EXISTING_RESOURCE_GROUP_NAME": options.group, "REGISTER_PROVIDERS": "false"}
        told = dict(settings) | (deploy_settings.for_terraform(settings) if options.terraform else {})
        hidden = [value for name, value in settings.items() if environment.get(name) != value]
        STEPS[step](Shell(told, hidden, options.quiet), settings, options)
    except StepError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
