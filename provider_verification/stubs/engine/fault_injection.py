"""Injected faults: failures of a vendor, or of the network in front of it."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from provider_verification.stubs.sdk import RequestRejected, StubResponse

MAX_FAULT_RULES = 100
MAX_WAIT_SECONDS = 3600
DEFAULT_WAIT_SECONDS = 60.0
"""The duration of a delay or hang whose rule gives none."""
REJECTING_STATUSES = frozenset({401, 403, 429})
"""A vendor checks credentials and limits before it does anything."""
PROXY_PAGE = b"<!doctype html><title>Sign in</title><p>Sign in to use this network.</p>"
"""The body of kind `html`, as a captive portal or a misconfigured proxy sends it."""


class FaultRule(BaseModel):
    """A fault for the next responses of an operation.

    Attributes:
        operation: the operationId, or `*` for all.
        correlation_id: only requests with this X-Correlation-ID get the fault; None for all.
        kind: status (respond with `status` and the vendor's error body: 401, 403 and 429 before the operation takes effect,
            any other after it), delay (wait `seconds` or until the rule is deleted, then respond), hang
            (wait as long, then close without a response), reset (reset the TCP connection), truncate (send half the
            body, or one chunk of a stream, then close), malformed (a body that is not JSON), drop (remove `field` from
            the body), drip (send the body in chunks, `seconds` apart), wrong_shape (valid JSON that the vendor's schema
            does not allow), html (a 200 with the page of a proxy), empty (a 200 without a body).
        remaining: how many responses get the fault; None for all until the rule is deleted.
        status: the status of kind `status`.
        retry_after: the Retry-After header of kind `status`, in seconds.
        seconds: the duration of kinds `delay`, `hang` and `drip`.
        json_pointer: the member that kind `drop` removes, such as `/reservations/0/id`.
    """

    model_config = ConfigDict(extra="forbid")

    operation: str = "*"
    correlation_id: str | None = Field(None, max_length=128)
    kind: Literal[
        "status", "delay", "hang", "reset", "truncate", "malformed", "drop", "drip",
        "wrong_shape", "html", "empty",
    ]  # fmt: skip
    remaining: int | None = Field(None, alias="times", ge=1)
    status: int = Field(503, ge=400, le=599)
    retry_after: int | None = Field(None, ge=0)
    seconds: float = Field(0.0, ge=0, le=MAX_WAIT_SECONDS)
    json_pointer: str | None = Field(None, alias="field", pattern="^/.+", max_length=500)

    @property
    def rejects_request(self) -> bool:
        """Whether the vendor rejects the request before its operation takes effect."""
        return self.kind == "status" and self.status in REJECTING_STATUSES

    @property
    def waits(self) -> bool:
        """Whether the response waits."""
        return self.kind in {"delay", "hang"}

    @model_validator(mode="after")
    def _require_field_for_drop(self) -> FaultRule:
        if self.kind == "drop" and self.json_pointer is None:
            raise ValueError("a fault of kind 'drop' needs 'field', a JSON pointer such as '/status'")
        return self


class FaultQueue:
    """The fault rules of a stub, at most MAX_FAULT_RULES, in the order in which they were added."""

    def __init__(self) -> None:
        self.rules: list[FaultRule] = []
        self._waiting: list[tuple[FaultRule, asyncio.Event]] = []

    def add(self, rule: FaultRule) -> None:
        """Append a rule.

        Raises:
            ValueError: the queue is full.
        """
        if len(self.rules) >= MAX_FAULT_RULES:
            raise ValueError(f"at most {MAX_FAULT_RULES} fault rules can be active: delete them first")
        self.rules.append(rule)

    def clear(self, correlation_id: str | None = None) -> None:
        """Delete the rules, and end the waiting of the requests that got one.

        Args:
            correlation_id: only the rules with this one; None for all.
        """
        self.rules = [rule for rule in self.rules if correlation_id not in {None, rule.correlation_id}]
        for rule, deleted in self._waiting:
            if correlation_id in {None, rule.correlation_id}:
                deleted.set()

    async def wait(self, rule: FaultRule, disconnect: Coroutine[Any, Any, None]) -> None:
        """Wait for the duration of a delay or hang, until the client disconnects or the rule is deleted."""
        entry = (rule, asyncio.Event())
        tasks = [asyncio.create_task(disconnect), asyncio.create_task(entry[1].wait())]
        self._waiting.append(entry)
        try:
            timeout = rule.seconds or DEFAULT_WAIT_SECONDS
            await asyncio.wait(tasks, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._waiting.remove(entry)
            for task in tasks:
                task.cancel()

    def next_for(self, operation: str, correlation_id: str | None = None) -> FaultRule | None:
        """Return the first rule for an operation and count it down, or None."""
        for rule in self.rules:
            if rule.operation in {"*", operation} and rule.correlation_id in {None, correlation_id}:
                if rule.remaining is not None:
                    rule.remaining -= 1
                    if not rule.remaining:
                        self.rules.remove(rule)
                return rule
        return None


def apply_fault(
    rule: FaultRule, response: StubResponse, error_response: Callable[[RequestRejected], StubResponse]
) -> StubResponse:
    """Return the response with the status or body of the fault; `asgi_io` applies the faults of the connection."""
    if rule.kind == "status":
        response = error_response(RequestRejected("fault", f"injected {rule.status}", status=rule.status))
        if rule.retry_after is not None:
            response.headers["Retry-After"] = str(rule.retry_after)
    elif rule.kind == "drop" and isinstance(response.body, dict | list):
        # The body can be part of the vendor's state.
        response.body = remove_at_pointer(copy.deepcopy(response.body), rule.json_pointer or "")
    elif rule.kind == "malformed" and not isinstance(response.body, bytes | AsyncIterator):
        response.body = json.dumps(response.body).encode()[:-1]
    elif rule.kind == "wrong_shape" and isinstance(response.body, dict | list):
        response.body = [response.body]
    elif rule.kind == "html":
        response = StubResponse(200, PROXY_PAGE, media_type="text/html; charset=utf-8")
    elif rule.kind == "empty":
        response = StubResponse(200)
    return response


def remove_at_pointer(body: Any, pointer: str) -> Any:
    """Return a JSON value without the member that the JSON pointer names; unchanged if it does not exist."""
    *parents, name = pointer.strip("/").split("/")
    holder = body
    for key in parents:
        holder = _get_member(holder, key)
    if isinstance(holder, dict):
        holder.pop(name, None)
    return body


def _get_member(holder: Any, key: str) -> Any:
    if isinstance(holder, list):
        return holder[int(key)] if key.isdecimal() and int(key) < len(holder) else None
    return holder.get(key) if isinstance(holder, dict) else None
