"""The verdict: whether a version may be deployed, and why. Pure functions over plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Outcome = Literal["verified", "failed", "changed", "not verified", "no pact"]

MAX_PROBLEMS_SHOWN = 5
"""Mismatches of one vendor named in the sentence; build/verdict.json has all of them."""


@dataclass(frozen=True, slots=True)
class CliResult:
    """The result of the official command line, and what it printed."""

    allowed: bool
    reason: str


@dataclass(frozen=True, slots=True)
class ProviderStatus:
    """One vendor of the verdict.

    Attributes:
        provider: the vendor's name.
        expected_version: its version in this tree.
        provider_version: its version recorded as deployed to the environment.
        outcome: the result of verifying this version's pact with `expected_version`.
        verified_version: another of its versions that verified this pact before, if there is one.
        problems: the mismatches of a failed verification.
    """

    provider: str
    expected_version: str
    provider_version: str | None
    outcome: Outcome
    verified_version: str | None = None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether `version` of `consumer` may be deployed to `environment`, with the reasons."""

    consumer: str
    version: str
    environment: str
    deployable: bool
    rows: tuple[ProviderStatus, ...]
    reason: str

    def summary(self) -> str:
        """Return the verdict in one sentence: why yes, or why no and what to do next."""
        subject = f"{self.consumer} {short_version(self.version)}"
        if self.deployable:
            return (
                f"Yes: {subject} may be deployed to {self.environment}: {self._vendors()} verified its pacts."
            )
        return f"No: {subject} must not be deployed to {self.environment}: {self.reasons()} {self.advice()}"

    def reasons(self) -> str:
        """Return every vendor that blocks the deployment, with the operations and fields that broke."""
        blocking = [row for row in self.rows if row.outcome != "verified"]
        return (
            "; ".join(map(_blocking_reason, blocking)) + "."
            if blocking
            else f"the broker says: {self.reason}."
        )

    def advice(self) -> str:
        """Return what to do next."""
        outcomes = {row.outcome for row in self.rows}
        if "failed" in outcomes:
            return "Fix the client or the expectation (or the stub, if the vendor changed), then run 'make gate'."
        if outcomes & {"changed", "not verified", "no pact"}:
            return "Run 'make gate' to record, publish and verify this version."
        return "The broker's page shows the whole matrix."

    def _vendors(self) -> str:
        names = [row.provider for row in self.rows]
        return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def decide(
    *,
    consumer: str,
    version: str,
    environment: str,
    cli: CliResult,
    matrix: Iterable[Mapping[str, Any]],
    current_versions: Mapping[str, str],
    deployed_versions: Mapping[str, str],
    problems: Mapping[str, tuple[str, ...]],
) -> Verdict:
    """Combine the official CLI's result with what is known of each vendor.

    Args:
        consumer: the pacticipant asked about.
        version: its version number.
        environment: the environment it would be deployed to.
        cli: the result of the official `can-i-deploy` for exactly these versions.
        matrix: the broker's rows for the version: the newest result of every vendor version.
        current_versions: every vendor that the expectations name, with its version in this tree. The official CLI says
            yes to a version without pacts; this verdict does not.
        deployed_versions: vendor versions recorded as deployed to the environment.
        problems: the mismatches of vendors whose verification failed.

    Returns:
        A verdict that is yes only if the CLI says yes and every required vendor verified this version's pact.
    """
    rows_of: dict[str, list[Mapping[str, Any]]] = {vendor: [] for vendor in current_versions}
    for row in matrix:
        if row["consumer"]["name"] == consumer and row["provider"]["name"] in rows_of:
            rows_of[row["provider"]["name"]].append(row)
    statuses = tuple(
        ProviderStatus(
            vendor,
            current,
            deployed_versions.get(vendor),
            _outcome(current, rows_of[vendor], failed=vendor in problems),
            _other_verified_version(current, rows_of[vendor]),
            problems.get(vendor, ()),
        )
        for vendor, current in current_versions.items()
    )
    verified = bool(statuses) and all(status.outcome == "verified" for status in statuses)
    reason = cli.reason if statuses else "this version has no expectations of any vendor"
    return Verdict(consumer, version, environment, cli.allowed and verified, statuses, reason)


def short_version(version: str) -> str:
    """Return a version for people: the first ten digits of a commit, and the rest unchanged."""
    commit, separator, rest = version.partition("-")
    return (commit[:10] if len(commit) == 40 else commit) + separator + rest


def version_of(row: Mapping[str, Any]) -> str | None:
    """Return the provider's version number of a matrix row, None if no version verified the pact."""
    version = row["provider"].get("version")
    return None if version is None else str(version["number"])


def result_of(current: str, rows: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the row with the result of a provider version, None if that version has no result."""
    matching = (row for row in rows if version_of(row) == current and row["verificationResult"] is not None)
    return next(matching, None)


def _outcome(current: str, rows: list[Mapping[str, Any]], *, failed: bool) -> Outcome:
    if not rows:
        return "no pact"
    row = result_of(current, rows)
    if failed or (row is not None and row["verificationResult"]["success"] is not True):
        return "failed"
    if row is not None:
        return "verified"
    return "changed" if _other_verified_version(current, rows) else "not verified"


def _other_verified_version(current: str, rows: list[Mapping[str, Any]]) -> str | None:
    verified = [
        row
        for row in rows
        if version_of(row) != current and row["verificationResult"] and row["verificationResult"]["success"]
    ]
    newest = max(verified, key=lambda row: str(row["verificationResult"].get("verifiedAt")), default=None)
    return None if newest is None else version_of(newest)


def _blocking_reason(row: ProviderStatus) -> str:
    if row.outcome == "failed":
        shown = "; ".join(row.problems[:MAX_PROBLEMS_SHOWN]) or "its verification failed"
        hidden = len(row.problems) - MAX_PROBLEMS_SHOWN
        return f"{row.provider} does not keep the pact: {shown}" + (
            f" (and {hidden} more)" if hidden > 0 else ""
        )
    if row.outcome == "changed":
        return (
            f"{row.provider}'s schemas or stub changed: current version {row.expected_version}, "
            f"last verified {row.verified_version}"
        )
    if row.outcome == "no pact":
        return f"this version has no pact with {row.provider} at the broker"
    return f"{row.provider} {row.expected_version} has not verified this version's pact"
