"""Apaleo's Idempotency-Key: the same key and request get the first response again."""

from __future__ import annotations

from collections.abc import Callable

from provider_verification.stubs.sdk import RequestRejected, StubRequest, StubResponse
from provider_verification.stubs.vendors.apaleo.state import ApaleoState, request_fingerprint


def respond_once(
    state: ApaleoState, request: StubRequest, perform: Callable[[], StubResponse]
) -> StubResponse:
    """Return the response to a POST; a repeated Idempotency-Key with the same request returns the first success.

    The booking spec forbids to reuse a key for other parameters; the status is UNCONFIRMED.

    Raises:
        RequestRejected: the key belongs to another request.
    """
    key = request.headers.get("idempotency-key")
    if not key:
        return perform()
    fingerprint = request_fingerprint(request.operation_id, request.path_params, request.body)
    earlier = state.idempotent_responses.get(key)
    if earlier is None:
        response = perform()
        if response.status == 201:
            state.idempotent_responses[key] = (fingerprint, response)
        return response
    if earlier[0] != fingerprint:
        raise RequestRejected("invalid", "the Idempotency-Key was used for another request")
    return earlier[1]
