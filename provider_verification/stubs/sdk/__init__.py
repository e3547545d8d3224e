"""What the author of a vendor's stub imports: requests, responses, hooks, and the registration of operations."""

from provider_verification.stubs.sdk.definition import (
    Count,
    ProviderStateHandler,
    StubDefinition,
    VendorHooks,
)
from provider_verification.stubs.sdk.messages import (
    FORM,
    DecodedBody,
    Json,
    StubRequest,
    StubResponse,
    VendorMessage,
    media_type,
    no_content,
    ok,
    with_rejection,
    with_warning,
)
from provider_verification.stubs.sdk.problems import (
    NotModelled,
    RequestRejected,
    ValidationIssue,
    dotted_path,
)
from provider_verification.stubs.sdk.websockets import (
    POLICY_VIOLATION,
    WebSocketRoute,
    WebSocketSession,
)

__all__ = [
    "FORM",
    "POLICY_VIOLATION",
    "Count",
    "DecodedBody",
    "Json",
    "NotModelled",
    "ProviderStateHandler",
    "RequestRejected",
    "StubDefinition",
    "StubRequest",
    "StubResponse",
    "ValidationIssue",
    "VendorHooks",
    "VendorMessage",
    "WebSocketRoute",
    "WebSocketSession",
    "dotted_path",
    "media_type",
    "no_content",
    "ok",
    "with_rejection",
    "with_warning",
]
