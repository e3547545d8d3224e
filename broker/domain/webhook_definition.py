"""A webhook as a client defines it: which events of which pacts it is for, and the request that it sends."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPMethod
from typing import Any
from urllib.parse import urlsplit

from broker.domain.json_document import encode_json
from broker.domain.validation import (
    FieldErrors,
    add_error,
    find_name_error,
    find_text_error,
    validate_strings,
)
from broker.domain.webhook_rules import WebhookRules

EVENTS = (
    "contract_published",
    "contract_content_changed",
    "provider_verification_published",
    "provider_verification_succeeded",
    "provider_verification_failed",
    "contract_requiring_verification_published",
)
DEFAULT_EVENT = "contract_content_changed"

UUID_PATTERN = re.compile(r"[A-Za-z0-9_-]{16,100}")
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
TEMPLATE_PARAMETER = re.compile(r"\$\{[^}]*\}")

MAX_URL_LENGTH = 4_000
MAX_HEADERS = 50
MAX_TEXT_LENGTH = 4_000
"""Characters of a header's value, a description, a name or a password."""
MAX_BODY_LENGTH = 100_000
"""Characters of the request's body as JSON."""


@dataclass(frozen=True, slots=True)
class PacticipantFilter:
    """Which consumers or providers a webhook is for: the one with a name, those with a label, or all."""

    name: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """The request of a webhook; all texts may have template parameters, and header names are in lower case."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: Any
    username: str | None
    password: str | None


@dataclass(frozen=True, slots=True)
class WebhookDefinition:
    """A webhook without its identifier."""

    description: str | None
    enabled: bool
    consumer: PacticipantFilter
    provider: PacticipantFilter
    events: tuple[str, ...]
    request: WebhookRequest


def parse_webhook(body: dict[str, Any], rules: WebhookRules) -> tuple[WebhookDefinition | None, FieldErrors]:
    """Return the webhook, or None with what is wrong with the body."""
    errors: FieldErrors = {}
    _validate_texts(body, errors, "", "description")
    if not isinstance(body.get("enabled", True), bool):
        add_error(errors, "enabled", "must be true or false")
    consumer, provider = (_parse_filter(body.get(role), role, errors) for role in ("consumer", "provider"))
    events = _parse_events(body.get("events"), errors)
    request = _parse_request(body.get("request"), rules, errors)
    if errors or request is None:
        return None, errors
    definition = WebhookDefinition(
        body.get("description"), body.get("enabled", True), consumer, provider, events, request
    )
    return definition, {}


def host_of(url: str) -> str:
    """Return the host of a URL that may have template parameters; empty if it has none."""
    return urlsplit(TEMPLATE_PARAMETER.sub("x", url)).hostname or ""


def _validate_texts(fields: dict[str, Any], errors: FieldErrors, prefix: str, *names: str) -> None:
    found: FieldErrors = {}
    validate_strings(fields, found, *names)
    for name in names:
        if isinstance(fields.get(name), str) and len(fields[name]) > MAX_TEXT_LENGTH:
            add_error(found, name, f"must have at most {MAX_TEXT_LENGTH} characters")
    errors.update({f"{prefix}{name}": messages for name, messages in found.items()})


def _parse_filter(value: Any, role: str, errors: FieldErrors) -> PacticipantFilter:
    if value is None:
        return PacticipantFilter()
    if not isinstance(value, dict):
        add_error(errors, role, "must be an object with a name or a label")
        return PacticipantFilter()
    _validate_texts(value, errors, f"{role}.", "name", "label")
    if value.get("name") is not None and value.get("label") is not None:
        add_error(errors, f"{role}.label", "name and label cannot be provided at the same time")
    return PacticipantFilter(value.get("name"), value.get("label"))


def _parse_events(value: Any, errors: FieldErrors) -> tuple[str, ...]:
    if value is None:
        return (DEFAULT_EVENT,)
    if not isinstance(value, list) or not value:
        add_error(errors, "events", "must be a list with at least one event")
        return ()
    names = [item.get("name") if isinstance(item, dict) else None for item in value]
    for index, name in enumerate(names):
        if name not in EVENTS:
            add_error(errors, "events", f"name must be one of: {', '.join(EVENTS)} (at index {index})")
    return tuple(dict.fromkeys(name for name in names if isinstance(name, str)))


def _parse_request(value: Any, rules: WebhookRules, errors: FieldErrors) -> WebhookRequest | None:
    if not isinstance(value, dict):
        add_error(errors, "request", "is missing" if value is None else "must be an object")
        return None
    _validate_method(value.get("method"), rules, errors)
    _validate_url(value.get("url"), rules, errors)
    headers = _parse_headers(value.get("headers"), errors)
    _validate_texts(value, errors, "request.", "username", "password")
    if value.get("password") is not None and value.get("username") is None:
        add_error(errors, "request.username", "is missing, but there is a password")
    if value.get("username") is not None and "authorization" in headers:
        # the official broker drops the header without a word
        message = (
            "Authorization cannot be given beside username, from which it is made: leave out one of them"
        )
        add_error(errors, "request.headers", message)
    if len(encode_json(value.get("body"))) > MAX_BODY_LENGTH:
        add_error(errors, "request.body", f"must have at most {MAX_BODY_LENGTH} characters as JSON")
    if errors:
        return None
    return WebhookRequest(
        value["method"].upper(), value["url"], headers, value.get("body"), value.get("username"), value.get("password")
    )  # fmt: skip


def _validate_method(method: Any, rules: WebhookRules, errors: FieldErrors) -> None:
    if not isinstance(method, str):
        add_error(errors, "request.method", "is missing" if method is None else "must be a string")
    elif method.upper() not in HTTPMethod.__members__:
        add_error(errors, "request.method", "is not a recognised HTTP method")
    elif message := rules.find_method_error(method.upper()):
        add_error(errors, "request.method", message)


def _validate_url(url: Any, rules: WebhookRules, errors: FieldErrors) -> None:
    if not isinstance(url, str):
        add_error(errors, "request.url", "is missing" if url is None else "must be a string")
    elif len(url) > MAX_URL_LENGTH:
        add_error(errors, "request.url", f"must have at most {MAX_URL_LENGTH} characters")
    elif message := _find_url_error(url, rules):
        add_error(errors, "request.url", message)


def _find_url_error(url: str, rules: WebhookRules) -> str | None:
    try:
        parts = urlsplit(TEMPLATE_PARAMETER.sub("x", url))
        scheme, host, has_port = parts.scheme.lower(), parts.hostname, parts.port is not None
    except ValueError as error:
        return f"is not a valid URL: {error}"
    if find_name_error(url) or " " in url or not scheme or not host:
        return "is not a valid URL, such as https://example.org/hook"
    if TEMPLATE_PARAMETER.search(url.partition("://")[2].partition("/")[0].partition("?")[0]):
        return "cannot have a template parameter in the host" + (" or port" if has_port else "")
    if parts.username is not None or parts.password is not None:
        return "cannot have credentials: use username and password of the request"
    return rules.find_scheme_error(scheme) or rules.find_host_error(host)


def _parse_headers(value: Any, errors: FieldErrors) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict) or len(value) > MAX_HEADERS:
        add_error(errors, "request.headers", f"must be an object with at most {MAX_HEADERS} headers")
        return {}
    for name, text in value.items():
        if message := _find_header_error(name, text):
            add_error(errors, "request.headers", f"{name[:100]} {message}")
    return {name.lower(): text for name, text in value.items() if isinstance(text, str)}


def _find_header_error(name: str, value: Any) -> str | None:
    if not HEADER_NAME.fullmatch(name):
        return "is not the name of a header"
    if name.lower() in {"host", "content-length", "transfer-encoding", "connection"}:
        return "is set by the broker"
    if not isinstance(value, str):
        return "must be a string"
    if len(value) > MAX_TEXT_LENGTH:
        return f"must have at most {MAX_TEXT_LENGTH} characters"
    return find_text_error(value)
