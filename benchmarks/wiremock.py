"""WireMock as the peer of a stub: the same answer to the same request, without any check."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from benchmarks.measure import NotMeasuredError
from local_stack.orchestrator_process import free_port

FOLDER = Path("build/wiremock")
START_DEADLINE = 60.0
STOP_DEADLINE = 10.0


@contextmanager
def wiremock(answered: httpx.Response) -> Iterator[str]:
    """The address of a WireMock that gives this answer to this request, for as long as the block runs.

    Raises:
        NotMeasuredError: there is no java or npm.
        RuntimeError: it does not start.
    """
    if not (shutil.which("java") and shutil.which("npm")):
        raise NotMeasuredError("java and npm are needed to run WireMock")
    mappings = FOLDER / "mappings"
    mappings.mkdir(parents=True, exist_ok=True)
    asked = urlsplit(str(answered.request.url))
    mapping = {
        "request": {"method": answered.request.method, "url": f"{asked.path}?{asked.query}"},
        "response": {
            "status": answered.status_code,
            "body": answered.text,
            "headers": {"Content-Type": answered.headers["content-type"]},
        },
    }
    (mappings / "answer.json").write_text(json.dumps(mapping))
    port = free_port()
    command = ["java", "-jar", str(_jar()), "--port", str(port), "--root-dir", str(FOLDER)]
    options = ["--use-chunked-encoding", "never", "--no-request-journal", "--disable-banner"]
    process = subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(f"{url}{asked.path}?{asked.query}", process)
        yield url
    finally:
        process.terminate()
        process.wait(STOP_DEADLINE)


def _jar() -> Path:
    if not list(FOLDER.glob("node_modules/wiremock/build/*.jar")):
        command = ["npm", "install", "--silent", "--prefix", str(FOLDER), "wiremock"]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    found = list(FOLDER.glob("node_modules/wiremock/build/*.jar"))
    if not found:
        raise RuntimeError("the npm package wiremock holds no .jar")
    return found[0]


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_DEADLINE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError(f"WireMock did not start within {START_DEADLINE:.0f} s")
