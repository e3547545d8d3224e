"""Changes of a stay."""

from __future__ import annotations

from datetime import date

import pytest

from orchestrator.calls.intents.stay_changes import nights_to_sell
from orchestrator.pms.errors import InvalidStayRequestError

TODAY = date(2027, 5, 10)


@pytest.mark.parametrize(
    ("arrival", "first_night"),
    [(date(2027, 5, 8), TODAY), (TODAY, TODAY), (date(2027, 5, 12), date(2027, 5, 12))],
)
def test_only_nights_to_come_are_for_sale(arrival: date, first_night: date) -> None:
    """A guest in the house who stays longer arrived before today."""
    assert nights_to_sell(arrival, date(2027, 5, 14), TODAY) == (first_night, date(2027, 5, 14))


def test_departure_before_tomorrow_is_rejected() -> None:
    """The error names the parameter."""
    with pytest.raises(InvalidStayRequestError, match="departure"):
        nights_to_sell(date(2027, 5, 8), TODAY, TODAY)
