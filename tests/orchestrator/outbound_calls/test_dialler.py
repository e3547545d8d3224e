"""What each error of LiveKit means for the call: certain outcomes, and those after which the telephone may be ringing."""

from __future__ import annotations

from typing import Any, cast

import pytest

from orchestrator.outbound_calls.ports import DialOutcome
from orchestrator.telephony.dialler import LiveKitDialler
from orchestrator.vendors.errors import (
    AccessDenied,
    ErrorDetails,
    InvalidVendorResponse,
    NotFound,
    RateLimited,
    RequestRejected,
    VendorError,
    VendorTimeout,
    VendorUnavailable,
)
from orchestrator.vendors.livekit.models import SipParticipant


class Sip:
    """A SIP client with one response.

    Args:
        response: the participant's identity, or what is raised.
    """

    def __init__(self, response: str | VendorError) -> None:
        self.response = response
        self.sip = self

    async def create_sip_participant(self, *_arguments: object, **_options: object) -> SipParticipant:
        """Respond."""
        if isinstance(self.response, VendorError):
            raise self.response
        return SipParticipant(participant_identity=self.response)


def error(kind: type[VendorError], code: str | None = None) -> VendorError:
    """Return an error of LiveKit."""
    return kind("livekit", "CreateSIPParticipant", details=ErrorDetails(code))


@pytest.mark.parametrize(
    ("response", "outcome", "reason"),
    [
        ("guest", DialOutcome.ANSWERED, "answered"),
        ("somebody else", DialOutcome.UNCLEAR, "no_response"),
        (error(RateLimited, "sip 486"), DialOutcome.UNREACHED, "busy"),
        (error(RateLimited, "sip 480"), DialOutcome.UNREACHED, "no_answer"),
        (error(RequestRejected, "canceled"), DialOutcome.UNREACHED, "no_answer"),
        (error(RequestRejected, "sip 503"), DialOutcome.UNREACHED, "unreachable"),
        (error(AccessDenied, "sip 603"), DialOutcome.REFUSED, "declined"),
        (error(NotFound, "sip 404"), DialOutcome.REFUSED, "unknown_number"),
        (error(NotFound, "not_found"), DialOutcome.REFUSED, "unknown_trunk"),
        (error(RequestRejected, "invalid_argument"), DialOutcome.REFUSED, "rejected"),
        (error(AccessDenied), DialOutcome.REFUSED, "rejected"),
        (error(VendorUnavailable, "unavailable"), DialOutcome.NOT_DIALLED, "no_sip_service"),
        (error(VendorUnavailable, "circuit_open"), DialOutcome.NOT_DIALLED, "circuit_open"),
        (error(VendorUnavailable, "bulkhead_full"), DialOutcome.NOT_DIALLED, "bulkhead_full"),
        # a proxy's 503, a connection that broke, a time-out, a response that cannot be read: LiveKit may be dialling
        (error(VendorUnavailable), DialOutcome.UNCLEAR, "no_response"),
        (error(VendorTimeout), DialOutcome.UNCLEAR, "no_response"),
        (InvalidVendorResponse("livekit", "CreateSIPParticipant"), DialOutcome.UNCLEAR, "no_response"),
    ],
    ids=str,
)
async def test_outcome_of_a_response(response: str | VendorError, outcome: DialOutcome, reason: str) -> None:
    """Only what is certain not to have dialled may be dialled again at once."""
    dialler = LiveKitDialler(cast("Any", Sip(response)), "ST_out", "+4930111111", 30)

    result = await dialler.dial("+4930222222", "call-1")

    assert (result.outcome, result.reason) == (outcome, reason)
