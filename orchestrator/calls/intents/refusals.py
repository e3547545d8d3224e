"""Why a PMS refuses an action, in words for the guest.

A PMS rejects a request with a message for its own users. The reason that the guest hears follows from the state of the
reservation instead: from its status, and from what the PMS says about the actions that it allows now.
"""

from __future__ import annotations

from collections.abc import Mapping

from orchestrator.calls.intents.context import IntentContext
from orchestrator.calls.reply import Reply, declined
from orchestrator.pms.errors import PmsUnavailableError
from orchestrator.pms.interface import Capability
from orchestrator.pms.models import Reservation, ReservationStatus

OPEN_STATUSES: frozenset[ReservationStatus] = frozenset({"confirmed", "in_house"})
STATUSES: Mapping[Capability, frozenset[ReservationStatus]] = {
    Capability.CHECK_IN: frozenset({"confirmed"}),
    Capability.CHECK_OUT: frozenset({"in_house"}),
    Capability.CANCEL: frozenset({"confirmed"}),
    Capability.ASSIGN_ROOM: OPEN_STATUSES,
    Capability.CHANGE: OPEN_STATUSES,
    Capability.SERVICES: OPEN_STATUSES,
}
"""The statuses of a reservation in which an action is possible."""
REASON_BY_STATUS: Mapping[ReservationStatus, str] = {
    "tentative": "not_confirmed",
    "held": "not_confirmed",
    "confirmed": "not_checked_in",
    "in_house": "already_checked_in",
    "checked_out": "stay_over",
    "canceled": "stay_canceled",
    "no_show": "stay_no_show",
}
"""Why an action is not possible in a status. Reasons are keys of phrases."""


def find_refusal(reservation: Reservation, action: Capability) -> Reply | None:
    """Return the reply that declines an action on a reservation as it is now, or None if nothing is known against it."""
    if reservation.status not in STATUSES[action]:
        has_begun = (action, reservation.status) == (Capability.CANCEL, "in_house")
        reason = "stay_has_begun" if has_begun else REASON_BY_STATUS[reservation.status]
    elif action in reservation.refusals:
        reason = str(reservation.refusals[action])
    else:
        return None
    values = {
        "arrival": str(reservation.arrival),
        "departure": str(reservation.departure),
        "room": reservation.room or "",
    }
    return declined(reason, reason, **values)


async def explain_rejection(
    context: IntentContext, reservation_id: str, action: Capability, otherwise: Reply | None = None
) -> Reply:
    """Return the reply to an action that the PMS has rejected.

    Args:
        context: the PMS.
        reservation_id: the reservation.
        action: what was rejected.
        otherwise: the reply if the state of the reservation does not explain it; by default one without a reason.
    """
    try:
        reservation = await context.pms.get_current_reservation(reservation_id)
    except PmsUnavailableError:
        # the rejection is known, only its reason is not
        return otherwise or declined()
    return find_refusal(reservation, action) or otherwise or declined()
