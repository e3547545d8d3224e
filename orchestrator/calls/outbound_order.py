"""Orders of outbound calls: what the call flow needs of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Literal, Protocol

OrderRejection = Literal[
    "not_supported", "number_not_allowed", "in_the_past", "too_far_ahead", "too_many_orders"
]


class OutboundCallKind(StrEnum):
    """Why a guest is called."""

    WAKE_UP = "wake_up"
    CALL_BACK = "call_back"


class OrderRejectedError(Exception):
    """The call cannot be ordered; `reason` is a code for clients."""

    def __init__(self, reason: OrderRejection) -> None:
        self.reason: OrderRejection = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundCallOrder:
    """An order of a call, by a guest or by staff.

    Args:
        order_id: the id of the call; the same order has the same id however often it is delivered.
        kind: why the guest is called.
        hotel_id: the hotel.
        number: the number to call (E.164).
        language: the language in which the guest is spoken to.
        reservation_id: the stay of the guest, if it is known.
        due_at: when the guest is called.
        ordered_by: the id of a user or API key, or `guest`.
    """

    order_id: str
    kind: OutboundCallKind
    hotel_id: str
    number: str
    language: str
    reservation_id: str | None
    due_at: datetime
    ordered_by: str


class OutboundCallOrders(Protocol):
    """Takes the orders that guests give in a call."""

    def resolve_time(self, at: time, day: date | None) -> datetime:
        """Return the time in the hotel's time zone; without a date its next occurrence.

        Raises:
            OrderRejectedError: the time is in the past or too far ahead.
        """

    async def order_for_guest(self, order: OutboundCallOrder) -> str:
        """Store an order and return its id; the same order is stored once.

        Raises:
            OrderRejectedError: the number is not allowed, or too many of its calls are waiting.
            DependencyUnavailableError: it is not known whether the order was stored.
        """

    async def discard(self, order_id: str) -> None:
        """Delete an order, whose call is then not placed.

        Raises:
            DatabaseUnavailableError: the order may still be stored.
        """
