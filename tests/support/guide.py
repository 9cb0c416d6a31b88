"""Guides whose examples are run: the `console` blocks of a document, and what they print.

A block's lines that begin with `$ ` are commands; what follows each is its output, with standard error in its place.
Everything that differs from run to run is brought to one form before it is compared. A block below a comment such as
`<!-- file: munich/people.csv -->` is what a reader saves under that name before going on; below `<!-- line: ... -->` it is the line
that takes the place of the one with the same key. `<!-- happens: secret-expires -->` is what goes wrong there, or what others put
right (`tests.support.incidents`). To write the real output into a
guide after a change: `python -m tests.support.guide docs/commands.md`.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from azure.storage.blob import BlobLeaseClient

from local.azure import LocalAzure
from local.azurite import Azurite
from local.connector import refuses_if, says
from local.host import ROOT
from local.host_process import HostProcess
from shared.blob_names import REPORT_PATH, REPORT_PENDING_PATH
from tests.support.incidents import INCIDENTS

COLUMNS = 100
_BLOCK = re.compile(
    r"^(?:<!-- happens: (?P<happens>\S+) -->\n|<!-- (?P<what>file|line): (?P<file>\S+) -->\n```\w*\n(?P<text>.*?)^```$|```console\n(?P<commands>.*?)^```$)",
    re.MULTILINE | re.DOTALL,
)
_CHANGING = (
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "<time>"),
    (r"\d{4}-\d\d-\d\d \d\d:\d\d", "<time>"),
    (r"\d{4}-\d\d-\d\d, in \d+ days", "<day>, in <n> days"),
    (r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d{1,2} [A-Z][a-z]{2}\b", "<day>"),
    (r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b", "<weekday>"),
    (r"\b\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b", "<day>"),
    (r"0x[0-9A-F]+", "<etag>"),
    (r"\b[0-9a-f]{64}\b", "<sha256>"),
    (r"after \d+\.\d s", "after <n> s"),
)


@dataclass(frozen=True)
class Example:
    """One command of a guide, and the output that is printed there."""

    command: str
    output: str


@dataclass(frozen=True)
class SavedFile:
    """A file that the reader of a guide saves, or only a line of it."""

    name: str
    text: str
    is_line: bool = False


@dataclass(frozen=True)
class Incident:
    """What happens to the deployment while the guide is read."""

    name: str


type Step = Example | SavedFile | Incident


def steps(text: str) -> list[Step]:
    """What a reader does, and what happens, in order."""
    found: list[Step] = []
    for block in _BLOCK.finditer(text):
        if block["happens"]:
            found.append(Incident(block["happens"]))
        elif block["file"]:
            found.append(SavedFile(block["file"], block["text"], block["what"] == "line"))
        else:
            found += _commands(block["commands"])
    return found


def examples(text: str) -> list[Example]:
    """Every command of a guide, in order."""
    return [step for step in steps(text) if isinstance(step, Example)]


def _commands(block: str) -> Iterator[Example]:
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield Example(command, output)


def normalised(output: str) -> str:
    """The same with times, versions and digests brought to one form."""
    for pattern, name in _CHANGING:
        output = re.sub(pattern, name, output)
    if "<weekday>" in output:  # some are longer than others, and lines end elsewhere
        output = " ".join(output.split())
    return output.strip()


class Reader:
    """A reader of a guide, with a deployment that already has a past; runs its commands one after another.

    The past: the connector refused two exports, which are Blocked (friday.json would be taken now, closed.json is still
    refused), and the sweep has written its report.
    """

    def __init__(self, azure: LocalAzure, host: HostProcess, folder: Path) -> None:
        self._azure = azure
        self._host = host
        self._folder = folder
        self._hosts = {
            azure.environment["CONNECTOR_URL"].removeprefix("https://"): "webhook.ingestion.office.com",
            azure.environment["ENTRA_AUTHORITY"].removeprefix("https://"): "login.microsoftonline.com",
            azure.environment["KEY_VAULT_URI"].removeprefix("https://"): "your-vault.vault.azure.net",
        }
        machine = ("REQUESTS_CA_BUNDLE", "IDENTITY_ENDPOINT", "IDENTITY_HEADER", "AZURE_CLIENT_ID")
        settings = {name: value for name, value in azure.environment.items() if name not in machine}
        (folder / "settings.env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        (folder / "secret.txt").write_text(azure.secret)
        shutil.copy(ROOT / "sources/lenel-onguard/sample.csv", folder / "export.csv")
        self._environment = {name: azure.environment[name] for name in machine} | {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "GATEPOST_SETTINGS": "settings.env",
            "XDG_CONFIG_HOME": "config",
            "COLUMNS": str(COLUMNS),
            "TENANT": azure.environment["CONNECTOR_TENANT_ID"],
            "APP": azure.environment["CONNECTOR_APP_ID"],
            "JOB": azure.environment["CONNECTOR_JOB_ID"],
            "GRAPH": azure.graph.url,
        }

    def save(self, file: SavedFile) -> None:
        """Save a file as the guide says."""
        path = self._folder / file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = file.text
        if file.is_line:
            key = re.escape(text.partition("=")[0])
            text, changed = re.subn(
                rf"^{key}=.*\n", lambda _: file.text, path.read_text(encoding="utf-8"), flags=re.MULTILINE
            )
            assert changed == 1, file
        path.write_text(text, encoding="utf-8")

    def happen(self, incident: Incident) -> None:
        """Let something happen, and the functions deal with it."""
        INCIDENTS[incident.name](self._azure)
        self._let_functions_finish()

    def run(self, command: str) -> str:
        """Run a command as it stands in the guide; a question is answered with yes."""
        program = command.replace("python gatepost.py", f"python {ROOT / 'gatepost.py'}")
        done = subprocess.run(
            ["/bin/sh", "-c", program],
            cwd=self._folder,
            env=self._environment,
            input="y\n",
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=300,
        )
        self._let_functions_finish()
        output = done.stdout.replace("[y/N]: ", "[y/N]: y\n")
        for host, known_as in self._hosts.items():
            output = output.replace(host, known_as)
        return output

    def _let_functions_finish(self) -> None:
        """What a command has queued is done before the next one: a reader is slower than a machine."""
        self._azure.event_grid.poll()
        self._host.wait_until_idle()


def no_report_for_now(azure: LocalAzure) -> None:
    """Exports that end ask for no report, whose message would wait for five minutes: one seems to be on its way.

    The lease keeps a report that a sweep asks for from removing that note.
    """
    blob = azure.results.get_blob_client(REPORT_PENDING_PATH)
    blob.upload_blob(b"{}")
    BlobLeaseClient(blob).acquire(-1)


@contextmanager
def reader(azurite: Azurite | None = None) -> Iterator[Reader]:
    """A deployment on this machine, with a past, and a reader in an empty folder.

    Args:
        azurite: its storage, empty; without it, one is started.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="guide-")))
        azure = stack.enter_context(LocalAzure(azurite=azurite))
        host = stack.enter_context(HostProcess(azure.environment, folder / "host.log"))
        azure.connector.script.extend([says(404), says(404)])
        azure.graph.users = [
            {
                "userPrincipalName": f"{name}@example.com",
                "employeeId": key,
                "accountEnabled": name != "bo.lindqvist",
            }
            for name, key in (("ada.quill", "10431"), ("bo.lindqvist", "10877"), ("lobby.screen", None))
        ]
        azure.connector.always = refuses_if(
            lambda records, _: records[0]["UserId"] == "closed@example.com", 404
        )
        no_report_for_now(azure)
        # in the order of their names, which decides in a list where both end in the same second
        for name in ("closed", "friday"):
            record = (
                f'{{"UserId": "{name}@example.com", "AssetId": "HQ-GATE-01", '
                '"EventTime": "2026-01-08T08:00:00", "AccessStatus": "Success"}'
            )
            azure.exports.upload_blob(f"2026/01/{'09' if name == 'friday' else '08'}/{name}.json", record)
            azure.event_grid.poll()
            host.next()
        azure.results.upload_blob(REPORT_PATH, b"<!doctype html>")
        stack.enter_context(azure.event_grid)
        yield Reader(azure, host, folder)


def written_anew(text: str, on_this_computer: Reader) -> str:
    """A guide with the real output of its commands, where it is another one than what stands there."""

    def block(match: re.Match[str]) -> str:
        if match["happens"]:
            on_this_computer.happen(Incident(match["happens"]))
            return match[0]
        if match["file"]:
            on_this_computer.save(SavedFile(match["file"], match["text"], match["what"] == "line"))
            return match[0]
        parts = []
        for example in _commands(match["commands"]):
            output = on_this_computer.run(example.command).strip()
            same = normalised(output) == normalised(example.output)
            parts.append(f"$ {example.command}\n{example.output.rstrip() if same else output}".rstrip())
        return "```console\n" + "\n".join(parts) + "\n```"

    return _BLOCK.sub(block, text)


def main() -> None:
    """Write the real output into the guides that are named."""
    for name in sys.argv[1:]:
        path = Path(name)
        with reader() as on_this_computer:
            path.write_text(
                written_anew(path.read_text(encoding="utf-8"), on_this_computer), encoding="utf-8"
            )


if __name__ == "__main__":
    main()
