"""Faults of complete responses: their bodies, statuses and credentials, and those that come and go."""

from __future__ import annotations

from fault_injection.fault import (
    DENIED,
    INVALID,
    RATE_LIMITED,
    UNAVAILABLE,
    ClockSkew,
    Fault,
    Group,
    StubFault,
    Target,
)
from fault_injection.proxy import Toxic


def _status(status: int, raises: str, *, retried: bool, retry_after: int | None = None) -> Fault:
    suffix = "" if retry_after is None else f"_retry_after_{retry_after}"
    options = {"status": status} | ({} if retry_after is None else {"retry_after": retry_after})
    return Fault(
        name=f"status_{status}{suffix}",
        description=f"every response is a {status}"
        + (f" with Retry-After: {retry_after}" if retry_after else ""),
        group=Group.STATUS,
        injection=StubFault("status", options),
        raises=raises,
        retried=retried,
        status=status,
        retry_after=retry_after,
    )


BODY_FAULTS = (
    Fault(
        name="malformed_json",
        description="the body ends in the middle of the JSON",
        group=Group.BODY,
        injection=StubFault("malformed"),
        target=Target.JSON,
        raises=INVALID,
    ),
    Fault(
        name="wrong_shape",
        description="the body is valid JSON that the vendor's schema does not allow",
        group=Group.BODY,
        injection=StubFault("wrong_shape"),
        target=Target.JSON,
        raises=INVALID,
    ),
    Fault(
        name="html",
        description="a proxy responds with 200 and a page",
        group=Group.BODY,
        injection=StubFault("html"),
        raises=INVALID,
        status=200,
    ),
    Fault(
        name="empty_200",
        description="the response is a 200 without a body",
        group=Group.BODY,
        injection=StubFault("empty"),
        raises=INVALID,
        status=200,
    ),
)
STATUS_FAULTS = (
    _status(500, UNAVAILABLE, retried=True),
    _status(502, UNAVAILABLE, retried=True),
    _status(503, UNAVAILABLE, retried=True),
    _status(503, UNAVAILABLE, retried=True, retry_after=2),
    _status(503, UNAVAILABLE, retried=False, retry_after=60),
    _status(504, UNAVAILABLE, retried=True),
    _status(429, RATE_LIMITED, retried=True),
    _status(429, RATE_LIMITED, retried=True, retry_after=2),
    Fault(
        name="token_revoked",
        description="the first response is a 401: the access token was revoked",
        group=Group.CREDENTIALS,
        injection=StubFault("status", {"status": 401, "times": 1}),
        target=Target.AUTHENTICATED,
        raises=DENIED,
        status=401,
        times=1,
    ),
    Fault(
        name="credentials_revoked",
        description="every response is a 401",
        group=Group.CREDENTIALS,
        injection=StubFault("status", {"status": 401}),
        target=Target.AUTHENTICATED,
        raises=DENIED,
        status=401,
    ),
)
CLOCK_FAULTS = tuple(
    Fault(
        name=f"clock_skew_{direction}",
        description=f"the client's clock is an hour {direction}, and the vendor rejects the tokens that it signs",
        group=Group.CREDENTIALS,
        injection=ClockSkew(seconds),
        target=Target.SIGNED_TOKEN,
        raises=DENIED,
        status=401,
    )
    for direction, seconds in (("behind", -3600.0), ("ahead", 3600.0))
)
FLAPPING_FAULTS = (
    Fault(
        name="flapping_503",
        description="two of three attempts get a 503",
        group=Group.FLAPPING,
        injection=StubFault("status", {"status": 503, "times": 2}),
        raises=UNAVAILABLE,
        retried=True,
        status=503,
        times=2,
    ),
    Fault(
        name="flapping_connection",
        description="one of two connections is reset after the vendor got the request",
        group=Group.FLAPPING,
        injection=Toxic(name="reset_in_headers", times=1),
        raises=UNAVAILABLE,
        retried=True,
        times=1,
    ),
)
