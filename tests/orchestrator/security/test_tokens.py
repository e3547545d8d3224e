"""Access tokens that were verified before."""

from __future__ import annotations

import time

import pytest

from orchestrator.security.roles import Permission, Role
from orchestrator.security.tokens import InvalidTokenError, JwtService, SigningKeys, TokenSubject

LIFETIME_SECONDS = 60
SUBJECT = TokenSubject(
    user_id="u",
    email="a@hotel.example",
    roles=[Role.ADMIN],
    permissions=[Permission.CALL_START],
    hotel_ids=None,
    session_id="s",
)


@pytest.fixture
def service() -> JwtService:
    """A service with one key."""
    return JwtService(SigningKeys("k:" + "a-secret-of-the-test-" * 2), LIFETIME_SECONDS)


def test_token_that_was_verified_expires(service: JwtService, monkeypatch: pytest.MonkeyPatch) -> None:
    """The time is checked at each use."""
    token = service.issue(SUBJECT)
    assert service.verify(token) == service.verify(token)

    later = time.time() + LIFETIME_SECONDS + 1
    monkeypatch.setattr("orchestrator.security.tokens.time.time", lambda: later)
    with pytest.raises(InvalidTokenError, match="expired"):
        service.verify(token)


def test_token_with_another_signature_is_rejected_after_the_right_one(service: JwtService) -> None:
    """Only the same bytes are known to be valid."""
    token = service.issue(SUBJECT)
    service.verify(token)

    head, _, signature = token.rpartition(".")
    for forged in (f"{head}.{signature[::-1]}", f"{head}.", head):
        with pytest.raises(InvalidTokenError):
            service.verify(forged)


def test_token_that_was_verified_is_rejected_when_its_key_is_gone(service: JwtService) -> None:
    """While both keys are listed it stays valid, and the first one signs."""
    old, new = "k:" + "a-secret-of-the-test-" * 2, "n:" + "another-secret-of-the-test-" * 2
    token = service.issue(SUBJECT)
    claims = service.verify(token)

    service.replace_keys(SigningKeys(f"{new},{old}"))
    assert service.verify(token) == claims
    token_of_new_key = service.issue(SUBJECT)
    service.replace_keys(SigningKeys(new))

    assert service.verify(token_of_new_key).sub == SUBJECT.user_id
    with pytest.raises(InvalidTokenError, match="unknown key"):
        service.verify(token)
