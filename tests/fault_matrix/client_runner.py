"""Calls an interaction's operation through the fault proxy, in virtual time, and observes everything about the call."""

from __future__ import annotations

import asyncio
import io
import json
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from typing import Any

import httpx
import jwt
import structlog

from consumer_tests.contract import ConsumerContract
from consumer_tests.interaction import HttpInteraction
from fault_injection.catalogue import Address, ClockSkew, Fault, StubFault
from fault_injection.proxy import HOST, Exchange, FaultProxy, Toxic
from fault_injection.virtual_time import VirtualTimeLoop
from orchestrator.observability.correlation import correlation_id
from orchestrator.observability.logging import configure_logging
from orchestrator.resilience.guard import GuardLimits, VendorGuard
from orchestrator.resilience.policy import CallPolicy
from orchestrator.vendors.aiohttp_transport import AiohttpTransport
from orchestrator.vendors.errors import VendorError
from orchestrator.vendors.livekit.tokens import TOKEN_TTL_SECONDS
from orchestrator.vendors.operation_groups import groups_of
from provider_verification.stubs.vendors.livekit.state import API_SECRET
from tests.fault_matrix.stub_vendor import StubVendor

TLS_CONTEXT = ssl.create_default_context()
POLICY = CallPolicy()
"""The default policy of the clients: 3 attempts of 4 s in at most 8 s."""
OPEN_AFTER_ONE_OUTAGE = GuardLimits(failure_threshold=1)


@dataclass(frozen=True, slots=True)
class GuardEvent:
    """What the guard reported to its observer, and when."""

    operation: str
    outcome: str
    time: float


@dataclass(slots=True)
class Call:
    """One call of the client, and its effects.

    Attributes:
        outcome: what the client returned, or the error that it raised.
        attempts: the virtual time of each attempt, in seconds since the start of the call.
        exchanges: the requests that reached the proxy.
        events: what the guard reported.
        seconds: the virtual duration.
        log: the log lines.
        breaker: the state of the circuit breaker after the call.
    """

    outcome: Any = None
    attempts: list[float] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    events: list[GuardEvent] = field(default_factory=list)
    seconds: float = 0.0
    log: list[dict[str, Any]] = field(default_factory=list)
    breaker: str = "closed"

    @property
    def error(self) -> str | None:
        """The class of the error, or None if the call succeeded."""
        return type(self.outcome).__name__ if isinstance(self.outcome, BaseException) else None

    @property
    def at_vendor(self) -> int:
        """How many requests the vendor got."""
        return sum(exchange.response is not None for exchange in self.exchanges)

    @property
    def waits(self) -> list[float]:
        """The seconds between two attempts."""
        return [later - earlier for earlier, later in zip(self.attempts, self.attempts[1:], strict=False)]


@contextmanager
def captured_log() -> Iterator[io.StringIO]:
    """Let the service's logging write into a buffer."""
    buffer = io.StringIO()
    with redirect_stdout(buffer):
        configure_logging()
        yield buffer
    structlog.reset_defaults()


class ClientRunner:
    """Runs calls of one interaction; one runner has one client and one circuit breaker.

    Args:
        contract: the vendor's contract.
        interaction: the interaction.
        vendor: the stub.
        proxy: the proxy in front of the stub.
        log: the buffer that the service logs into.
        token: the token that the provider states generated.
    """

    def __init__(
        self,
        contract: ConsumerContract,
        interaction: HttpInteraction,
        vendor: StubVendor,
        proxy: FaultProxy,
        log: io.StringIO,
        token: str,
    ) -> None:
        self._contract, self._interaction, self._vendor, self._proxy = contract, interaction, vendor, proxy
        self._log = log
        self._call = Call()
        self._started = 0.0
        self._has_stub_fault = False
        self._credential = _credential(interaction, token)
        self._guard = VendorGuard(
            contract.vendor, groups_of(contract.vendor), OPEN_AFTER_ONE_OUTAGE, self._observe
        )
        self._http = httpx.AsyncClient(
            transport=AiohttpTransport(httpx.Limits(), TLS_CONTEXT),
            event_hooks={"request": [self._before_attempt]},
        )
        self._policy = CallPolicy(guard=self._guard)

    async def close(self) -> None:
        """Close the client's connections and end the fault."""
        await self._http.aclose()
        await self._proxy.inject(None)
        if self._has_stub_fault:
            await self._vendor.clear_faults()

    async def inject(self, fault: Fault) -> str:
        """Inject a fault, and return the base URL that the client must use."""
        injection = fault.injection
        await self._proxy.inject(injection if isinstance(injection, Toxic) else None)
        if isinstance(injection, StubFault):
            await self._vendor.inject(injection)
            self._has_stub_fault = True
        if isinstance(injection, ClockSkew):
            self._credential = (
                f"Bearer {shift_token(self._credential.removeprefix('Bearer '), injection.seconds)}"
            )
        if injection is Address.CLOSED_PORT:
            return f"http://{HOST}:1"
        if injection is Address.UNKNOWN_HOST:
            return "http://vendor.invalid"
        if injection is Address.TLS:
            await self._proxy.inject(Toxic(name="plain_text_in_tls"))
            return f"https://{HOST}:{self._proxy.port}"
        return self.url

    @property
    def url(self) -> str:
        """The proxy's base URL."""
        return f"http://{HOST}:{self._proxy.port}"

    async def call(self, url: str | None = None) -> Call:
        """Call the operation once."""
        self._call = call = Call()
        exchanges_before = len(self._proxy.exchanges)
        self._log.truncate(self._log.seek(0))
        loop = asyncio.get_running_loop()
        self._started = loop.time()
        client = self._contract.client(url or self.url, self._http, self._policy)
        try:
            call.outcome = await self._interaction.invoke(client)
        except Exception as error:  # noqa: BLE001 - an error that is no VendorError is a finding
            call.outcome = error
        call.seconds = loop.time() - self._started
        call.exchanges = self._proxy.exchanges[exchanges_before:]
        call.log = [json.loads(line) for line in self._log.getvalue().splitlines()]
        call.breaker = self._guard.status().state
        return call

    async def close_circuit(self) -> None:
        """Close the circuit."""
        self._guard.reset()

    async def recover(self) -> None:
        """End the fault of the proxy, without closing a connection."""
        self._vendor.restore()
        self._proxy.clear()

    def _observe(self, _vendor: str, operation: str, outcome: str, _seconds: float) -> None:
        now = asyncio.get_running_loop().time() - self._started
        self._call.events.append(GuardEvent(operation, outcome, now))

    async def _before_attempt(self, request: httpx.Request) -> None:
        self._call.attempts.append(asyncio.get_running_loop().time() - self._started)
        if self._interaction.credential:
            request.headers[self._interaction.credential.header] = self._credential


def shift_token(token: str, seconds: float) -> str:
    """Return a token of LiveKit as a client signs it whose clock is ahead by `seconds`."""
    claims = jwt.decode(token, options={"verify_signature": False})
    # a token of the stub has no lifetime, and the client's has one of a minute
    now = int(time.time() + seconds)
    return jwt.encode(claims | {"nbf": now, "exp": now + TOKEN_TTL_SECONDS}, API_SECRET, algorithm="HS256")


def _credential(interaction: HttpInteraction, token: str) -> str:
    if interaction.credential is None:
        return ""
    # without a state, the vendor rejects the credential
    known = interaction.credential.state is not None
    template = interaction.credential.generator_expression if known else interaction.credential.example
    return template.replace("${token}", token)


def is_vendor_error(outcome: Any) -> bool:
    """Return whether an outcome is an error of the taxonomy."""
    return isinstance(outcome, VendorError)


def new_loop() -> asyncio.AbstractEventLoop:
    """Return a loop with virtual time."""
    return VirtualTimeLoop()


def set_correlation_id(value: str) -> None:
    """Set the correlation id of what follows in this context."""
    correlation_id.set(value)
