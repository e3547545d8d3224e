"""Validation of PMS requests and of names from the PMS."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.api import ApiClient
from tests.integration.call_events import call_interaction, call_started
from tests.integration.data import ARRIVAL
from tests.integration.ids import IdFactory
from tests.integration.scenarios import add_guest, ask_for_stay, reservation_reads
from tests.integration.vendors import StubClients
from tests.thoroughness import choose

HYPOTHESIS_SETTINGS = settings(
    max_examples=choose(10, 25),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


class TestValidation:
    """Requests to a PMS and names from it are validated."""

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("<b>Ada</b>", "Ada"),
            ("<script>alert(1)</script>Ada", "alert(1)Ada"),
            ("A\u0000d\u202ea", "A d a"),
            ("  Ada \n\t Muster ", "Ada Muster"),
            ("x" * 300, "x" * 200),
            ("Zoë Ångström-Łukasz", "Zoë Ångström-Łukasz"),
        ],
    )
    def test_guest_name_is_sanitised(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, name: str, expected: str
    ) -> None:
        """The name has no markup or control characters, is in one line, and is limited in length."""
        reservation = add_guest(vendors, names, guest={"lastName": name})

        assert ask_for_stay(operator, names, reservation)["result"]["guest_name"] == expected

    @HYPOTHESIS_SETTINGS
    @given(name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60))
    def test_any_guest_name_is_sanitised(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, name: str
    ) -> None:
        """Every string that the reception can enter is sanitised."""
        reservation = add_guest(vendors, names, guest={"lastName": name})

        response = ask_for_stay(operator, names, reservation)

        guest_name = response["result"]["guest_name"]
        assert response["outcome"] == "done"
        assert guest_name == " ".join(guest_name.split())
        assert not set(guest_name) & set("<>\0\x1b\u202e")

    @HYPOTHESIS_SETTINGS
    @given(
        arrival=st.dates(ARRIVAL - timedelta(days=400), ARRIVAL + timedelta(days=400)),
        nights=st.integers(-3, 400),
        adults=st.integers(-1, 12),
    )
    def test_any_availability_request_is_validated_before_the_pms(
        self,
        operator: ApiClient,
        vendors: StubClients,
        names: IdFactory,
        arrival: date,
        nights: int,
        adults: int,
    ) -> None:
        """Apaleo is asked for possible stays only; others get 422."""
        call_id = names.call()
        operator.send_event(call_started(call_id))
        before = len(vendors.apaleo.requests("listOffers"))
        today = date.today()  # noqa: DTZ011 - differs from the hotel's day near midnight, hence the exception below
        possible = arrival > today and 1 <= nights <= 365 and 1 <= adults <= 9
        dates: dict[str, Any] = {
            "arrival": str(arrival),
            "departure": str(arrival + timedelta(days=nights)),
        }

        response = operator.post_event(
            call_interaction(call_id, "availability_request", **dates, adults=adults)
        )

        requests = len(vendors.apaleo.requests("listOffers")) - before
        if arrival != today:
            assert (response.status_code, requests) == ((200, 1) if possible else (422, 0))

    @HYPOTHESIS_SETTINGS
    @given(reservation_id=st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
    def test_any_reservation_id_is_validated_before_the_pms(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, reservation_id: str
    ) -> None:
        """An id of another form is rejected before Apaleo is asked."""
        before = reservation_reads(vendors)

        response = operator.post_event(call_started(names.call(), reservation_id=reservation_id))

        possible = (
            0 < len(reservation_id) <= 64
            and reservation_id[0].isalnum()
            and reservation_id.isascii()
            and all(character.isalnum() or character in "_.-" for character in reservation_id)
        )
        assert response.status_code == (200 if possible else 422)
        assert possible or reservation_reads(vendors) == before
