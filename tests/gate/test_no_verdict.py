"""What stops the gate is named, the exit code is 2, and there is never a traceback."""

from __future__ import annotations

import socket
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.conftest import CreateCheckout
from tests.gate.checkout import Checkout, GateRun

pytestmark = pytest.mark.timeout(300)  # whole runs of the gate, on a machine that may be busy


def assert_no_verdict(run: GateRun) -> None:
    """Check exit code and wording."""
    assert run.code == 2, run.text
    assert "No verdict" in run.text
    assert "Traceback" not in run.text


def test_file_that_is_not_a_pact_is_named(vault_checkout: Checkout) -> None:
    """Nothing is published; the file and what is wrong with it are printed."""
    (vault_checkout.folder / "pacts/broken.json").write_text("{}")

    run = vault_checkout.gate("publish")

    assert_no_verdict(run)
    assert "pacts/broken.json" in run.text
    assert "'consumer.name' should be the consumer's name" in run.text


def run_with_cli(checkout: Checkout, folder: Path, *arguments: str, **variables: str) -> GateRun:
    """Run the gate with a Python in whose folder only the test's `pact` program may be."""
    python = folder / "bin/python"
    python.parent.mkdir(exist_ok=True)
    python.symlink_to(sys.executable)
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": sysconfig.get_path("purelib"), **variables}
    return checkout.run(str(python), "-m", "gate", *arguments, **environment)


def test_missing_cli_is_named(unchanged_checkout: Checkout, tmp_path: Path) -> None:
    """Without the official CLI the message has its name and how to install it."""
    run = run_with_cli(unchanged_checkout, tmp_path, "publish")

    assert_no_verdict(run)
    assert "the official Pact CLI ('pact') is not installed" in run.text
    assert "make setup" in run.text


@pytest.mark.parametrize(("ending", "code"), [("exit 1", 1), ("kill -9 $$", 2)], ids=["says no", "is killed"])
def test_exit_code_of_the_official_cli_counts(
    verified_checkout: Checkout, tmp_path: Path, ending: str, code: int
) -> None:
    """All is verified, but the official CLI says no, or ends without a result: never yes."""
    program = tmp_path / "bin/pact"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho 'computer says no'\n{ending}\n")
    program.chmod(0o755)

    run = run_with_cli(verified_checkout, tmp_path, "can-i-deploy")

    assert run.code == code, run.text
    assert verified_checkout.verdict()["verdict"] == {1: "no", 2: "no verdict"}[code]


def test_broker_that_is_down_is_named(unchanged_checkout: Checkout) -> None:
    """Nothing listens at the URL: the URL, what to do, and build/verdict.json says so too."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]

    run = unchanged_checkout.gate("run", PACT_BROKER_BASE_URL=f"http://127.0.0.1:{port}")

    assert_no_verdict(run)
    assert f"the broker at http://127.0.0.1:{port} does not respond" in run.text
    assert "unset it to use the embedded broker" in run.text
    assert unchanged_checkout.verdict()["verdict"] == "no verdict"
    assert "does not respond" in unchanged_checkout.verdict()["reason"]


@pytest.fixture
def failing_server() -> Iterator[str]:
    """The URL of a server that responds 500 to everything."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(500)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_broker_that_fails_is_named(unchanged_checkout: Checkout, failing_server: str) -> None:
    """The broker responds 500: the URL and the status."""
    run = unchanged_checkout.invoke("run", PACT_BROKER_BASE_URL=failing_server)

    assert_no_verdict(run)
    assert f"the broker at {failing_server} responded 500" in run.text


@pytest.mark.parametrize(("ci", "code"), [("true", 2), ("", 0)], ids=["CI", "laptop"])
def test_empty_broker_url_is_an_error_in_ci(unchanged_checkout: Checkout, ci: str, code: int) -> None:
    """A missing secret must not lead to the verdict of an embedded broker that knows nothing."""
    run = unchanged_checkout.gate("publish", PACT_BROKER_BASE_URL="", CI=ci)

    assert run.code == code, run.text
    assert ("PACT_BROKER_BASE_URL is set but empty" in run.text) is (code == 2)


def test_verification_that_breaks_off_is_no_verdict(vault_checkout: Checkout) -> None:
    """A stub that does not start has verified nothing; the log is named."""
    module = vault_checkout.folder / "provider_verification/stubs/vendors/vault/secrets.py"
    module.write_text(module.read_text() + '\nraise RuntimeError("broken stub")\n')

    run = vault_checkout.gate("run")

    assert_no_verdict(run)
    assert "vault: the verification was not completed" in run.text
    assert "build/verification/vault.log" in run.text
    assert vault_checkout.verdict()["verdict"] == "no verdict"


def test_error_in_the_gate_s_imports_is_no_verdict(vault_checkout: Checkout) -> None:
    """The exit code of a traceback would be 1, which means no."""
    (vault_checkout.folder / "consumer_tests/names.py").write_text("def broken(:\n")

    run = vault_checkout.gate("run")

    assert_no_verdict(run)
    assert "the gate cannot start: SyntaxError" in run.text
    assert vault_checkout.verdict()["verdict"] == "no verdict"


def test_unexpected_exception_is_no_verdict(vault_checkout: Checkout) -> None:
    """The traceback is in a file."""
    module = vault_checkout.folder / "consumer_tests/vault/auth.py"
    module.write_text(module.read_text() + "\nprint(1 / 0)\n")

    run = vault_checkout.gate("run")

    assert_no_verdict(run)
    assert "unexpected error: ZeroDivisionError" in run.text
    assert "ZeroDivisionError" in (vault_checkout.folder / "build/gate-error.log").read_text()


def test_unwritable_checkout_is_no_verdict(create_checkout: CreateCheckout) -> None:
    """On a read-only file system neither build/ nor the verdict can be written."""
    checkout = create_checkout("vault")
    (checkout.folder / "build").write_text("a file")

    run = checkout.gate("run")

    assert_no_verdict(run)
    assert "build" in run.text


def test_interrupted_gate_gives_no_verdict(vault_checkout: Checkout) -> None:
    """Ctrl-C is not a no."""
    process = subprocess.Popen(
        [sys.executable, "-c", "import signal; signal.signal(2, signal.default_int_handler); import runpy, sys; sys.argv = ['gate', 'run']; runpy.run_module('gate', run_name='__main__')"],
        cwd=vault_checkout.folder,
        env=vault_checkout.environment(PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.readline()  # the first step has ended

    process.send_signal(2)

    assert "No verdict" in process.communicate(timeout=60)[0]
    assert process.returncode == 2
