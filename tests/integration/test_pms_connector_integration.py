"""The hotel's PMS behind the telephone: Apaleo, and others by the same connector."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local_stack.orchestrator_process import StartError
from local_stack.stack import ADMIN, WEBHOOK_SECRET, Stack, run_stack
from tests.integration import pact_coverage
from tests.integration.api import ApiClient, IdFactory, call_ended, call_interaction, call_started
from tests.integration.conftest import LENIENT_SETTINGS, login_client, require_local_stack
from tests.integration.vendors import StubClients

MEWS_HOTEL = "5f0a1c2e-0000-4000-8000-000000000004"
ARRIVAL = date.today() + timedelta(days=60)  # noqa: DTZ011 - any day to come will do
DATES: dict[str, Any] = {"arrival": str(ARRIVAL), "departure": str(ARRIVAL + timedelta(days=2))}
HYPOTHESIS_SETTINGS = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def guest(vendors: StubClients, names: IdFactory, **stay: Any) -> str:
    """A reservation in the house, and its id."""
    reservation = names.reservation()
    vendors.apaleo.given(
        "a reservation", **{"id": reservation, "status": "InHouse", "unit": "MUC-101", **stay}
    )
    return reservation


def reservation_lookups(vendors: StubClients) -> int:
    """How often Apaleo was asked for a reservation."""
    return len(vendors.apaleo.requests("getReservation"))


def ask_for_stay(operator: ApiClient, names: IdFactory, reservation: str) -> dict[str, Any]:
    """A call of a guest who asks for the stay."""
    call_id = names.call()
    operator.send_event(call_started(call_id, reservation_id=reservation))
    return operator.send_event(call_interaction(call_id, "guest_info_request"))


class TestApaleo:
    """Apaleo's peculiarities stay behind the connector."""

    @pytest.mark.critical
    def test_a_stay_is_read_in_the_hotels_words(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """Status, money and dates have no vendor in them; what is owed is a positive amount."""
        reservation = guest(vendors, names)

        stay = ask_for_stay(operator, names, reservation)["result"]

        assert (stay["status"], stay["balance_due"], stay["arrival"]) == (
            "in_house",
            "240.00 EUR",
            "2027-05-01",
        )

    def test_a_guest_on_a_later_page_is_found(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """The list is read to its end."""
        phone = names.phone()
        vendors.apaleo.given("reservations", count=205)
        reservation = guest(vendors, names, guest={"lastName": "Letzte", "phone": phone})

        begun = operator.send_event(call_started(names.call(), phone))

        assert begun["reply"] == "Good day, Letzte. How may I help you?"
        pages = [one["query"]["pageNumber"] for one in vendors.apaleo.requests("listReservations")]
        assert (pages, reservation != "") == ([["1"], ["2"]], True)

    def test_a_stay_now_goes_before_a_stay_to_come(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """Who calls from the room means this stay."""
        person = {"lastName": "Doppel", "phone": names.phone()}
        guest(vendors, names, status="Confirmed", unit=None, guest=person)
        now = guest(vendors, names, guest=person)
        call_id = names.call()
        operator.send_event(call_started(call_id, person["phone"]))

        stay = operator.send_event(call_interaction(call_id, "guest_info_request"))["result"]

        assert stay["reservation_id"] == now

    @pytest.mark.parametrize(
        "written", ["030 {}", "030/{}", "+49 30 {}", "0049 30 {}", "(030) {}", "+49-30-{}"]
    )
    def test_a_number_is_found_however_it_is_written(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, written: str
    ) -> None:
        """People at reception write numbers as they like."""
        phone = names.phone()
        guest(vendors, names, guest={"lastName": "Ziffer", "phone": written.format(phone[5:])})

        assert operator.send_event(call_started(names.call(), phone))["guest_found"] is True

    @pytest.mark.parametrize(
        "written", ["", "none", "12", "+49", "030 12345 ext 7 or 8 or maybe 9999999999999"]
    )
    def test_invalid_phone_numbers_match_no_guest(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, written: str
    ) -> None:
        """And does not disturb the others."""
        phone = names.phone()
        guest(vendors, names, guest={"lastName": "Leer", "phone": written})
        guest(vendors, names, guest={"lastName": "Ziffer", "phone": phone})

        assert operator.send_event(call_started(names.call(), phone))["reply"].startswith("Good day, Ziffer")

    def test_a_stay_without_a_guest_is_greeted_without_a_name(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """The booker is there, and is greeted instead."""
        reservation = guest(vendors, names, guest=None)

        begun = operator.send_event(call_started(names.call(), reservation_id=reservation))

        assert begun["reply"] == "Guten Tag, Ada Muster. Was darf ich für Sie tun?"


class TestCache:
    """What Apaleo said is believed for a while."""

    def test_a_stay_is_asked_for_once(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """By many calls."""
        reservation = guest(vendors, names)

        for _ in range(3):
            ask_for_stay(operator, names, reservation)

        assert reservation_lookups(vendors) == 1

    def test_concurrent_reads_are_coalesced(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """The others wait for its answer."""
        reservation = guest(vendors, names)
        vendors.apaleo.inject_fault("delay", "getReservation", seconds=0.3, times=1)
        events = [call_started(names.call(), reservation_id=reservation) for _ in range(10)]

        with ThreadPoolExecutor(10) as pool:
            found = [answer["guest_found"] for answer in pool.map(operator.send_event, events)]

        assert (found, reservation_lookups(vendors)) == ([True] * 10, 1)

    @pytest.mark.parametrize(
        "description", ["a reservation was amended", "a unit was assigned to a reservation"]
    )
    def test_apaleos_event_makes_it_ask_again(
        self, stack: Stack, operator: ApiClient, vendors: StubClients, names: IdFactory, description: str
    ) -> None:
        """What changed there is not believed any more."""
        reservation = guest(vendors, names)
        ask_for_stay(operator, names, reservation)

        answer = _tell(stack, vendors, description, reservation)
        ask_for_stay(operator, names, reservation)

        assert (answer.status_code, reservation_lookups(vendors)) == (200, 2)

    def test_an_event_of_a_booking_is_one_of_its_reservations(
        self, stack: Stack, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """Bookings' events name no reservation."""
        reservation = guest(vendors, names)
        ask_for_stay(operator, names, reservation)

        _tell(stack, vendors, "a booking was changed", reservation.rpartition("-")[0])
        ask_for_stay(operator, names, reservation)

        assert reservation_lookups(vendors) == 2

    @pytest.mark.parametrize("secret", ["", "wrong", WEBHOOK_SECRET.upper()])
    def test_an_event_without_the_secret_is_refused(
        self, stack: Stack, operator: ApiClient, vendors: StubClients, names: IdFactory, secret: str
    ) -> None:
        """And changes nothing."""
        reservation = guest(vendors, names)
        ask_for_stay(operator, names, reservation)

        answer = _tell(stack, vendors, "a reservation was amended", reservation, secret)
        ask_for_stay(operator, names, reservation)

        assert (answer.status_code, reservation_lookups(vendors)) == (401, 1)

    @pytest.mark.parametrize("body", [b"", b"{}", b'{"id": 1}', b"[]", b"\xff"])
    def test_what_is_no_event_is_refused(self, stack: Stack, body: bytes) -> None:
        """422, with the fields."""
        answer = httpx.post(
            f"{stack.url}/v1/apaleo/webhook", params={"secret": WEBHOOK_SECRET}, content=body, timeout=20
        )

        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "VALIDATION_ERROR")

    def test_apaleo_may_ask_whether_we_are_there(self, stack: Stack, vendors: StubClients) -> None:
        """Before it creates a subscription."""
        body = vendors.apaleo.message("Apaleo asks whether the endpoint answers")

        answer = httpx.post(
            f"{stack.url}/v1/apaleo/webhook", params={"secret": WEBHOOK_SECRET}, content=body, timeout=20
        )

        assert answer.status_code == 200

    def test_what_we_changed_is_asked_for_again(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """A service was booked: the stay costs more."""
        reservation, call_id = guest(vendors, names), names.call()
        operator.send_event(call_started(call_id, reservation_id=reservation))
        operator.send_event(call_interaction(call_id, "late_checkout_request", second=1))

        operator.send_event(call_interaction(call_id, "guest_info_request", second=2))

        assert reservation_lookups(vendors) == 2

    def test_not_found_is_not_cached(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """A reservation may be made a moment later."""
        reservation = names.reservation()
        before = ask_for_stay(operator, names, reservation)["outcome"]
        vendors.apaleo.given("a reservation", id=reservation)

        after = ask_for_stay(operator, names, reservation)["outcome"]

        assert (before, after) == ("refused", "done")


class TestPooling:
    """Connections and tokens are kept."""

    def test_calls_one_after_the_other_share_a_connection(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """No new one for each."""
        for _ in range(15):
            ask_for_stay(operator, names, guest(vendors, names))

        connections = {one["connection"] for one in vendors.apaleo.requests("getReservation")}

        assert (reservation_lookups(vendors), len(connections)) == (15, 1)

    def test_calls_at_once_share_a_token(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """Also when it has just become invalid: one asks for the next, for all."""
        events = [call_started(names.call(), reservation_id=guest(vendors, names)) for _ in range(20)]

        with ThreadPoolExecutor(20) as pool:
            found = [answer["guest_found"] for answer in pool.map(operator.send_event, events)]

        assert found == [True] * 20
        assert len(vendors.apaleo.requests("token")) == 1


class TestErrorsAndFallback:
    """Apaleo fails in all its ways."""

    @pytest.mark.parametrize(
        ("kind", "how"),
        [
            ("status", {"status": 500}),
            ("status", {"status": 429, "retry_after": 30}),
            ("status", {"status": 403}),
            ("truncate", {}),
            ("malformed", {}),
            ("reset", {}),
            ("drop", {"field": "/status"}),
            ("drop", {"field": "/balance/currency"}),
        ],
    )
    def test_a_broken_answer_is_a_warning(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, kind: str, how: dict[str, Any]
    ) -> None:
        """Never an error, and never half a guest."""
        vendors.apaleo.inject_fault(kind, "getReservation", **how)

        begun = operator.send_event(call_started(names.call(), reservation_id=guest(vendors, names)))

        assert (begun["guest_found"], begun["warnings"][0]["code"]) == (False, "PMS_UNAVAILABLE")

    @pytest.mark.parametrize(
        ("kind", "how"),
        [("status", {"status": 503}), ("reset", {}), ("status", {"status": 429, "retry_after": 0})],
    )
    def test_a_read_is_tried_again(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, kind: str, how: dict[str, Any]
    ) -> None:
        """Once broken, then good: nobody notices."""
        ask_for_stay(
            operator, names, guest(vendors, names)
        )  # so that the token is good, and the fault meets the read
        vendors.apaleo.inject_fault(kind, "getReservation", times=1, **how)

        begun = operator.send_event(call_started(names.call(), reservation_id=guest(vendors, names)))

        assert (begun["guest_found"], begun["warnings"], reservation_lookups(vendors)) == (True, [], 3)

    def test_a_booking_is_tried_again_under_the_same_key(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """Apaleo booked, and its answer was lost: it is one booking."""
        vendors.apaleo.inject_fault("reset", "createBooking", times=1)
        call_id = names.call()
        operator.send_event(call_started(call_id))

        made = operator.send_event(
            call_interaction(call_id, "booking_request", **DATES, last_name="Beispiel")
        )
        free = operator.send_event(call_interaction(call_id, "availability_request", second=20, **DATES))

        sent = vendors.apaleo.requests("createBooking")
        assert len({one["headers"]["idempotency-key"] for one in sent}) == 1
        assert (len(sent), made["outcome"]) == (2, "done")
        assert free["result"]["offers"][0]["available"] == 3

    def test_an_action_is_not_tried_again(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """A service would be booked twice."""
        vendors.apaleo.inject_fault("status", "bookService", status=503)
        call_id = names.call()
        operator.send_event(call_started(call_id, reservation_id=guest(vendors, names)))

        answer = operator.send_event(call_interaction(call_id, "late_checkout_request"))

        assert answer["outcome"] == "degraded"
        assert len(vendors.apaleo.requests("bookService")) == 1

    def test_a_dead_pms_is_left_alone(
        self, admin: ApiClient, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """Its circuit opens after three calls, and the others' stay closed."""
        vendors.apaleo.inject_fault("reset")
        for _ in range(3):
            operator.send_event(call_started(names.call(), reservation_id=names.reservation()))

        states = {one["name"]: one["state"] for one in admin.get("/resilience/circuit-breakers").json()}

        assert states == {"apaleo": "open", "tts": "closed", "livekit": "closed"}


class TestValidation:
    """What goes to a PMS makes sense, and what comes from it is fit to be said."""

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("<b>Ada</b>", "Ada"),
            ("<script>alert(1)</script>Ada", "alert(1)Ada"),
            ("A\u0000d\u202ea", "A d a"),
            ("  Ada \n\t Muster ", "Ada Muster"),
            ("x" * 300, "x" * 200),
            ("Zoë Ångström-Łukasz", "Zoë Ångström-Łukasz"),
        ],
    )
    def test_a_name_is_made_fit_to_be_said(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, name: str, said: str
    ) -> None:
        """Without markup, in one line, not endless."""
        reservation = guest(vendors, names, guest={"lastName": name})

        assert ask_for_stay(operator, names, reservation)["result"]["guest_name"] == said

    @HYPOTHESIS_SETTINGS
    @given(name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60))
    def test_any_name_can_be_said(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, name: str
    ) -> None:
        """Whatever reception typed."""
        reservation = guest(vendors, names, guest={"lastName": name})

        answer = ask_for_stay(operator, names, reservation)

        shown = answer["result"]["guest_name"]
        assert answer["outcome"] == "done"
        assert shown == " ".join(shown.split())
        assert not set(shown) & set("<>\0\x1b\u202e")

    @HYPOTHESIS_SETTINGS
    @given(
        arrival=st.dates(ARRIVAL - timedelta(days=400), ARRIVAL + timedelta(days=400)),
        nights=st.integers(-3, 400),
        adults=st.integers(-1, 12),
    )
    def test_any_wish_for_a_stay_is_answered(
        self,
        operator: ApiClient,
        vendors: StubClients,
        names: IdFactory,
        arrival: date,
        nights: int,
        adults: int,
    ) -> None:
        """With an offer, with nothing free, or with what is wrong; Apaleo is asked only for what can be."""
        call_id = names.call()
        operator.send_event(call_started(call_id))
        before = len(vendors.apaleo.requests("listOffers"))
        today = date.today()  # noqa: DTZ011 - the hotel's day is ours, but for two hours of the night
        possible = arrival > today and 1 <= nights <= 365 and 1 <= adults <= 9
        dates: dict[str, Any] = {
            "arrival": str(arrival),
            "departure": str(arrival + timedelta(days=nights)),
        }

        answer = operator.post(
            "/webhook/call-event", call_interaction(call_id, "availability_request", **dates, adults=adults)
        )

        asked = len(vendors.apaleo.requests("listOffers")) - before
        if arrival != today:
            assert (answer.status_code, asked) == ((200, 1) if possible else (422, 0))

    @HYPOTHESIS_SETTINGS
    @given(reservation=st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
    def test_any_reservation_id_is_answered(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, reservation: str
    ) -> None:
        """It is one that can be, or it is refused before Apaleo is asked."""
        before = reservation_lookups(vendors)

        answer = operator.post("/webhook/call-event", call_started(names.call(), reservation_id=reservation))

        possible = (
            0 < len(reservation) <= 64
            and reservation[0].isalnum()
            and reservation.isascii()
            and all(one.isalnum() or one in "_.-" for one in reservation)
        )
        assert answer.status_code == (200 if possible else 422)
        assert possible or reservation_lookups(vendors) == before


class TestConcurrentAccess:
    """Many want the same."""

    async def test_the_last_room_is_sold_once(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """One caller gets it, the others hear that it is gone."""
        vendors.apaleo.given("units to sell", available=1)
        call_ids = [names.call() for _ in range(8)]
        async with httpx.AsyncClient(base_url=operator.url, headers=operator.headers, timeout=60) as http:
            outcomes = await asyncio.gather(*(_booked(http, call_id) for call_id in call_ids))

        assert sorted(outcomes) == ["done", *["refused"] * 7]

    @pytest.mark.slow
    async def test_many_guests_are_told_of_their_own_stay(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """Nobody hears of another's."""
        stays = {names.call(): names.reservation() for _ in range(100)}
        for call_id, reservation in stays.items():
            person = {"lastName": f"Guest {call_id}"}
            vendors.apaleo.given("a reservation", id=reservation, status="InHouse", guest=person)

        async with httpx.AsyncClient(base_url=operator.url, headers=operator.headers, timeout=60) as http:
            heard = await asyncio.gather(*(_heard(http, *one) for one in stays.items()))

        assert heard == [f"Guest {call_id}" for call_id in stays]


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiClient]:
    """An orchestrator of a hotel whose PMS is kept in memory."""
    require_local_stack("needs settings of its own")
    with run_stack(tmp_path_factory.mktemp("memory"), {**LENIENT_SETTINGS, "PMS_KIND": "memory"}) as stack:
        api = login_client(stack.url, *ADMIN)
        yield api
        api.close()


@pytest.fixture(scope="module")
def mews(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """An orchestrator of a hotel whose PMS is Mews."""
    require_local_stack("needs settings of its own")
    with run_stack(tmp_path_factory.mktemp("mews"), {**LENIENT_SETTINGS, "PMS_KIND": "mews"}) as stack:
        yield stack


@pytest.fixture
def at_mews(
    mews: Stack, control: httpx.Client, request: pytest.FixtureRequest
) -> Iterator[tuple[ApiClient, StubClients]]:
    """Its caller and its vendors, begun anew; closed over the pacts, as all are."""
    vendors = StubClients(mews.stub_urls, control)
    for vendor in vendors.all.values():
        vendor.reset()
    api = login_client(mews.url, *ADMIN)
    yield api, vendors
    api.close()
    pact_coverage.fail_on_unknown_requests(request.config, vendors)


class TestMews:
    """Another vendor's PMS behind the same call flow."""

    def test_a_stay_is_told_of(self, at_mews: tuple[ApiClient, StubClients], names: IdFactory) -> None:
        """Put together from four calls; days are the hotel's, and what Mews does not know is left out."""
        api, vendors = at_mews
        reservation = str(uuid.uuid4())
        vendors.mews.given("a reservation", id=reservation, state="Started")
        call_id = names.call()

        begun = api.send_event(_at_mews(call_id, reservation))
        stay = api.send_event(call_interaction(call_id, "guest_info_request"))["result"]

        assert begun["reply"] == "Guten Tag, Ada Muster. Was darf ich für Sie tun?"
        assert (stay["room"], stay["status"], stay["balance_due"]) == ("101", "in_house", None)
        assert (stay["arrival"], stay["departure"]) == ("2027-05-10", "2027-05-12")

    def test_a_stay_is_cancelled_without_a_mail(
        self, at_mews: tuple[ApiClient, StubClients], names: IdFactory
    ) -> None:
        """The guest is on the telephone."""
        api, vendors = at_mews
        reservation = str(uuid.uuid4())
        vendors.mews.given("a reservation", id=reservation, state="Confirmed")
        call_id = names.call()
        api.send_event(_at_mews(call_id, reservation))

        answer = api.send_event(call_interaction(call_id, "cancellation_request", confirmed=True))

        [sent] = vendors.mews.requests("cancelReservations")
        body = json.loads(sent["body"])
        assert (answer["outcome"], body["SendEmail"], body["PostCancellationFee"]) == ("done", False, False)

    @pytest.mark.parametrize("state", ["Started", "Processed", "Canceled"])
    def test_mewss_refusal_is_no_outage(
        self, at_mews: tuple[ApiClient, StubClients], names: IdFactory, state: str
    ) -> None:
        """403 is a business rule there, not a missing right."""
        api, vendors = at_mews
        reservation = str(uuid.uuid4())
        vendors.mews.given("a reservation", id=reservation, state=state)
        call_id = names.call()
        api.send_event(_at_mews(call_id, reservation))

        answer = api.send_event(call_interaction(call_id, "cancellation_request", confirmed=True))

        assert (answer["outcome"], answer["result"], answer["warnings"]) == (
            "refused",
            {"reason": "refused"},
            [],
        )

    def test_a_reservation_mews_does_not_know(
        self, at_mews: tuple[ApiClient, StubClients], names: IdFactory
    ) -> None:
        """200 with an empty list, never 404."""
        api, _ = at_mews

        begun = api.send_event(_at_mews(names.call(), str(uuid.uuid4())))

        assert (begun["guest_found"], begun["warnings"]) == (False, [])

    def test_a_caller_without_a_reservation_is_nobody(
        self, at_mews: tuple[ApiClient, StubClients], names: IdFactory
    ) -> None:
        """Mews finds nobody by number, and is not asked."""
        api, vendors = at_mews

        begun = api.send_event(call_started(names.call(), names.phone()))

        assert (begun["guest_found"], begun["warnings"], vendors.mews.requests()) == (False, [], [])

    def test_mews_away_is_a_warning(self, at_mews: tuple[ApiClient, StubClients], names: IdFactory) -> None:
        """Its circuit is its own."""
        api, vendors = at_mews
        vendors.mews.inject_fault("status", status=500)

        begun = api.send_event(_at_mews(names.call(), str(uuid.uuid4())))

        assert [one["code"] for one in begun["warnings"]] == ["PMS_UNAVAILABLE"]

    def test_no_token_reaches_the_log(
        self,
        at_mews: tuple[ApiClient, StubClients],
        names: IdFactory,
        tmp_path_factory: pytest.TempPathFactory,
    ) -> None:
        """They stand in every body."""
        api, vendors = at_mews
        vendors.mews.inject_fault("malformed")
        api.send_event(_at_mews(names.call(), str(uuid.uuid4())))

        [log] = [
            path.read_text() for path in tmp_path_factory.getbasetemp().glob("mews[0-9]*/orchestrator.log")
        ]

        assert '"route": "/webhook/call-event"' in log
        assert "made-up-access-token" not in log


class TestFactory:
    """The kind of PMS is a setting."""

    def test_another_pms_books_and_tells_alike(self, memory: ApiClient, names: IdFactory) -> None:
        """The same call flow on the same connector."""
        call_id = names.call()
        memory.send_event(call_started(call_id))

        made = memory.send_event(
            call_interaction(call_id, "booking_request", **DATES, last_name="Beispiel", adults=2)
        )
        told_of = memory.send_event(call_interaction(call_id, "guest_info_request", second=20))
        memory.send_event(call_ended(call_id))

        assert (made["outcome"], told_of["result"]["guest_name"]) == ("done", "Beispiel")
        assert told_of["result"]["reservation_id"] == made["result"]["reservation_id"]

    def test_unsupported_capability_is_reported(self, memory: ApiClient, names: IdFactory) -> None:
        """By its capabilities, not by an error from inside."""
        call_id = names.call()
        memory.send_event(call_started(call_id))

        answer = memory.send_event(call_interaction(call_id, "room_service_request", service="breakfast"))

        assert (answer["outcome"], answer["result"]) == ("refused", {"reason": "not_supported"})

    def test_a_stay_is_moved_and_cancelled_there_too(self, memory: ApiClient, names: IdFactory) -> None:
        """Changes and cancellations are the connector's, not Apaleo's."""
        call_id, later = names.call(), str(ARRIVAL + timedelta(days=5))
        memory.send_event(call_started(call_id))
        memory.send_event(call_interaction(call_id, "booking_request", **DATES, last_name="Beispiel"))

        moved = memory.send_event(
            call_interaction(call_id, "change_request", second=20, **DATES | {"departure": later})
        )
        gone = memory.send_event(call_interaction(call_id, "cancellation_request", second=30, confirmed=True))
        stay = memory.send_event(call_interaction(call_id, "guest_info_request", second=40))

        assert [moved["outcome"], gone["outcome"]] == ["done", "done"]
        assert (stay["result"]["departure"], stay["result"]["status"]) == (later, "canceled")

    def test_an_unknown_kind_is_named_at_the_start(self, tmp_path: Path) -> None:
        """With those there are."""
        wanted = "PMS_KIND should be one of apaleo, mews, memory, it is 'opera'"

        with (
            pytest.raises(StartError, match=wanted),
            run_stack(tmp_path, {**LENIENT_SETTINGS, "PMS_KIND": "opera"}),
        ):
            pass


def _at_mews(call_id: str, reservation: str) -> dict[str, Any]:
    event = call_started(call_id, reservation_id=reservation)
    event["metadata"]["hotel_id"] = MEWS_HOTEL
    return event


def _tell(
    stack: Stack, vendors: StubClients, description: str, entity: str, secret: str = WEBHOOK_SECRET
) -> httpx.Response:
    """The stub's own message, about our reservation."""
    event = json.loads(vendors.apaleo.message(description))
    event["data"]["entityId"], event["id"] = entity, f"{description}-{time.time_ns()}"
    return httpx.post(f"{stack.url}/v1/apaleo/webhook", params={"secret": secret}, json=event, timeout=20)


async def _event(http: httpx.AsyncClient, event: dict[str, Any]) -> dict[str, Any]:
    answer = await http.post("/webhook/call-event", json=event)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def _booked(http: httpx.AsyncClient, call_id: str) -> str:
    await _event(http, call_started(call_id))
    made = await _event(http, call_interaction(call_id, "booking_request", **DATES, last_name="Beispiel"))
    outcome: str = made["outcome"]
    return outcome


async def _heard(http: httpx.AsyncClient, call_id: str, reservation: str) -> str:
    await _event(http, call_started(call_id, reservation_id=reservation))
    name: str = (await _event(http, call_interaction(call_id, "guest_info_request")))["result"]["guest_name"]
    return name
