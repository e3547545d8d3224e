"""Errors of a Twirp API: `{"code", "msg", "meta"?}` with the HTTP status that belongs to the code."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps

from provider_verification.stubs.sdk import StubRequest, StubResponse, with_rejection
from provider_verification.stubs.vendors.livekit.state import LiveKitState

STATUS_BY_CODE = {
    "invalid_argument": 400,
    "malformed": 400,
    "already_exists": 409,
    "resource_exhausted": 429,
    "unknown": 500,
    "unauthenticated": 401,
    "permission_denied": 403,
    "not_found": 404,
    "bad_route": 404,
    "canceled": 408,
    "deadline_exceeded": 408,
    "failed_precondition": 412,
    "internal": 500,
    "unimplemented": 501,
    "unavailable": 503,
}
UNKNOWN_PREFIX = "twirp error unknown: "
"""What the open-source server puts before the text of many errors; LiveKit Cloud does not."""

Operation = Callable[[LiveKitState, StubRequest], StubResponse]


class TwirpRejection(Exception):
    """A request that LiveKit rejects, with the code and message of its Twirp error.

    Attributes:
        depends_on_state: whether the same request could succeed; an invalid argument is one in any state otherwise.
    """

    def __init__(
        self, message: str, code: str = "invalid_argument", *, depends_on_state: bool = False
    ) -> None:
        self.code, self.message = code, message
        self.depends_on_state = depends_on_state
        super().__init__(message)


def twirp_error(code: str, message: str, **meta: str) -> StubResponse:
    """A Twirp error with the HTTP status of its code."""
    return StubResponse(
        STATUS_BY_CODE[code], {"code": code, "msg": message, **({"meta": meta} if meta else {})}
    )


def invalid_argument(message: str, **meta: str) -> StubResponse:
    """400 for a request that is wrong whatever rooms and trunks there are; it is recorded as a violation."""
    return with_rejection(twirp_error("invalid_argument", message, **meta), "invalid_argument", message)


def argument_error(argument: str, requirement: object) -> StubResponse:
    """Twirp's InvalidArgumentError: the name of the argument is in the text and in `meta`."""
    return invalid_argument(f"{argument} {requirement}", argument=argument)


def go_quote(text: str) -> str:
    """A text in quotation marks, as Go's format `%q` writes it."""
    return json.dumps(text, ensure_ascii=False)


def respond_to_rejections(operation: Operation) -> Operation:
    """Turn a `TwirpRejection` raised by an operation into its response."""

    @wraps(operation)
    def respond(state: LiveKitState, request: StubRequest) -> StubResponse:
        try:
            return operation(state, request)
        except TwirpRejection as rejection:
            if rejection.code == "invalid_argument" and not rejection.depends_on_state:
                return invalid_argument(rejection.message)
            return twirp_error(rejection.code, rejection.message)

    return respond


def room_not_found() -> StubResponse:
    """404: the room does not exist."""
    return twirp_error("not_found", f"{UNKNOWN_PREFIX}requested room does not exist")


def participant_not_found() -> StubResponse:
    """404: the room or the participant does not exist; the message is the same for both."""
    return twirp_error("not_found", f"{UNKNOWN_PREFIX}participant does not exist")


def no_response_error() -> StubResponse:
    """503: no node responded. The recorded server needs 3 to 20 seconds for it, the stub none."""
    return twirp_error("unavailable", f"{UNKNOWN_PREFIX}no response from servers")
