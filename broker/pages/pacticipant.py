"""The page of a pacticipant: its integrations, badges and versions."""

from __future__ import annotations

from dataclasses import dataclass

from broker.database import Database, Row
from broker.pages.paging import page_of
from broker.pages.templating import render_page, url_of
from broker.pages.timestamps import format_time
from broker.store import branches, deployments, integrations, labels, pacts, tags, versions

VERSIONS_ON_A_PAGE = 20


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version with where it belongs, and its pacts as links (provider and URL)."""

    number: str
    href: str
    created_at: str
    branches: str
    tags: str
    environments: str
    pacts: list[tuple[str, str]]


def render_pacticipant(db: Database, base: str, pacticipant: Row, page: int) -> str:
    """Return the page as HTML."""
    name, href = pacticipant["name"], pacticipant_url(base, pacticipant["name"])
    paged = page_of(versions.list_ids(db, pacticipant["id"]), page, VERSIONS_ON_A_PAGE, href)
    rows = [_version_row(db, base, row) for item in paged.items if (row := versions.find_by_id(db, item))]
    pairs = integrations.list_of_pacticipant(db, pacticipant["id"])
    return render_page(
        "pacticipant.html", base, "/pacticipants", pacticipant=pacticipant, rows=rows, paged=paged,
        labels=", ".join(row["name"] for row in labels.labels_of(db, pacticipant["id"])),
        providers=[_pair(base, row, "provider_name") for row in pairs if row["consumer"] == name],
        consumers=[_pair(base, row, "consumer") for row in pairs if row["provider_name"] == name],
        merge_badge=f"{href}/main-branch/can-i-merge/badge.svg",
        states_href=url_of(base, "pacts", "provider", name, "provider-states"),
        matrix_href=url_of(base, "matrix", **{"q[][pacticipant]": name, "latestby": "cvpv"}),
    )  # fmt: skip


def pacticipant_url(base: str, name: str) -> str:
    """Return the address of a pacticipant."""
    return url_of(base, "pacticipants", name)


def _pair(base: str, integration: Row, other: str) -> tuple[str, str, str, str]:
    """Return the name and the URL of the other side, and the URLs of the latest pact and its badge."""
    path = ("pacts", "provider", integration["provider_name"], "consumer", integration["consumer"], "latest")
    name = integration[other]
    return name, pacticipant_url(base, name), url_of(base, *path), url_of(base, *path, "badge.svg")


def _version_row(db: Database, base: str, version: Row) -> VersionRow:
    selector = {"q[][pacticipant]": version["name"], "q[][version]": version["number"], "latestby": "cvpv"}
    current = [row for row in deployments.list_for_version(db, version["id"]) if row["ended"] is None]
    return VersionRow(
        number=version["number"],
        href=url_of(base, "matrix", **selector),
        created_at=format_time(version["created"]),
        branches=", ".join(row["name"] for row in branches.branches_of(db, version["id"])),
        tags=", ".join(row["name"] for row in tags.tags_of(db, version["id"])),
        environments=", ".join(dict.fromkeys(row["environment_name"] for row in current)),
        pacts=[
            (row["provider_name"], _pact_url(base, row)) for row in pacts.list_for_version(db, version["id"])
        ],
    )


def _pact_url(base: str, pact: Row) -> str:
    names = ("pacts", "provider", pact["provider_name"], "consumer", pact["consumer"])
    return url_of(base, *names, "version", pact["version_number"])
