"""Send one webhook request: to a checked address, without redirects, within a time limit and with a bounded log."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from broker.domain.webhook_secrets import mask_headers, scrub, secrets_of
from broker.domain.webhook_template import RenderedRequest
from broker.webhooks.settings import WebhookSettings

CONNECT_TIMEOUT_SECONDS = 5.0
TOTAL_TIMEOUT_SECONDS = 15.0
"""For resolving, connecting, sending and receiving together; that of one attempt at the official broker."""
MAX_TESTS = 5
"""How many tests of webhooks may run at the same time, beside what the worker sends."""
MAX_RESPONSE_BYTES = 16_384
"""What is read of a response; the rest is not received."""
MAX_LOGGED_CHARACTERS = 2_000
"""Of a header's value or a body in a log."""
MAX_ADDRESSES = 4
"""How many addresses of a host are tried."""
USER_AGENT = "Pact Broker (embedded)"
HIDDEN = (
    "the response is hidden, because it may come from inside your network: "
    "it is shown if PACT_BROKER_WEBHOOK_HOST_WHITELIST names the allowed hosts"
)


class _NotSentError(Exception):
    """The request cannot or must not be sent; the message says why."""


@dataclass(frozen=True, slots=True)
class ReceivedResponse:
    """The beginning of a response."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to send a request; either `response` or `error` is given.

    Attributes:
        success: whether the receiver accepted it.
        request_headers: the headers that were sent, secret ones masked.
        response: the response.
        error: why there is none.
        log: all of it as text, without secrets.
    """

    success: bool
    request_headers: dict[str, str]
    response: ReceivedResponse | None
    error: str | None
    log: str


class WebhookSender:
    """Sends requests.

    Args:
        settings: the allowed requests and the statuses of success.
    """

    def __init__(self, settings: WebhookSettings) -> None:
        self.settings = settings
        self.test_slots = asyncio.Semaphore(MAX_TESTS)
        self._client: httpx.AsyncClient | None = None

    async def send(self, request: RenderedRequest, secrets: Iterable[str] = ()) -> Attempt:
        """Send a request and return what came of it; no error of the network is raised.

        Args:
            request: the request.
            secrets: texts that must not be logged, besides those of secret headers.
        """
        response, error = None, None
        try:
            async with asyncio.timeout(TOTAL_TIMEOUT_SECONDS):
                response = await self._exchange(request)
        except TimeoutError:
            error = f"no response within {TOTAL_TIMEOUT_SECONDS:g} seconds"
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, _NotSentError) as exception:
            error = str(exception) or type(exception).__name__
        hidden = [*secrets, *secrets_of(request.headers, None)]
        return self._attempt(request, response, error, hidden)

    async def close(self) -> None:
        """Close the client; it opens again when something is sent."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _exchange(self, request: RenderedRequest) -> ReceivedResponse:
        url = httpx.URL(request.url)
        host = url.raw_host.decode("ascii").strip("[]")
        # checked again after the template parameters have values
        problem = self.settings.rules.find_scheme_error(url.scheme) or self.settings.rules.find_host_error(
            host
        )
        if problem or not host:
            raise _NotSentError(problem or "the URL has no host")
        addresses = await self._resolve(host, url.port or (443 if url.scheme == "https" else 80))
        for position, address in enumerate(addresses):
            try:
                return await self._send_to(address, url, host, request)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if position + 1 == len(addresses):
                    raise
        raise _NotSentError(f"host {host} has no address")

    async def _resolve(self, host: str, port: int) -> list[str]:
        try:
            entries = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            raise _NotSentError(f"host {host} cannot be resolved: {error.strerror}") from None
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in entries))
        for address in addresses:
            if problem := self.settings.rules.find_address_error(host, address):
                raise _NotSentError(problem)
        return addresses[:MAX_ADDRESSES]

    async def _send_to(
        self, address: str, url: httpx.URL, host: str, request: RenderedRequest
    ) -> ReceivedResponse:
        self._client = self._client or _create_client()
        # bytes, because httpx encodes text as ASCII
        headers = [(name.encode(), value.encode()) for name, value in request.headers]
        headers.append((b"host", url.netloc))
        # the address that was checked, not the name, which may resolve to another one now
        async with self._client.stream(
            request.method,
            url.copy_with(host=address),
            headers=headers,
            content=request.body,
            extensions={"sni_hostname": host},
        ) as response:
            return await _read(response)

    def _attempt(
        self,
        request: RenderedRequest,
        response: ReceivedResponse | None,
        error: str | None,
        secrets: list[str],
    ) -> Attempt:
        success = response is not None and response.status in self.settings.success_codes
        headers = mask_headers(dict(request.headers))
        # before long texts are shortened, which would leave the first part of a secret
        response = _scrubbed(response, secrets)
        lines = [f"HTTP/1.1 {request.method} {request.url}", *_header_lines(headers.items())]
        lines.append(_shorten(scrub(request.body.decode(), secrets)))
        if response is not None:
            lines += self._response_lines(response)
        lines.append(
            "Webhook succeeded" if success else f"Webhook failed: {error or 'the status is no success'}"
        )
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        log = "".join(f"[{now}] INFO: {line}\n" for line in lines if line)
        # the error too may contain a part of the request
        return Attempt(
            success,
            headers,
            response,
            error and scrub(error, secrets),
            scrub(log, secrets),
        )

    def _response_lines(self, response: ReceivedResponse) -> list[str]:
        lines = [f"HTTP/1.1 {response.status} {response.reason}".rstrip()]
        if not self.settings.rules.hosts:
            return [*lines, HIDDEN]
        return [*lines, *_header_lines(response.headers), _shorten(response.body)]


def _create_client() -> httpx.AsyncClient:
    # connections are not reused: a second host at the same address has another certificate
    return httpx.AsyncClient(
        verify=httpx.create_ssl_context(),
        timeout=httpx.Timeout(TOTAL_TIMEOUT_SECONDS, connect=CONNECT_TIMEOUT_SECONDS),
        limits=httpx.Limits(max_keepalive_connections=0),
        # a proxy would resolve the name again, and reach other addresses than those that were checked
        trust_env=False,
        follow_redirects=False,
        # a compressed body would have to be unpacked for the log
        headers={"user-agent": USER_AGENT, "accept-encoding": "identity"},
    )


async def _read(response: httpx.Response) -> ReceivedResponse:
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) >= MAX_RESPONSE_BYTES:
            break
    headers = tuple(
        (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in response.headers.raw
    )
    text = bytes(body[:MAX_RESPONSE_BYTES]).decode(errors="replace")
    return ReceivedResponse(response.status_code, response.reason_phrase, headers, text)


def _scrubbed(response: ReceivedResponse | None, secrets: list[str]) -> ReceivedResponse | None:
    if response is None:
        return None
    headers = tuple((name, scrub(value, secrets)) for name, value in response.headers)
    return ReceivedResponse(
        response.status, scrub(response.reason, secrets), headers, scrub(response.body, secrets)
    )


def _header_lines(headers: Iterable[tuple[str, Any]]) -> list[str]:
    return [f"{name}: {_shorten(value)}" for name, value in headers]


def _shorten(text: str) -> str:
    if len(text) <= MAX_LOGGED_CHARACTERS:
        return text
    return f"{text[:MAX_LOGGED_CHARACTERS]}… ({len(text)} characters)"
