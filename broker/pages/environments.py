"""The page with all environments and what is in them."""

from __future__ import annotations

from dataclasses import dataclass

from broker.database import Database, Row
from broker.pages.pacticipant import pacticipant_url
from broker.pages.paging import PageOf, page_of
from broker.pages.templating import render_page, url_of
from broker.pages.timestamps import format_time
from broker.store import deployments, environments

VERSIONS_ON_A_PAGE = 100


@dataclass(frozen=True, slots=True)
class DeployedVersion:
    """A version in an environment."""

    name: str
    number: str
    how: str
    since: str
    pacticipant_href: str
    href: str


@dataclass(frozen=True, slots=True)
class EnvironmentSection:
    """An environment and what is in it; `uuid` identifies it."""

    uuid: str
    name: str
    display_name: str
    production: bool
    paged: PageOf[DeployedVersion]


def render_environments(db: Database, base: str, page: int, uuid: str | None = None) -> str:
    """Return the page of all environments, each with its first versions, or a page of the one with a UUID."""
    number = 1 if uuid is None else page
    rows = [row for row in environments.list_all(db) if uuid in {None, row["uuid"]}]
    sections = [_section(db, base, row, number) for row in rows]
    return render_page("environments.html", base, "/environments", sections=sections, single=uuid is not None)


def _section(db: Database, base: str, environment: Row, page: int) -> EnvironmentSection:
    rows = [
        row
        for kind in (deployments.DEPLOYED, deployments.RELEASED)
        for row in deployments.list_current(db, environment["id"], kind)
    ]
    url = url_of(base, "environments", environment["uuid"])
    ordered = sorted(rows, key=lambda row: str(row["pacticipant_name"]).lower())
    paged = page_of(ordered, page, VERSIONS_ON_A_PAGE, url)
    return EnvironmentSection(
        uuid=environment["uuid"],
        name=environment["name"],
        display_name=environment["display_name"] or environment["name"],
        production=bool(environment["production"]),
        paged=PageOf(
            [_version(base, row) for row in paged.items],
            paged.number,
            paged.count,
            paged.previous,
            paged.next,
        ),
    )


def _version(base: str, row: Row) -> DeployedVersion:
    instance = "" if row["instance"] is None else f" (instance {row['instance']})"
    selector = {"q[][pacticipant]": row["pacticipant_name"], "q[][version]": row["number"]}
    return DeployedVersion(
        name=row["pacticipant_name"],
        number=row["number"],
        how=f"{row['kind']}{instance}",
        since=format_time(row["created"]),
        pacticipant_href=pacticipant_url(base, row["pacticipant_name"]),
        href=url_of(base, "matrix", **selector, latestby="cvpv", environment=row["environment_name"]),
    )
