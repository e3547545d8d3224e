"""`python -m provider_verification VENDOR`: start the vendor's stub and verify the broker's pacts against it."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Annotated

import typer

from pact_broker_client.client import BrokerClient, BrokerError
from provider_verification.provider_version import provider_version
from provider_verification.stubs.engine.server import run_stubs
from provider_verification.verify import BrokerOptions, VerificationResult, verify_from_broker


def main(
    vendor: Annotated[str, typer.Argument(help="the provider: a folder of provider_verification/stubs/")],
    broker: Annotated[str, typer.Option(envvar="PACT_BROKER_BASE_URL", help="the broker's URL")],
    branch: Annotated[
        str, typer.Option(help="the branch whose newest pacts are verified, beside the deployed ones")
    ],
    report: Annotated[Path | None, typer.Option(help="write the outcome here, as JSON")] = None,
) -> None:
    """Verify a vendor's pacts, publish the results, exit 0 only if every interaction was verified."""
    try:
        outcome = _verify(vendor, broker, branch)
    except BrokerError as error:
        outcome = VerificationResult(vendor, 0, 0, (), (str(error),))
    if report:
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(json.dumps(dataclasses.asdict(outcome), indent=2) + "\n", encoding="utf-8")
    typer.echo(outcome.summary())
    raise typer.Exit(0 if outcome.success else 1)


def _verify(vendor: str, broker: str, branch: str) -> VerificationResult:
    source = BrokerOptions(
        url=broker,
        version=provider_version(vendor),
        branch=branch,
        selectors=({"branch": branch, "latest": True}, {"deployedOrReleased": True}),
    )
    with BrokerClient(broker) as client:
        pacts = client.pacts_for_verification(vendor, branch, source.selectors)
    with run_stubs([vendor]) as urls:
        return verify_from_broker(vendor, urls[vendor], source, pacts)


if __name__ == "__main__":
    typer.run(main)
