"""The gate's steps, each of them a make target of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from consumer_tests.discovery import vendors
from consumer_tests.pacts import RecordedPact, RecordingError, record_pacts
from consumer_tests.recorder import CONSUMER
from gate import official_cli
from gate.errors import GateError, NotMet
from gate.pact_files import PactFile, read_all
from gate.problems import problems
from gate.verdict import Verdict, judge
from gate.version import Version
from provider_verification.broker_client import BrokerClient
from provider_verification.truth import vendor_version

ENVIRONMENT = "production"
VERIFY_DEADLINE = 300.0
"""Seconds all vendors together have for their verification."""


@dataclass(frozen=True, slots=True)
class VendorReport:
    """A vendor's verification as its process reported it."""

    vendor: str
    version: str
    success: bool
    sentence: str


def record(pacts: Path) -> list[RecordedPact]:
    """Record every vendor's pact.

    Raises:
        NotMet: an expectation is not met by the orchestrator's client.
    """
    try:
        return list(record_pacts(vendors(), pacts))
    except RecordingError as error:
        raise NotMet(
            f"the orchestrator does not do what its expectations say:\n{error}",
            "mend the client, or the expectation if the client is right",
        ) from None


def publish(pacts: Path, url: str, version: Version) -> list[PactFile]:
    """Publish every pact with the official CLI.

    Raises:
        GateError: a file is no pact of ours, or the broker refuses it.
    """
    files = read_all(pacts)
    done = official_cli.run(
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


def verify(url: str, version: Version, reports: Path) -> list[VendorReport]:
    """Verify all vendors side by side, each in a process with its own stub; write a report for each.

    Raises:
        GateError: they take longer than `VERIFY_DEADLINE`.
    """
    reports.mkdir(parents=True, exist_ok=True)
    running = {vendor: _start(vendor, url, version, reports) for vendor in vendors()}
    return [_finished(vendor, process, reports) for vendor, process in running.items()]


def record_deployments(url: str, verified: list[VendorReport]) -> None:
    """Record each verified vendor version as deployed: the vendor as we last knew it.

    Raises:
        GateError: the broker refuses.
    """
    for report in verified:
        done = official_cli.run(
            "record-deployment",
            *("--broker-base-url", url, "--pacticipant", report.vendor),
            *("--version", report.version, "--environment", ENVIRONMENT),
        )
        if done.returncode:
            raise GateError(
                f"the broker did not record {report.vendor} {report.version} as deployed:\n{_output(done)}",
                f"see whether the environment '{ENVIRONMENT}' exists at the broker",
            )


def can_i_deploy(url: str, version: Version, required: list[str]) -> Verdict:
    """Ask the official CLI, and the broker's matrix for the reasons."""
    official = official_cli.run(
        "can-i-deploy",
        *("--broker-base-url", url, "--pacticipant", CONSUMER),
        *("--version", version.number, "--to-environment", ENVIRONMENT),
    )
    with BrokerClient(url) as client:
        matrix = client.get(f"/matrix?{_matrix_query(version.number)}")
        if matrix is None:
            raise GateError(f"the broker at {url} has no matrix", "see whether the URL is a Pact Broker's")
        truths = {vendor: vendor_version(vendor) for vendor in required}
        known = {row["provider"]["name"] for row in matrix["matrix"]}
        found = {
            vendor: problems(client, (CONSUMER, version.number), (vendor, truth))
            for vendor, truth in truths.items()
            if vendor in known
        }
    return judge(
        consumer=CONSUMER,
        version=version.number,
        environment=ENVIRONMENT,
        official_answer=official.returncode == 0,
        matrix=matrix,
        truths=truths,
        problems=found,
    )


def _matrix_query(version: str) -> str:
    selectors = {"q[][pacticipant]": CONSUMER, "q[][version]": version}
    return urlencode({**selectors, "latestby": "cvpv", "environment": ENVIRONMENT})


def _start(vendor: str, url: str, version: Version, reports: Path) -> subprocess.Popen[bytes]:
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
        vendor, vendor_version(vendor), success=code == 0 and bool(outcome), sentence=sentence
    )


def _report(reports: Path, vendor: str) -> Path:
    return reports / f"{vendor}.json"


def _read_report(path: Path) -> dict[str, Any] | None:
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else None


def _output(done: subprocess.CompletedProcess[str]) -> str:
    return (done.stdout + done.stderr).strip()
