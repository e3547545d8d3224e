"""How Vault shows a token, and how it extends one."""

from __future__ import annotations

from typing import Any

from provider_verification.stubs.sdk import StubResponse, ok
from provider_verification.stubs.vendors.vault.durations import (
    InvalidDurationError,
    parse_duration,
    short_duration,
)
from provider_verification.stubs.vendors.vault.responses import invalid_field, success_envelope, vault_error
from provider_verification.stubs.vendors.vault.state import FIXED_TIME, FIXED_TIME_SECONDS, Token


def token_json(token_id: str, token: Token) -> dict[str, Any]:
    """The properties of a token in a lookup; a root token never expires."""
    expires = token.ttl > 0
    data = {
        "accessor": token.accessor,
        "creation_time": FIXED_TIME_SECONDS,
        "creation_ttl": token.ttl,
        "display_name": token.display_name,
        "entity_id": token.entity_id,
        "expire_time": FIXED_TIME if expires else None,
        "explicit_max_ttl": token.explicit_max_ttl,
        "id": token_id,
        "meta": token.meta,
        "num_uses": token.uses_left or 0,
        "orphan": not token.parent,
        "path": token.path,
        "policies": sorted(token.policies),
        "renewable": token.renewable,
        # Recorded: a fresh token has one second less than its creation TTL.
        "ttl": max(0, token.ttl - 1),
        "type": token.type,
    }
    if token.period:
        data["period"] = token.period
    if token.is_renewed:
        data |= {"last_renewal": FIXED_TIME, "last_renewal_time": FIXED_TIME_SECONDS}
    # Recorded: the token of `sys/init` has no issue time, and no other one is without.
    return data | ({} if token.path == "auth/token/root" else {"issue_time": FIXED_TIME})


def auth_json(token_id: str, token: Token, lease: int) -> dict[str, Any]:
    """The `auth` object of a response that issues or extends a token for `lease` seconds."""
    policies = sorted(token.policies)
    return {
        "client_token": token_id,
        "accessor": token.accessor,
        "policies": policies,
        "token_policies": policies,
        "metadata": token.meta,
        "lease_duration": lease,
        "renewable": token.renewable,
        "entity_id": token.entity_id,
        "token_type": token.type,
        "orphan": not token.parent,
        "mfa_requirement": None,
        "num_uses": token.uses_left or 0,
    }


def renew(token_id: str, token: Token, body: dict[str, Any]) -> StubResponse:
    """Extend a token by the increment of the body, or by its own TTL; its max TTL caps the lease."""
    if token.type == "batch":
        return vault_error(400, "batch tokens cannot be renewed")
    if not token.renewable:
        return vault_error(400, "lease is not renewable")
    try:
        increment = parse_duration(body.get("increment"))
    except InvalidDurationError as error:
        text = f'Field validation failed: error converting input {body["increment"]} for field "increment": {error}'
        return invalid_field("increment", text)
    token.is_renewed = True
    # Recorded: a periodic token gets its period, whatever the client asks for.
    wanted = token.period or increment or token.renewed_ttl
    warnings = [] if token.period else cap_warnings(body.get("increment"), wanted, token.renewed_ttl)
    lease = min(wanted, token.renewed_ttl)
    return ok(success_envelope(auth=auth_json(token_id, token, lease), warnings=warnings))


def cap_warnings(asked: Any, seconds: int, max_ttl: int) -> list[str]:
    """The warning that a TTL is longer than the longest one, if it is."""
    if seconds <= max_ttl:
        return []
    text = asked if isinstance(asked, str) and not asked.isdigit() else short_duration(seconds)
    limit = short_duration(max_ttl)
    return [f'TTL of "{text}" exceeded the effective max_ttl of "{limit}"; TTL value is capped accordingly']
