"""The tour that `make run` prints works when it is pasted."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_stack.orchestrator_process import free_port

REPOSITORY = Path(__file__).parents[2]
TOOLS = ("bash", "curl", "sed", "grep")


@pytest.fixture
def tour() -> Iterator[str]:
    """What it prints, as long as it runs."""
    command = [sys.executable, "-u", "-m", "local_stack", "--port", str(free_port())]
    process = subprocess.Popen(
        command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, stderr=subprocess.STDOUT
    )
    assert process.stdout is not None
    killer = threading.Timer(60, process.kill)  # a stack that does not start ends the reading below
    killer.start()
    printed = []
    for line in process.stdout:
        printed.append(line)
        if line.startswith("curl -s $URL/metrics"):
            break
    yield "".join(printed)
    killer.cancel()
    process.terminate()
    process.communicate(timeout=30)


def test_the_tour_can_be_pasted(tour: str, tmp_path: Path) -> None:
    """A guest is greeted by name, told of the stay, served, offered another stay; and the call ends."""
    if missing := [tool for tool in TOOLS if shutil.which(tool) is None]:
        pytest.skip(f"not run: the tour needs {', '.join(missing)}, which is not on this machine")
    script = tour[tour.index("URL=") :]
    (tmp_path / "build/run").mkdir(parents=True)

    completed = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
    )

    responses = [json.loads(line) for line in completed.stdout.splitlines() if line.startswith("{")]
    assert [response["state"] for response in responses] == ["active"] * 4 + ["ended"]
    assert "Ada Muster" in responses[0]["reply"]
    assert [response["outcome"] for response in responses[:4]] == ["done"] * 4
    assert (tmp_path / "build/run/greeting.mp3").stat().st_size > 1000
    assert 'call_total{outcome="completed"} 1.0' in completed.stdout
