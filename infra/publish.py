"""Brings the package to the function app: the request that azd makes too, without a build in Azure.

`az functionapp deployment source config-zip` cannot do it: for Python on Flex Consumption it asks for a remote build whatever
`--build-remote` says.
"""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from infra.shell import Shell, StepError

_POLL_SECONDS: Final = 5
_WAIT_SECONDS: Final = 600
_SUCCESS: Final = 4
_FAILED: Final = {
    -1: "was cancelled",
    3: "failed",
    5: "was cancelled: another one is under way",
    6: "was only partly successful",
}
_API: Final = "2024-11-01"
FUNCTIONS: Final = {"BlobUploadTrigger", "TimerUploadTrigger"}


@dataclass(frozen=True)
class Reply:
    """What the deployment endpoint answers."""

    status: int
    body: bytes


Send = Callable[[str, str, dict[str, str], bytes | None], Reply]
"""Method, address, headers, body; gives the reply, whatever its status."""


def send(method: str, address: str, headers: dict[str, str], body: bytes | None) -> Reply:
    """One request over https.

    Raises:
        StepError: the host cannot be reached.
    """
    request = urllib.request.Request(address, data=body, headers=headers, method=method)  # noqa: S310  (https, built by us)
    try:
        with urllib.request.urlopen(request, timeout=300) as reply:  # noqa: S310  (likewise)
            return Reply(reply.status, reply.read())
    except urllib.error.HTTPError as error:
        return Reply(error.code, error.read())
    except urllib.error.URLError as error:
        raise StepError(f"{request.host} cannot be reached: {error.reason}") from error


def publish(
    shell: Shell, app: str, package: Path, ask: Send = send, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Upload the package and wait until the app has taken it.

    Args:
        shell: for the app's address and a token.
        app: resource ID of the function app.
        package: the zip.
        ask: makes the requests.
        sleep: waits a number of seconds.

    Raises:
        StepError: the app refuses it, or does not end within 10 minutes.
    """
    names = "properties.hostNameSslStates[?hostType=='Repository'].name | [0]"
    url = f"{app}?api-version={_API}"
    host = shell.az("rest", "--method", "get", "--url", url, "--query", names)
    token = shell.az("account", "get-access-token", "--query", "accessToken", secret=True)
    headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
    sent = ask(
        "POST",
        f"https://{host}/api/publish?RemoteBuild=false&Deployer=gatepost",
        headers | {"Content-Type": "application/zip"},
        package.read_bytes(),
    )
    if sent.status != HTTPStatus.ACCEPTED:
        raise StepError(_refused(sent))
    number = json.loads(sent.body)
    _wait(lambda: ask("GET", f"https://{host}/api/deployments/{number}", headers, None), sleep)


def _refused(reply: Reply) -> str:
    helps = {
        401: "sign in again with az login",
        403: "you need Website Contributor on the function app; with private networking, come from inside the network",
        404: "is it the right function app, on Flex Consumption?",
        409: "another deployment is under way; try again in a few minutes",
    }
    text = reply.body[:300].decode(errors="replace")
    return f"The function app refused the package ({reply.status}): {helps.get(reply.status, text)}."


def _wait(ask: Callable[[], Reply], sleep: Callable[[float], None]) -> None:
    """A 404 is normal before the first answer, and after the last one: the deployment's worker has gone."""
    seen = False
    for _ in range(_WAIT_SECONDS // _POLL_SECONDS):
        reply = ask()
        if reply.status == HTTPStatus.NOT_FOUND:
            if seen:
                return
        elif reply.status in {200, 202}:
            seen = True
            state: dict[str, Any] = json.loads(reply.body or b"{}")
            status = state.get("status")
            if status == _SUCCESS:
                return
            if status in _FAILED:
                raise StepError(
                    f"The deployment {_FAILED[status]}: {state.get('status_text') or 'no reason given'}"
                )
        else:
            raise StepError(_refused(reply))
        sleep(_POLL_SECONDS)
    raise StepError(
        "The deployment has not ended after 10 minutes. In the portal open the function app, Deployment Center."
    )


def wait_for_functions(shell: Shell, app: str, sleep: Callable[[float], None] = time.sleep) -> None:
    """Wait until Azure shows both functions.

    Raises:
        StepError: it does not within 5 minutes.
    """
    url = f"{app}/functions?api-version={_API}"
    for _ in range(10):
        found = shell.az("rest", "--method", "get", "--url", url, "--query", "value[].properties.name") or []
        if {str(name).rpartition("/")[2] for name in found} >= FUNCTIONS:
            return
        sleep(30)
    raise StepError(
        "The functions are not there after 5 minutes. In the portal open Application Insights, Logs, and look at traces "
        "with severityLevel 3 or more; Diagnose and solve problems in the function app says why it does not start."
    )
