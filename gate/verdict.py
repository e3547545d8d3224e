"""The verdict: may this version be deployed, and why. Pure: values in, values out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Outcome = Literal["verified", "failed", "changed", "not deployed", "not verified", "no pact"]

MAX_PROBLEMS_SHOWN = 5
"""Problems told in the sentence; the report has all of them."""


@dataclass(frozen=True, slots=True)
class ProviderStatus:
    """One vendor in the matrix: its version as we know it, the one in the environment, and what its verification of our pact came to."""

    provider: str
    expected_version: str
    provider_version: str | None
    outcome: Outcome
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """May `version` of `consumer` be deployed to `environment`: the broker's answer, with our reasons beside it."""

    consumer: str
    version: str
    environment: str
    deployable: bool
    rows: tuple[ProviderStatus, ...]
    reason: str

    def summary(self) -> str:
        """The verdict in one sentence: why yes, or why no and what to do next."""
        subject = f"{self.consumer} {short_version(self.version)}"
        if self.deployable:
            return (
                f"Yes: {subject} may be deployed to {self.environment}: {self._vendors()} verified its pacts."
            )
        return f"No: {subject} must not be deployed to {self.environment}: {self.reasons()} {self.advice()}"

    def reasons(self) -> str:
        """Every vendor that stands in the way, with the operations and fields that broke."""
        blocking = [row for row in self.rows if row.outcome != "verified"]
        return "; ".join(map(_blocked, blocking)) + "." if blocking else f"the broker says: {self.reason}"

    def advice(self) -> str:
        """What to do next."""
        outcomes = {row.outcome for row in self.rows}
        if "failed" in outcomes:
            return "Mend the client or the expectation (or the stub, if the vendor really changed), then run 'make gate'."
        if outcomes & {"changed", "not deployed", "not verified", "no pact"}:
            return "Run 'make gate' to record, publish and verify this version."
        return "See the broker's page for the whole matrix."

    def _vendors(self) -> str:
        names = [row.provider for row in self.rows]
        return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def decide(
    *,
    consumer: str,
    version: str,
    environment: str,
    cli_allows: bool,
    matrix: Mapping[str, Any],
    expected_versions: Mapping[str, str],
    problems: Mapping[str, tuple[str, ...] | None],
) -> Verdict:
    """Put the broker's answer and what we know of each vendor into a verdict.

    Args:
        consumer: whose version it is.
        version: its version number.
        environment: where it should go.
        cli_allows: whether the official CLI said yes.
        matrix: the broker's matrix for the version and the environment.
        expected_versions: the vendors this version has pacts with, and the version of each as we know it now. The broker says yes to
            a version without pacts, and to a vendor version that is no longer what we know; we do not.
        problems: per vendor, what its verification of this version's pact found, as we know the vendor now; None when
            there was none.

    Returns:
        A verdict that is yes only if the broker says yes and every required vendor has verified.
    """
    found = {row["provider"]["name"]: row for row in matrix["matrix"] if row["consumer"]["name"] == consumer}
    rows = tuple(
        _row(vendor, truth, found.get(vendor), problems.get(vendor))
        for vendor, truth in expected_versions.items()
    )
    all_verified = bool(rows) and all(row.outcome == "verified" for row in rows)
    return Verdict(
        consumer=consumer,
        version=version,
        environment=environment,
        deployable=cli_allows and matrix["summary"]["deployable"] is True and all_verified,
        rows=rows,
        reason=matrix["summary"]["reason"] if expected_versions else "this version has no pacts",
    )


def short_version(version: str) -> str:
    """A version as people read it: a commit's first ten digits, and what follows them."""
    commit, mark, rest = version.partition("-")
    return (commit[:10] if len(commit) == 40 else commit) + mark + rest


def _row(
    vendor: str, truth: str, found: Mapping[str, Any] | None, problems: tuple[str, ...] | None
) -> ProviderStatus:
    version = ((found or {}).get("provider", {}).get("version") or {}).get("number")
    return ProviderStatus(vendor, truth, version, _outcome(truth, version, found, problems), problems or ())


def _outcome(
    truth: str, version: str | None, found: Mapping[str, Any] | None, problems: tuple[str, ...] | None
) -> Outcome:
    if found is None:
        return "no pact"
    result = found["verificationResult"]
    if problems or (result is not None and not result["success"]):
        return "failed"
    if problems is None:
        return "not verified" if result is None else "changed"
    return "verified" if result is not None and version == truth else "not deployed"


def _blocked(row: ProviderStatus) -> str:
    if row.outcome == "failed":
        shown = "; ".join(row.problems[:MAX_PROBLEMS_SHOWN]) or "its verification failed"
        more = (
            f" (and {len(row.problems) - MAX_PROBLEMS_SHOWN} more)"
            if len(row.problems) > MAX_PROBLEMS_SHOWN
            else ""
        )
        return f"{row.provider} does not keep the pact: {shown}{more}"
    if row.outcome == "changed":
        return (
            f"what we hold to be true of {row.provider} has changed: it is {row.expected_version} now, and "
            f"{row.provider_version} was verified"
        )
    if row.outcome == "not deployed":
        return f"{row.provider} {row.expected_version} is verified, and not recorded as deployed"
    if row.outcome == "no pact":
        return f"this version has no pact with {row.provider} at the broker"
    return f"{row.provider} has not verified this version's pact with the version in the environment"
