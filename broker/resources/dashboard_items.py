"""The dashboard as data: each head pact with the status of its verification."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from broker.database import Database, Row
from broker.domain.media_types import choose_media_type
from broker.domain.text_table import text_table
from broker.resources.links import pact_path, tag_link
from broker.resources.lookups import provider_and_consumer
from broker.resources.paging import read_page
from broker.routing import ResourceRouter
from broker.store import dashboard, tags, triggered_webhooks, verification_results
from broker.web import accept_header, database, format_timestamp, hal_response, link, url

router = ResourceRouter()
PAGE_SIZE = 30
HEADER = ("CONSUMER_NAME", "C_VERSION", "C_TAGS", "PROVIDER_NAME", "P_VERSION", "P_TAGS", "SUCCESS")


@router.get("/dashboard")
async def list_items(request: Request) -> Response:
    """List the head pacts, that with the newest activity first."""
    return _respond(request, dashboard.head_pacts(database(request)))


@router.get("/dashboard/provider/{provider:name}/consumer/{consumer:name}")
async def list_items_of_integration(request: Request) -> Response:
    """List the head pacts of one integration."""
    names = provider_and_consumer(request)
    rows = dashboard.head_pacts(database(request))
    return _respond(request, [row for row in rows if (row["provider_name"], row["consumer"]) == names])


def _respond(request: Request, rows: list[Row]) -> Response:
    media_type = choose_media_type(
        accept_header(request), "application/hal+json", "application/json", "text/plain"
    )
    if media_type == "text/plain":
        return PlainTextResponse(_table(database(request), rows))
    page = read_page(request, rows, PAGE_SIZE)
    items = [_item(request, row) for row in page.rows]
    return hal_response({**page.fields, "items": items, "_links": page.links})


def _item(request: Request, pact: Row) -> dict[str, Any]:
    db = database(request)
    result = verification_results.latest_result(db, pact["content"])
    path = (*pact_path(pact), "version", pact["version_number"])
    webhook_status, triggered = triggered_webhooks.status_of_pact(db, pact)
    status_href = url(request, *pact_path(pact), "webhooks", "status")
    return {
        "consumer": {
            "name": pact["consumer"],
            "version": _version(request, pact["consumer"], pact["version_number"], pact["version"]),
            "_links": {"self": link(url(request, "pacticipants", pact["consumer"]))},
        },
        "provider": {
            "name": pact["provider_name"],
            "version": result
            and _version(request, result["provider_name"], result["version_number"], result["version"]),
            "_links": {"self": link(url(request, "pacticipants", pact["provider_name"]))},
        },
        "pact": {
            "createdAt": format_timestamp(pact["created"]),
            "_links": {"self": link(url(request, *path))},
        },
        "pactTags": _tags(request, pact["consumer"], pact["version_number"], pact["version"]),
        "latestVerificationResult": result
        and {
            "success": bool(result["success"]),
            "verifiedAt": format_timestamp(result["created"]),
            "_links": {"self": link(url(request, *path, "verification-results", "latest"))},
        },
        "latestVerificationResultTags": _tags(
            request, result["provider_name"], result["version_number"], result["version"]
        )
        if result
        else [],
        "verificationStatus": _status(db, pact, result),
        "webhookStatus": webhook_status,
        "latestWebhookExecution": triggered and {"triggeredAt": format_timestamp(triggered)},
        "_links": {"pb:webhook-status": link(status_href, "Status of the webhooks of this pact")},
    }


def _version(request: Request, name: str, number: str, version: int) -> dict[str, Any]:
    heads = dashboard.head_branches(database(request), version)
    self_link = link(url(request, "pacticipants", name, "versions", number))
    return {
        "number": number,
        "branch": heads[-1] if heads else None,
        "headBranchNames": heads,
        "_links": {"self": self_link},
    }


def _tags(request: Request, name: str, number: str, version: int) -> list[dict[str, Any]]:
    return [
        {
            "name": tag["name"],
            "latest": bool(tag["latest"]),
            "_links": {"self": tag_link(request, name, number, tag["name"])},
        }
        for tag in tags.tags_of(database(request), version)
    ]


def _status(db: Database, pact: Row, result: Row | None) -> str:
    if result is None:
        earlier = dashboard.has_earlier_result(db, pact["consumer_id"], pact["provider_id"])
        return "stale" if earlier else "never"
    if result["success"]:
        return "success"
    # as the badge: the result was published for a pact that was work in progress
    return "failed_pending" if result["wip"] else "failed"


def _table(db: Database, rows: list[Row]) -> str:
    cells = []
    for pact in sorted(rows, key=lambda row: (row["consumer"].lower(), -row["version"])):
        result = verification_results.latest_result(db, pact["content"])
        consumer_tags = ", ".join(tag["name"] for tag in tags.tags_of(db, pact["version"]))
        provider_tags = (
            ", ".join(tag["name"] for tag in tags.tags_of(db, result["version"])) if result else ""
        )
        cells.append(
            (
                pact["consumer"],
                pact["version_number"],
                consumer_tags,
                pact["provider_name"],
                result and result["version_number"],
                provider_tags,
                _status(db, pact, result),
            )
        )
    return text_table(HEADER, cells)
