"""Send what is stored: a webhook's request with the values of its template parameters."""

from __future__ import annotations

from broker.database import Database, Row
from broker.domain.webhook_definition import WebhookDefinition
from broker.domain.webhook_template import RenderedRequest, render, render_request
from broker.services.webhook_context import find_context, parameter_values, test_values
from broker.store import webhooks
from broker.webhooks.sender import Attempt, WebhookSender


class TooManyTestsError(Exception):
    """So many tests of webhooks are running that another one cannot start."""


async def send_execution(db: Database, sender: WebhookSender, execution: Row) -> Attempt | str:
    """Send a stored execution, and return the attempt, or why it is not to be sent any more."""
    webhook = webhooks.find_by_id(db, execution["webhook"])
    if webhook is None:
        return "the webhook was deleted"
    if not webhook.definition.enabled:
        return "the webhook was disabled"
    context = find_context(db, execution)
    if context is None:
        return "the pact was deleted"
    _, attempt = await _send(sender, webhook.definition, parameter_values(db, context))
    return attempt


async def send_test(
    db: Database, sender: WebhookSender, definition: WebhookDefinition, base_url: str
) -> tuple[RenderedRequest, Attempt]:
    """Send a webhook's request for the newest pact that it is for; return it and the attempt.

    Raises:
        TooManyTestsError: `MAX_TESTS` tests are running.
    """
    if sender.test_slots.locked():
        raise TooManyTestsError
    async with sender.test_slots:
        return await _send(sender, definition, test_values(db, definition, base_url))


async def _send(
    sender: WebhookSender, definition: WebhookDefinition, values: dict[str, str]
) -> tuple[RenderedRequest, Attempt]:
    request = render_request(definition.request, values)
    password = definition.request.password
    return request, await sender.send(request, [render(password, values)] if password else [])
