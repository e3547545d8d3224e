"""What a stub responds when it lacks something that the vendor has: a 501 that no vendor sends."""

from __future__ import annotations

from provider_verification.stubs.sdk import NotModelled, StubResponse, ValidationIssue


def not_modelled_response(vendor: str, gap: NotModelled) -> StubResponse:
    """Return the 501 for what the stub of a vendor lacks; `code` and `msg` are what the clients of Twirp read."""
    message = f"the stub of {vendor} does not model {gap.what}; this says nothing about the request"
    body = {"stub": vendor, "lacks": gap.what, "message": message, "code": "not_modelled", "msg": message}
    return StubResponse(501, body)


def not_modelled_issue(gap: NotModelled) -> ValidationIssue:
    """Return the entry for the list of violations, where it does not count against the client."""
    return ValidationIssue(gap.location, "not_modelled", f"the stub lacks {gap.what}", gap.schema_pointer)
