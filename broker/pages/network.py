"""The page with the network of integrations as a drawing and as a table."""

from __future__ import annotations

from dataclasses import dataclass

from broker.database import Database
from broker.domain.network import BOX_HEIGHT, BOX_WIDTH, Integration, draw_network
from broker.pages.pacticipant import pacticipant_url
from broker.pages.paging import page_of
from broker.pages.templating import render_page, url_of
from broker.store import pacts, verification_results

INTEGRATIONS_ON_A_PAGE = 100
CLASSES = {True: "yes", False: "no", None: "unknown"}


@dataclass(frozen=True, slots=True)
class IntegrationRow:
    """An integration in the table, with the URLs of its pact and its badge."""

    integration: Integration
    verdict: str
    href: str
    badge: str


def render_network(db: Database, base: str, page: int) -> str:
    """Return the page as HTML."""
    paged = page_of(pacts.latest_of_all(db), page, INTEGRATIONS_ON_A_PAGE, url_of(base, "integrations"))
    rows = []
    for pact in paged.items:
        result = verification_results.latest_result(db, pact["content"])
        success = None if result is None else bool(result["success"])
        path = ("pacts", "provider", pact["provider_name"], "consumer", pact["consumer"], "latest")
        integration = Integration(pact["consumer"], pact["provider_name"], success)
        rows.append(
            IntegrationRow(
                integration, CLASSES[success], url_of(base, *path), url_of(base, *path, "badge.svg")
            )
        )
    drawing = draw_network([row.integration for row in rows])
    hrefs = {box.name: pacticipant_url(base, box.name) for box in drawing.boxes}
    return render_page(
        "network.html", base, "/integrations", rows=rows, drawing=drawing, hrefs=hrefs, classes=CLASSES, paged=paged,
        box_width=BOX_WIDTH, box_height=BOX_HEIGHT,
    )  # fmt: skip
