"""The limitation of an operation to the rows of some hotels."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import InstrumentedAttribute

from orchestrator.persistence.tables import HotelIds


def at_hotels(
    condition: ColumnElement[bool], hotel_id: InstrumentedAttribute[str], hotel_ids: HotelIds
) -> ColumnElement[bool]:
    """Return a condition that holds at these hotels only; None means all hotels."""
    return condition if hotel_ids is None else and_(condition, hotel_id.in_(hotel_ids))
