"""LiveKit's access tokens: which requests share one, and how long it is valid."""

from __future__ import annotations

from typing import Any

import jwt
import pytest

from orchestrator.vendors.livekit.tokens import (
    REUSE_SECONDS,
    TOKEN_TTL_SECONDS,
    AccessTokenFactory,
    room_admin_grant,
)

NOW = 1_800_000_000 - 1_800_000_000 % REUSE_SECONDS
SIGNED_WITH = "signs-only-the-tokens-of-this-file"


def token(*, at: float = NOW, key: str = "key", secret: str = SIGNED_WITH, **grants: Any) -> str:
    """A token that is created at this time."""
    return AccessTokenFactory(key, secret, clock=lambda: at).create(**grants)


def claims(text: str) -> dict[str, Any]:
    """The claims of a token with the right signature."""
    options: Any = {"verify_exp": False, "verify_nbf": False}
    return jwt.decode(text, SIGNED_WITH, algorithms=["HS256"], options=options)


def test_token_contains_exactly_its_grants_and_a_short_lifetime() -> None:
    """A token that leaks is worth little."""
    assert claims(token(video={"roomCreate": True})) == {
        "iss": "key",
        "sub": "orchestrator",
        "nbf": NOW,
        "exp": NOW + TOKEN_TTL_SECONDS,
        "video": {"roomCreate": True},
    }


def test_equal_grants_share_a_token_for_a_short_time() -> None:
    """The last request with it still has most of its lifetime."""
    first, last, later = (
        token(at=NOW + seconds, video=room_admin_grant("call-1"))
        for seconds in (0, REUSE_SECONDS - 0.1, REUSE_SECONDS)
    )

    assert (first == last, claims(later)["nbf"]) == (True, NOW + REUSE_SECONDS)


@pytest.mark.parametrize(
    "other",
    [
        {"video": room_admin_grant("call-2")},
        {"video": {"roomCreate": True}},
        {"sip": room_admin_grant("call-1")},
        {"video": room_admin_grant("call-1"), "key": "new-key"},
        {"video": room_admin_grant("call-1"), "secret": SIGNED_WITH[::-1]},
    ],
    ids=["room", "grant", "service", "key", "secret"],
)
def test_other_grants_or_credentials_have_a_token_of_their_own(other: dict[str, Any]) -> None:
    """It neither allows more than its request needs, nor outlives a rotated key."""
    assert token(**other) != token(video=room_admin_grant("call-1"))
