"""`X-Forwarded-For` counts as far as trusted proxies wrote it."""

from __future__ import annotations

import httpx

from tests.integration.api import TIMEOUT_SECONDS
from tests.integration.resilience.limited_service import FIRST, SECOND, THIRD, LimitedService
from tests.integration.settings import RATE_LIMIT
from tests.integration.strict_service import StrictService


def statuses_with_headers(url: str, headers: list[str], from_address: str = "127.0.0.1") -> list[int]:
    """Send a request without credentials for each value of `X-Forwarded-For`; return the status codes."""
    transport = httpx.HTTPTransport(local_address=from_address)
    with httpx.Client(base_url=url, transport=transport, timeout=TIMEOUT_SECONDS) as client:
        return [
            client.get("/auth/profile", headers={"X-Forwarded-For": value}).status_code for value in headers
        ]


class TestTrustedProxies:
    """Whose header counts, seen at the rate limit of addresses and in the log."""

    def test_client_behind_a_trusted_proxy_is_told_from_others(self, limited: LimitedService) -> None:
        """The proxy itself has no limit of its own."""
        statuses = statuses_with_headers(limited.stack.url, [FIRST] * (RATE_LIMIT + 1) + [SECOND])

        assert statuses == [*[401] * RATE_LIMIT, 429, 401]

    def test_forged_entries_do_not_help(self, limited: LimitedService) -> None:
        """The proxy appends the real address to what the client sent; text and empty entries too."""
        forged = ["203.0.113.1", "203.0.113.2, 203.0.113.3", "::1", "unknown", "", "127.0.0.1"][
            : RATE_LIMIT + 1
        ]

        statuses = statuses_with_headers(limited.stack.url, [f"{entry}, {FIRST}" for entry in forged])

        assert statuses == [*[401] * RATE_LIMIT, 429]

    def test_header_of_a_client_that_is_no_proxy_is_ignored(self, limited: LimitedService) -> None:
        """It comes from an address that is not trusted, and claims another one each time."""
        claims = [f"203.0.113.{number}" for number in range(RATE_LIMIT + 1)]

        statuses = statuses_with_headers(limited.stack.url, claims, from_address="127.0.0.2")
        claimed = statuses_with_headers(limited.stack.url, claims)

        assert statuses == [*[401] * RATE_LIMIT, 429]
        assert claimed == [401] * len(claims)

    def test_nobody_is_trusted_by_default(self, strict_service: StrictService) -> None:
        """Not even a client on the same machine."""
        claims = [f"203.0.113.{number}" for number in range(RATE_LIMIT + 1)]

        statuses = statuses_with_headers(strict_service.anonymous.url, claims)

        assert statuses == [*[401] * RATE_LIMIT, 429]

    def test_log_tells_clients_apart_without_their_addresses(self, limited: LimitedService) -> None:
        """Requests of one client have the same pseudonym, whatever it claims."""
        headers = [FIRST, SECOND, f"{THIRD}, {FIRST}", "nobody"]
        responses = [limited.client(value).get("/auth/profile") for value in headers]

        lines = [limited.log_of(response)[-1] for response in responses]

        first, second, third, proxy = [line["client"] for line in lines]
        assert first == third
        assert len({first, second, proxy}) == 3
        assert [address in str(lines) for address in (FIRST, SECOND, THIRD, "127.0.0.1")] == [False] * 4
