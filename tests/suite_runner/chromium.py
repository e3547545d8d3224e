"""Headless Chromium, controlled over the DevTools protocol."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.integration.waiting import wait_until

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
RESPONSE_TIMEOUT_SECONDS = 90.0


class Page:
    """The page of a browser.

    Args:
        connection: the page's DevTools connection.
    """

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._last_id = 0

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result."""
        self._last_id += 1
        self._connection.send(json.dumps({"id": self._last_id, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._connection.recv(timeout=RESPONSE_TIMEOUT_SECONDS))
            if message.get("id") == self._last_id:
                assert "error" not in message, message
                result: dict[str, Any] = message["result"]
                return result

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression."""
        result = self.send("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def open(self, url: str, *, width: int, is_dark: bool) -> None:
        """Load an address on a screen of a width in CSS pixels."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=844,
            deviceScaleFactor=1,
            mobile=width < 500,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
        self.send("Emulation.setEmulatedMedia", features=[scheme])
        self.send("Page.navigate", url=url)
        is_loaded = f"document.readyState === 'complete' && location.href === {json.dumps(url)}"
        wait_until(lambda: bool(self.evaluate(is_loaded)), f"{url} is loaded")

    def press(self, key: str, code: int, text: str = "") -> None:
        """Press and release a key."""
        for kind in ("keyDown", "keyUp"):
            self.send(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code,
                text=text if kind == "keyDown" else "",
            )  # fmt: skip


def require_chromium() -> str:
    """Return the path of Chromium; without it, the test is skipped, or fails in CI unless ALLOW_NOT_RUN names it."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    if os.environ.get("CI") and "chromium" not in os.environ.get("ALLOW_NOT_RUN", "").split():
        pytest.fail('Chromium is not installed: install it, or set ALLOW_NOT_RUN="chromium"')
    pytest.skip("NOT RUN: Chromium is not installed")


@contextmanager
def run_chromium(folder: Path) -> Iterator[Page]:
    """Run Chromium for the duration of the block and yield its page.

    Args:
        folder: for its profile.
    """
    command = [
        *(require_chromium(), "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"),
        *(
            "--no-first-run",
            "--disable-background-networking",
            "--disable-dev-shm-usage",
            f"--user-data-dir={folder}",
        ),
        "about:blank",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        file = folder / "DevToolsActivePort"
        wait_until(lambda: file.exists() and file.read_text().count("\n") > 0, "Chromium listens")
        port, path = file.read_text().split()
        with connect(f"ws://127.0.0.1:{port}{path}", max_size=None) as browser:
            targets = Page(browser).send("Target.getTargets")["targetInfos"]
        [target] = [item["targetId"] for item in targets if item["type"] == "page"]
        with connect(f"ws://127.0.0.1:{port}/devtools/page/{target}", max_size=None) as connection:
            yield Page(connection)
    finally:
        process.terminate()
        process.wait()
