"""Headless Chromium for tests of HTML pages, over the Chrome DevTools Protocol."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from websockets.sync.client import ClientConnection, connect

from tests.external_tools import not_run

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
START_TIMEOUT_SECONDS = 120.0
WAIT_TIMEOUT_SECONDS = 60.0
POLLING_SECONDS = 0.02
KEY_CODES = {"Tab": 9, "Enter": 13, "Escape": 27, "ArrowLeft": 37, "ArrowRight": 39, "ArrowDown": 40}
"""The virtual key codes, without which Chromium does nothing by default for a key."""


class BrowserError(Exception):
    """Chromium rejected a command, or a script of the test threw."""


class Page:
    """One page of the browser.

    Args:
        connection: the WebSocket of its DevTools.
    """

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._last_id = 0

    def open(self, path: Path, width: int, color_scheme: str, *, is_mobile: bool = False) -> None:
        """Load a file, and wait until it is loaded.

        Args:
            path: the HTML file.
            width: the width of the window in CSS pixels; its height is 900.
            color_scheme: `light` or `dark`, what the user prefers.
            is_mobile: whether the page is laid out as on a phone.
        """
        self._command(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=900,
            deviceScaleFactor=1,
            mobile=is_mobile,
        )
        scheme = {"name": "prefers-color-scheme", "value": color_scheme}
        self._command("Emulation.setEmulatedMedia", features=[scheme])
        # without it, the page of another test would still be complete
        self._command("Page.navigate", url="about:blank")
        self._command("Page.navigate", url=path.absolute().as_uri())
        self.wait_for(
            f"location.href === {json.dumps(path.absolute().as_uri())} && document.readyState === 'complete'"
        )

    def evaluate(self, script: str) -> Any:
        """Return the JSON value of a JavaScript expression; a promise is awaited."""
        response = self._command("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in response:
            raise BrowserError(json.dumps(response["exceptionDetails"]))
        return response["result"].get("value")

    def wait_for(self, condition: str) -> None:
        """Wait until a JavaScript expression is true."""
        deadline = time.monotonic() + WAIT_TIMEOUT_SECONDS
        while not self.evaluate(f"Boolean({condition})"):
            assert time.monotonic() < deadline, f"never became true: {condition}"
            time.sleep(POLLING_SECONDS)

    def press(self, key: str) -> None:
        """Press a key and release it, as a user does."""
        text = {"text": "\r"} if key == "Enter" else {}
        fields = {"key": key, "code": key, "windowsVirtualKeyCode": KEY_CODES[key]}
        self._command("Input.dispatchKeyEvent", type="keyDown", **fields, **text)
        self._command("Input.dispatchKeyEvent", type="keyUp", **fields)

    def _command(self, method: str, **params: Any) -> dict[str, Any]:
        self._last_id += 1
        self._connection.send(json.dumps({"id": self._last_id, "method": method, "params": params}))
        while True:
            message = json.loads(self._connection.recv(START_TIMEOUT_SECONDS))
            if message.get("id") == self._last_id:
                break
        if "error" in message:
            raise BrowserError(f"{method}: {message['error']}")
        result: dict[str, Any] = message["result"]
        return result


@contextmanager
def run_browser(profile: Path) -> Iterator[Page]:
    """Run Chromium as long as the block, and yield its page; without Chromium, the test is NOT RUN, in CI a failure.

    Args:
        profile: an empty folder for the browser's data.
    """
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        not_run("chromium", "install Debian's package chromium")
    command = [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    # Chromium would look for updates
    command += ["--disable-background-networking"]
    command += ["--no-first-run", "--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            with connect(_page_address(profile, process), max_size=None, proxy=None) as connection:
                yield Page(connection)
        finally:
            process.kill()


def _page_address(profile: Path, process: subprocess.Popen[bytes]) -> str:
    """Return the address of the first page, as soon as Chromium listens."""
    port_file = profile / "DevToolsActivePort"
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    with httpx.Client(trust_env=False) as client:
        while time.monotonic() < deadline and process.poll() is None:
            # the file is written before its second line is
            if port_file.exists() and len(lines := port_file.read_text().splitlines()) == 2:
                targets = client.get(f"http://127.0.0.1:{lines[0]}/json/list").json()
                for target in targets:
                    if target["type"] == "page":
                        address: str = target["webSocketDebuggerUrl"]
                        return address
            time.sleep(POLLING_SECONDS)
    raise BrowserError(f"{process.args!r} does not listen; exit code: {process.poll()}")
