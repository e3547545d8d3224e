"""Create and change webhooks."""

from __future__ import annotations

import dataclasses
import secrets

from broker.database import Database
from broker.domain.validation import FieldErrors
from broker.domain.webhook_definition import UUID_PATTERN, WebhookDefinition
from broker.domain.webhook_secrets import find_masks, keep_secrets
from broker.errors import InvalidRequestError
from broker.store import pacticipants, webhooks

MAX_WEBHOOKS = 1_000


def create(db: Database, definition: WebhookDefinition) -> str:
    """Store a new webhook and return its UUID.

    Raises:
        InvalidRequestError: A pacticipant does not exist, a secret is masked, or there are too many webhooks.
    """
    uuid = secrets.token_urlsafe(16)
    put(db, uuid, definition)
    return uuid


def put(db: Database, uuid: str, definition: WebhookDefinition) -> bool:
    """Store a webhook under a UUID and return whether it is new; secrets that are masked keep their stored value.

    Raises:
        InvalidRequestError: As of `create`, or the UUID is not valid.
    """
    if not UUID_PATTERN.fullmatch(uuid):
        message = "must have 16 to 100 characters of A-Z, a-z, 0-9, _ and -"
        raise InvalidRequestError({"uuid": [message]})
    stored = webhooks.find(db, uuid)
    definition = complete(db, definition, stored)
    if stored:
        webhooks.replace(db, stored, definition)
        return False
    if webhooks.count(db) >= MAX_WEBHOOKS:
        raise InvalidRequestError({"": [f"there are {MAX_WEBHOOKS} webhooks already: delete one"]})
    webhooks.create(db, uuid, definition)
    return True


def complete(
    db: Database, definition: WebhookDefinition, stored: webhooks.Webhook | None = None
) -> WebhookDefinition:
    """Return a definition with its stored secrets.

    Raises:
        InvalidRequestError: A pacticipant does not exist, or a secret is masked and not stored.
    """
    request = keep_secrets(definition.request, stored.definition.request if stored else None)
    errors: FieldErrors = find_masks(request)
    for role, item in (("consumer", definition.consumer), ("provider", definition.provider)):
        if item.name is not None and pacticipants.find_by_name(db, item.name) is None:
            errors[f"{role}.name"] = ["does not match an existing pacticipant"]
    if errors:
        raise InvalidRequestError(errors)
    return dataclasses.replace(definition, request=request)
