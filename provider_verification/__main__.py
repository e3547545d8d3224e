"""`python -m provider_verification VENDOR`: start a vendor's stub and verify one consumer version's pact with it."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Annotated

import typer

from pact_broker_client.client import BrokerClient, BrokerError
from provider_verification.certificates import certificates_for
from provider_verification.provider_version import provider_version
from provider_verification.stubs.engine.errors import ContractError
from provider_verification.stubs.engine.server import run_stubs
from provider_verification.verification_result import Outcome, VerificationResult
from provider_verification.verify import BrokerOptions, verify_from_broker

EXIT_CODES: dict[Outcome, int] = {"verified": 0, "failed": 1, "incomplete": 1, "error": 2}


def main(
    vendor: Annotated[
        str, typer.Argument(help="the provider: a folder of provider_verification/stubs/vendors/")
    ],
    broker: Annotated[str, typer.Option(envvar="PACT_BROKER_BASE_URL", help="URL of the broker")],
    consumer: Annotated[str, typer.Option(help="the consumer whose pact is verified")],
    consumer_version: Annotated[str, typer.Option(help="its version")],
    branch: Annotated[str, typer.Option(help="the provider's branch in the published result")],
    report: Annotated[Path | None, typer.Option(help="write the result to this file, as JSON")] = None,
) -> None:
    """Verify the pact of one consumer version and publish the result.

    Exit 0 if every interaction was verified, 1 if one failed or was not verified, 2 if the verification did not finish.
    """
    try:
        result = _verify(vendor, broker, (consumer, consumer_version), branch)
    except (BrokerError, ContractError, LookupError, OSError) as error:
        result = VerificationResult(vendor, expected=0, verified=0, errors=(str(error),))
    if report:
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(render_report(result, consumer_version), encoding="utf-8")
    for line in (*result.details(), result.summary()):
        typer.echo(line)
    raise typer.Exit(EXIT_CODES[result.outcome])


def render_report(result: VerificationResult, consumer_version: str) -> str:
    """Return the result as JSON: its fields, the outcome, the summary, and each failure as a line of text."""
    texts = {"summary": result.summary(), "problems": [str(failure) for failure in result.failures]}
    identity = {"outcome": result.outcome, "consumer_version": consumer_version}
    return json.dumps({**identity, **texts, **dataclasses.asdict(result)}, indent=2) + "\n"


def _verify(vendor: str, broker: str, consumer: tuple[str, str], branch: str) -> VerificationResult:
    with BrokerClient(broker) as client:
        pact_url = client.pact_url(consumer, vendor)
        pact = client.get(pact_url)
    if pact is None:
        raise LookupError(f"there is no pact at {pact_url}")
    options = BrokerOptions(pact_url=pact_url, version=provider_version(vendor), branch=branch)
    with run_stubs([vendor]) as urls, certificates_for(urls[vendor], broker):
        return verify_from_broker(vendor, urls[vendor], options, pact)


if __name__ == "__main__":
    typer.run(main)
