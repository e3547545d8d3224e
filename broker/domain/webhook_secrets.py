"""Secrets of webhook requests: they are stored and sent, but never returned or logged."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping

from broker.domain.validation import FieldErrors
from broker.domain.webhook_definition import WebhookRequest

MASK = "**********"
"""What the official broker shows instead of a secret; a client that sends it back means the stored value."""

SECRET_HEADER = re.compile(r"authorization|token|secret|password|cookie|api-?key", re.IGNORECASE)
ONLY_PARAMETERS = re.compile(r"(?:(?:basic|bearer|token)\s+)?(?:\$\{[^}]*\}\s*)+", re.IGNORECASE)
"""A header's value without a secret: template parameters, maybe after the name of a scheme."""

MIN_ECHO_LENGTH = 4
"""A shorter secret is not looked for in responses, where it would be found everywhere."""


def mask_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return headers with the values of secret ones masked, unless they are made of template parameters only."""
    return {
        name: MASK if SECRET_HEADER.search(name) and not ONLY_PARAMETERS.fullmatch(value) else value
        for name, value in headers.items()
    }


def mask_password(password: str | None) -> str | None:
    """Return the mask for a password; one that is made of template parameters only is returned as it is."""
    if password is None or ONLY_PARAMETERS.fullmatch(password):
        return password
    return MASK


def keep_secrets(request: WebhookRequest, stored: WebhookRequest | None) -> WebhookRequest:
    """Return a request with the stored values instead of masks, and the stored password if it has none."""
    if stored is None:
        return request
    headers = {
        name: stored.headers.get(name, value) if value == MASK else value
        for name, value in request.headers.items()
    }
    keep_password = request.username is not None and request.password in {None, MASK}
    password = stored.password if keep_password else request.password
    return dataclasses.replace(request, headers=headers, password=password)


def find_masks(request: WebhookRequest) -> FieldErrors:
    """Return errors about secrets that are masks, for which no value is stored."""
    errors: FieldErrors = {}
    if MASK in request.headers.values():
        names = ", ".join(name for name, value in request.headers.items() if value == MASK)
        errors["request.headers"] = [f"the value of {names} is masked: give the real value"]
    if request.password == MASK:
        errors["request.password"] = ["is masked: give the real password"]
    return errors


def secrets_of(headers: Iterable[tuple[str, str]], password: str | None) -> list[str]:
    """Return the secret texts of a rendered request, longest first: header values, their last words, the password."""
    values = [value for name, value in headers if SECRET_HEADER.search(name)]
    texts = {*values, *(value.split()[-1] for value in values if value.split()), password or ""}
    return sorted((text for text in texts if len(text) >= MIN_ECHO_LENGTH), key=len, reverse=True)


def scrub(text: str, secrets: Iterable[str]) -> str:
    """Return a text with every secret masked: a receiver may echo what it was sent."""
    for secret in secrets:
        text = text.replace(secret, MASK)
    return text
