"""What guests say becomes parameters of their intent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.integration.api import ApiClient
from tests.integration.call_events import call_interaction, call_started
from tests.integration.ids import IdFactory
from tests.integration.vendors import StubClients

NOON = datetime.now(ZoneInfo("Europe/Berlin")).replace(hour=12, minute=0, second=0, microsecond=0)
"""The same day for the hotel and in UTC."""
TOMORROW = NOON.date() + timedelta(days=1)


def say(call_id: str, interaction_type: str, text: str, **parameters: Any) -> dict[str, Any]:
    """Return an interaction of today with a text."""
    event = call_interaction(call_id, interaction_type, text, **parameters)
    return event | {"timestamp": NOON.isoformat()}


class TestUnderstanding:
    """Dates, nights, persons and services in what a guest says, in German and English."""

    @pytest.fixture
    def english_call(self, operator: ApiClient, names: IdFactory) -> str:
        """Return the id of a call of a caller without a reservation, whose language is English."""
        call_id = names.call()
        operator.send_event(call_started(call_id, names.phone()))
        return call_id

    @pytest.mark.parametrize(
        ("call_fixture", "text"),
        [
            ("english_call", "A room tomorrow for two people, three nights, please"),
            ("call", "Ein Zimmer morgen für zwei Personen, drei Nächte bitte"),
        ],
    )
    def test_stay_is_read_from_text(
        self,
        operator: ApiClient,
        vendors: StubClients,
        request: pytest.FixtureRequest,
        call_fixture: str,
        text: str,
    ) -> None:
        """The offers that the PMS is asked for are those of the dates and persons in the text."""
        call_id = request.getfixturevalue(call_fixture)

        response = operator.send_event(say(call_id, "availability_request", text))

        departure = TOMORROW + timedelta(days=3)
        assert response["understood"] == {
            "arrival": str(TOMORROW),
            "departure": str(departure),
            "adults": 2,
        }
        [offers] = vendors.apaleo.requests("listOffers")
        query = offers["query"]
        assert (query["arrival"], query["departure"], query["adults"]) == (
            [str(TOMORROW)],
            [str(departure)],
            ["2"],
        )

    def test_sent_parameters_take_precedence_over_text(
        self, operator: ApiClient, vendors: StubClients, english_call: str
    ) -> None:
        """The agent has understood the guest better than the grammar."""
        arrival = TOMORROW + timedelta(days=10)

        response = operator.send_event(
            say(
                english_call,
                "availability_request",
                "two nights for three people",
                arrival=str(arrival),
                adults=1,
            )
        )

        assert response["understood"] == {"departure": str(arrival + timedelta(days=2))}
        [offers] = vendors.apaleo.requests("listOffers")
        assert (offers["query"]["arrival"], offers["query"]["adults"]) == ([str(arrival)], ["1"])

    def test_only_what_was_not_understood_is_asked_for(
        self, operator: ApiClient, vendors: StubClients, english_call: str
    ) -> None:
        """The arrival is known, so the reply asks for the departure alone."""
        response = operator.send_event(say(english_call, "availability_request", "From tomorrow, please"))

        assert (response["outcome"], response["result"]) == ("input_required", {"missing": ["departure"]})
        assert response["understood"] == {"arrival": str(TOMORROW)}
        assert vendors.apaleo.requests("listOffers") == []

    def test_ambiguous_date_is_asked_for(self, operator: ApiClient, english_call: str) -> None:
        """The third of June or the sixth of March: the service does not guess."""
        response = operator.send_event(say(english_call, "availability_request", "3/6 for two nights"))

        assert (response["result"], response["understood"]) == ({"missing": ["arrival", "departure"]}, {})

    def test_event_redelivered_on_another_day_means_the_same_dates(
        self, operator: ApiClient, english_call: str
    ) -> None:
        """The word "tomorrow" means the day after the event, not after its delivery."""
        event = say(english_call, "availability_request", "tomorrow, one night")
        event["timestamp"] = (NOON + timedelta(days=7)).isoformat()

        response = operator.send_event(event)

        assert response["understood"] == {
            "arrival": str(TOMORROW + timedelta(days=7)),
            "departure": str(TOMORROW + timedelta(days=8)),
        }

    def test_german_name_of_a_service_is_understood(
        self, operator: ApiClient, vendors: StubClients, call: str
    ) -> None:
        """The guest does not know the name of the service in the settings."""
        response = operator.send_event(say(call, "room_service_request", "Frühstück aufs Zimmer, bitte"))

        assert (response["outcome"], response["understood"]) == ("done", {"service": "breakfast"})
        [body] = vendors.apaleo.bodies("bookService")
        assert body["serviceId"] == "MUC-BREAKFAST"
