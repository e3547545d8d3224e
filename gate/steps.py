"""The gate's steps, each of them a make target of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from consumer_tests.discovery import vendor_names
from consumer_tests.pact_files import RecordedPact, RecordingError, record_pacts
from consumer_tests.recorder import CONSUMER_NAME
from gate import official_cli
from gate.errors import ContractNotMetError, GateError
from gate.pact_files import PactFile, load_pact_files
from gate.verdict import Verdict, decide
from gate.verification_failures import verification_failures
from gate.version import ConsumerVersion
from pact_broker_client.client import BrokerClient
from provider_verification.provider_version import provider_version

TARGET_ENVIRONMENT = "production"
VERIFY_DEADLINE = 300.0
"""Seconds all vendors together have for their verification."""


@dataclass(frozen=True, slots=True)
class VendorReport:
    """A vendor's verification as its process reported it."""

    vendor: str
    version: str
    success: bool
    summary: str


def record_all_pacts(pacts: Path) -> list[RecordedPact]:
    """Record every vendor's pact.

    Raises:
        ContractNotMetError: an expectation is not met by the orchestrator's client.
    """
    try:
        return list(record_pacts(vendor_names(), pacts))
    except RecordingError as error:
        raise ContractNotMetError(
            f"the orchestrator does not do what its expectations say:\n{error}",
            "mend the client, or the expectation if the client is right",
        ) from None


def publish_pacts(pacts: Path, url: str, version: ConsumerVersion) -> list[PactFile]:
    """Publish every pact with the official CLI.

    Raises:
        GateError: a file is no pact of ours, or the broker refuses it.
    """
    files = load_pact_files(pacts)
    done = official_cli.run_pact_broker(
        "publish",
        *(str(file.path) for file in files),
        *("--broker-base-url", url, "--consumer-app-version", version.number, "--branch", version.branch),
    )
    if done.returncode:
        raise GateError(
            f"the broker did not take the pacts:\n{_output(done)}",
            "pacts of a version never change: commit what differs, so that it is a version of its own",
        )
    return files


def verify_providers(url: str, version: ConsumerVersion, reports: Path) -> list[VendorReport]:
    """Verify all vendors side by side, each in a process with its own stub; write a report for each.

    Raises:
        GateError: they take longer than `VERIFY_DEADLINE`.
    """
    reports.mkdir(parents=True, exist_ok=True)
    running = {vendor: _start(vendor, url, version, reports) for vendor in vendor_names()}
    return [_finished(vendor, process, reports) for vendor, process in running.items()]


def record_deployments(url: str, verified: list[VendorReport]) -> None:
    """Record each verified vendor version as deployed: the vendor as we last knew it.

    Raises:
        GateError: the broker refuses.
    """
    for report in verified:
        done = official_cli.run_pact_broker(
            "record-deployment",
            *("--broker-base-url", url, "--pacticipant", report.vendor),
            *("--version", report.version, "--environment", TARGET_ENVIRONMENT),
        )
        if done.returncode:
            raise GateError(
                f"the broker did not record {report.vendor} {report.version} as deployed:\n{_output(done)}",
                f"see whether the environment '{TARGET_ENVIRONMENT}' exists at the broker",
            )


def can_i_deploy(url: str, version: ConsumerVersion, required: list[str]) -> Verdict:
    """Ask the official CLI, and the broker's matrix for the reasons."""
    official = official_cli.run_pact_broker(
        "can-i-deploy",
        *("--broker-base-url", url, "--pacticipant", CONSUMER_NAME),
        *("--version", version.number, "--to-environment", TARGET_ENVIRONMENT),
    )
    with BrokerClient(url) as client:
        matrix = client.get(f"/matrix?{_matrix_query(version.number)}")
        if matrix is None:
            raise GateError(f"the broker at {url} has no matrix", "see whether the URL is a Pact Broker's")
        truths = {vendor: provider_version(vendor) for vendor in required}
        known = {row["provider"]["name"] for row in matrix["matrix"]}
        found = {
            vendor: verification_failures(client, (CONSUMER_NAME, version.number), (vendor, truth))
            for vendor, truth in truths.items()
            if vendor in known
        }
    return decide(
        consumer=CONSUMER_NAME,
        version=version.number,
        environment=TARGET_ENVIRONMENT,
        cli_allows=official.returncode == 0,
        matrix=matrix,
        expected_versions=truths,
        problems=found,
    )


def _matrix_query(version: str) -> str:
    selectors = {"q[][pacticipant]": CONSUMER_NAME, "q[][version]": version}
    return urlencode({**selectors, "latestby": "cvpv", "environment": TARGET_ENVIRONMENT})


def _start(vendor: str, url: str, version: ConsumerVersion, reports: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "provider_verification", vendor]
    options = ["--broker", url, "--branch", version.branch, "--report", str(_report(reports, vendor))]
    _report(reports, vendor).unlink(missing_ok=True)
    with (reports / f"{vendor}.log").open("wb") as log:
        return subprocess.Popen([*command, *options], stdout=log, stderr=subprocess.STDOUT)  # noqa: S603 - our own program


def _finished(vendor: str, process: subprocess.Popen[bytes], reports: Path) -> VendorReport:
    try:
        code = process.wait(VERIFY_DEADLINE)
    except subprocess.TimeoutExpired:
        process.kill()
        code = process.wait()
    log = reports / f"{vendor}.log"
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    outcome = _read_report(_report(reports, vendor))
    sentence = lines[-1] if lines and outcome else f"{vendor}: its verification broke off, see {log}"
    return VendorReport(
        vendor, provider_version(vendor), success=code == 0 and bool(outcome), summary=sentence
    )


def _report(reports: Path, vendor: str) -> Path:
    return reports / f"{vendor}.json"


def _read_report(path: Path) -> dict[str, Any] | None:
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def _output(done: subprocess.CompletedProcess[str]) -> str:
    return (done.stdout + done.stderr).strip()
