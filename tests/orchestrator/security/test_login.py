"""The throttle of logins, for one client and for many."""

from __future__ import annotations

import pytest

from orchestrator.errors import RateLimitExceededError
from orchestrator.security.login import CLIENTS_PER_ACCOUNT, LoginThrottle
from orchestrator.state.rate_limiter import InMemoryRateLimiter

LIMIT, WINDOW = 3, 300.0
EMAIL, OTHER_EMAIL = "ada@hotel.example", "bob@hotel.example"


async def attempts(throttle: LoginThrottle, email: str, client: str, count: int) -> list[bool]:
    """Attempt to log in; return which attempts were allowed."""
    allowed = []
    for _ in range(count):
        try:
            await throttle.check(email, client)
        except RateLimitExceededError:
            allowed.append(False)
        else:
            allowed.append(True)
    return allowed


@pytest.fixture
def throttle() -> LoginThrottle:
    """A throttle without attempts."""
    return LoginThrottle(InMemoryRateLimiter(), LIMIT, WINDOW)


async def test_client_locks_out_nobody_but_itself(throttle: LoginThrottle) -> None:
    """However often it tries: what is rejected does not count for the account; spelling makes no difference."""
    guesses = await attempts(throttle, EMAIL, "192.0.2.1", LIMIT * CLIENTS_PER_ACCOUNT + 1)

    assert guesses == [*[True] * LIMIT, *[False] * (LIMIT * CLIENTS_PER_ACCOUNT + 1 - LIMIT)]
    assert await attempts(throttle, EMAIL.upper(), "192.0.2.1", 1) == [False]
    assert await attempts(throttle, OTHER_EMAIL, "192.0.2.1", 1) == [True]
    assert await attempts(throttle, EMAIL, "192.0.2.2", 1) == [True]


async def test_guesses_of_many_clients_together_are_limited(throttle: LoginThrottle) -> None:
    """An attacker with many addresses gets as many attempts as twenty clients; other accounts are not concerned."""
    guesses = [
        allowed
        for number in range(CLIENTS_PER_ACCOUNT)
        for allowed in await attempts(throttle, EMAIL, f"192.0.2.{number}", LIMIT)
    ]

    assert guesses == [True] * LIMIT * CLIENTS_PER_ACCOUNT
    assert await attempts(throttle, EMAIL, "203.0.113.1", 1) == [False]
    assert await attempts(throttle, OTHER_EMAIL, "203.0.113.1", 1) == [True]


async def test_successful_login_forgets_failed_ones(throttle: LoginThrottle) -> None:
    """Those of its client and the total, not those of another client."""
    for number in range(CLIENTS_PER_ACCOUNT):
        await attempts(throttle, EMAIL, f"192.0.2.{number}", LIMIT)

    await throttle.reset(EMAIL, "192.0.2.1")

    assert await attempts(throttle, EMAIL, "192.0.2.1", LIMIT + 1) == [*[True] * LIMIT, False]
    assert await attempts(throttle, EMAIL, "192.0.2.2", 1) == [False]
