"""`python -m provider_verification VENDOR`: verify one consumer version's pact against the vendor's stub."""

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
    vendor: Annotated[
        str, typer.Argument(help="the provider: a folder of provider_verification/stubs/vendors/")
    ],
    broker: Annotated[str, typer.Option(envvar="PACT_BROKER_BASE_URL", help="the broker's URL")],
    consumer: Annotated[str, typer.Option(help="the consumer whose pact is verified")],
    consumer_version: Annotated[str, typer.Option(help="its version")],
    branch: Annotated[str, typer.Option(help="the branch that the vendor's version is published for")],
    report: Annotated[Path | None, typer.Option(help="write the result to this file, as JSON")] = None,
) -> None:
    """Verify a vendor's pact, publish the result, exit 0 only if every interaction was verified."""
    try:
        result = _verify(vendor, broker, (consumer, consumer_version), branch)
    except BrokerError as error:
        result = VerificationResult(vendor, 0, 0, (), (str(error),))
    if report:
        document = {**dataclasses.asdict(result), "success": result.success, "summary": result.summary()}
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    typer.echo(result.summary())
    raise typer.Exit(0 if result.success else 1)


def _verify(vendor: str, broker: str, consumer: tuple[str, str], branch: str) -> VerificationResult:
    with BrokerClient(broker) as client:
        pact_url = client.pact_url(consumer, vendor)
        pact = client.get(pact_url)
    if pact is None:
        return VerificationResult(vendor, 0, 0, (), (f"there is no pact at {pact_url}",))
    options = BrokerOptions(pact_url=pact_url, version=provider_version(vendor), branch=branch)
    with run_stubs([vendor]) as urls:
        return verify_from_broker(vendor, urls[vendor], options, pact)


if __name__ == "__main__":
    typer.run(main)
