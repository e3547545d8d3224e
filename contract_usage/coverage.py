"""Which interactions and messages of the pacts the suites exercise, and what is wrong with that. Pure functions."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

MIN_SHARE = 0.95
"""The fraction of all interactions that has to be exercised, whatever the list of exceptions says."""
MAX_NAMES = 5
"""Interactions of a vendor that a line of the report names."""
EXCEPTIONS_FILE = "contract_usage/unexercised_interactions.toml"
"""The reviewed list of the interactions that no suite exercises."""


@dataclass(frozen=True, slots=True)
class VendorCoverage:
    """The interactions of one vendor; messages are among them.

    Attributes:
        recorded: those of its pacts, in their order.
        exercised: those that the suites exercised.
        listed: those in the list of exceptions.
    """

    recorded: Collection[str]
    exercised: Collection[str]
    listed: Collection[str] = ()

    @property
    def missing(self) -> list[str]:
        """The interactions that no suite exercised."""
        return [name for name in self.recorded if name not in self.exercised]


Coverage = Mapping[str, VendorCoverage]
"""By vendor."""


def share(coverage: Coverage) -> float:
    """Return the fraction of all interactions that is exercised; 1 without any interaction."""
    recorded = sum(len(vendor.recorded) for vendor in coverage.values())
    missing = sum(len(vendor.missing) for vendor in coverage.values())
    return (recorded - missing) / recorded if recorded else 1.0


def find_problems(coverage: Coverage) -> list[str]:
    """Return what is wrong with the coverage of a run of all suites."""
    problems = []
    for name, vendor in sorted(coverage.items()):
        problems += [
            f"{name}: no suite exercises '{interaction}'"
            for interaction in vendor.missing
            if interaction not in vendor.listed
        ]
        for entry in sorted(vendor.listed):
            if entry not in vendor.recorded:
                problems.append(
                    f"{name}: '{entry}' is listed in {EXCEPTIONS_FILE}, but no pact has it: delete the entry"
                )
            elif entry in vendor.exercised:
                problems.append(
                    f"{name}: '{entry}' is listed in {EXCEPTIONS_FILE}, but a suite exercises it: delete the entry"
                )
    if share(coverage) < MIN_SHARE:
        problems.append(
            f"{share(coverage):.1%} of all interactions are exercised, which is less than {MIN_SHARE:.0%}"
        )
    return problems


def describe(coverage: Coverage, *, is_complete: bool) -> list[str]:
    """Return a line for each vendor.

    Args:
        coverage: that of a run.
        is_complete: whether all suites ran; what is missing is then named, and the last line is about all vendors.
    """
    lines = []
    for name, vendor in sorted(coverage.items()):
        count = len(vendor.recorded) - len(vendor.missing)
        if is_complete or count:
            names = f"; not: {summarize_names(vendor.missing)}" if is_complete and vendor.missing else ""
            lines.append(f"{name}: {count} of {len(vendor.recorded)} interactions exercised{names}")
    if is_complete:
        recorded = sum(len(vendor.recorded) for vendor in coverage.values())
        lines.append(f"all vendors: {share(coverage):.1%} of {recorded} interactions exercised")
    return lines


def summarize_names(missing: Collection[str]) -> str:
    """Return the first `MAX_NAMES` names in quotes, and how many more there are."""
    names = [f"'{name}'" for name in list(missing)[:MAX_NAMES]]
    hidden = len(missing) - len(names)
    return ", ".join(names) + (f" and {hidden} more, see {EXCEPTIONS_FILE}" if hidden else "")
