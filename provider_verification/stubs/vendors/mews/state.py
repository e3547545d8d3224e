"""State of the Mews stub: reservations, customers, rooms and orders of one hotel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from provider_verification.stubs.vendors.mews.catalogue import ROOMS
from provider_verification.stubs.vendors.mews.rows import TIME_ZONE, Row, fake_guid, nights, resource

CLIENT_TOKEN, ACCESS_TOKEN = "made-up-client-token", "made-up-access-token"
OCCUPYING_STATES = frozenset({"Optional", "Confirmed", "Started"})
FIRST_ADDED_ID = 0x10000


@dataclass
class MewsState:
    """Everything the stub remembers, each table by id. Ids are counted, so the same requests give the same ids.

    Attributes:
        rooms: the rooms of each room type that can be sold.
        fixed_time: the current time; None for that of the computer.
    """

    reservations: dict[str, Row] = field(default_factory=dict)
    customers: dict[str, Row] = field(default_factory=dict)
    resources: dict[str, Row] = field(
        default_factory=lambda: {room_id: resource(room_id, name) for room_id, (name, _) in ROOMS.items()}
    )
    order_items: dict[str, Row] = field(default_factory=dict)
    payments: dict[str, Row] = field(default_factory=dict)
    rooms: int = 4
    added: int = 0
    fixed_time: datetime | None = None
    rejects_credentials: bool = False
    retry_after: int | None = None
    outage_status: int | None = None

    @property
    def now(self) -> datetime:
        """The current time."""
        return self.fixed_time or datetime.now(UTC)

    @property
    def today(self) -> date:
        """The current date at the hotel."""
        return self.now.astimezone(TIME_ZONE).date()

    def new_id(self) -> str:
        """The id of something that is added."""
        self.added += 1
        return fake_guid(FIRST_ADDED_ID + self.added)

    def free_rooms(self, category_id: str, stay_nights: Iterable[date], exclude_id: str = "") -> list[int]:
        """The rooms of a type that are left in each night, ignoring the reservation `exclude_id`."""
        occupied = [
            set(nights(row["ScheduledStartUtc"], row["ScheduledEndUtc"]))
            for row in self.reservations.values()
            if row["Id"] != exclude_id
            and row["State"] in OCCUPYING_STATES
            and row["RequestedResourceCategoryId"] == category_id
        ]
        return [self.rooms - sum(night in stay for stay in occupied) for night in stay_nights]

    def open_balance(self, account_id: str) -> float:
        """What is charged to a customer and not paid; payments are negative."""
        rows = [*self.order_items.values(), *self.payments.values()]
        return sum(
            float(row["Amount"]["GrossValue"])
            for row in rows
            if row["AccountId"] == account_id and row["AccountingState"] == "Open"
        )
