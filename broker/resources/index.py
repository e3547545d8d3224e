"""The index, which every client starts at, and the heartbeat."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from broker.store import statistics
from broker.web import database, hal_response, link, url

router = APIRouter()
LINKS = {
    "pb:publish-contracts": "/contracts/publish",
    "pb:latest-pact-versions": "/pacts/latest",
    "pb:pacticipants": "/pacticipants",
    "pb:pacticipant": "/pacticipants/{pacticipant}",
    "pb:pacticipant-version": "/pacticipants/{pacticipant}/versions/{version}",
    "pb:latest-version": "/pacticipants/{pacticipant}/latest-version",
    "pb:latest-tagged-version": "/pacticipants/{pacticipant}/latest-version/{tag}",
    "pb:pacticipant-version-tag": "/pacticipants/{pacticipant}/versions/{version}/tags/{tag}",
    "pb:pacticipant-branch": "/pacticipants/{pacticipant}/branches/{branch}",
    "pb:pacticipant-branch-version": "/pacticipants/{pacticipant}/branches/{branch}/versions/{version}",
    "pb:webhooks": "/webhooks",
    "pb:webhook": "/webhooks/{uuid}",
    "pb:environments": "/environments",
    "pb:environment": "/environments/{uuid}",
    "pb:latest-provider-pacts": "/pacts/provider/{provider}/latest",
    "pb:latest-provider-pacts-with-tag": "/pacts/provider/{provider}/latest/{tag}",
    "pb:provider-pacts-for-verification": "/pacts/provider/{provider}/for-verification",
    # the name that older verifiers look for
    "beta:provider-pacts-for-verification": "/pacts/provider/{provider}/for-verification",
    "pb:can-i-deploy-pacticipant-version-to-environment": "/can-i-deploy?pacticipant={pacticipant}&version={version}&environment={environment}",
}


@router.get("/")
async def get_index(request: Request) -> Response:
    """Return the links to all resources."""
    base = url(request)
    # a verifier requests the template itself if it is not marked as one
    links = {name: link(base + path, templated="{" in path) for name, path in LINKS.items()}
    return hal_response({"_links": {"self": link(base, "Index"), **links}})


@router.get("/diagnostic/status/heartbeat")
async def heartbeat(request: Request) -> Response:
    """Return success if the broker and its database respond."""
    statistics.check_connection(database(request))
    return hal_response(
        {"ok": True, "_links": {"self": link(url(request, "diagnostic", "status", "heartbeat"))}}
    )
