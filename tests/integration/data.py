"""Sample data that several suites use."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

ARRIVAL = date.today() + timedelta(days=40)  # noqa: DTZ011 - any future day will do
CARD_NUMBER = "4111 1111 1111 1111"
EMAIL = "ada.muster@example.org"
PASSWORD = "correct horse battery"


def stay_dates(nights: int = 2) -> dict[str, Any]:
    """Return the parameters of a stay that begins on `ARRIVAL`."""
    return {"arrival": str(ARRIVAL), "departure": str(ARRIVAL + timedelta(days=nights))}


DATES = stay_dates()
