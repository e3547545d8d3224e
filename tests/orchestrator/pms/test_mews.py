"""What the connector to Mews makes of hotels that the stub is not."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from orchestrator.pms.adapters.mews import MewsConnector
from orchestrator.pms.errors import PmsUnavailableError
from orchestrator.pms.models import Money
from orchestrator.resilience.policy import NO_RETRY
from orchestrator.vendors.mews.client import MewsClient
from orchestrator.vendors.mews.connection import MewsCredentials

RATE, CATEGORY = "5f0a1c2e-0000-4000-8000-000000000013", "5f0a1c2e-0000-4000-8000-000000000014"
NIGHT = (date(2027, 3, 27), date(2027, 3, 28))
"""The night in which Berlin changes to summer time."""


def service(service_id: str, period: str = "Day", *, is_active: bool = True) -> dict[str, Any]:
    """Return a service that is booked for a time."""
    value = {"StartOffset": "P0M0DT15H0M0S", "EndOffset": "P0M0DT12H0M0S", "TimeUnitPeriod": period}
    return {"Id": service_id, "IsActive": is_active, "Data": {"Value": value}}


class Hotel:
    """A hotel at Mews; `lists` are the rows of each operation by the first part of its path."""

    def __init__(self) -> None:
        self.lists: dict[str, Any] = {
            "configuration": {
                "Enterprise": {
                    "Id": "E-1",
                    "TimeZoneIdentifier": "Europe/Berlin",
                    "DefaultLanguageCode": "de-DE",
                }
            },
            "services": {
                "Services": [service("S-1")],
                "CategoryAvailabilities": [{"CategoryId": CATEGORY, "Availabilities": [2]}],
            },
            "resourceCategories": {
                "ResourceCategories": [{"Id": CATEGORY, "Names": {"en-US": "Double"}, "Capacity": 2}]
            },
            "rates": {"Rates": [{"Id": RATE, "IsEnabled": True, "IsPublic": True}]},
            "ageCategories": {"AgeCategories": [{"Id": "A-1", "Classification": "Adult"}]},
        }
        self.priced: list[dict[str, Any]] = []
        self.http = httpx.AsyncClient(transport=httpx.MockTransport(self._respond))

    def connector(self, service_id: str | None = None) -> MewsConnector:
        """Return a connector to the hotel."""
        credentials = MewsCredentials("client", "access")
        client = MewsClient(
            base_url="http://mews.test", credentials=lambda: credentials, http=self.http, policy=NO_RETRY
        )
        return MewsConnector(client, "DE", service_id, lambda: datetime(2027, 3, 1, tzinfo=UTC))

    def _respond(self, request: httpx.Request) -> httpx.Response:
        resource = request.url.path.removeprefix("/api/connector/v1/").partition("/")[0]
        if resource != "reservations":
            return httpx.Response(200, json=self.lists[resource])
        self.priced = json.loads(request.content)["Reservations"]
        amount = {"Currency": "EUR", "GrossValue": 0.1}
        prices = [{"Identifier": stay["Identifier"], "TotalAmount": amount} for stay in self.priced]
        return httpx.Response(200, json={"ReservationPrices": prices})


@pytest.fixture
async def hotel() -> AsyncIterator[Hotel]:
    """A hotel with one service, one room type and one rate."""
    hotel = Hotel()
    yield hotel
    await hotel.http.aclose()


async def test_times_of_a_stay_are_those_of_the_hotel_clock(hotel: Hotel) -> None:
    """Check-in is in winter time and check-out in summer time; a text in any language is better than none."""
    [offer] = await hotel.connector().find_offers("E-1", *NIGHT, 2)

    [stay] = hotel.priced
    assert (stay["StartUtc"], stay["EndUtc"]) == ("2027-03-27T14:00:00Z", "2027-03-28T10:00:00Z")
    assert (offer.room_type, offer.total_amount.amount) == (
        "Double",
        Money(amount="0.1", currency="EUR").amount,
    )


@pytest.mark.parametrize(
    ("services", "setting", "is_known"),
    [
        ([service("S-1"), service("S-2")], None, False),
        ([service("S-1"), service("S-2")], "S-2", True),
        ([service("S-1"), service("S-2", "Hour"), service("S-3", is_active=False)], None, True),
        ([service("S-1")], "S-2", False),
        ([], None, False),
    ],
)
async def test_service_of_the_rooms_is_never_guessed(
    hotel: Hotel,
    services: list[dict[str, Any]],
    setting: str | None,
    is_known: bool,  # noqa: FBT001
) -> None:
    """A hotel may sell parking by the night as well."""
    hotel.lists["services"]["Services"] = services
    connector = hotel.connector(setting)

    if is_known:
        assert len(await connector.find_offers("E-1", *NIGHT, 2)) == 1
    else:
        with pytest.raises(PmsUnavailableError, match="service"):
            await connector.find_offers("E-1", *NIGHT, 2)


async def test_hotel_without_an_age_category_of_adults_has_no_offers(hotel: Hotel) -> None:
    """A guest cannot be counted."""
    hotel.lists["ageCategories"]["AgeCategories"][0]["Classification"] = "Child"

    with pytest.raises(PmsUnavailableError, match="no_age_category_of_adults"):
        await hotel.connector().find_offers("E-1", *NIGHT, 2)


async def test_night_without_a_room_rules_out_the_room_type(hotel: Hotel) -> None:
    """A stay needs a room in every night; an overbooked night is negative."""
    hotel.lists["services"]["CategoryAvailabilities"][0]["Availabilities"] = [2, -1]

    assert await hotel.connector().find_offers("E-1", *NIGHT, 2) == []
    assert hotel.priced == []
