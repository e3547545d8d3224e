"""Bookings and offers of Apaleo's stub."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.stubs.apaleo_calls import booking, ids
from tests.stubs.stub_calls import set_state


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("bookingIds=XPGMSXGF,OTHER", ["XPGMSXGF"]),
        ("reservationId=INHOUSE-1", ["INHOUSE"]),
        ("channelCode=Expedia", []),
        ("groupId=X", []),
        ("hasActivePaymentAccount=true", []),
        ("externalCode=X", []),
        ("textSearch=muster", ["XPGMSXGF", "INHOUSE", "GONE"]),
        ("textSearch=XPGM", []),
    ],
)
def test_bookings_are_filtered(guests: httpx.Client, query: str, found: list[str]) -> None:
    """A text is looked up in the booker only."""
    assert ids(guests.get(f"/booking/v1/bookings?{query}"), "bookings") == found


def test_booking_has_its_reservations_if_expanded(guests: httpx.Client) -> None:
    """And what they are worth at the property."""
    plain = guests.get("/booking/v1/bookings/XPGMSXGF").json()
    full = guests.get("/booking/v1/bookings/XPGMSXGF?expand=reservations,propertyValues,property").json()

    assert not {"reservations", "propertyValues"} & plain.keys()
    assert [item["id"] for item in full["reservations"]] == ["XPGMSXGF-1"]
    assert full["reservations"][0]["property"]["name"] == "Hotel Example"
    assert full["propertyValues"][0]["totalGrossAmount"] == {"amount": 240.0, "currency": "EUR"}


def test_booking_patch_changes_booker_and_comments(guests: httpx.Client) -> None:
    """What was patched is returned by the booking, and the new booker by its reservations."""
    changes = [
        {"op": "add", "path": "/comment", "value": "late"},
        {"op": "replace", "path": "/booker", "value": {"lastName": "Neu"}},
    ]
    patched = guests.patch("/booking/v1/bookings/XPGMSXGF", json=changes)

    body = guests.get("/booking/v1/bookings/XPGMSXGF").json()
    reservation = guests.get("/booking/v1/reservations/XPGMSXGF-1?expand=booker").json()
    guests.patch("/booking/v1/bookings/XPGMSXGF", json=[{"op": "remove", "path": "/comment"}])

    assert patched.status_code == 204
    assert (body["comment"], body["booker"], reservation["booker"]) == (
        "late",
        {"lastName": "Neu"},
        {"lastName": "Neu"},
    )
    assert "comment" not in guests.get("/booking/v1/bookings/XPGMSXGF").json()


@pytest.mark.parametrize(
    ("booking_id", "change", "status"),
    [
        ("NOPE", {"op": "add", "path": "/comment", "value": "x"}, 404),
        ("XPGMSXGF", {"op": "replace", "path": "/booker", "value": {"firstName": "A"}}, 422),
        ("XPGMSXGF", {"op": "replace", "path": "/booker", "value": {"lastName": "A", "title": "King"}}, 422),
        ("XPGMSXGF", {"op": "add", "path": "/comment", "value": 5}, 422),
        ("XPGMSXGF", {"op": "replace", "path": "/reservations", "value": []}, 422),
        ("XPGMSXGF", {"op": "copy", "from": "/comment", "path": "/reservations/0/comment"}, 501),
    ],
)
def test_booking_patch_is_checked(
    guests: httpx.Client, booking_id: str, change: dict[str, Any], status: int
) -> None:
    """A patch of anything else is rejected; copying between a booking and its reservations is not modelled."""
    before = guests.get("/booking/v1/bookings/XPGMSXGF").json()

    response = guests.patch(
        f"/booking/v1/bookings/{booking_id}", json=[{"op": "add", "path": "/comment", "value": "x"}, change]
    )

    assert response.status_code == status
    assert guests.get("/booking/v1/bookings/XPGMSXGF").json() == before


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"timeSlices": [{"ratePlanId": "OTHER"}]}, "the rate plan does not exist"),
        ({"services": [{"serviceId": "MUC-SAUNA"}]}, "the service does not exist"),
        ({"companyId": "ACME"}, "the company does not exist"),
        ({"corporateCode": "ACME"}, "the corporate code does not exist"),
        ({"channelCode": "ChannelManager"}, "Source is required for ChannelManager channel"),
    ],
)
def test_reference_of_a_booking_is_looked_up(
    apaleo: httpx.Client, fields: dict[str, Any], message: str
) -> None:
    """422 for what does not exist."""
    response = apaleo.post("/booking/v1/bookings", json=booking(**fields))

    assert (response.status_code, response.json()) == (422, {"messages": [message]})


def test_booked_fields_are_returned(apaleo: httpx.Client) -> None:
    """Services, codes and comments of a new reservation are those that were sent, and filters find them."""
    body = booking(
        channelCode="ChannelManager", source="Agoda", externalCode="EXT-7", comment="quiet",
        services=[{"serviceId": "MUC-BREAKFAST"}], guaranteeType="CreditCard",
    )  # fmt: skip
    created = apaleo.post("/booking/v1/bookings", json=body).raise_for_status().json()

    found = apaleo.get("/booking/v1/reservations?externalCode=EXT&sources=Agoda&expand=services").json()

    assert [item["id"] for item in found["reservations"]] == [created["reservationIds"][0]["id"]]
    reservation = found["reservations"][0]
    assert (reservation["comment"], reservation["guaranteeType"]) == ("quiet", "CreditCard")
    assert reservation["services"][0]["service"]["id"] == "MUC-BREAKFAST"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 200),
        ("&unitGroupIds=MUC-DBL,OTHER", 200),
        ("&unitGroupIds=OTHER", 204),
        ("&unitGroupTypes=ParkingLot", 204),
        ("&timeSliceTemplate=DayUse", 204),
        ("&childrenAges=4", 200),
        ("&childrenAges=4,5", 204),
    ],
)
def test_offers_are_filtered(apaleo: httpx.Client, query: str, status: int) -> None:
    """Children count as persons; there is an offer for what the hotel sells."""
    stay = "propertyId=MUC&arrival=2027-05-10&departure=2027-05-12&adults=1"

    assert apaleo.get(f"/booking/v1/offers?{stay}{query}").status_code == status


def test_unavailable_offer_is_returned_if_asked_for(apaleo: httpx.Client) -> None:
    """With no unit to sell."""
    set_state(apaleo, "units to sell", available=0)
    stay = "propertyId=MUC&arrival=2027-05-10&departure=2027-05-12&adults=1"

    body = apaleo.get(f"/booking/v1/offers?{stay}&includeUnavailable=true").json()

    assert apaleo.get(f"/booking/v1/offers?{stay}").status_code == 204
    assert body["offers"][0]["availableUnits"] == 0


@pytest.mark.parametrize(
    ("method", "path", "body", "message"),
    [
        ("POST", "bookings", booking(timeSlices=[{"ratePlanId": "X"}]), "the rate plan does not exist"),
        ("POST", "bookings", booking(departure="2027-05-20"), "departure should be after arrival"),
        ("POST", "bookings", booking(companyId="X"), "the company does not exist"),
        (
            "PATCH",
            "bookings/XPGMSXGF",
            [{"op": "add", "path": "/status"}],
            "'add' of '/status' is not possible",
        ),
        ("PATCH", "reservations/XPGMSXGF-1", [{"op": "add", "path": "/x"}], "'add' of '/x' is not possible"),
    ],
)
def test_body_that_apaleo_rejects_is_a_violation(
    guests: httpx.Client, method: str, path: str, body: Any, message: str
) -> None:
    """Also where only the operation can tell, because JSON Schema does not express the rule."""
    response = guests.request(method, f"/booking/v1/{path}", json=body)

    violations = guests.get("/_stub/violations?kind=rejected").json()
    assert (response.status_code, response.json()) == (422, {"messages": [message]})
    assert [item["requires"] for item in violations] == [message]


def test_idempotency_key_of_another_request_is_a_violation(guests: httpx.Client) -> None:
    """A booking that is sold out or a wrong status is none: they depend on the hotel, not on the client."""
    for adults in (1, 2):
        body = booking(adults=adults)
        response = guests.post("/booking/v1/bookings", json=body, headers={"Idempotency-Key": "a"})

    guests.put("/booking/v1/reservation-actions/XPGMSXGF-1/checkout")

    violations = guests.get("/_stub/violations?kind=rejected").json()
    assert response.status_code == 422
    assert [item["requires"] for item in violations] == ["the Idempotency-Key was used for another request"]
