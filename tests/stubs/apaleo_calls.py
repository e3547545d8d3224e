"""What tests of Apaleo's stub send and read."""

from __future__ import annotations

from typing import Any

import httpx


def ids(response: httpx.Response, plural: str) -> list[str]:
    """Return the ids of a page; none for a 204."""
    if response.status_code == 204:
        return []
    return [item["id"] for item in response.raise_for_status().json()[plural]]


def booking(**fields: Any) -> dict[str, Any]:
    """The body of a booking of one night, with other fields of the reservation."""
    reservation = {
        "arrival": "2027-05-20", "departure": "2027-05-21", "adults": 1, "channelCode": "Direct",
        "timeSlices": [{"ratePlanId": "MUC-FLEX_DBL"}], **fields,
    }  # fmt: skip
    return {"booker": {"lastName": "Muster"}, "reservations": [reservation]}
