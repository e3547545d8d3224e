"""Template parameters of webhook requests, such as `${pactbroker.consumerName}`."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from broker.domain.json_document import decode_json, encode_json
from broker.domain.webhook_definition import WebhookRequest

PARAMETER = re.compile(r"\$\{pactbroker\.([A-Za-z]+)\}")

GITHUB_STATUSES = {True: "success", False: "failure", None: "pending"}
GITLAB_STATUSES = {True: "success", False: "failed", None: "pending"}
BITBUCKET_STATUSES = {True: "SUCCESSFUL", False: "FAILED", None: "INPROGRESS"}
AZURE_DEVOPS_STATUSES = {True: "succeeded", False: "failed", None: "pending"}
"""The names that the build servers' APIs for commit statuses have for a success, a failure and a missing result."""


@dataclass(frozen=True, slots=True)
class RenderedRequest:
    """A request with the values of its template parameters, ready to be sent."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


def render(text: str, values: Mapping[str, str], encode: Callable[[str], str] = str) -> str:
    """Return a text with the encoded values of its parameters; an unknown parameter stays as it is."""

    # one pass, so that a value which looks like a parameter is not replaced in turn
    def value_of(match: re.Match[str]) -> str:
        value = values.get(match[1])
        return match[0] if value is None else encode(value)

    return PARAMETER.sub(value_of, text)


def render_request(request: WebhookRequest, values: Mapping[str, str]) -> RenderedRequest:
    """Return a webhook's request with the values of its parameters."""
    headers = {name: " ".join(render(value, values).split()) for name, value in request.headers.items()}
    if request.username is not None:
        credentials = f"{render(request.username, values)}:{render(request.password or '', values)}"
        headers["authorization"] = f"Basic {base64.b64encode(credentials.encode()).decode()}"
    if request.body is not None:
        # the official broker sends a JSON body without a type as a form
        headers.setdefault("content-type", _content_type(request.body))
    return RenderedRequest(
        method=request.method,
        url=render(request.url, values, lambda value: quote(value, safe="")),
        headers=tuple(headers.items()),
        body=_render_body(request.body, values),
    )


def commit_statuses(*, success: bool | None) -> dict[str, str]:
    """Return the values of the parameters that report a result (None: no result yet) to a build server."""
    return {
        "githubVerificationStatus": GITHUB_STATUSES[success],
        "gitlabVerificationStatus": GITLAB_STATUSES[success],
        "bitbucketVerificationStatus": BITBUCKET_STATUSES[success],
        "azureDevOpsVerificationStatus": AZURE_DEVOPS_STATUSES[success],
    }


def _content_type(body: Any) -> str:
    if not isinstance(body, str):
        return "application/json"
    try:
        decode_json(body)
    except (ValueError, RecursionError):
        return "text/plain; charset=utf-8"
    return "application/json"


def _render_body(body: Any, values: Mapping[str, str]) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return render(body, values).encode()
    # each string by itself: a value with a quotation mark must not change the structure
    return encode_json(_render_strings(body, values), ensure_ascii=False, separators=(",", ":")).encode()


def _render_strings(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return render(value, values)
    if isinstance(value, list):
        return [_render_strings(item, values) for item in value]
    if isinstance(value, dict):
        return {render(key, values): _render_strings(item, values) for key, item in value.items()}
    return value
