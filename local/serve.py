"""`make serve`: everything runs and stays; whatever is copied to `local/inbox/` is an upload, to `local/sources/` a source."""

import shutil
import time
from pathlib import Path
from typing import Final

from azure.storage.blob import ContainerClient
from rich.console import Console
from rich.markup import escape

from local.azure import LocalAzure
from local.host import ROOT
from local.host_process import HostProcess
from local.insights import News
from local.outcomes import show
from local.practice import SETTINGS_FILE, write_settings
from shared.blob_names import REPORT_PENDING_PATH, bare
from shared.delivery.outcome import decode
from shared.delivery.sweep import new_sweep
from shared.error_codes import Status

INBOX: Final = ROOT / "local/inbox"
SOURCES: Final = ROOT / "local/sources"
RESULTS: Final = ROOT / "local/results"
_LOG: Final = ROOT / ".cache/serve.log"
_POLL_SECONDS: Final = 0.3
_SWEEP_SECONDS: Final = 3_600.0

type Stamp = tuple[int, int]
"""Size and time of a file: what changes when it is written."""


def serve(console: Console) -> None:
    """Serve until the person presses Ctrl-C."""
    shutil.rmtree(RESULTS, ignore_errors=True)
    _LOG.parent.mkdir(exist_ok=True)
    _LOG.unlink(missing_ok=True)
    console.print("Starting Azurite, the stand-ins and the functions host ...")
    with (
        LocalAzure(keep_bodies=False) as azure,
        HostProcess(azure.environment | azure.telemetry, _LOG) as host,
        azure.event_grid,
    ):
        console.print(
            "Copy exports into [bold]local/inbox/[/bold]. Outcomes appear here, and whole in [bold]local/results/[/bold]."
        )
        console.print(
            "A badging system's own exports need a source: a folder in [bold]local/sources/[/bold] with profile.toml and "
            "people files. Its exports go into the folder of that name in local/inbox/."
        )
        write_settings(SETTINGS_FILE, azure.environment)
        console.print(
            "To practise in another terminal, with list, show, day, retry, rejected, upload, report:"
        )
        console.print(
            f"  python gatepost.py list --settings {SETTINGS_FILE.relative_to(ROOT).as_posix()}",
            soft_wrap=True,
        )
        console.print(f"The app's own log is in {_LOG.relative_to(ROOT)}. Ctrl-C ends it.\n")
        _attend(console, azure, host)
        console.print(f"[red]The host has ended; see {_LOG.relative_to(ROOT)}.[/red]")


def _attend(console: Console, azure: LocalAzure, host: HostProcess) -> None:
    """Carry uploads in and results out, and sweep once an hour, as long as the host runs."""
    sources, inbox = Inbox(SOURCES, azure.sources), Inbox(INBOX, azure.exports)
    mirror = Mirror(azure.results, RESULTS, console)
    news = News(azure.ingestion, console)
    last_sweep = time.monotonic()
    while host.running:
        if taken := sources.poll():  # before what may belong to them
            console.print(f"[dim]{escape(', '.join(taken))}: taken; what waited for it is tried again.[/dim]")
            azure.queue.send_message(new_sweep().encode())
        inbox.poll()
        mirror.poll()
        news.poll()
        if time.monotonic() - last_sweep > _SWEEP_SECONDS:
            last_sweep = time.monotonic()
            host.sweep()
        time.sleep(_POLL_SECONDS)


class Inbox:
    """Uploads every file of a folder once it has stopped growing, and again when it changes."""

    def __init__(self, folder: Path, container: ContainerClient) -> None:
        self._folder = folder
        self._container = container
        self._seen: dict[Path, Stamp] = {}
        self._uploaded: dict[Path, Stamp] = {}
        folder.mkdir(exist_ok=True)

    def poll(self) -> list[str]:
        """Upload what is new; gives the names."""
        now = {path: _stamp(path) for path in self._folder.rglob("*") if _is_upload(path)}
        ready = [
            path for path, stamp in now.items() if self._seen.get(path) == stamp != self._uploaded.get(path)
        ]
        self._seen = now
        for path in ready:
            with path.open("rb") as data:
                self._container.upload_blob(path.relative_to(self._folder).as_posix(), data, overwrite=True)
            self._uploaded[path] = now[path]
        return [path.relative_to(self._folder).as_posix() for path in ready]


class Mirror:
    """Copies the results container into a folder, but for the app's own notes, and shows each outcome at rest."""

    def __init__(self, results: ContainerClient, folder: Path, console: Console) -> None:
        self._results = results
        self._folder = folder
        self._console = console
        self._etags: dict[str, str] = {}

    def poll(self) -> None:
        """Copy what is new."""
        for blob in self._results.list_blobs():
            if blob.name == REPORT_PENDING_PATH or self._etags.get(blob.name) == bare(blob.etag):
                continue
            stream = self._results.download_blob(blob.name)
            data = stream.readall()
            # it may be newer than the one that was listed, and has quotes where that has none
            self._etags[blob.name] = bare(stream.properties.etag)
            path = self._folder / blob.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
            if (
                blob.name.startswith("outcomes/")
                and (outcome := decode(data)).status is not Status.IN_PROGRESS
            ):
                show(self._console, outcome, f"local/results/{blob.name}")


def _is_upload(path: Path) -> bool:
    return path.is_file() and not path.name.startswith(".")


def _stamp(path: Path) -> Stamp:
    facts = path.stat()
    return facts.st_size, facts.st_mtime_ns
