"""Violations for people: as an HTML page, and as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from provider_verification.stubs.engine.journal import Violation


class KindText(NamedTuple):
    """How a kind of violation is presented."""

    title: str
    explanation: str


VIOLATION_KINDS: Mapping[str, KindText] = {
    "rejected": KindText(
        "Rejected by the vendor", "The vendor responds to these requests with an error. Correct the client."
    ),
    "unknown_parameter": KindText(
        "Ignored by the vendor",
        "The vendor ignores these parameters. Their names are probably misspelled. Correct the client.",
    ),
    "not_in_pacts": KindText(
        "Not in any pact",
        "The vendor accepts these requests, but no pact contains them, so nothing verifies them.",
    ),
}
FAILING_KINDS = ("rejected", "unknown_parameter")
"""The kinds that are errors of the client."""

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
)


def render_html(vendor: str, violations: Iterable[Violation]) -> str:
    """Return the page of a vendor's violations, grouped by kind."""
    items = list(violations)
    groups = [
        (kind, text, [violation for violation in items if violation.kind == kind])
        for kind, text in VIOLATION_KINDS.items()
    ]
    return TEMPLATES.get_template("violations.html").render(
        vendor=vendor, groups=[group for group in groups if group[2]]
    )


def render_line(violation: Mapping[str, Any]) -> str:
    """Return one line: operation, location, rule, requirement, sample, count and schema pointer."""
    sample = f", sent {violation['sent']!r}" if violation["sent"] else ""
    pointer = f" [{violation['documented']}]" if violation["documented"] else ""
    times = "once" if violation["count"] == 1 else f"{violation['count']} times"
    return (
        f"{violation['operation']}: {violation['where']} violates '{violation['rule']}': {violation['requires']}"
        f"{sample}, {times}{pointer}"
    )
