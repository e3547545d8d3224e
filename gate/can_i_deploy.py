"""The question to the broker: may this version be deployed, with exactly the vendor versions of this tree?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from consumer_tests.names import CONSUMER_NAME
from gate.deployments import deployed_versions
from gate.official_cli import output_of, run_pact_broker
from gate.publishing import require_published
from gate.verdict import CliResult, Verdict, decide, result_of
from gate.verification_failures import verification_failures
from gate.version import ConsumerVersion
from pact_broker_client.client import BrokerClient


def can_i_deploy(
    url: str,
    version: ConsumerVersion,
    environment: str,
    vendor_versions: Mapping[str, str],
    problems: Mapping[str, tuple[str, ...]],
    reported: Mapping[str, tuple[str, ...]],
) -> Verdict:
    """Ask the official CLI, and the broker's matrix for the reasons.

    The question names every vendor's version. The verdict therefore does not depend on what other branches publish or
    record as deployed.

    Args:
        url: the broker.
        version: the orchestrator's version.
        environment: the environment it would be deployed to.
        vendor_versions: every vendor that the expectations name, with its version in this tree.
        problems: the mismatches that the verification in this run found, by vendor.
        reported: the mismatches in the reports of an earlier run, by vendor. They describe failures that the broker has
            and decide nothing.

    Raises:
        GateError: if the broker knows neither the version nor the environment, or the CLI cannot run.
        BrokerError: if the broker does not respond.
    """
    with BrokerClient(url) as client:
        deployed = deployed_versions(client, environment)
        require_published(client, version)
        # cvpv keeps a row for each vendor version; a coarser grouping would hide all but the newest
        query = {"q[][pacticipant]": CONSUMER_NAME, "q[][version]": version.number, "latestby": "cvpv"}
        rows = (client.get(f"/matrix?{urlencode(query)}") or {}).get("matrix", [])
        failures = _published_failures(client, rows, vendor_versions)
    return decide(
        consumer=CONSUMER_NAME,
        version=version.number,
        environment=environment,
        cli=_ask_official_cli(url, version, environment, vendor_versions),
        matrix=rows,
        current_versions=vendor_versions,
        deployed_versions=deployed,
        problems=failures
        | {vendor: reported[vendor] for vendor in failures.keys() & reported}
        | dict(problems),
    )


def _published_failures(
    client: BrokerClient, rows: Sequence[Mapping[str, Any]], vendor_versions: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    """Return the failures in the results that the broker has for these vendor versions, by vendor."""
    failures = {}
    for vendor, number in vendor_versions.items():
        row = result_of(number, (row for row in rows if row["provider"]["name"] == vendor))
        if row is not None and row["verificationResult"]["success"] is not True:
            failures[vendor] = verification_failures(client, row)
    return failures


def _ask_official_cli(
    url: str, version: ConsumerVersion, environment: str, vendor_versions: Mapping[str, str]
) -> CliResult:
    process = run_pact_broker(
        "can-i-deploy",
        # each --version directly after its --pacticipant: the CLI ignores it in any other place
        *("--broker-base-url", url, "--pacticipant", CONSUMER_NAME, "--version", version.number),
        *(
            argument
            for vendor, number in vendor_versions.items()
            for argument in ("--pacticipant", vendor, "--version", number)
        ),
        *("--to-environment", environment),
    )
    # no `-o json`, with which the CLI exits with 0 even for a no
    return CliResult(process.returncode == 0, " ".join(output_of(process).split()))
