"""Verification of pacts against a vendor's stub with Pact's own verifier, with a count of what was verified.

The verifier also passes when it verified nothing, for instance if no pact has the provider's name. So the number of
interactions it reports is compared with the number in the pacts.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from pact import Verifier

from provider_verification.mismatches import error_text, interaction_failures, stub_defects
from provider_verification.stubs.engine.openapi import load_contract
from provider_verification.verification_result import VerificationResult

REQUEST_TIMEOUT_MS = 30_000
STUB_CHECK_TIMEOUT_SECONDS = 5.0
REQUEST_ERROR = "error sending request"
"""How the verifier's message begins if the stub sent no response: it died, or did not respond in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerOptions:
    """Where a pact is read and its result is published.

    The credentials are `PACT_BROKER_TOKEN`, or `PACT_BROKER_USERNAME` and `PACT_BROKER_PASSWORD`.

    Attributes:
        pact_url: the URL of one consumer version's pact at the broker.
        version: the provider version of the published result.
        branch: the provider's branch.
    """

    pact_url: str
    version: str
    branch: str


def verify_files(vendor: str, stub_url: str, files: Iterable[Path]) -> VerificationResult:
    """Verify pact files against a running stub, without a broker."""
    verifier = _build_verifier(vendor, stub_url)
    pacts = []
    for file in files:
        pacts.append(json.loads(file.read_text(encoding="utf-8")))
        verifier.add_source(file)
    return _run_verifier(vendor, stub_url, verifier, pacts)


def verify_from_broker(
    vendor: str, stub_url: str, options: BrokerOptions, pact: dict[str, Any]
) -> VerificationResult:
    """Verify the pact of one consumer version, and publish the result.

    Consumer version selectors name a branch or an environment, and both may have moved on to another version. The
    verifier therefore gets the pact's URL; the pact's link `pb:publish-verification-results` takes the result.

    Args:
        vendor: the provider's name at the broker.
        stub_url: the URL of the running stub.
        options: the pact and the provider version.
        pact: the document at the pact's URL, for the number of its interactions.
    """
    verifier = _build_verifier(vendor, stub_url)
    verifier.set_publish_options(options.version, branch=options.branch)
    if token := os.environ.get("PACT_BROKER_TOKEN"):
        verifier.add_source(options.pact_url, token=token)
    elif username := os.environ.get("PACT_BROKER_USERNAME"):
        password = os.environ.get("PACT_BROKER_PASSWORD", "")
        verifier.add_source(options.pact_url, username=username, password=password)
    else:
        verifier.add_source(options.pact_url)
    return _run_verifier(vendor, stub_url, verifier, [pact])


def _build_verifier(vendor: str, stub_url: str) -> Verifier:
    url = urlsplit(stub_url)
    return (
        Verifier(vendor, host=url.hostname)
        .add_transport(url=stub_url)
        .add_transport(protocol="message", scheme="http", port=url.port, path="/_stub/messages")
        .state_handler(f"{stub_url}/_stub/states", teardown=True, body=True)
        .set_request_timeout(REQUEST_TIMEOUT_MS)
        .set_coloured_output(enabled=False)
    )


def _run_verifier(
    vendor: str, stub_url: str, verifier: Verifier, pacts: Sequence[Mapping[str, Any]]
) -> VerificationResult:
    raised = _verify(verifier)
    results = verifier.results
    interaction_results = results["interactionResults"]
    failed = any(result["result"] != "OK" for result in interaction_results)
    defects = _read_defects(stub_url) if failed else []
    failures = interaction_failures(
        interaction_results, pacts, load_contract(vendor), stub_defects(defects or ())
    )
    errors = [
        f"'{failure.description}': {mismatch.message}"
        for failure in failures
        for mismatch in failure.mismatches
        if mismatch.part == "error" and mismatch.message.startswith(REQUEST_ERROR)
    ]
    if not failures and not results["result"]:
        errors += list(map(error_text, results["errors"])) or ["the verifier failed without a reason"]
    elif not failures and raised:
        errors.append(raised)
    # If the stub died, every later interaction fails, and none of it says anything about the contract.
    if failures and defects is None:
        errors.append(f"the stub at {stub_url} no longer responds")
    return VerificationResult(
        vendor,
        expected=sum(len(pact["interactions"]) for pact in pacts),
        verified=len(interaction_results),
        failures=failures,
        errors=tuple(errors),
    )


def _verify(verifier: Verifier) -> str | None:
    """Run the verifier; return the message of the error that it raises if an interaction failed or it crashed."""
    try:
        verifier.verify()
    except RuntimeError as error:
        return str(error)
    return None


def _read_defects(stub_url: str) -> list[dict[str, Any]] | None:
    """Return the responses with which the stub would have broken its own schemas, None if it does not respond."""
    try:
        response = httpx.get(f"{stub_url}/_stub/defects", timeout=STUB_CHECK_TIMEOUT_SECONDS)
        defects: list[dict[str, Any]] = response.raise_for_status().json()
    except httpx.HTTPError:
        return None
    return defects
