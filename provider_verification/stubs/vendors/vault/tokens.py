"""Vault's token store: creating tokens, and looking up, extending and revoking the tokens of others."""

from __future__ import annotations

from typing import Any

from provider_verification.stubs.sdk import NotModelled, StubRequest, StubResponse, no_content, ok
from provider_verification.stubs.vendors.vault import stub
from provider_verification.stubs.vendors.vault.durations import InvalidDurationError, parse_duration
from provider_verification.stubs.vendors.vault.responses import invalid_field, success_envelope, vault_error
from provider_verification.stubs.vendors.vault.state import MAX_TOKEN_TTL_SECONDS, Token, VaultState
from provider_verification.stubs.vendors.vault.token_responses import (
    auth_json,
    cap_warnings,
    renew,
    token_json,
)

KNOWN_POLICIES = frozenset({"app", "default", "root"})
"""Policies are not modelled; a token with another one gets the warning of a server that lacks it."""

INVALID_ACCESSOR = "1 error occurred:\n\t* invalid accessor\n\n"
UNKNOWN_ACCESSOR_WARNING = "No token found with this accessor"


@stub.operation("createToken")
@stub.operation("createTokenPut")
def create(state: VaultState, request: StubRequest) -> StubResponse:
    """Issue a child of the caller's token, or an orphan if the body says `no_parent`."""
    is_orphan = bool(request.body.get("no_parent"))
    return _create(state, request, parent="" if is_orphan else request.principal)


@stub.operation("createOrphanToken")
@stub.operation("createOrphanTokenPut")
def create_orphan(state: VaultState, request: StubRequest) -> StubResponse:
    """Issue a token that outlives the caller's."""
    return _create(state, request, parent="")


def _create(state: VaultState, request: StubRequest, parent: str) -> StubResponse:
    body, creator = request.body, state.tokens[request.principal]
    if body.get("entity_alias"):
        raise NotModelled("the field 'entity_alias' of the body", ("body", "entity_alias"))
    # Vault's token store: only root and sudo tokens may choose the id or create a root token.
    if body.get("id") and not creator.is_root:
        return vault_error(400, "root or sudo privileges required to specify token id")
    if body.get("id") in state.tokens:
        return vault_error(400, "cannot create a token with a duplicate ID")
    policies = _policies(body, creator)
    if not creator.is_root and not set(policies) <= set(creator.policies):
        return vault_error(400, "child policies must be subset of parent")
    try:
        token, warnings = _new_token(body, policies, parent)
    except InvalidDurationError as error:
        return invalid_field("ttl", str(error))
    warnings += [f'Policy "{name}" does not exist' for name in sorted(set(policies) - KNOWN_POLICIES)]
    token_id = state.issue(token, body.get("id") or "")
    return ok(success_envelope(auth=auth_json(token_id, token, token.ttl), warnings=warnings))


def _policies(body: dict[str, Any], creator: Token) -> tuple[str, ...]:
    """The policies of a new token: those asked for or else the creator's, and `default` unless it is declined."""
    asked = tuple(body.get("policies") or creator.policies)
    if "root" in asked:
        return ("root",)
    default = () if body.get("no_default_policy") else ("default",)
    return tuple(sorted({*asked, *default}))


def _new_token(body: dict[str, Any], policies: tuple[str, ...], parent: str) -> tuple[Token, list[str]]:
    """The token that a body asks for, and the warnings about what it does not get.

    Raises:
        InvalidDurationError: a duration of the body is none.
    """
    asked = body.get("ttl") or body.get("lease")
    period, explicit_max, ttl = (
        parse_duration(body.get(name)) for name in ("period", "explicit_max_ttl", "ttl")
    )
    ttl = period or ttl or parse_duration(body.get("lease"))
    max_ttl = min(explicit_max or MAX_TOKEN_TTL_SECONDS, MAX_TOKEN_TTL_SECONDS)
    is_root, is_batch = "root" in policies, body.get("type") == "batch"
    token = Token(
        # A root token without a TTL never expires.
        ttl=min(ttl, max_ttl) if ttl or is_root else max_ttl,
        renewable=bool(ttl or not is_root) and not is_batch and body.get("renewable") is not False,
        policies=policies,
        renewed_ttl=period or max_ttl,
        path="auth/token/create",
        display_name=_display_name(body.get("display_name")),
        entity_id="",
        meta=body.get("meta") or None,
        type="batch" if is_batch else "service",
        explicit_max_ttl=explicit_max,
        period=period,
        uses_left=body.get("num_uses") or None,
        parent=parent,
    )
    return token, [] if period else cap_warnings(asked, ttl, max_ttl)


def _display_name(asked: str | None) -> str:
    """`token`, followed by the name that the caller gave."""
    return f"token-{asked}" if asked else "token"


@stub.operation("listAccessors")
@stub.operation("listAccessorsFolder")
def list_accessors(state: VaultState, _request: StubRequest) -> StubResponse:
    """The accessors of all tokens but batch tokens, which have none."""
    accessors = sorted(token.accessor for token in state.tokens.values() if token.accessor)
    return ok(success_envelope({"keys": accessors}))


@stub.operation("lookupToken")
@stub.operation("lookupTokenPut")
def lookup(state: VaultState, request: StubRequest) -> StubResponse:
    """The properties of another token. Recorded: an unknown one is 403."""
    token = state.tokens.get(request.body.get("token") or "")
    if token is None:
        return vault_error(403, "bad token")
    return ok(success_envelope(token_json(request.body["token"], token)))


@stub.operation("lookupAccessor")
@stub.operation("lookupAccessorPut")
def lookup_accessor(state: VaultState, request: StubRequest) -> StubResponse:
    """The properties of a token without its id. UNCONFIRMED: an unknown accessor is 403."""
    token_id = state.find_by_accessor(request.body.get("accessor") or "")
    if token_id is None:
        return vault_error(403, INVALID_ACCESSOR)
    return ok(success_envelope(token_json("", state.tokens[token_id])))


@stub.operation("renewToken")
@stub.operation("renewTokenPut")
def renew_token(state: VaultState, request: StubRequest) -> StubResponse:
    """Extend another token. UNCONFIRMED: an unknown one is 403, as for a lookup."""
    token_id = request.body.get("token") or ""
    if token_id not in state.tokens:
        return vault_error(403, "bad token")
    return renew(token_id, state.tokens[token_id], request.body)


@stub.operation("renewAccessor")
@stub.operation("renewAccessorPut")
def renew_accessor(state: VaultState, request: StubRequest) -> StubResponse:
    """Extend the token of an accessor; the response does not contain the token. UNCONFIRMED for an unknown one."""
    token_id = state.find_by_accessor(request.body.get("accessor") or "")
    if token_id is None:
        return vault_error(403, INVALID_ACCESSOR)
    return renew("", state.tokens[token_id], request.body)


@stub.operation("revokeToken")
@stub.operation("revokeTokenPut")
def revoke_token(state: VaultState, request: StubRequest) -> StubResponse:
    """Revoke another token and those that it created. UNCONFIRMED: an unknown one is no error."""
    token_id = request.body.get("token") or ""
    if not token_id:
        return invalid_field("token", "missing token ID")
    if token_id in state.tokens and state.tokens[token_id].type == "batch":
        return vault_error(400, "batch tokens cannot be revoked")
    state.revoke(token_id)
    return no_content()


@stub.operation("revokeOrphan")
@stub.operation("revokeOrphanPut")
def revoke_orphan(state: VaultState, request: StubRequest) -> StubResponse:
    """Revoke another token; those that it created become orphans. UNCONFIRMED for an unknown one."""
    token_id = request.body.get("token") or ""
    if not token_id:
        return invalid_field("token", "missing token ID")
    state.tokens.pop(token_id, None)
    for token in state.tokens.values():
        token.parent = "" if token.parent == token_id else token.parent
    return no_content()


@stub.operation("revokeAccessor")
@stub.operation("revokeAccessorPut")
def revoke_accessor(state: VaultState, request: StubRequest) -> StubResponse:
    """Revoke the token of an accessor. Recorded: an unknown one is a warning."""
    accessor = request.body.get("accessor") or ""
    if not accessor:
        return invalid_field("accessor", "missing accessor")
    token_id = state.find_by_accessor(accessor)
    if token_id is None:
        return ok(success_envelope(warnings=[UNKNOWN_ACCESSOR_WARNING]))
    state.revoke(token_id)
    return no_content()
