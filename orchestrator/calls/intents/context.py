"""The dependencies of the intent handlers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias

from orchestrator.calls.call import Call
from orchestrator.calls.degradation import DegradationLog
from orchestrator.calls.events import CallInteraction
from orchestrator.calls.follow_ups import FollowUpQueue
from orchestrator.calls.journal import EventJournal
from orchestrator.calls.outbound_order import OutboundCallOrders
from orchestrator.calls.ports import Telephony
from orchestrator.calls.recording import CallRecordings
from orchestrator.calls.reply import Reply
from orchestrator.pms.errors import ReservationNotFoundError
from orchestrator.pms.interface import PmsConnector
from orchestrator.pms.models import Reservation


@dataclass(frozen=True, slots=True)
class IntentContext:
    """Everything an intent handler needs.

    Args:
        pms: the PMS of the hotel.
        telephony: the rooms of the calls.
        recordings: records calls.
        service_ids: the PMS's id of each service, by the name that guests use.
        current_date: returns today's date at the hotel.
        date_at_hotel: returns the date at the hotel at a time.
        outbound_calls: takes orders of wake-up calls and call-backs.
        follow_ups: what is done after the response to an event.
        agent_join_time: how long the dispatched voice agent may take to join a call; None if none is dispatched.
    """

    pms: PmsConnector
    telephony: Telephony
    recordings: CallRecordings
    service_ids: Mapping[str, str]
    current_date: Callable[[], date]
    date_at_hotel: Callable[[datetime], date]
    outbound_calls: OutboundCallOrders
    follow_ups: FollowUpQueue
    agent_join_time: timedelta | None = None


@dataclass(frozen=True, slots=True)
class IntentRequest:
    """One request of a guest.

    Args:
        call: the call.
        event: the intent and its parameters.
        journal: runs effects that cannot be repeated.
        degradation: for a step without which the intent is carried out nevertheless.
    """

    call: Call
    event: CallInteraction
    journal: EventJournal
    degradation: DegradationLog


IntentHandler: TypeAlias = Callable[[IntentContext, IntentRequest], Awaitable[Reply]]


async def find_reservation(context: IntentContext, call: Call) -> Reservation:
    """Return the reservation the call is about: the one known since its start, otherwise the caller's.

    The search by number is repeated here, because the PMS may have been unavailable when the call started.

    Raises:
        ReservationNotFoundError: the caller has no reservation in this hotel.
    """
    if call.reservation_id is None:
        # the call has ended, or the caller's data was erased
        if call.caller_number is None:
            raise ReservationNotFoundError
        reservations = await context.pms.find_reservations_by_phone(call.hotel_id, call.caller_number)
        reservation = reservations[0] if reservations else None
    else:
        reservation = await context.pms.get_reservation(call.reservation_id)
    if reservation is None or reservation.hotel_id != call.hotel_id:
        raise ReservationNotFoundError
    return reservation
