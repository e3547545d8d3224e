"""The index, which every client starts at, and the heartbeat."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from broker.domain.media_types import choose_media_type
from broker.resources.pages import show_deployability
from broker.routing import ResourceRouter
from broker.store import statistics
from broker.web import accept_header, database, hal_response, link, url

router = ResourceRouter()
PAIR = "/pacts/provider/{provider}/consumer/{consumer}"
JSON_TYPES = ("application/hal+json", "application/json")
LINKS = {
    "pb:publish-pact": f"{PAIR}/version/{{consumerApplicationVersion}}",
    "pb:publish-contracts": "/contracts/publish",
    "pb:latest-pact-versions": "/pacts/latest",
    "pb:tagged-pact-versions": f"{PAIR}/tag/{{tag}}",
    "pb:branch-pact-versions": f"{PAIR}/branch/{{branch}}",
    "pb:latest-branch-pact-versions": f"{PAIR}/branch/{{branch}}/latest/versions",
    "pb:main-branch-pact-versions": f"{PAIR}/branch/versions",
    "pb:latest-main-branch-pact-versions": f"{PAIR}/branch/latest/versions",
    "pb:provider-pacts": "/pacts/provider/{provider}",
    "pb:provider-pacts-with-tag": "/pacts/provider/{provider}/tag/{tag}",
    "pb:provider-pacts-with-main-branch": "/pacts/provider/{provider}/branch",
    "pb:provider-pacts-with-branch": "/pacts/provider/{provider}/branch/{branch}",
    "pb:latest-provider-pacts": "/pacts/provider/{provider}/latest",
    "pb:latest-provider-pacts-with-tag": "/pacts/provider/{provider}/latest/{tag}",
    "pb:latest-provider-pacts-with-main-branch": "/pacts/provider/{provider}/branch/latest",
    "pb:latest-provider-pacts-with-branch": "/pacts/provider/{provider}/branch/{branch}/latest",
    "pb:provider-pacts-for-verification": "/pacts/provider/{provider}/for-verification",
    # the name that older verifiers look for
    "beta:provider-pacts-for-verification": "/pacts/provider/{provider}/for-verification",
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
    "pb:integrations": "/integrations",
    "pb:can-i-deploy-pacticipant-version-to-tag": "/can-i-deploy?pacticipant={pacticipant}&version={version}&to={tag}",
    "pb:can-i-deploy-pacticipant-version-to-environment": "/can-i-deploy?pacticipant={pacticipant}&version={version}&environment={environment}",
}


@router.get("/")
async def get_index(request: Request) -> Response:
    """Return the links to all resources, or the first page to a client that accepts no JSON."""
    # also for a type that is neither JSON nor HTML, as at the official broker
    if choose_media_type(accept_header(request), *JSON_TYPES) is None:
        return await show_deployability(request)
    base = url(request)
    # a verifier requests the template itself if it is not marked as one
    links = {name: link(base + path, templated="{" in path) for name, path in LINKS.items()}
    links["beta:provider-pacts-for-verification"]["name"] = "beta"
    return hal_response({"_links": {"self": link(base, "Index"), **links}})


@router.get("/diagnostic/status/heartbeat")
async def heartbeat(request: Request) -> Response:
    """Return success if the broker and its database respond."""
    statistics.check_connection(database(request))
    return hal_response(
        {"ok": True, "_links": {"self": link(url(request, "diagnostic", "status", "heartbeat"))}}
    )


@router.get("/diagnostic/status/dependencies")
async def dependencies(request: Request) -> Response:
    """Return success if the database responds."""
    statistics.check_connection(database(request))
    self_link = link(url(request, "diagnostic", "status", "dependencies"))
    return hal_response({"database": {"ok": True}, "_links": {"self": self_link}})
