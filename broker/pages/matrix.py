"""The matrix as a page: its rows, the decision, and filters that are links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from broker.database import Database
from broker.domain.can_i_deploy import CanIDeployResult
from broker.domain.matrix import MatrixRow
from broker.pages.paging import PageOf, page_of
from broker.pages.templating import render_page, url_of
from broker.pages.timestamps import format_time
from broker.store import environments, pacticipants

ROWS_ON_A_PAGE = 100
NAMES_ON_A_PAGE = 100
VERDICTS = {True: "yes", False: "no", None: "unknown"}
GROUPINGS = (
    ("every result", None),
    ("newest for each two versions", "cvpv"),
    ("newest for each consumer version", "cvp"),
    ("newest for each pair", "cp"),
)
RESULTS = (("all", None), ("successful", "true"), ("failed", "false"), ("not verified", ""))

Parameters = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class FilterLink:
    """A value of a filter as a link; `current` if it is the one that is shown."""

    text: str
    href: str
    current: bool


@dataclass(frozen=True, slots=True)
class RowLinks:
    """What a row of the matrix shows."""

    row: MatrixRow
    verdict: str
    verified_at: str
    published_at: str
    consumer_href: str
    provider_href: str
    pact_href: str
    result_href: str


def render_choice(db: Database, base: str, search: str, page: int) -> str:
    """Return the page without a query: the pacticipants, each with a link to its rows."""
    url = url_of(base, "matrix", **({"search": search} if search else {}))
    paged = page_of(pacticipants.list_with_versions(db, search), page, NAMES_ON_A_PAGE, url)
    links = [(row["name"], _rows_url(base, row["name"])) for row in paged.items]
    return render_page("matrix_choice.html", base, "/matrix", links=links, search=search, paged=paged)


def render_matrix(
    db: Database, base: str, parameters: Parameters, result: CanIDeployResult, page: int
) -> str:
    """Return the page of a query.

    Args:
        db: the database.
        base: what links begin with.
        parameters: the parameters of the query, in their order.
        result: the rows and the decision.
        page: the number of the page, from 1.
    """
    rows = [*result.considered, *result.ignored]
    paged: PageOf[MatrixRow] = page_of(rows, page, ROWS_ON_A_PAGE, _url(base, _without(parameters, "page")))
    filters = [
        ("Results", _filter_links(base, parameters, "success[]", RESULTS)),
        ("Rows", _filter_links(base, parameters, "latestby", GROUPINGS)),
        ("Versions of the others", _target_links(db, base, parameters)),
    ]
    return render_page(
        "matrix.html", base, "/matrix", rows=[_row_links(base, row) for row in paged.items], filters=filters,
        result=result, verdict=VERDICTS[result.deployable], paged=paged, reasons=_reasons(result),
        selectors=_describe(parameters), json_href=_url(base, parameters),
    )  # fmt: skip


def _reasons(result: CanIDeployResult) -> list[tuple[str, str]]:
    # without duplicates: there is one notice per row, and rows repeat the same text
    return list(dict.fromkeys((notice.type, notice.text) for notice in result.notices))


def _describe(parameters: Parameters) -> str:
    texts = [
        f"{key.removeprefix('q[]').strip('[]')} {value}"
        for key, value in parameters
        if key.startswith("q[]") and value
    ]
    return ", ".join(texts)


def _filter_links(
    base: str, parameters: Parameters, key: str, values: Sequence[tuple[str, str | None]]
) -> list[FilterLink]:
    current = [value for name, value in parameters if name == key]
    others = _without(parameters, key, "page")
    return [
        FilterLink(
            text,
            _url(base, others if value is None else [*others, (key, value)]),
            current=not current if value is None else value in current,
        )
        for text, value in values
    ]


def _target_links(db: Database, base: str, parameters: Parameters) -> list[FilterLink]:
    chosen = next((value for name, value in parameters if name == "environment"), "")
    kept = _without(parameters, "environment", "latest", "tag", "mainBranch", "page")
    names = [row["name"] for row in environments.list_all(db)]
    links = [FilterLink("all", _url(base, kept), current=not chosen)]
    return links + [
        FilterLink(f"in {name}", _url(base, [*kept, ("environment", name)]), current=name == chosen)
        for name in names
    ]


def _without(parameters: Parameters, *names: str) -> list[tuple[str, str]]:
    return [(name, value) for name, value in parameters if name not in names]


def _url(base: str, parameters: Parameters) -> str:
    return f"{base}/matrix?{urlencode(parameters)}"


def _rows_url(base: str, name: str, number: str | None = None) -> str:
    selector = {"q[][pacticipant]": name} | ({"q[][version]": number} if number is not None else {})
    return url_of(base, "matrix", **selector, latestby="cvpv")


def _row_links(base: str, row: MatrixRow) -> RowLinks:
    path = ("pacts", "provider", row.provider, "consumer", row.consumer)
    result_path = (*path, "pact-version", row.sha, "verification-results", str(row.result))
    return RowLinks(
        row=row,
        verdict=VERDICTS[row.success],
        verified_at="" if row.verified is None else format_time(row.verified),
        published_at=format_time(row.published),
        consumer_href=_rows_url(base, row.consumer, row.consumer_version),
        provider_href=_rows_url(base, row.provider, row.provider_version),
        pact_href=url_of(base, *path, "version", row.consumer_version),
        result_href=url_of(base, *result_path),
    )
