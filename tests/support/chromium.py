"""Headless Chromium: the machine's own if there is one, else a packed one from the npm registry, put into `.tools/`.

It is driven through a pair of pipes (`--remote-debugging-pipe`: JSON texts that end in a zero byte), so that there is
no port to find, no socket to open, and nothing left running: when the pipes close, it ends.
"""

import fcntl
import json
import os
import platform
import select
import shutil
import tempfile
import time
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Self

from local import npm

_PACKAGE: Final = "@sparticuz/chromium"
_LOCKED: Final = Path(__file__).parent / "chromium_package"
_OF_THE_MACHINE: Final = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
_ANSWER_SECONDS: Final = 60
_OPTIONS: Final = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions", "--no-pings",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run",
    "--no-default-browser-check", "--hide-scrollbars", "--font-render-hinting=none",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--remote-debugging-pipe",
)  # fmt: skip
"""`--no-sandbox`: it runs as root in containers, and opens only pages of our own, with every host name unresolvable."""

_UNPACK: Final = """
const fs = require("fs"), zlib = require("zlib"), {pipeline} = require("stream/promises");
const [from, to] = process.argv.slice(1);
pipeline(fs.createReadStream(from), zlib.createBrotliDecompress(), fs.createWriteStream(to));
"""
_FONTS: Final = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>/usr/share/fonts</dir><dir>{0}/fonts</dir><cachedir>{0}/cache</cachedir></fontconfig>
"""


class ChromiumError(Exception):
    """Chromium cannot be started, or does not do as it is told; the text says what to do."""


def installed() -> tuple[str, dict[str, str]]:
    """Chromium's path and the environment variables it needs; installs it on the first call.

    Raises:
        InstallError: if it cannot be installed.
        ChromiumError: if there is none for this machine.
    """
    for name in _OF_THE_MACHINE:
        if found := shutil.which(name):
            return found, {}
    if platform.machine() not in {"x86_64", "AMD64"}:
        raise ChromiumError("Install Chromium with the machine's package manager: apt-get install chromium.")
    with npm.alone():
        node = npm.node()
        folder = npm.install(node, _LOCKED)
        if not (folder / "chromium").exists():
            _unpack(node, folder)
    return str(folder / "chromium"), {
        "LD_LIBRARY_PATH": str(folder / "lib"),
        "FONTCONFIG_FILE": str(folder / "fonts.conf"),
    }


def _unpack(node: str, folder: Path) -> None:
    packed = folder / "node_modules" / _PACKAGE / "bin"
    for name in ("al2023", "fonts"):
        npm.run([node, "-e", _UNPACK, str(packed / f"{name}.tar.br"), str(folder / f"{name}.tar")])
        shutil.unpack_archive(folder / f"{name}.tar", folder, filter="data")
        (folder / f"{name}.tar").unlink()
    (folder / "fonts.conf").write_text(_FONTS.format(folder), encoding="utf-8")
    unfinished = folder / "chromium.new"
    npm.run([node, "-e", _UNPACK, str(packed / "chromium.br"), str(unfinished)])
    unfinished.chmod(0o755)
    unfinished.rename(folder / "chromium")


class Chromium:
    """A running Chromium with one page; use it in a `with` block, which ends it.

    Attributes:
        messages: what the page said on its console, its exceptions, and requests that failed.
    """

    def __init__(self) -> None:
        self.messages: list[str] = []
        self._session = ""
        self._number = 0
        self._buffer = b""
        self._events: list[str] = []

    def __enter__(self) -> Self:
        """Start it with an empty page."""
        path, environment = installed()
        self._profile = tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True)
        self._start([path, *_OPTIONS, f"--user-data-dir={self._profile.name}"], os.environ | environment)
        try:
            target = self.tell("Target.createTarget", url="about:blank")["targetId"]
            self._session = self.tell("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            for domain in ("Page", "Runtime", "Log", "Network"):
                self.tell(f"{domain}.enable")
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self._end()

    def open(self, page: Path, *, width: int, height: int = 900, dark: bool = False) -> None:
        """Show a page of this machine in a window of so many CSS pixels, and wait until it is drawn."""
        self.messages.clear()
        self.tell(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=width < 600,
        )  # fmt: skip
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.tell("Emulation.setEmulatedMedia", features=[scheme])
        self._events.clear()
        self.tell("Page.navigate", url=page.resolve().as_uri())
        self._until(lambda: "Page.loadEventFired" in self._events)

    @property
    def profile(self) -> Path:
        """Where it keeps what it must; gone when it has ended."""
        return Path(self._profile.name)

    def evaluate(self, script: str) -> Any:
        """The value of a JavaScript expression in the page.

        Raises:
            ChromiumError: if it throws.
        """
        answer = self.tell("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise ChromiumError(f"the script threw: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def pdf(self) -> bytes:
        """The page as it prints."""
        return b64decode(self.tell("Page.printToPDF", printBackground=True, preferCSSPageSize=True)["data"])

    def tell(self, method: str, **parameters: Any) -> Any:
        """One command of the DevTools protocol, and its answer.

        Raises:
            ChromiumError: if it fails or does not answer.
        """
        self._number += 1
        command = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            command["sessionId"] = self._session
        os.write(self._to, json.dumps(command).encode() + b"\0")
        found: list[Any] = []
        self._until(lambda: bool(found), self._number, found)
        if "error" in found[0]:
            raise ChromiumError(f"{method}: {found[0]['error']['message']}")
        return found[0]["result"]

    def _until(self, done: Callable[[], bool], wanted: int = 0, found: list[Any] | None = None) -> None:
        deadline = time.monotonic() + _ANSWER_SECONDS
        while not done():
            message = self._next(deadline)
            if found is not None and message.get("id") == wanted:
                found.append(message)
            elif method := message.get("method"):
                self._events.append(method)
                self._note(method, message["params"])

    def _note(self, method: str, said: Any) -> None:
        if method == "Runtime.consoleAPICalled":
            self.messages.append(f"console: {[one.get('value') for one in said['args']]}")
        elif method == "Runtime.exceptionThrown":
            self.messages.append(f"exception: {said['exceptionDetails']['text']}")
        elif method == "Log.entryAdded":
            self.messages.append(f"log: {said['entry']['text']}")
        elif method == "Network.loadingFailed":
            self.messages.append(f"network: {said['errorText']}")

    def _next(self, deadline: float) -> Any:
        while b"\0" not in self._buffer:
            if not select.select([self._from], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise ChromiumError(f"Chromium does not answer within {_ANSWER_SECONDS} s")
            data = os.read(self._from, 1 << 20)
            if not data:
                raise ChromiumError("Chromium ended by itself; install it with: apt-get install chromium")
            self._buffer += data
        text, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(text)

    def _start(self, command: list[str], environment: dict[str, str]) -> None:
        """Chromium reads its descriptor 3 and writes its descriptor 4; ours must be others to be handed over."""
        (its_in, self._to), (self._from, its_out) = os.pipe(), os.pipe()
        apart = [fcntl.fcntl(one, fcntl.F_DUPFD_CLOEXEC, 10) for one in (its_in, its_out)]
        nowhere = os.open(os.devnull, os.O_RDWR)
        self._pid = os.posix_spawn(
            command[0], command, environment,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, nowhere, 1), (os.POSIX_SPAWN_DUP2, nowhere, 2),
                (os.POSIX_SPAWN_DUP2, apart[0], 3), (os.POSIX_SPAWN_DUP2, apart[1], 4),
            ],
        )  # fmt: skip
        for one in (its_in, its_out, nowhere, *apart):
            os.close(one)

    def _end(self) -> None:
        os.close(self._to)
        os.close(self._from)
        deadline = time.monotonic() + 5
        while os.waitpid(self._pid, os.WNOHANG) == (0, 0):
            if time.monotonic() > deadline:
                os.kill(self._pid, 9)
                os.waitpid(self._pid, 0)
                break
            time.sleep(0.02)
        self._profile.cleanup()
