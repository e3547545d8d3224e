"""Authentication, decoding, encoding, error bodies and outages of LiveKit, as recorded from a 1.13.5 server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass
from livekit.protocol import agent_dispatch, egress, ingress, room, sip

from provider_verification.stubs.sdk import (
    DecodedBody,
    RequestRejected,
    StubRequest,
    StubResponse,
    ValidationIssue,
    VendorHooks,
    media_type,
)
from provider_verification.stubs.vendors.livekit import protojson
from provider_verification.stubs.vendors.livekit.grants import Grants, is_granted
from provider_verification.stubs.vendors.livekit.message_size import require_few_values
from provider_verification.stubs.vendors.livekit.request_json import (
    IgnoredValue,
    MalformedRequestError,
    ParsedRequest,
    parse_message,
)
from provider_verification.stubs.vendors.livekit.state import LiveKitState
from provider_verification.stubs.vendors.livekit.tokens import TokenError, verify_token
from provider_verification.stubs.vendors.livekit.twirp_errors import (
    STATUS_BY_CODE,
    UNKNOWN_PREFIX,
    go_quote,
    twirp_error,
)

PROTOBUF = "application/protobuf"
TEXT = "text/plain; charset=utf-8"
_SERVICES = [
    service
    for module in (room, agent_dispatch, egress, ingress, sip)
    for service in module.DESCRIPTOR.services_by_name.values()
]
SERVICE_PATHS = tuple(f"/twirp/{service.full_name}/" for service in _SERVICES)
METHODS = {method.name: method for service in _SERVICES for method in service.methods}


def error_response(rejection: RequestRejected) -> StubResponse:
    """LiveKit's response to a rejected request."""
    if rejection.status is not None:
        code = next(
            (code for code, status in STATUS_BY_CODE.items() if status == rejection.status), "internal"
        )
        return StubResponse(rejection.status, {"code": code, "msg": rejection.message})
    # Recorded: a bad token is rejected before Twirp sees the request, so its error is plain text.
    if rejection.kind == "unauthenticated":
        return StubResponse(401, _text(rejection.message), media_type=TEXT)
    # LiveKit's server code, auth.go: a missing grant is 401 unauthenticated, not 403.
    if rejection.kind == "forbidden":
        return twirp_error("unauthenticated", "permissions denied")
    if rejection.kind in {"unknown_route", "wrong_method", "media_type"}:
        return _no_route(rejection)
    return twirp_error("malformed", "the json request could not be decoded")


def _no_route(rejection: RequestRejected) -> StubResponse:
    """404 in the words of Twirp's router, which looks at the verb first, then at the path and the content type."""
    method, _, path = rejection.route.partition(" ")
    if not path.startswith(SERVICE_PATHS):
        return StubResponse(404, b"404 page not found\n", media_type=TEXT)
    if method != "POST":
        message = f"unsupported method {go_quote(method)} (only POST is allowed)"
    elif rejection.kind == "media_type":
        message = rejection.message
    else:
        message = f"no handler for path {go_quote(path)}"
    return twirp_error("bad_route", message, twirp_invalid_route=rejection.route)


def _text(message: str) -> bytes:
    return message.encode(errors="replace")


def authenticate(state: LiveKitState, headers: Mapping[str, str], query: Mapping[str, str]) -> Grants:
    """Return the grants of the token; without a token there are none, and `authorize` rejects the request.

    Raises:
        RequestRejected: the header or the token is not valid.
    """
    header = headers.get("authorization", "")
    if header and not header.startswith("Bearer "):
        raise RequestRejected("unauthenticated", "invalid authorization header. Must start with Bearer ")
    # The server accepts a token in the query too.
    token = header.removeprefix("Bearer ") if header else query.get("access_token", "")
    if not token:
        return {}
    try:
        return verify_token(token, state.api_key)
    except TokenError as error:
        # The server's message repeats the token, which is a credential: the violation must not.
        reason = str(error).replace(token, "(token)")
        issue = ValidationIssue(("header", "authorization"), "unauthenticated", reason)
        raise RequestRejected("unauthenticated", str(error), (issue,)) from None


def authorize(_state: LiveKitState, request: StubRequest) -> None:
    """Require the grant that the method needs.

    Raises:
        RequestRejected: the token lacks it, or there is no token.
    """
    if not is_granted(request.operation_id, request.principal, request.body):
        raise RequestRejected("forbidden", f"the token lacks the grant that {request.operation_id} needs")


def decode(operation_id: str, headers: Mapping[str, str], raw: bytes) -> DecodedBody:
    """Return the request as a snake_case dict, from protobuf or from JSON in either spelling.

    Raises:
        RequestRejected: the body cannot be decoded, or has another content type.
    """
    if operation_id not in METHODS:
        return DecodedBody({}, {})
    message: Message = GetMessageClass(METHODS[operation_id].input_type)()
    parsed = _read_message(headers, raw, message)
    body = MessageToDict(message, preserving_proto_field_name=True)
    if parsed is None:
        return DecodedBody(body, body)
    return DecodedBody(body, parsed.document, tuple(map(_ignored_value_issue, parsed.ignored)))


def _ignored_value_issue(ignored: IgnoredValue) -> ValidationIssue:
    known = " or ".join(ignored.enum.values_by_name)
    text = f"{ignored.name!r:.80} is ignored: should be {known}"
    return ValidationIssue(("body", ignored.field), "enum", text)


def _read_message(headers: Mapping[str, str], raw: bytes, message: Message) -> ParsedRequest | None:
    """Fill a message and return what its JSON document has beside it; None for protobuf, whose fields have no names."""
    kind = media_type(headers)
    if kind == PROTOBUF:
        try:
            message.ParseFromString(raw)
            require_few_values(message)
            protojson.clear_unknown_enum_values(message)
        except DecodeError:
            raise RequestRejected("malformed", "the protobuf request could not be decoded") from None
        return None
    if kind == "application/json":
        try:
            return parse_message(raw, message)
        except MalformedRequestError as error:
            raise RequestRejected("malformed", f"the JSON cannot be decoded: {error}") from None
    content_type = go_quote(headers.get("content-type", ""))
    raise RequestRejected("media_type", f"unexpected Content-Type: {content_type}")


def encode(_state: LiveKitState, request: StubRequest, response: StubResponse) -> StubResponse:
    """A success in the encoding of the request; Twirp errors are JSON in both encodings."""
    if media_type(request.headers) != PROTOBUF or response.status != 200:
        return response
    message: Message = GetMessageClass(METHODS[request.operation_id].output_type)()
    body: Any = response.body
    return StubResponse(200, protojson.from_dict(body, message).SerializeToString(), media_type=PROTOBUF)


def outage_response(state: LiveKitState, request: StubRequest) -> StubResponse | None:
    """The response during an outage, behind a rate-limiting proxy, or of SIP without Redis; otherwise None."""
    if state.outage is not None:
        status, code = state.outage
        return StubResponse(status, {"code": code, "msg": f"{UNKNOWN_PREFIX}the stub simulates an outage"})
    if state.retry_after is not None:
        retry_after = {"Retry-After": str(state.retry_after)}
        return StubResponse(429, b"too many requests\n", retry_after, media_type=TEXT)
    return None if state.redis_connected else _missing_redis_error(request.operation_id)


def _missing_redis_error(operation_id: str) -> StubResponse | None:
    # Recorded: without Redis every method of these services fails, except the transfer. Ingress: from the server's code.
    method = METHODS.get(operation_id)
    service = method.containing_service.name if method else ""
    if service not in {"SIP", "Egress", "Ingress"} or operation_id == "TransferSIPParticipant":
        return None
    return twirp_error("internal", f"{UNKNOWN_PREFIX}{service.lower()} not connected (redis required)")


HOOKS: VendorHooks[LiveKitState] = VendorHooks(
    error_response=error_response,
    authenticate=authenticate,
    authorize=authorize,
    decode=decode,
    encode=encode,
    outage_response=outage_response,
)
