"""`python -m provider_verification VENDOR`: start a vendor's stub and verify the broker's pacts against it."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Annotated

import typer

from pact_broker_client.client import BrokerClient, BrokerError
from provider_verification.provider_version import provider_version
from provider_verification.stubs.engine.schema_files import ContractError
from provider_verification.stubs.engine.server import run_stubs
from provider_verification.verification_result import Outcome, VerificationResult
from provider_verification.verify import BrokerOptions, verify_from_broker

EXIT_CODES: dict[Outcome, int] = {"verified": 0, "failed": 1, "incomplete": 1, "error": 2}


def main(
    vendor: Annotated[
        str, typer.Argument(help="the provider: a folder of provider_verification/stubs/vendors/")
    ],
    broker: Annotated[str, typer.Option(envvar="PACT_BROKER_BASE_URL", help="URL of the broker")],
    branch: Annotated[
        str, typer.Option(help="branch whose newest pacts are verified, in addition to the deployed ones")
    ],
    report: Annotated[Path | None, typer.Option(help="write the result to this file, as JSON")] = None,
) -> None:
    """Verify a vendor's pacts and publish the results.

    Exit 0 if every interaction was verified, 1 if one failed or was not verified, 2 if the verification did not finish.
    """
    try:
        result = _verify(vendor, broker, branch)
    except (BrokerError, ContractError, LookupError, OSError) as error:
        result = VerificationResult(vendor, expected=0, verified=0, errors=(str(error),))
    if report:
        report.parent.mkdir(parents=True, exist_ok=True)
        report.write_text(render_report(result), encoding="utf-8")
    for line in (*result.details(), result.summary()):
        typer.echo(line)
    raise typer.Exit(EXIT_CODES[result.outcome])


def render_report(result: VerificationResult) -> str:
    """The result as JSON: its fields, the outcome and the summary."""
    fields = dataclasses.asdict(result)
    return json.dumps({"outcome": result.outcome, "summary": result.summary(), **fields}, indent=2) + "\n"


def _verify(vendor: str, broker: str, branch: str) -> VerificationResult:
    options = BrokerOptions(
        url=broker,
        version=provider_version(vendor),
        branch=branch,
        selectors=({"branch": branch, "latest": True}, {"deployedOrReleased": True}),
    )
    with BrokerClient(broker) as client:
        pacts = client.pacts_for_verification(vendor, branch, options.selectors)
    with run_stubs([vendor]) as urls:
        return verify_from_broker(vendor, urls[vendor], options, pacts)


if __name__ == "__main__":
    typer.run(main)
