"""LiveKit's SIP service: outgoing calls and transfers."""

from __future__ import annotations

from orchestrator.vendors.livekit.models import SipParticipant
from orchestrator.vendors.livekit.tokens import room_admin_grant
from orchestrator.vendors.livekit.twirp import TwirpClient

SERVICE = "SIP"
SIP_CALL_GRANT = {"call": True}


class SipClient:
    """A client of the calls of the SIP service; `SipSetupClient` sets the service up."""

    def __init__(self, twirp: TwirpClient) -> None:
        self._twirp = twirp

    async def create_sip_participant(
        self,
        trunk_id: str,
        number: str,
        *,
        caller_number: str,
        room: str,
        identity: str,
        ringing_seconds: int,
    ) -> SipParticipant:
        """Dial a number, wait until it answers, and add it to a room as a participant.

        The request takes as long as the telephone rings, so the client's policy must allow for it.

        Args:
            trunk_id: the outbound trunk.
            number: the number to dial.
            caller_number: the number of the trunk that the called person sees.
            room: the room; LiveKit creates one that does not exist.
            identity: the identity of the called person in the room.
            ringing_seconds: how long the telephone rings.

        Raises:
            NotFound: the trunk or the number does not exist.
            RateLimited: the number is busy or temporarily unavailable; `code` is the SIP status, such as `sip 486`.
            AccessDenied: the number declines the call (`sip 603`).
            RequestRejected: the number does not answer, or cannot be reached.
            VendorUnavailable: no SIP worker is running.
        """
        body = {
            "sip_trunk_id": trunk_id,
            "sip_call_to": number,
            "sip_number": caller_number,
            "room_name": room,
            "participant_identity": identity,
            # without it a success means only that dialling has started
            "wait_until_answered": True,
            "ringing_timeout": f"{ringing_seconds}s",
        }
        return await self._twirp.call_and_parse(
            SipParticipant, SERVICE, "CreateSIPParticipant", body, sip=SIP_CALL_GRANT
        )

    async def transfer_sip_participant(
        self, room: str, identity: str, to: str, *, ringing_seconds: int
    ) -> None:
        """Transfer a caller to another number, and wait until it answers.

        The request takes as long as the telephone rings, so the client's policy must allow for it.

        Args:
            room: the room of the caller.
            identity: the caller.
            to: the number, as `tel:+49…` or a SIP URI.
            ringing_seconds: how long the telephone rings.

        Raises:
            NotFound: the participant is not in the room.
            RequestRejected: `to` is not valid, the participant is not a SIP participant, or `to` does not answer.
            RateLimited: `to` is busy (`sip 486`).
            AccessDenied: `to` declines the call (`sip 603`).
            VendorUnavailable: no SIP worker is running.
        """
        # LiveKit requires both grants: to call, and to administer the room
        body = {
            "room_name": room,
            "participant_identity": identity,
            "transfer_to": to,
            "ringing_timeout": f"{ringing_seconds}s",
        }
        await self._twirp.call(
            SERVICE, "TransferSIPParticipant", body, video=room_admin_grant(room), sip=SIP_CALL_GRANT
        )
