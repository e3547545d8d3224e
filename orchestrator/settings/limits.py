"""Rate limits of clients, and time-outs and circuit breakers of vendors."""

from __future__ import annotations

from pydantic import Field

from orchestrator.settings.section import SettingsSection


class LimitSettings(SettingsSection):
    """Limits for clients and for vendor calls; all durations are in seconds.

    Attributes:
        max_connections: requests are rejected with 503 while more connections are open.
        max_connections_per_address: further connections of one IP address are closed. Trusted proxies have no limit.
        max_concurrent_requests: requests that one process serves at once, besides health checks and metrics.
        max_concurrent_requests_per_client: the same for one IP address; lower, so that slow requests of one client
            leave room for others.
        max_websockets: open WebSockets of one process; further handshakes are rejected with 503.
        max_websockets_per_client: the same for one IP address.
        max_waiting_requests: requests that wait for others to end; further ones are rejected with 503.
        max_waiting_seconds: how long one waits before it is rejected. A caller on the phone waits for the response.
        user_rate_limit: requests per window and route of a user, or of an IP address without credentials.
        api_key_rate_limit: the same for an API key.
        login_rate_limit: failed logins per e-mail address, client address and login window.
        vendor_timeout_seconds: total time of a vendor call, retries included.
        pms_timeout_seconds: the same for the PMS, if it is shorter: a guest on the phone waits for it.
        event_timeout_seconds: time of all vendor requests of one event together.
        follow_up_poll_seconds: seconds between two looks for follow-ups of calls that are due.
        circuit_breaker_failure_threshold: consecutive failures that open the circuit of a group of vendor operations.
        circuit_breaker_reset_seconds: how long an open circuit rejects calls before it lets one through.
    """

    max_connections: int = Field(default=1000, ge=1, validation_alias="MAX_CONNECTIONS")
    max_connections_per_address: int = Field(
        default=400, ge=1, validation_alias="MAX_CONNECTIONS_PER_ADDRESS"
    )
    max_concurrent_requests: int = Field(default=64, ge=1, validation_alias="MAX_CONCURRENT_REQUESTS")
    max_concurrent_requests_per_client: int = Field(
        default=48, ge=1, validation_alias="MAX_CONCURRENT_REQUESTS_PER_CLIENT"
    )
    max_websockets: int = Field(default=48, ge=1, validation_alias="MAX_WEBSOCKETS")
    max_websockets_per_client: int = Field(default=32, ge=1, validation_alias="MAX_WEBSOCKETS_PER_CLIENT")
    max_waiting_requests: int = Field(default=128, ge=0, validation_alias="MAX_WAITING_REQUESTS")
    max_waiting_seconds: float = Field(default=1.0, gt=0, validation_alias="MAX_WAITING_SECONDS")
    user_rate_limit: int = Field(default=600, ge=1, validation_alias="RATE_LIMIT")
    api_key_rate_limit: int = Field(default=60_000, ge=1, validation_alias="SERVICE_RATE_LIMIT")
    rate_limit_window_seconds: float = Field(default=60.0, gt=0, validation_alias="RATE_WINDOW")
    login_rate_limit: int = Field(default=5, ge=1, validation_alias="LOGIN_ATTEMPTS")
    login_rate_limit_window_seconds: float = Field(default=300.0, gt=0, validation_alias="LOGIN_WINDOW")
    vendor_timeout_seconds: float = Field(default=5.0, gt=0, validation_alias="VENDOR_DEADLINE")
    pms_timeout_seconds: float = Field(default=2.5, gt=0, validation_alias="PMS_DEADLINE")
    event_timeout_seconds: float = Field(default=10.0, gt=0, validation_alias="EVENT_DEADLINE")
    follow_up_poll_seconds: float = Field(default=0.5, gt=0, validation_alias="FOLLOW_UP_POLL_SECONDS")
    circuit_breaker_failure_threshold: int = Field(default=5, ge=1, validation_alias="BREAKER_FAILURES")
    circuit_breaker_reset_seconds: float = Field(default=30.0, gt=0, validation_alias="BREAKER_OPEN_SECONDS")
