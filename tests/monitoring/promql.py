"""The names in a PromQL expression, as far as the rules and panels use the language."""

from __future__ import annotations

import re
from collections.abc import Iterator

STRING = re.compile(r'"[^"]*"')
SELECTOR = re.compile(r"([a-zA-Z_:][\w:]*)\{([^}]*)\}")
GROUPING = re.compile(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)")
RANGE = re.compile(r"\[[^\]]*\]")
NAME = re.compile(r"(?<![\w.:])[a-zA-Z_:][\w:]*\b(?!\s*\()")
KEYWORDS = frozenset({"and", "or", "unless", "bool", "offset"})


def metric_names(expression: str) -> set[str]:
    """Return the metrics that an expression reads."""
    text = STRING.sub('""', expression)
    for pattern in (GROUPING, RANGE):
        text = pattern.sub(" ", text)
    return set(NAME.findall(re.sub(r"\{[^}]*\}", " ", text))) - KEYWORDS


def selected_labels(expression: str) -> Iterator[tuple[str, set[str]]]:
    """Yield each metric with matchers, and the labels that they match."""
    for metric, matchers in SELECTOR.findall(STRING.sub('""', expression)):
        yield metric, set(re.findall(r"(\w+)\s*(?:=|!)", matchers))


def grouped_labels(expression: str) -> set[str]:
    """Return the labels of all `by` and `on` clauses."""
    return {label.strip() for labels in GROUPING.findall(expression) for label in labels.split(",")}
