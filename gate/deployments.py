"""What the broker knows to be deployed where."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from consumer_tests.names import CONSUMER_NAME
from gate.broker_process import configured_url
from gate.errors import GateError
from gate.official_cli import output_of, run_pact_broker
from gate.publishing import require_published
from gate.verification import VendorReport
from gate.version import ConsumerVersion
from pact_broker_client.client import BrokerClient

DEFAULT_ENVIRONMENT = "production"
EMBEDDED_URL = "http://127.0.0.1:9292"
"""Where `make broker` listens."""


def record_vendor_deployments(url: str, reports: Iterable[VendorReport], environment: str) -> None:
    """Record the vendor versions that verified this version as deployed: the vendors as this tree describes them.

    A vendor whose verification failed is never recorded.

    Raises:
        GateError: if the broker rejects it.
    """
    for report in reports:
        if report.success:
            _record(url, report.vendor, report.version, environment)


def record_consumer_deployment(url: str, version: ConsumerVersion, environment: str) -> None:
    """Record the orchestrator's version as deployed.

    Raises:
        GateError: if the version or the environment is not known to the broker.
    """
    with BrokerClient(url) as client:
        # called for its error, which names the environments that exist
        deployed_versions(client, environment)
        require_published(client, version)
    _record(url, CONSUMER_NAME, version.number, environment)


def deployed_versions(client: BrokerClient, environment: str) -> dict[str, str]:
    """Return the version of every pacticipant that is deployed to an environment.

    Raises:
        GateError: if the broker has no such environment; the message names those it has.
        BrokerError: if the broker does not respond.
    """
    if not environment.strip():
        raise GateError("no environment is named", f"name one, such as ENVIRONMENT={DEFAULT_ENVIRONMENT}")
    environments = (client.get("/environments") or {}).get("_embedded", {}).get("environments", [])
    link = next(
        (item["_links"]["self"]["href"] for item in environments if item["name"] == environment), None
    )
    if link is None:
        names = ", ".join(item["name"] for item in environments) or "none"
        raise GateError(
            f"the broker has no environment '{environment}', it has: {names}",
            f"choose one of them, or create it{_creation_command(environment)}",
        )
    deployed = client.get(f"{link}/deployed-versions/currently-deployed") or {}
    return {
        item["_embedded"]["pacticipant"]["name"]: item["_embedded"]["version"]["number"]
        for item in deployed.get("_embedded", {}).get("deployedVersions", [])
    }


def _creation_command(environment: str) -> str:
    """Return the command that creates an environment at the gate's broker, for an error message."""
    url = configured_url()
    start = "" if url else " (run 'make broker' in another terminal first)"
    name = shlex.quote(environment)
    return (
        f"{start}: .venv/bin/pact-broker create-environment --name {name} --display-name {name}"
        f" --broker-base-url {url or EMBEDDED_URL}"
    )


def _record(url: str, pacticipant: str, version: str, environment: str) -> None:
    process = run_pact_broker(
        "record-deployment",
        *("--broker-base-url", url, "--pacticipant", pacticipant),
        *("--version", version, "--environment", environment),
    )
    if process.returncode:
        raise GateError(
            f"the broker did not record {pacticipant} {version} as deployed to {environment}:\n{output_of(process)}",
            f"check that the environment '{environment}' and the version exist at the broker",
        )
