"""`make run` says why it cannot start, and leaves nothing behind."""

from __future__ import annotations

import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from local_stack.orchestrator_process import StartError, run_orchestrator

REPOSITORY = Path(__file__).parents[2]


class ReadyHandler(BaseHTTPRequestHandler):
    """Another service that says it is ready."""

    def do_GET(self) -> None:
        """Respond 200."""
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def test_port_in_use_is_reported() -> None:
    """The service that has the port is not taken for the orchestrator."""
    with ThreadingHTTPServer(("127.0.0.1", 0), ReadyHandler) as server:
        Thread(target=server.serve_forever, daemon=True).start()

        run = subprocess.run(
            [sys.executable, "-m", "local_stack", "--port", str(server.server_port)],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        server.shutdown()

    assert run.returncode == 1
    assert f"cannot start: port {server.server_port} cannot be used" in run.stderr
    assert "URL=" not in run.stdout


def test_service_that_stops_is_reported(tmp_path: Path) -> None:
    """Without its settings the service stops; the error contains what it printed."""
    log = tmp_path / "orchestrator.log"

    with pytest.raises(StartError, match="TTS_API_KEY"), run_orchestrator({"ENVIRONMENT": "production"}, log):
        pass


def test_module_in_place_of_the_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable names the module that is run, unless the caller does."""
    monkeypatch.setenv("SERVICE_MODULE", "no_such_module")
    log = tmp_path / "orchestrator.log"

    with pytest.raises(StartError, match="no_such_module"), run_orchestrator({}, log):
        pass
    with (
        pytest.raises(StartError, match="another_module"),
        run_orchestrator({}, log, module="another_module"),
    ):
        pass
