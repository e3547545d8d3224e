"""Pages about one pact: the pact as a person reads it, its difference to the one before, and a verification result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from broker.database import Database, Row
from broker.domain.json_document import decode_json, encode_json
from broker.domain.pact_diff_text import diff_pacts
from broker.domain.pact_reading import ReadableInteraction, read_interactions, specification_of
from broker.pages.paging import page_of
from broker.pages.templating import render_page, url_of
from broker.pages.timestamps import format_time
from broker.store import pact_lists, verification_results

INTERACTIONS_ON_A_PAGE = 50
RESULTS_ON_A_PAGE = 20
CHANGES = {"+": "added", "-": "removed"}


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed interaction of a result: what was expected (None: the pact has no such interaction), and what differed."""

    description: str
    interaction: ReadableInteraction | None
    mismatches: list[str]


def render_pact(db: Database, base: str, pact: Row, page: int) -> str:
    """Return the page of a pact."""
    document = decode_json(pact["json"])
    href = _pact_url(base, pact)
    paged = page_of(read_interactions(document), page, INTERACTIONS_ON_A_PAGE, href)
    results = [
        (_result_url(base, pact, row), row, format_time(row["created"]))
        for row in verification_results.list_for_content(db, pact["content"], RESULTS_ON_A_PAGE)
    ]
    return render_page(
        "pact.html", base, "/matrix", pact=pact, paged=paged, results=results, published_at=format_time(pact["created"]),
        specification=specification_of(document), links=_links(base, pact, href), badge=_badge_url(base, pact),
    )  # fmt: skip


def render_diff(db: Database, base: str, pact: Row) -> str:
    """Return the page with the difference of a pact to the newest one before it with other content."""
    previous = pact_lists.previous_distinct(db, pact)
    lines = _diff_lines(previous, pact) if previous else []
    return render_page(
        "diff.html", base, "/matrix", pact=pact, href=_pact_url(base, pact), previous=previous,
        previous_href=_pact_url(base, previous) if previous else "", lines=lines,
    )  # fmt: skip


def _diff_lines(previous: Row, pact: Row) -> list[tuple[str, str]]:
    """Return the lines of the difference, each after what it is: `added`, `removed` or neither."""
    documents = (decode_json(previous["json"]), decode_json(pact["json"]))
    text = diff_pacts(
        *documents, f"version {previous['version_number']}", f"version {pact['version_number']}"
    )
    # the first two lines name the versions
    return [
        ("" if line.startswith(("+++", "---")) else CHANGES.get(line[:1], ""), line)
        for line in text.splitlines()
    ]


def render_result(base: str, pact: Row, result: Row) -> str:
    """Return the page of a verification result."""
    interactions = {item.id: item for item in read_interactions(decode_json(pact["json"]))}
    test_results = decode_json(result["test_results"]) if result["test_results"] else []
    entries = (
        [item for item in test_results if isinstance(item, dict)] if isinstance(test_results, list) else []
    )
    failures = [_failure(item, interactions) for item in entries if item.get("success") is not True]
    return render_page(
        "result.html", base, "/matrix", pact=pact, href=_pact_url(base, pact), result=result, failures=failures,
        successes=len(entries) - len(failures), verified_at=format_time(result["created"]),
        verifier=_describe_verifier(decode_json(result["verified_by"])), reported=bool(entries),
    )  # fmt: skip


def _failure(item: dict[str, Any], interactions: dict[str, ReadableInteraction]) -> Failure:
    interaction = interactions.get(str(item.get("interactionId") or ""))
    description = (
        interaction.description
        if interaction
        else str(item.get("interactionDescription") or "unknown interaction")
    )
    mismatches = [_describe_mismatch(entry) for entry in _dicts(item.get("mismatches"))]
    exceptions = [
        f"error: {entry.get('message') or encode_json(entry)}" for entry in _dicts(item.get("exceptions"))
    ]
    return Failure(description, interaction, mismatches + exceptions)


def _describe_mismatch(mismatch: dict[str, Any]) -> str:
    where = " ".join(str(mismatch[key]) for key in ("attribute", "identifier") if mismatch.get(key))
    text = (
        mismatch.get("description") or mismatch.get("mismatch") or encode_json(mismatch, ensure_ascii=False)
    )
    return f"{where}: {text}" if where else str(text)


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _describe_verifier(verified_by: Any) -> str:
    if not isinstance(verified_by, dict):
        return ""
    return " ".join(str(verified_by[key]) for key in ("implementation", "version") if verified_by.get(key))


def _path(pact: Row) -> tuple[str, ...]:
    return ("pacts", "provider", pact["provider_name"], "consumer", pact["consumer"])


def _pact_url(base: str, pact: Row) -> str:
    return url_of(base, *_path(pact), "version", pact["version_number"])


def _badge_url(base: str, pact: Row) -> str:
    return url_of(base, *_path(pact), "latest", "badge.svg")


def _result_url(base: str, pact: Row, result: Row) -> str:
    return url_of(base, *_path(pact), "pact-version", pact["sha"], "verification-results", str(result["id"]))


def _links(base: str, pact: Row, href: str) -> list[tuple[str, str]]:
    selector = {
        "q[][pacticipant]": pact["consumer"],
        "q[][version]": pact["version_number"],
        "latestby": "cvpv",
    }
    return [
        ("Difference to the pact before", f"{href}/diff/previous-distinct"),
        ("Matrix of this version", url_of(base, "matrix", **selector)),
        ("Latest pact", url_of(base, *_path(pact), "latest")),
    ]
