"""Executions of webhooks: tests, and the history and logs of what events triggered."""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from broker.database import Row
from broker.domain.json_document import decode_json
from broker.domain.webhook_definition import WebhookDefinition
from broker.domain.webhook_template import RenderedRequest
from broker.resources.links import pact_link, pact_path
from broker.resources.lookups import (
    require,
    require_latest_pact,
    require_pact_by_sha,
    require_pact_by_version,
)
from broker.resources.pacts import INTEGRATION_PATH, PACT_VERSION_PATH
from broker.resources.webhook_body import execution_body
from broker.resources.webhooks import read_definition, require_webhook, sender_of
from broker.routing import ResourceRouter
from broker.services import webhooks as webhooks_service
from broker.store import triggered_webhooks, verification_results
from broker.web import (
    BrokerHTTPError,
    database,
    hal_response,
    link,
    parse_positive_integer,
    read_json_body,
    request_url,
    url,
)
from broker.webhooks.delivery import TooManyTestsError, send_test
from broker.webhooks.sender import HIDDEN, Attempt

router = ResourceRouter()
TEXT_UTF8 = "text/plain;charset=utf-8"


@router.post("/webhooks/execute")
async def execute_unsaved(request: Request) -> Response:
    """Send the request of a webhook that is not stored, as a test."""
    definition = webhooks_service.complete(database(request), await read_definition(request))
    return await _execute(request, definition, {})


@router.post("/webhooks/{uuid:name}/execute")
async def execute_webhook(request: Request) -> Response:
    """Send a webhook's request for the newest pact that it is for, as a test; nothing is stored."""
    # not used, but an invalid body is a 400 at every resource
    await read_json_body(request)
    webhook = require_webhook(request)
    return await _execute(
        request, webhook.definition, {"webhook": link(url(request, "webhooks", webhook.uuid))}
    )


@router.get(f"{INTEGRATION_PATH}/webhooks/status")
async def get_status(request: Request) -> Response:
    """Return the executions for the latest pact of an integration, oldest first, and how many have which status."""
    pact = require_latest_pact(request)
    executions = triggered_webhooks.list_for_pact(database(request), pact)[::-1]
    counts = Counter(execution["status"] for execution in executions)
    body = _list_body(request, executions)
    failed = [
        item["_links"]["pb:logs"]
        for item in body["_embedded"]["triggeredWebhooks"]
        if item["status"] == triggered_webhooks.FAILURE
    ]
    links = {
        **body["_links"],
        "pb:error-logs": failed,
        "pb:pact-webhooks": link(url(request, *pact_path(pact), "webhooks"), "Webhooks of the pact"),
        "pb:pact-version": pact_link(request, pact),
        "pb:consumer": link(url(request, "pacticipants", pact["consumer"]), "Consumer", pact["consumer"]),
        "pb:provider": link(
            url(request, "pacticipants", pact["provider_name"]), "Provider", pact["provider_name"]
        ),
    }
    return hal_response({"summary": _summary(counts), "_embedded": body["_embedded"], "_links": links})


@router.get(f"{INTEGRATION_PATH}/version/{{version:name}}/triggered-webhooks")
async def list_for_pact(request: Request) -> Response:
    """List the executions for the pact of a consumer version, newest first."""
    pact = require_pact_by_version(request)
    return hal_response(_list_body(request, triggered_webhooks.list_for_pact(database(request), pact)))


@router.get(f"{PACT_VERSION_PATH}/verification-results/{{number:name}}/triggered-webhooks")
async def list_for_result(request: Request) -> Response:
    """List the executions for a verification result, newest first."""
    db, pact = database(request), require_pact_by_sha(request)
    number = require(parse_positive_integer(request.path_params["number"]))
    result = require(verification_results.find_result(db, pact["content"], number))
    return hal_response(_list_body(request, triggered_webhooks.list_for_result(db, result["id"])))


@router.get("/triggered-webhooks/{uuid:name}/logs")
async def get_logs(request: Request) -> Response:
    """Return the logs of all attempts of an execution as text."""
    db = database(request)
    execution = require(triggered_webhooks.find(db, request.path_params["uuid"]))
    return Response(triggered_webhooks.logs_of(db, execution), media_type=TEXT_UTF8)


async def _execute(request: Request, definition: WebhookDefinition, links: dict[str, Any]) -> Response:
    try:
        rendered, attempt = await send_test(database(request), sender_of(request), definition, url(request))
    except TooManyTestsError:
        message = "too many tests of webhooks are running: try again"
        # the official CLI tries again after a 5xx
        raise BrokerHTTPError(503, {"errors": {"": [message]}}) from None
    body = {
        "request": {
            "headers": attempt.request_headers,
            "body": _json_or_text(rendered.body.decode()),
            "url": _path_and_query(rendered),
        },
        **_outcome(request, attempt),
        "logs": attempt.log,
        "success": attempt.success,
        "_links": {**links, "try-again": link(request_url(request))},
    }
    return hal_response(body)


def _outcome(request: Request, attempt: Attempt) -> dict[str, Any]:
    if attempt.response is None:
        return {"error": {"message": attempt.error}}
    response = attempt.response
    if not sender_of(request).settings.rules.hosts:
        return {"response": {"status": response.status}, "message": HIDDEN}
    headers, body = dict(response.headers), _json_or_text(response.body)
    return {"response": {"status": response.status, "headers": headers, "body": body}}


def _list_body(request: Request, executions: list[Row]) -> dict[str, Any]:
    max_attempts = sender_of(request).settings.max_attempts
    bodies = [execution_body(request, execution, max_attempts) for execution in executions]
    links = {"self": link(request_url(request), "Triggered webhooks")}
    return {"_embedded": {"triggeredWebhooks": bodies}, "_links": links}


def _summary(counts: Counter[str]) -> dict[str, int]:
    summary = {
        "successful": counts[triggered_webhooks.SUCCESS],
        "failed": counts[triggered_webhooks.FAILURE],
    }
    # left out when they are 0, as at the official broker
    waiting = {"notRun": counts[triggered_webhooks.NOT_RUN], "retrying": counts[triggered_webhooks.RETRYING]}
    return summary | {name: number for name, number in waiting.items() if number}


def _path_and_query(rendered: RenderedRequest) -> str:
    parts = urlsplit(rendered.url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _json_or_text(text: str) -> Any:
    try:
        return decode_json(text)
    except (ValueError, RecursionError):
        return text
