"""Publication of contracts."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from broker.domain.contracts import Publication, parse_publication
from broker.errors import InvalidRequestError
from broker.resources.links import pact_link, tag_link, version_link
from broker.resources.webhooks import wake_worker
from broker.routing import ResourceRouter
from broker.services.publishing import PublicationResult
from broker.services.webhook_events import PublicationEvents, publish_with_events
from broker.web import database, hal_response, link, read_and_parse_body, url

router = ResourceRouter()


@router.post("/contracts/publish")
async def publish(request: Request) -> Response:
    """Store the contracts of a version; different content for a pact of the version is a conflict."""
    publication, errors = await read_and_parse_body(request, parse_publication)
    if publication is None:
        raise InvalidRequestError(errors)
    db = database(request)
    async with db.write_transaction():
        result, events = publish_with_events(db, publication, url(request))
    wake_worker(request)
    return _published(request, publication, result, events)


def _published(
    request: Request, publication: Publication, result: PublicationResult, events: list[PublicationEvents]
) -> Response:
    name, number = publication.pacticipant, publication.version_number
    notices = _notices(request, publication, result, events)
    pacticipant_link = link(url(request, "pacticipants", name), "Pacticipant", name)
    self_link = version_link(request, result.version)
    return hal_response(
        {
            "notices": [{"type": kind, "text": text} for kind, text in notices],
            # without logs the official CLI prints a warning instead of the notices
            "logs": [
                {"level": kind, "message": text, "deprecationWarning": "Replaced by notices"}
                for kind, text in notices
            ],
            "_embedded": {
                "pacticipant": {"name": name, "_links": {"self": pacticipant_link}},
                "version": {"number": number, "_links": {"self": self_link}},
            },
            "_links": {
                "pb:pacticipant": pacticipant_link,
                "pb:pacticipant-version": self_link,
                "pb:pacticipant-version-tags": [
                    tag_link(request, name, number, tag) for tag in publication.tags
                ],
                "pb:contracts": _contract_links(request, result),
            },
        }
    )


def _contract_links(request: Request, result: PublicationResult) -> list[dict[str, Any]]:
    return [pact_link(request, item.pact) for item in result.pacts]


def _notices(
    request: Request, publication: Publication, result: PublicationResult, events: list[PublicationEvents]
) -> list[tuple[str, str]]:
    verb = "Created" if result.created else "Updated"
    branch = f" on branch {publication.branch}" if publication.branch else ""
    version = f"{publication.pacticipant} version {publication.version_number}"
    notices = [("debug", f"{verb} {version}{branch}")]
    if not publication.branch:
        notices.append(("prompt", "Publish with a branch: can-i-deploy by branch needs one"))
    for item, pact_events in zip(result.pacts, events, strict=True):
        pact = item.pact
        notices.append(
            ("success", f"Pact between {pact['consumer']} and {pact['provider_name']} {item.change}")
        )
        notices.append(("debug", f"  View it at {pact_link(request, pact)['href']}"))
        notices += [("debug", text) for text in _event_texts(request, pact_events)]
    return notices


def _event_texts(request: Request, events: PublicationEvents) -> list[str]:
    texts = [f"  Events detected: {', '.join(events.detected)}"]
    for item in events.triggered:
        logs = url(request, "triggered-webhooks", item.uuid, "logs")
        texts.append(
            f'  Webhook "{item.description}" triggered for event {item.event}.\n    View logs at {logs}'
        )
    return texts
