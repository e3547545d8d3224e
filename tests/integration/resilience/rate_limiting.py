"""Rate limits: per client, per endpoint, in a sliding window; services have their own."""

from __future__ import annotations

import httpx
import pytest

from tests.integration.accounts import create_api_key
from tests.integration.api import ApiClient
from tests.integration.call_events import call_ended
from tests.integration.ids import IdFactory
from tests.integration.resilience.limited_service import FIRST, SECOND, LimitedService
from tests.integration.settings import RATE_LIMIT, WINDOW_SECONDS

OK, UNAUTHENTICATED, LIMITED = 200, 401, 429


def use_up(client: ApiClient, path: str = "/auth/profile", count: int = RATE_LIMIT) -> list[int]:
    """Send requests to a route; return their status codes."""
    return [client.get(path).status_code for _ in range(count)]


class TestRateLimitingPerClient:
    """A client that has used up its limit does not affect others."""

    def test_each_user_has_a_limit(self, limited: LimitedService, names: IdFactory) -> None:
        """Both come from the same address."""
        first, second = limited.user(names), limited.user(names)

        statuses = [use_up(first, count=RATE_LIMIT + 2), use_up(second)]

        assert statuses == [[*[OK] * RATE_LIMIT, LIMITED, LIMITED], [OK] * RATE_LIMIT]

    def test_each_address_without_credentials_has_a_limit(self, limited: LimitedService) -> None:
        """Guessed credentials are counted by address."""
        first, second = limited.client(FIRST), limited.client(SECOND)

        statuses = [use_up(first, count=RATE_LIMIT + 1), use_up(second)]

        assert statuses == [[*[UNAUTHENTICATED] * RATE_LIMIT, LIMITED], [UNAUTHENTICATED] * RATE_LIMIT]

    def test_addresses_of_one_ipv6_network_are_one_client(self, limited: LimitedService) -> None:
        """A customer of a provider has 2**64 addresses."""
        neighbours = [limited.client(f"2001:db8:0:1::{number}") for number in range(1, RATE_LIMIT + 2)]

        statuses = [use_up(client, count=1)[0] for client in neighbours]
        other_network = use_up(limited.client("2001:db8:0:2::1"), count=1)

        assert statuses == [*[UNAUTHENTICATED] * RATE_LIMIT, LIMITED]
        assert other_network == [UNAUTHENTICATED]

    def test_rejection_says_when_to_try_again(self, limited: LimitedService, names: IdFactory) -> None:
        """All headers of the limit, on a success too; the code says that the request can be repeated."""
        user = limited.user(names)

        responses = [user.get("/auth/profile") for _ in range(RATE_LIMIT + 1)]

        rejected = responses[-1]
        error = rejected.json()["error"]
        assert [_remaining(response) for response in responses] == [*reversed(range(RATE_LIMIT)), 0]
        assert {response.headers["X-RateLimit-Limit"] for response in responses} == {str(RATE_LIMIT)}
        assert ["Retry-After" in response.headers for response in responses] == [*[False] * RATE_LIMIT, True]
        assert 1 <= int(rejected.headers["Retry-After"]) <= WINDOW_SECONDS
        assert rejected.headers["X-RateLimit-Reset"] == rejected.headers["Retry-After"]
        assert (error["code"], error["retryable"]) == ("RATE_LIMIT_EXCEEDED", True)


class TestRateLimitingPerEndpoint:
    """The limit holds for each endpoint."""

    def test_endpoints_are_counted_apart(self, limited: LimitedService, names: IdFactory) -> None:
        """One that is used up leaves the others usable."""
        user = limited.user(names)

        statuses = [use_up(user, count=RATE_LIMIT + 1), use_up(user, "/auth/sessions"), use_up(user, count=1)]

        assert statuses == [[*[OK] * RATE_LIMIT, LIMITED], [OK] * RATE_LIMIT, [LIMITED]]

    def test_values_in_the_path_are_one_endpoint(self, limited: LimitedService) -> None:
        """Otherwise each guessed id would have a limit of its own."""
        keys = [f"/auth/api-keys/{number:016x}/rotate" for number in range(RATE_LIMIT + 1)]

        statuses = [limited.admin.post(path).status_code for path in keys]

        assert statuses == [*[404] * RATE_LIMIT, LIMITED]

    def test_rejections_are_counted_by_endpoint(self, limited: LimitedService, names: IdFactory) -> None:
        """And an administrator reads what a client has used."""
        user = limited.user(names)
        user_id = user.get_json("/auth/profile")["user_id"]
        series = 'rate_limit_rejections_total{route="/auth/profile"}'
        before = _metric(limited, series)

        use_up(user, count=RATE_LIMIT + 1)
        usage = limited.admin.get_json(f"/resilience/rate-limits/{user_id}")

        assert _metric(limited, series) - before == 2
        assert (usage["limit"], usage["used"]) == (RATE_LIMIT, {"/auth/profile": RATE_LIMIT})

    def test_health_and_metrics_have_no_limit(self, limited: LimitedService) -> None:
        """A probe must not find a healthy service unhealthy."""
        probe = limited.client(FIRST)

        statuses = {
            path: set(use_up(probe, path, 2 * RATE_LIMIT)) for path in ("/healthz", "/readyz", "/metrics")
        }

        assert statuses == {"/healthz": {OK}, "/readyz": {OK}, "/metrics": {OK}}


class TestSlidingWindow:
    """A request counts until it is as old as the window; time is moved in the service's Redis.

    Unit tests compare every edge with a reference model.
    """

    def test_requests_leave_the_window_one_by_one(self, limited: LimitedService, names: IdFactory) -> None:
        """Two old ones make room for two, not for a whole limit as in a fixed window."""
        user = limited.user(names)
        use_up(user, count=2)
        limited.redis.age_rate_limits(WINDOW_SECONDS // 2)
        use_up(user, count=RATE_LIMIT - 2)
        full = use_up(user, count=1)

        limited.redis.age_rate_limits(WINDOW_SECONDS // 2)
        statuses = use_up(user, count=3)

        assert (full, statuses) == ([LIMITED], [OK, OK, LIMITED])

    @pytest.mark.parametrize(("age", "status"), [(WINDOW_SECONDS - 600, LIMITED), (WINDOW_SECONDS, OK)])
    def test_request_counts_until_it_is_as_old_as_the_window(
        self, limited: LimitedService, names: IdFactory, age: int, status: int
    ) -> None:
        """The younger ones are ten minutes from the edge, which no slow machine needs."""
        user = limited.user(names)
        use_up(user)

        limited.redis.age_rate_limits(age)

        assert use_up(user, count=1) == [status]

    def test_rejected_requests_do_not_prolong_the_wait(
        self, limited: LimitedService, names: IdFactory
    ) -> None:
        """A client that goes on trying is allowed as soon as one that waits."""
        user = limited.user(names)
        use_up(user)
        limited.redis.age_rate_limits(WINDOW_SECONDS // 2)
        rejected = [user.get("/auth/profile") for _ in range(3)]

        limited.redis.age_rate_limits(WINDOW_SECONDS // 2)
        later = use_up(user)

        waits = [int(response.headers["Retry-After"]) for response in rejected]
        assert all(WINDOW_SECONDS // 2 - 600 < wait <= WINDOW_SECONDS // 2 for wait in waits)
        assert later == [OK] * RATE_LIMIT


class TestInternalServiceBypass:
    """Services, who send API keys, are not held up by the limit of users."""

    def test_service_has_its_own_limit(self, limited: LimitedService) -> None:
        """Far beyond that of a user."""
        service = limited.client(FIRST, {"X-API-Key": limited.api_key})

        responses = [_ask_for_unknown_call(service) for _ in range(4 * RATE_LIMIT)]

        assert {response.status_code for response in responses} == {404}
        assert int(responses[0].headers["X-RateLimit-Limit"]) > 1000 * RATE_LIMIT
        assert _remaining(responses[0]) - _remaining(responses[-1]) == 4 * RATE_LIMIT - 1

    def test_service_is_not_held_up_by_others_of_its_address(self, limited: LimitedService) -> None:
        """Somebody behind the same address guesses credentials, until the address has no request left."""
        guesser = limited.client(FIRST, {"X-API-Key": "vh_0000000000000000_guess"})
        guesses = [_ask_for_unknown_call(guesser).status_code for _ in range(RATE_LIMIT + 1)]

        service = limited.client(FIRST, {"X-API-Key": limited.api_key})

        assert guesses == [*[UNAUTHENTICATED] * RATE_LIMIT, LIMITED]
        assert _ask_for_unknown_call(service).status_code == 404

    def test_each_service_is_counted_apart(self, limited: LimitedService) -> None:
        """By key, not by address."""
        other_key = create_api_key(limited.admin, "call:start", "call:end")["key"]
        services = [limited.client(FIRST, {"X-API-Key": key}) for key in (limited.api_key, other_key)]

        remaining = [_remaining(_ask_for_unknown_call(service)) for service in services]

        assert remaining[0] == remaining[1]


def _remaining(response: httpx.Response) -> int:
    return int(response.headers["X-RateLimit-Remaining"])


def _metric(limited: LimitedService, series: str) -> float:
    return limited.metrics().get(series, 0.0)


def _ask_for_unknown_call(client: ApiClient) -> httpx.Response:
    return client.post_event(call_ended("unknown"))
