"""Violations for people: as a page, and as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from provider_verification.stubs.engine.journal import Violation

VIOLATION_KINDS: Mapping[str, tuple[str, str]] = {
    "rejected": ("The vendor refuses", "These requests get an error from the vendor: the caller is wrong."),
    "unknown_parameter": ("The vendor ignores", "These parts of requests have no effect at the vendor: they are likely typing errors."),
    "not_in_pacts": ("No pact describes", "The vendor takes these requests; but no pact of ours has them, so nothing verifies them."),
}  # fmt: skip
FAILING_KINDS = ("rejected", "unknown_parameter")
"""The kinds that are the caller's fault."""

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
)


def render_html(vendor: str, violations: Iterable[Violation]) -> str:
    """The page as HTML."""
    found = list(violations)
    groups = [
        (kind, words, same)
        for kind, words in VIOLATION_KINDS.items()
        if (same := [one for one in found if one.kind == kind])
    ]
    return TEMPLATES.get_template("violations.html").render(vendor=vendor, groups=groups)


def render_line(violation: Mapping[str, Any]) -> str:
    """One violation in a line: operation, place, rule, what is required, what was sent, where it is documented."""
    sent = f", sent {violation['sent']!r}" if violation["sent"] else ""
    documented = f" [{violation['documented']}]" if violation["documented"] else ""
    return (
        f"{violation['operation']}: {violation['where']} breaks '{violation['rule']}': {violation['requires']}"
        f"{sent}, {violation['count']} times{documented}"
    )
