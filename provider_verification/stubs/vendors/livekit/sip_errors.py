"""Errors of calls and transfers that the remote party rejects, as recorded from the real server."""

from __future__ import annotations

import base64

from google.protobuf.any_pb2 import Any
from livekit.protocol.sip import SIPStatus, SIPStatusCode

from provider_verification.stubs.sdk import StubResponse
from provider_verification.stubs.vendors.livekit.twirp_errors import UNKNOWN_PREFIX, twirp_error

SIP_REASON_PHRASES = {
    302: "Moved Temporarily", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout",
    480: "Temporarily Unavailable", 484: "Address Incomplete", 486: "Busy Here", 488: "Not Acceptable Here",
    500: "Server Internal Error", 501: "Not Implemented", 503: "Service Unavailable", 600: "Busy Everywhere",
    603: "Decline", 607: "Unwanted",
}  # fmt: skip
TWIRP_CODE_BY_SIP_STATUS = {
    302: "not_found", 403: "permission_denied", 404: "not_found", 405: "invalid_argument", 408: "deadline_exceeded",
    480: "resource_exhausted", 484: "invalid_argument", 486: "resource_exhausted", 488: "invalid_argument",
    500: "failed_precondition", 501: "failed_precondition", 503: "failed_precondition", 600: "resource_exhausted",
    603: "permission_denied", 607: "permission_denied",
}  # fmt: skip
"""Twirp code by the SIP status of the remote party, recorded from the real server."""

GRPC_CODES = {
    "invalid_argument": 3, "deadline_exceeded": 4, "not_found": 5, "permission_denied": 7, "resource_exhausted": 8,
    "failed_precondition": 9,
}  # fmt: skip
"""gRPC's number of each Twirp code above, which stands in the details."""


def sip_error(status: int, stage: str) -> StubResponse:
    """The Twirp error for a SIP status of the remote party; `meta` repeats the status.

    Args:
        status: one of `SIP_REASON_PHRASES`.
        stage: what failed, as a prefix of the text.
    """
    reason, code = SIP_REASON_PHRASES[status], TWIRP_CODE_BY_SIP_STATUS[status]
    text = f"{stage}sip status: {status}: {reason}"
    return twirp_error(
        code,
        f"{UNKNOWN_PREFIX}{text}",
        error_details=_encode_details(
            GRPC_CODES[code], text, SIPStatus(code=SIPStatusCode.Name(status), status=reason)
        ),
        sip_status=reason,
        sip_status_code=str(status),
    )


def _encode_details(grpc_code: int, text: str, status: SIPStatus) -> str:
    """A `google.rpc.Status` in base64, which the Python package of LiveKit's protocol does not contain."""
    detail = Any()
    detail.Pack(status)
    parts = [(b"\x12", text.encode()), (b"\x1a", detail.SerializeToString())]
    # The lengths are below 128, so that each is one byte.
    encoded = b"".join(tag + bytes([len(part)]) + part for tag, part in parts)
    return base64.b64encode(bytes([0x08, grpc_code]) + encoded).decode()
