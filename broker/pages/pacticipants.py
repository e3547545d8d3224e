"""The page with all pacticipants: their main branch, newest version and labels."""

from __future__ import annotations

from dataclasses import dataclass

from broker.database import Database, Row
from broker.pages.pacticipant import pacticipant_url
from broker.pages.paging import page_of
from broker.pages.templating import render_page, url_of
from broker.pages.timestamps import format_time
from broker.store import labels, pacticipants, versions

PACTICIPANTS_ON_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class PacticipantEntry:
    """A pacticipant with its newest version, whose number is None if it has none."""

    name: str
    href: str
    main_branch: str | None
    number: str | None
    matrix_href: str
    created_at: str
    labels: str


def render_pacticipants(db: Database, base: str, search: str, page: int) -> str:
    """Return the page of the pacticipants that have a text in their name."""
    rows = [row for row in pacticipants.list_all(db) if search.lower() in row["name"].lower()]
    url = url_of(base, "pacticipants", **({"q": search} if search else {}))
    paged = page_of(rows, page, PACTICIPANTS_ON_A_PAGE, url)
    entries = [_entry(db, base, row) for row in paged.items]
    return render_page(
        "pacticipants.html",
        base,
        "/pacticipants",
        entries=entries,
        search=search,
        paged=paged,
        count=len(rows),
    )


def _entry(db: Database, base: str, pacticipant: Row) -> PacticipantEntry:
    name = pacticipant["name"]
    newest = versions.latest_version(db, name)
    number = newest["number"] if newest else None
    selector = {"q[][pacticipant]": name, "q[][version]": number or "", "latestby": "cvpv"}
    return PacticipantEntry(
        name=name,
        href=pacticipant_url(base, name),
        main_branch=pacticipant["main_branch"],
        number=number,
        matrix_href=url_of(base, "matrix", **selector),
        created_at=format_time(newest["created"]) if newest else "",
        labels=", ".join(row["name"] for row in labels.labels_of(db, pacticipant["id"])),
    )
