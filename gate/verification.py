"""Verification of every vendor's pact, each in a process of its own."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from consumer_tests.names import CONSUMER_NAME
from gate.publishing import require_published
from gate.version import ConsumerVersion
from local_stack.exit_with_parent import child_command
from pact_broker_client.client import BrokerClient
from provider_verification.provider_version import provider_version

VERIFY_TIMEOUT_SECONDS = 300.0
"""Limit for the verification of all vendors together."""


@dataclass(frozen=True, slots=True)
class VendorReport:
    """The result of one vendor's verification process.

    Attributes:
        vendor: the provider's name.
        version: its version in this tree.
        success: every interaction of this version's pact was verified and the result was published.
        summary: the result in one sentence.
        problems: each mismatch, as `'description': reason`; empty if the verification could not be completed.
    """

    vendor: str
    version: str
    success: bool
    summary: str
    problems: tuple[str, ...] = ()

    @property
    def is_incomplete(self) -> bool:
        """Whether the verification ended with an error instead of a result."""
        return not self.success and not self.problems


def verify_providers(
    vendors: Iterable[str], url: str, version: ConsumerVersion, reports: Path
) -> list[VendorReport]:
    """Verify this version's pacts with all vendors in parallel and write a report for each.

    Raises:
        GateError: if nothing was published for the version.
        BrokerError: if the broker does not respond.
    """
    reports.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + VERIFY_TIMEOUT_SECONDS
    with BrokerClient(url) as client:
        require_published(client, version)
        urls = {vendor: client.pact_url((CONSUMER_NAME, version.number), vendor) for vendor in vendors}
        missing = [vendor for vendor, pact_url in urls.items() if client.get(pact_url) is None]
    processes = {vendor: _start(vendor, url, version, reports) for vendor in urls if vendor not in missing}
    try:
        reported = [_collect(vendor, process, reports, deadline) for vendor, process in processes.items()]
        return sorted([*reported, *map(_missing_pact, missing)], key=lambda report: report.vendor)
    finally:
        for process in processes.values():
            process.kill()
            process.communicate()


def reported_problems(
    vendors: Iterable[str], version: ConsumerVersion, reports: Path
) -> dict[str, tuple[str, ...]]:
    """Return the mismatches in the reports that an earlier command left for this version, by vendor.

    A published result has only the verifier's own text; a report names operation and field.
    """
    documents = {vendor: _read_report(_report_path(reports, vendor)) for vendor in vendors}
    return {
        vendor: tuple(document["problems"])
        for vendor, document in documents.items()
        if document and document.get("consumer_version") == version.number and document.get("problems")
    }


def _missing_pact(vendor: str) -> VendorReport:
    problem = "this version has no pact at the broker"
    version = provider_version(vendor)
    return VendorReport(vendor, version, success=False, summary=f"{vendor}: {problem}", problems=(problem,))


def _start(vendor: str, url: str, version: ConsumerVersion, reports: Path) -> subprocess.Popen[bytes]:
    report = _report_path(reports, vendor)
    # an earlier report must not be taken for that of this run
    report.unlink(missing_ok=True)
    command = child_command(
        "provider_verification",
        *(vendor, "--broker", url, "--consumer", CONSUMER_NAME, "--consumer-version", version.number),
        *("--branch", version.branch, "--report", str(report)),
    )
    with (reports / f"{vendor}.log").open("wb") as log:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)  # noqa: S603 - fixed command


def _collect(vendor: str, process: subprocess.Popen[bytes], reports: Path, deadline: float) -> VendorReport:
    try:
        code = process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        process.kill()
        code = process.wait()
    report = _read_report(_report_path(reports, vendor))
    if report is None:
        summary = (
            f"{vendor}: the verification was not completed (exit code {code}), see {reports / vendor}.log"
        )
        return VendorReport(vendor, provider_version(vendor), success=False, summary=summary)
    problems = tuple(report["problems"])
    if report["outcome"] == "incomplete":  # fewer interactions verified than the pact holds
        problems = (*problems, report["summary"].partition(": ")[2])
    return VendorReport(
        vendor,
        provider_version(vendor),
        success=code == 0 and report["outcome"] == "verified",
        summary=report["summary"],
        problems=problems if report["outcome"] != "error" else (),
    )


def _report_path(reports: Path, vendor: str) -> Path:
    return reports / f"{vendor}.json"


def _read_report(path: Path) -> dict[str, Any] | None:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return None
