"""Rate limits, and failed logins that look alike."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from local_stack.stack import ADMIN
from tests.integration.accounts import Account, MakeUser
from tests.integration.api import TIMEOUT_SECONDS, ApiClient
from tests.integration.deployment import require_local_stack
from tests.integration.ids import IdFactory
from tests.integration.settings import LOGIN_LIMIT, RATE_LIMIT, WINDOW_SECONDS
from tests.integration.strict_service import StrictService, run_strict_service
from tests.integration.waiting import wait_until

WRONG_PASSWORD = "wrong password"


def log_in_wrongly(api: ApiClient, email: str) -> httpx.Response:
    """Send a login with a wrong password."""
    return api.post("/auth/login", {"email": email, "password": WRONG_PASSWORD})


def refresh_wrongly(api: ApiClient) -> httpx.Response:
    """Send an invalid refresh token: a request that costs one slot of the client's address."""
    return api.post("/auth/refresh", {"refresh_token": "made-up"})


@pytest.fixture
def costly_login_service(tmp_path: Path) -> Iterator[StrictService]:
    """A service that hashes passwords at the full cost, as in production: only then it can be told by the time."""
    require_local_stack("needs settings of its own")
    with run_strict_service(tmp_path, PASSWORD_COST="full") as service:
        yield service


class TestNoInformationLeak:
    """A failed login does not reveal whether the account exists."""

    def test_unknown_email_and_wrong_password_get_the_same_response(
        self, anonymous: ApiClient, account: Account
    ) -> None:
        """Both responses have the same status, error and headers."""
        known = log_in_wrongly(anonymous, account[0])
        unknown = log_in_wrongly(anonymous, f"x{account[0]}")

        fields = ("code", "message", "retryable", "details")
        known_error, unknown_error = known.json()["error"], unknown.json()["error"]
        assert known.status_code == unknown.status_code == 401
        assert [known_error[name] for name in fields] == [unknown_error[name] for name in fields]
        variable = {"x-correlation-id", "date", "x-ratelimit-remaining", "x-ratelimit-reset"}
        difference = {*known.headers.items()} ^ {*unknown.headers.items()}
        assert {name for name, _ in difference} <= variable

    def test_unknown_email_and_wrong_password_take_the_same_time(
        self, costly_login_service: StrictService, names: IdFactory
    ) -> None:
        """A password is hashed whether the account exists or not; other load only delays the fastest login."""
        known, unknown = [], []

        def fastest_logins_are_similar() -> bool:
            known.append(_login_seconds(costly_login_service, ADMIN[0]))
            unknown.append(_login_seconds(costly_login_service, names.email()))
            return len(known) >= 4 and 0.3 < min(unknown) / min(known) < 3.5

        wait_until(fastest_logins_are_similar, "both logins take the same time")


class TestThrottling:
    """Rate limits of logins and requests; time is moved in the service's Redis."""

    def test_login_is_rate_limited_per_address(self, strict_service: StrictService, names: IdFactory) -> None:
        """Whether the account exists or not; afterwards a login is possible again."""
        email = names.email()

        responses = [log_in_wrongly(strict_service.anonymous, email) for _ in range(LOGIN_LIMIT + 1)]
        strict_service.redis.age_rate_limits(WINDOW_SECONDS)
        later = log_in_wrongly(strict_service.anonymous, email)

        assert [response.status_code for response in responses] == [*[401] * LOGIN_LIMIT, 429]
        assert responses[-1].json()["error"]["code"] == "RATE_LIMIT_EXCEEDED"
        assert WINDOW_SECONDS - 600 < int(responses[-1].headers["retry-after"]) <= WINDOW_SECONDS
        assert later.status_code == 401

    @pytest.mark.critical
    def test_wrong_passwords_lock_the_account_for_their_address_only(
        self, strict_service: StrictService
    ) -> None:
        """Its user logs in from another address meanwhile."""
        email, password = ADMIN
        transport = httpx.HTTPTransport(local_address="127.0.0.2")
        url = strict_service.anonymous.url
        with httpx.Client(base_url=url, transport=transport, timeout=TIMEOUT_SECONDS) as attacker:
            bodies = [
                {"email": email, "password": text} for text in [WRONG_PASSWORD] * LOGIN_LIMIT + [password]
            ]
            attacks = [attacker.post("/auth/login", json=body).status_code for body in bodies]
            login = strict_service.anonymous.post("/auth/login", {"email": email, "password": password})
            attacks += [attacker.post("/auth/login", json=bodies[-1]).status_code]

        assert (attacks, login.status_code) == ([*[401] * LOGIN_LIMIT, 429, 429], 200)

    def test_successful_login_clears_failed_ones(self, strict_service: StrictService) -> None:
        """Failed logins before it do not count any more; as many as the limit allows are possible again."""
        api, (email, password) = strict_service.anonymous, ADMIN
        for _ in range(LOGIN_LIMIT - 1):
            log_in_wrongly(api, email)

        login = api.post("/auth/login", {"email": email, "password": password})
        later = [log_in_wrongly(api, email).status_code for _ in range(LOGIN_LIMIT - 1)]

        assert (login.status_code, later) == (200, [401] * (LOGIN_LIMIT - 1))

    def test_rate_limit_headers_on_success_and_rejection(self, strict_service: StrictService) -> None:
        """Successes carry the limit's headers, a 429 also says when to retry."""
        responses = [refresh_wrongly(strict_service.anonymous) for _ in range(RATE_LIMIT + 1)]

        limited = responses[-1]
        remaining = [int(response.headers["x-ratelimit-remaining"]) for response in responses]
        assert [response.status_code for response in responses] == [*[401] * RATE_LIMIT, 429]
        assert remaining == [*reversed(range(RATE_LIMIT)), 0]
        assert {response.headers["x-ratelimit-limit"] for response in responses} == {str(RATE_LIMIT)}
        assert limited.json()["error"]["code"] == "RATE_LIMIT_EXCEEDED"
        assert 1 <= int(limited.headers["retry-after"]) <= WINDOW_SECONDS

    @pytest.mark.parametrize(("age", "status"), [(WINDOW_SECONDS - 600, 429), (WINDOW_SECONDS, 401)])
    def test_rate_limit_is_lifted_after_its_window(
        self, strict_service: StrictService, age: int, status: int
    ) -> None:
        """A request counts until it is as old as the window."""
        for _ in range(RATE_LIMIT):
            refresh_wrongly(strict_service.anonymous)

        strict_service.redis.age_rate_limits(age)

        assert refresh_wrongly(strict_service.anonymous).status_code == status

    def test_admin_reads_rate_limit_usage_of_a_client(self, admin: ApiClient, make_user: MakeUser) -> None:
        """The usage is listed by endpoint."""
        viewer = make_user("viewer")
        viewer.get("/auth/profile")
        viewer.get("/auth/profile")
        user_id = viewer.get_json("/auth/profile")["user_id"]

        used = admin.get_json(f"/resilience/rate-limits/{user_id}")["used"]

        assert used == {"/auth/profile": 3}


def _login_seconds(service: StrictService, email: str) -> float:
    """Return how long a wrong login takes that no limit rejects."""
    service.redis.clear_rate_limits()
    started = time.perf_counter()
    response = log_in_wrongly(service.anonymous, email)
    duration = time.perf_counter() - started
    assert response.status_code == 401
    return duration
