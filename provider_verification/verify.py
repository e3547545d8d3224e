"""Replay pacts against a vendor's stub with Pact's own verifier, and count what was verified.

The verifier passes when it verified nothing (a provider name that no pact has, an empty folder), and reports
success when publishing its result failed. So the number of verified interactions is compared with the number in
the pacts, and a published result is read back by who asked for it.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pact import Verifier

from provider_verification.stubs.engine.openapi import load_contract

REQUEST_TIMEOUT_MS = 30_000


@dataclass(frozen=True, slots=True)
class InteractionFailure:
    """One interaction the stub does not keep: which, and what differs (each with its JSON path, if it has one)."""

    consumer: str
    description: str
    mismatches: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VerificationResult:
    """What the verifier found: how many interactions it verified, how many the pacts hold, and what failed."""

    vendor: str
    expected: int
    verified: int
    failures: tuple[InteractionFailure, ...]
    errors: tuple[str, ...] = ()

    @property
    def success(self) -> bool:
        """All interactions of the pacts were verified, there was at least one, and none failed."""
        return self.expected > 0 and self.verified == self.expected and not self.failures and not self.errors

    def summary(self) -> str:
        """The outcome in words."""
        if self.errors:
            return f"{self.vendor}: {'; '.join(self.errors)}"
        if self.expected == 0:
            return f"{self.vendor}: the pacts hold no interaction to verify"
        if self.verified != self.expected:
            return f"{self.vendor}: {self.verified} of {self.expected} interactions were verified"
        if self.failures:
            return f"{self.vendor}: {len(self.failures)} of {self.expected} interactions failed"
        return f"{self.vendor}: all {self.expected} interactions verified"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerOptions:
    """Where a pact comes from and which provider version its result is published for.

    The credentials are the environment's `PACT_BROKER_TOKEN`, or `PACT_BROKER_USERNAME` and `PACT_BROKER_PASSWORD`.

    Attributes:
        pact_url: the pact of one consumer version at the broker.
        version: the provider version that the result is published for.
        branch: the provider's branch.
    """

    pact_url: str
    version: str
    branch: str


def verify_files(vendor: str, stub_url: str, files: Iterable[Path]) -> VerificationResult:
    """Verify pact files against a running stub, without a broker."""
    verifier = _verifier(vendor, stub_url)
    pacts = []
    for file in files:
        pacts.append(json.loads(file.read_text(encoding="utf-8")))
        verifier.add_source(file)
    return _run_verifier(vendor, verifier, pacts)


def verify_from_broker(
    vendor: str, stub_url: str, source: BrokerOptions, pact: dict[str, Any]
) -> VerificationResult:
    """Verify the pact of one consumer version and publish the result.

    Consumer version selectors cannot name a version, only a branch or an environment, and both may have moved on to
    another version. The pact is therefore read by its URL; its link `pb:publish-verification-results` takes the result.

    Args:
        vendor: the provider's name at the broker.
        stub_url: the base URL of its stub.
        source: the pact and the provider version.
        pact: the document at the pact's URL, to compare the number of verified interactions with.
    """
    verifier = _verifier(vendor, stub_url)
    verifier.set_publish_options(source.version, branch=source.branch)
    if token := os.environ.get("PACT_BROKER_TOKEN"):
        verifier.add_source(source.pact_url, token=token)
    elif username := os.environ.get("PACT_BROKER_USERNAME"):
        password = os.environ.get("PACT_BROKER_PASSWORD", "")
        verifier.add_source(source.pact_url, username=username, password=password)
    else:
        verifier.add_source(source.pact_url)
    return _run_verifier(vendor, verifier, [pact])


def _verifier(vendor: str, stub_url: str) -> Verifier:
    parts = urlsplit(stub_url)
    return (
        Verifier(vendor, host=parts.hostname)
        .add_transport(url=stub_url)
        .add_transport(protocol="message", scheme="http", port=parts.port, path="/_stub/messages")
        .state_handler(f"{stub_url}/_stub/states", teardown=True, body=True)
        .set_request_timeout(REQUEST_TIMEOUT_MS)
        .set_coloured_output(enabled=False)
    )


def _run_verifier(vendor: str, verifier: Verifier, pacts: list[dict[str, Any]]) -> VerificationResult:
    with contextlib.suppress(RuntimeError):  # it says only that something failed; the results say what
        verifier.verify()
    results = verifier.results
    outcomes = results["interactionResults"]
    unknown = _unknown_operations(vendor, pacts)
    failures = tuple(_failure(outcome, unknown) for outcome in outcomes if outcome["result"] != "OK")
    errors: tuple[str, ...] = ()
    if not failures and not results["result"]:
        errors = tuple(map(_error_text, results["errors"])) or ("the verifier failed and gave no reason",)
    expected = sum(len(pact["interactions"]) for pact in pacts)
    return VerificationResult(vendor, expected, len(outcomes), failures, errors)


def _unknown_operations(vendor: str, pacts: list[dict[str, Any]]) -> dict[tuple[str, str], str]:
    """Why a request cannot be kept, by consumer and description: no schema has its operation."""
    contract = load_contract(vendor)
    found = {}
    for pact in pacts:
        for interaction in pact["interactions"]:
            request = interaction.get("request")
            if request and not contract.match_operation(request["method"], request["path"]):
                key = (pact["consumer"]["name"], interaction["description"])
                route = f"{request['method']} {request['path']}"
                found[key] = f"{route} is no operation in schemas/{vendor}/openapi.json"
    return found


def _failure(outcome: dict[str, Any], unknown: dict[tuple[str, str], str]) -> InteractionFailure:
    consumer, description = outcome["consumer"], outcome["description"]
    if (consumer, description) in unknown:
        return InteractionFailure(consumer, description, (unknown[consumer, description],))
    mismatch = outcome.get("mismatch", {})
    differences = tuple(map(_difference, mismatch.get("mismatches", ()))) or (_error_text(outcome),)
    return InteractionFailure(consumer, description, differences)


def _difference(mismatch: dict[str, Any]) -> str:
    where = mismatch.get("path") or mismatch.get("key") or mismatch.get("parameter")
    return f"{where}: {mismatch['mismatch']}" if where else str(mismatch["mismatch"])


def _error_text(outcome: dict[str, Any]) -> str:
    mismatch = outcome.get("mismatch", outcome)
    return str(mismatch.get("message") or mismatch)
