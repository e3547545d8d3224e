"""WireMock as the baseline of a stub: the same response to the same request, without validation."""

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
START_TIMEOUT_SECONDS = 60.0
STOP_TIMEOUT_SECONDS = 10.0


@contextmanager
def wiremock(response: httpx.Response) -> Iterator[str]:
    """Run WireMock with this response to this request as long as the block, and yield its URL.

    Raises:
        NotMeasuredError: if java or npm is missing.
        RuntimeError: if it does not start.
    """
    if not (shutil.which("java") and shutil.which("npm")):
        raise NotMeasuredError("java and npm are needed to run WireMock")
    mappings = FOLDER / "mappings"
    mappings.mkdir(parents=True, exist_ok=True)
    target = urlsplit(str(response.request.url))
    mapping = {
        "request": {"method": response.request.method, "url": f"{target.path}?{target.query}"},
        "response": {
            "status": response.status_code,
            "body": response.text,
            "headers": {"Content-Type": response.headers["content-type"]},
        },
    }
    (mappings / "mapping.json").write_text(json.dumps(mapping))
    port = free_port()
    command = ["java", "-jar", str(_jar()), "--port", str(port), "--root-dir", str(FOLDER)]
    # the load generator reads Content-Length; the journal would keep every request
    options = ["--use-chunked-encoding", "never", "--no-request-journal", "--disable-banner"]
    process = subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(f"{url}{target.path}?{target.query}", process)
        yield url
    finally:
        process.terminate()
        process.wait(STOP_TIMEOUT_SECONDS)


def _jar() -> Path:
    if not list(FOLDER.glob("node_modules/wiremock/build/*.jar")):
        command = ["npm", "install", "--silent", "--prefix", str(FOLDER), "wiremock"]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    archives = list(FOLDER.glob("node_modules/wiremock/build/*.jar"))
    if not archives:
        raise RuntimeError("the npm package wiremock contains no .jar")
    return archives[0]


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError(f"WireMock did not start within {START_TIMEOUT_SECONDS:.0f} s")
