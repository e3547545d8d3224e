"""The launcher runs the code of one folder, ends with the process that started it, and can slow down a route."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from performance.serve import SlowRoute

SERVE = Path(__file__).parents[2] / "performance/serve.py"
LAST_SECONDS = 60


def create_version(root: Path, program: str) -> None:
    """Write a version of the service."""
    package = root / "orchestrator"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(program)


def test_code_of_the_folder_wins_over_the_installed_one(tmp_path: Path) -> None:
    """It gets the port as the service's command line does."""
    create_version(tmp_path, "import sys\nprint('this version', sys.argv)")

    # its standard input stays open until the program has ended by itself
    with subprocess.Popen(
        [sys.executable, SERVE, tmp_path, "8123"],
        cwd="/",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        output = process.stdout.read()

    assert process.returncode == 0
    assert "this version" in output
    assert "'--port', '8123'" in output


def test_another_versions_code_is_refused(tmp_path: Path) -> None:
    """A folder without the service would silently run the installed one."""
    result = subprocess.run(
        [sys.executable, SERVE, tmp_path, "8123"], capture_output=True, text=True, timeout=LAST_SECONDS, check=False
    )  # fmt: skip

    assert result.returncode != 0
    assert f"not that of {tmp_path}" in result.stderr or "No module named 'orchestrator'" in result.stderr


def test_service_ends_with_its_standard_input(tmp_path: Path) -> None:
    """The process that started it may have been killed."""
    create_version(tmp_path, "import threading\nprint('runs', flush=True)\nthreading.Event().wait()")
    process = subprocess.Popen(
        [sys.executable, SERVE, tmp_path, "8123"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == b"runs\n"

    process.stdin.close()

    assert process.wait(LAST_SECONDS) != 0
    process.stdout.close()


@pytest.mark.parametrize(("path", "burnt"), [("/slow", 0.05), ("/other", 0.0)])
def test_slow_route_burns_cpu_time_of_its_route_only(path: str, burnt: float) -> None:
    """CPU time of this thread, so a busy machine does not matter."""
    paths: list[str] = []

    async def app(scope: dict[str, Any], _receive: object, _send: object) -> None:
        paths.append(scope["path"])

    slow = SlowRoute(app, "GET", "/slow", 0.05)
    started = time.thread_time()
    asyncio.run(slow({"method": "GET", "path": path}, None, None))

    assert paths == [path]
    assert burnt <= time.thread_time() - started < burnt + 0.05
