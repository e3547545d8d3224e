"""The comparison for people: a table of figures, and the problems."""

from __future__ import annotations

from contract_usage.comparison import Result

ADVICE = (
    "Change the model and its expectations, or the code that reads, or contract_usage/exceptions.toml: "
    "see docs/contract-usage.md. 'make usage' repeats this check."
)
COLUMNS = ("demanded", "read", "unread", "unexercised", "undemanded")


def describe_usage(result: Result) -> list[str]:
    """Return the lines of the report."""
    titles = ("vendor", "operations exercised", *COLUMNS)
    rows = [
        (
            vendor,
            f"{len(figures.exercised)} of {len(figures.operations)}",
            *(str(figures.counts[column]) for column in COLUMNS),
        )
        for vendor, figures in sorted(result.figures.items())
    ]
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
    return [
        *(
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            for row in (titles, *rows)
        ),
        *result.problems,
        *([f"{len(result.problems)} problems. {ADVICE}"] if result.problems else []),
    ]
