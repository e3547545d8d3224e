"""Reuse of refresh tokens, with a clock that the test moves."""

from __future__ import annotations

import pytest

from orchestrator.security.sessions import InvalidRefreshTokenError, SessionService
from orchestrator.state.memory import InMemoryStateStore

GRACE = 10.0


@pytest.mark.parametrize(
    ("elapsed", "refreshes", "survives"),
    [(0.0, 1, True), (GRACE - 0.001, 1, True), (GRACE, 1, False), (0.0, 2, False)],
)
async def test_only_token_that_was_just_replaced_does_not_end_the_session(
    elapsed: float, refreshes: int, *, survives: bool
) -> None:
    """A token from before the latest refresh but one is no race."""
    now = [1000.0]
    sessions = SessionService(InMemoryStateStore(), 3600.0, GRACE, lambda: now[0])
    session, first = await sessions.create("user-1")
    latest = first
    for _ in range(refreshes):
        _, latest = await sessions.rotate(latest)
    now[0] += elapsed

    with pytest.raises(InvalidRefreshTokenError):
        await sessions.rotate(first)

    assert (await sessions.get(session.session_id) is not None) == survives
    if survives:
        await sessions.rotate(latest)
