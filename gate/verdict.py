"""The verdict: may this version be deployed, and why. Pure: values in, values out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Outcome = Literal["verified", "failed", "not verified", "no pact"]

SHOWN = 5
"""Problems told in the sentence; the report has all of them."""


@dataclass(frozen=True, slots=True)
class Row:
    """One vendor in the matrix: the version in the environment, and what its verification of our pact came to."""

    provider: str
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
    rows: tuple[Row, ...]
    reason: str

    def sentence(self) -> str:
        """The verdict in one sentence: why yes, or why no and what to do next."""
        subject = f"{self.consumer} {short(self.version)}"
        if self.deployable:
            return (
                f"Yes: {subject} may be deployed to {self.environment}: {self._vendors()} verified its pacts."
            )
        return f"No: {subject} must not be deployed to {self.environment}: {self.why()} {self.advice()}"

    def why(self) -> str:
        """Every vendor that stands in the way, with the operations and fields that broke."""
        blocking = [row for row in self.rows if row.outcome != "verified"]
        return "; ".join(map(_blocked, blocking)) + "." if blocking else f"the broker says: {self.reason}"

    def advice(self) -> str:
        """What to do next."""
        outcomes = {row.outcome for row in self.rows}
        if "failed" in outcomes:
            return "Mend the client or the expectation (or the stub, if the vendor really changed), then run 'make gate'."
        if outcomes & {"not verified", "no pact"}:
            return "Run 'make gate' to record, publish and verify this version."
        return "See the broker's page for the whole matrix."

    def _vendors(self) -> str:
        names = [row.provider for row in self.rows]
        return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def judge(
    *,
    consumer: str,
    version: str,
    environment: str,
    official_answer: bool,
    matrix: Mapping[str, Any],
    required: Sequence[str],
    problems: Mapping[str, tuple[str, ...]],
) -> Verdict:
    """Put the broker's answer and what we know of each vendor into a verdict.

    Args:
        consumer: whose version it is.
        version: its version number.
        environment: where it should go.
        official_answer: whether the official CLI said yes.
        matrix: the broker's matrix for the version and the environment.
        required: the vendors this version has pacts with; the broker says yes to a version without pacts, we do not.
        problems: per vendor, what the newest verification of this version's pact found.

    Returns:
        A verdict that is yes only if the broker says yes and every required vendor has verified.
    """
    found = {row["provider"]["name"]: row for row in matrix["matrix"] if row["consumer"]["name"] == consumer}
    rows = tuple(_row(vendor, found.get(vendor), problems.get(vendor, ())) for vendor in required)
    all_verified = bool(rows) and all(row.outcome == "verified" for row in rows)
    return Verdict(
        consumer=consumer,
        version=version,
        environment=environment,
        deployable=official_answer and matrix["summary"]["deployable"] is True and all_verified,
        rows=rows,
        reason=matrix["summary"]["reason"] if required else "this version has no pacts",
    )


def short(version: str) -> str:
    """A version as people read it: a commit's first ten digits, and what follows them."""
    commit, mark, rest = version.partition("-")
    return (commit[:10] if len(commit) == 40 else commit) + mark + rest


def _row(vendor: str, found: Mapping[str, Any] | None, problems: tuple[str, ...]) -> Row:
    if found is None:
        return Row(vendor, None, "no pact", problems)
    version = (found["provider"]["version"] or {}).get("number")
    result = found["verificationResult"]
    if result is None:
        return Row(vendor, version, "failed" if problems else "not verified", problems)
    return Row(vendor, version, "verified" if result["success"] else "failed", problems)


def _blocked(row: Row) -> str:
    if row.outcome == "failed":
        shown = "; ".join(row.problems[:SHOWN]) or "its verification failed"
        more = f" (and {len(row.problems) - SHOWN} more)" if len(row.problems) > SHOWN else ""
        return f"{row.provider} does not keep the pact: {shown}{more}"
    if row.outcome == "no pact":
        return f"this version has no pact with {row.provider} at the broker"
    return f"{row.provider} has not verified this version's pact with the version in the environment"
