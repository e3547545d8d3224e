"""Publishing the pacts of this version, and what they lack compared with the main branch."""

from __future__ import annotations

from collections.abc import Iterator

from consumer_tests.names import CONSUMER_NAME
from gate.errors import GateError
from gate.official_cli import output_of, run_pact_broker
from gate.pact_files import PactFile
from gate.version import ConsumerVersion, main_branch
from pact_broker_client.client import BrokerClient
from provider_verification.pact_changes import compare_pacts


def publish_pacts(files: list[PactFile], url: str, version: ConsumerVersion) -> None:
    """Publish the pacts with the official CLI.

    Raises:
        GateError: if the broker rejects them.
    """
    process = run_pact_broker(
        "publish",
        *(str(file.path) for file in files),
        *("--broker-base-url", url, "--consumer-app-version", version.number, "--branch", version.branch),
    )
    if process.returncode:
        raise GateError(
            f"the broker rejected the pacts:\n{output_of(process)}",
            "the pacts of a version never change: commit the difference, so that it is a version of its own",
        )


def removed_interactions(files: list[PactFile], url: str, version: ConsumerVersion) -> Iterator[str]:
    """Yield each interaction that the main branch's newest pact has and this version's has not.

    A removed interaction blocks nothing, but nothing else reports it: all remaining interactions are verified.
    """
    selector = {"branch": main_branch(), "consumer": CONSUMER_NAME, "latest": True}
    with BrokerClient(url) as client:
        for file in files:
            for pact in client.pacts_for_verification(file.provider, version.branch, [selector]):
                removed = compare_pacts(pact, file.content).removed
                yield from (f"{file.provider}: '{description}'" for description in removed)


def require_published(client: BrokerClient, version: ConsumerVersion) -> None:
    """Check that the broker knows a version of the orchestrator.

    Raises:
        GateError: if nothing was published for it.
    """
    if client.version(CONSUMER_NAME, version.number) is None:
        raise GateError(
            f"nothing was published for {CONSUMER_NAME} {version.number}",
            "run 'make pact-publish' and 'make pact-verify' first, or 'make gate' for all steps",
        )
