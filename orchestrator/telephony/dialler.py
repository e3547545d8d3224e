"""The `Dialler` protocol of outbound calls on LiveKit's SIP service."""

from __future__ import annotations

from orchestrator.outbound_calls.model import CALLEE_IDENTITY
from orchestrator.outbound_calls.ports import DialOutcome, DialResult
from orchestrator.resilience.errors import BULKHEAD_FULL, CIRCUIT_OPEN
from orchestrator.telephony.sip_statuses import REASON_BY_SIP_CODE, SIP_ERROR_PREFIX
from orchestrator.vendors.errors import AccessDenied, NotFound, RateLimited, RequestRejected, VendorError
from orchestrator.vendors.livekit.client import LiveKitClient

ANSWERED = DialResult(DialOutcome.ANSWERED, "answered")
UNCLEAR = DialResult(DialOutcome.UNCLEAR, "no_response")
NO_ANSWER = DialResult(DialOutcome.UNREACHED, "no_answer")
OUTCOME_BY_REASON = {
    "busy": DialOutcome.UNREACHED,
    "declined": DialOutcome.REFUSED,
    "no_answer": DialOutcome.UNREACHED,
}
RESULTS_BY_CODE = {
    **{code: DialResult(OUTCOME_BY_REASON[reason], reason) for code, reason in REASON_BY_SIP_CODE.items()},
    "sip 404": DialResult(DialOutcome.REFUSED, "unknown_number"),
    # LiveKit's own codes: the ringing time-out, an unknown trunk, no SIP worker, a limit
    "canceled": NO_ANSWER,
    "deadline_exceeded": NO_ANSWER,
    "not_found": DialResult(DialOutcome.REFUSED, "unknown_trunk"),
    "unavailable": DialResult(DialOutcome.NOT_DIALLED, "no_sip_service"),
    "resource_exhausted": DialResult(DialOutcome.NOT_DIALLED, "rate_limited"),
    # the guard has not sent the request
    CIRCUIT_OPEN: DialResult(DialOutcome.NOT_DIALLED, CIRCUIT_OPEN),
    BULKHEAD_FULL: DialResult(DialOutcome.NOT_DIALLED, BULKHEAD_FULL),
}
REJECTIONS = (AccessDenied, NotFound, RateLimited, RequestRejected)


class LiveKitDialler:
    """Calls numbers over an outbound trunk.

    Args:
        client: its policy must allow for the time that the telephone rings.
        trunk_id: the trunk.
        caller_number: the number that the called person sees, one of the trunk (E.164).
        ringing_seconds: how long the telephone rings.
    """

    def __init__(
        self, client: LiveKitClient, trunk_id: str, caller_number: str, ringing_seconds: int
    ) -> None:
        self._client = client
        self._trunk_id = trunk_id
        self._caller_number = caller_number
        self._ringing_seconds = ringing_seconds

    async def dial(self, number: str, room_name: str) -> DialResult:
        """Call a number and wait until it answers; the person who answers is in the room. It never raises for a failed call."""
        try:
            participant = await self._client.sip.create_sip_participant(
                self._trunk_id,
                number,
                caller_number=self._caller_number,
                room=room_name,
                identity=CALLEE_IDENTITY,
                ringing_seconds=self._ringing_seconds,
            )
        except VendorError as error:
            return _result_of(error)
        return ANSWERED if participant.participant_identity == CALLEE_IDENTITY else UNCLEAR


def _result_of(error: VendorError) -> DialResult:
    code = error.code or ""
    if code in RESULTS_BY_CODE:
        return RESULTS_BY_CODE[code]
    if code.startswith(SIP_ERROR_PREFIX):
        # such as 5xx of the provider
        return DialResult(DialOutcome.UNREACHED, "unreachable")
    if isinstance(error, REJECTIONS):
        return DialResult(DialOutcome.REFUSED, "rejected")
    return UNCLEAR
