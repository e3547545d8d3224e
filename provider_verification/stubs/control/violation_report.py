"""Violations for people: as an HTML page, and as lines for a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

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
    "unknown_field": KindText(
        "Ignored in the body",
        "The vendor ignores these fields of the body, or their values. They are probably misspelled. Correct the client.",
    ),
    "warning": KindText(
        "Accepted, but risky",
        "The vendor accepts these requests, but they are probably mistakes of the client.",
    ),
    "not_modelled": KindText(
        "Not modelled by the stub",
        "The vendor has these operations, parameters or fields, and the stub lacks them. It responded with 501; this says "
        "nothing about the client.",
    ),
    "not_in_pacts": KindText(
        "Not in any pact",
        "The vendor accepts these requests, but no pact contains them, so nothing verifies them.",
    ),
}
FAILING_KINDS = ("rejected", "unknown_parameter", "unknown_field")
"""The kinds that are errors of the client."""
KIND_ORDER = list(VIOLATION_KINDS)
FILTERS = ("kind", "caller", "operation")
MAX_OPTIONS = 8
"""Values of a filter that are shown at once; the others are folded."""
MAX_UNKNOWN_PATHS = 5
"""Paths that the vendor lacks and that are shown one by one; a scanner, or a wrong base URL, makes hundreds."""

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class ViolationFilter:
    """Which violations to show; None shows all.

    Attributes:
        kind: a kind of VIOLATION_KINDS.
        caller: a caller as violations name it.
        operation: an operationId, or method and path.
    """

    kind: str | None = None
    caller: str | None = None
    operation: str | None = None

    def select(self, violations: Iterable[Violation]) -> list[Violation]:
        """Return the violations that have every chosen value."""
        chosen = {name: value for name, value in asdict(self).items() if value is not None}
        return [
            violation
            for violation in violations
            if all(getattr(violation, name) == value for name, value in chosen.items())
        ]

    def link(self, name: str, value: str | None) -> str:
        """Return the link to the page with another value of a filter; None removes it."""
        chosen = {key: text for key, text in {**asdict(self), name: value}.items() if text is not None}
        return f"?{urlencode(chosen)}"


class CallerSection(NamedTuple):
    """What one caller did.

    Attributes:
        caller: a caller as violations name it.
        operations: its violations by operation.
        unknown_paths: its requests to paths that the vendor lacks, if they are too many to show one by one.
    """

    caller: str
    operations: list[tuple[str, list[Violation]]]
    unknown_paths: list[Violation]


class FilterOption(NamedTuple):
    """A value of a filter, as a link of the page."""

    label: str
    number: int
    link: str
    is_chosen: bool


def render_html(vendor: str, violations: Iterable[Violation], chosen: ViolationFilter) -> str:
    """Return the page of a vendor's violations, by caller and operation.

    Args:
        vendor: the vendor's name.
        violations: all violations; the page counts them for the links of its filters.
        chosen: which of them the page shows.
    """
    items = sorted(violations, key=_page_order)
    sections = [
        _section(caller, list(of_caller))
        for caller, of_caller in groupby(chosen.select(items), lambda item: item.caller)
    ]
    return TEMPLATES.get_template("violations.html").render(
        vendor=vendor,
        kinds=VIOLATION_KINDS,
        total=len(items),
        sections=sections,
        max_options=MAX_OPTIONS,
        filters=[(name, options) for name in FILTERS if (options := _options(name, items, chosen))],
        is_filtered=chosen != ViolationFilter(),
    )


def _section(caller: str, violations: list[Violation]) -> CallerSection:
    unknown = [violation for violation in violations if violation.rule == "unknown_route"]
    if len(unknown) <= MAX_UNKNOWN_PATHS:
        unknown = []
    others = [violation for violation in violations if violation not in unknown]
    operations = [(name, list(group)) for name, group in groupby(others, lambda item: item.operation)]
    return CallerSection(caller, operations, unknown)


def _page_order(violation: Violation) -> tuple[str, str, int]:
    return violation.caller, violation.operation, KIND_ORDER.index(violation.kind)


def _options(name: str, violations: Sequence[Violation], chosen: ViolationFilter) -> list[FilterOption]:
    """Return the values of a filter, with the number of violations that the other filters leave of each."""
    selected = getattr(chosen, name)
    others = ViolationFilter(**{**asdict(chosen), name: None})
    counts = Counter(getattr(violation, name) for violation in others.select(violations))
    # What is chosen is never folded, and operations that the vendor has come before paths that it lacks.
    order = KIND_ORDER if name == "kind" else sorted(counts, key=lambda value: (" /" in value, value))
    values = sorted((value for value in order if value in counts), key=lambda value: value != selected)
    return [
        FilterOption(
            VIOLATION_KINDS[value].title if name == "kind" else value,
            counts[value],
            chosen.link(name, None if value == selected else value),
            value == selected,
        )
        for value in values
    ]


def render_line(violation: Mapping[str, Any]) -> str:
    """Return one line: operation, location, rule, requirement, sample, count, caller and schema pointer."""
    sample = f", sent {violation['sent']!r}" if violation["sent"] else ""
    pointer = f" [{violation['documented']}]" if violation["documented"] else ""
    times = "once" if violation["count"] == 1 else f"{violation['count']} times"
    # What does not count against the caller violates no rule of the vendor.
    rule = ""
    if violation["rule"] == "unknown":
        rule = f" is an {violation['kind'].replace('_', ' ')}"
    elif violation["kind"] in FAILING_KINDS:
        rule = f" violates '{violation['rule']}'"
    return (
        f"{violation['operation']}: {violation['where']}{rule}: {violation['requires']}"
        f"{sample}, {times} by {violation['caller']}{pointer}"
    )
