"""Vault's operations on wrapped responses. Their tokens authenticate them, so they are open to everybody."""

from __future__ import annotations

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok, with_rejection
from provider_verification.stubs.vendors.vault import stub
from provider_verification.stubs.vendors.vault.responses import success_envelope, vault_error
from provider_verification.stubs.vendors.vault.state import FIXED_TIME, VaultState, WrappedResponse
from provider_verification.stubs.vendors.vault.tokens_of_requests import sent_token
from provider_verification.stubs.vendors.vault.wrap_responses import HEADER, keep_response, wrap_ttl


def _unknown_token() -> StubResponse:
    return vault_error(400, "wrapping token is not valid or does not exist")


def _find(state: VaultState, token_id: str) -> WrappedResponse | None:
    token = state.tokens.get(token_id)
    return state.wrapped.get(token_id) if token and token.is_usable else None


def _take(state: VaultState, token_id: str) -> WrappedResponse | None:
    wrapped = _find(state, token_id)
    if wrapped:
        del state.tokens[token_id], state.wrapped[token_id]
    return wrapped


@stub.operation("unwrap")
@stub.operation("unwrapPut")
def unwrap(state: VaultState, request: StubRequest) -> StubResponse:
    """Return a response once. Recorded: a token in the body needs a valid one in the header as well."""
    header, body_token = sent_token(request.headers), request.body.get("token")
    if body_token and body_token != header:
        token = state.tokens.get(header)
        if token is None or not token.is_usable:
            return vault_error(403, "permission denied")
    elif not header:
        return vault_error(403, "error validating wrapping token: token is empty")
    wrapped = _take(state, str(body_token or header))
    return ok(wrapped.body) if wrapped else _unknown_token()


@stub.operation("lookupWrapping")
@stub.operation("lookupWrappingPut")
def lookup(state: VaultState, request: StubRequest) -> StubResponse:
    """When and by which request a response was wrapped; the token can still be used."""
    wrapped = _find(state, str(request.body.get("token") or sent_token(request.headers)))
    if wrapped is None:
        return _unknown_token()
    return ok(
        success_envelope(
            {"creation_path": wrapped.path, "creation_time": FIXED_TIME, "creation_ttl": wrapped.ttl}
        )
    )


@stub.operation("wrap")
@stub.operation("wrapPut")
def wrap(_state: VaultState, request: StubRequest) -> StubResponse:
    """Wrap the body of the request."""
    if not wrap_ttl(request):
        text = "endpoint requires response wrapping to be used"
        return with_rejection(vault_error(400, text), "required", text, ("header", HEADER))
    return ok(success_envelope(request.body))


@stub.operation("rewrap")
@stub.operation("rewrapPut")
def rewrap(state: VaultState, request: StubRequest) -> StubResponse:
    """Exchange a wrapping token for a new one, which is kept as long."""
    wrapped = _take(state, str(request.body.get("token") or ""))
    return keep_response(state, wrapped) if wrapped else _unknown_token()
