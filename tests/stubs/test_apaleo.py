"""Apaleo's stub over HTTP: filters, references, rate plans, bookings, payments and the token endpoint."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from provider_verification.stubs.engine.server import run_stubs
from provider_verification.stubs.vendors.apaleo.state import CLIENT_ID, CLIENT_SECRET

FOLIO = "/finance/v1/folios/XPGMSXGF-1-1"
EUR_50 = {"amount": 50.0, "currency": "EUR"}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The base URL of a running stub."""
    with run_stubs(["apaleo"]) as urls:
        yield urls["apaleo"]


@pytest.fixture
def apaleo(url: str) -> Iterator[httpx.Client]:
    """A client of a fresh stub with a token for everything."""
    with httpx.Client(base_url=url) as client:
        client.post("/_stub/reset").raise_for_status()
        client.headers["Authorization"] = f"Bearer {set_state(client, 'an access token')['token']}"
        yield client
        assert client.get("/_stub/defects").json() == []


@pytest.fixture
def guests(apaleo: httpx.Client) -> httpx.Client:
    """A client of a stub with three reservations: one to come, one in the house and a cancelled one."""
    set_state(apaleo, "a reservation", id="XPGMSXGF-1", ahead=9)
    ada = {"firstName": "Bob", "lastName": "Zimmer", "email": "bob@example.org"}
    set_state(apaleo, "a reservation", id="INHOUSE-1", status="InHouse", unit="MUC-102", guest=ada, due=10.0)
    set_state(apaleo, "a reservation", id="GONE-1", status="Canceled", ahead=3)
    return apaleo


def set_state(apaleo: httpx.Client, name: str, **params: Any) -> dict[str, str]:
    """Set up a provider state and return its values."""
    response = apaleo.post("/_stub/states", json={"state": name, "params": params}).raise_for_status()
    values: dict[str, str] = response.json()
    return values


def ids(response: httpx.Response, plural: str) -> list[str]:
    """Return the ids of a page; none for a 204."""
    if response.status_code == 204:
        return []
    return [item["id"] for item in response.raise_for_status().json()[plural]]


def violations(apaleo: httpx.Client, kind: str) -> list[str]:
    """Return where the violations of a kind are."""
    return [item["where"] for item in apaleo.get("/_stub/violations").json() if item["kind"] == kind]


def booking(**fields: Any) -> dict[str, Any]:
    """The body of a booking of one night, with other fields of the reservation."""
    reservation = {
        "arrival": "2027-05-20", "departure": "2027-05-21", "adults": 1, "channelCode": "Direct",
        "timeSlices": [{"ratePlanId": "MUC-FLEX_DBL"}], **fields,
    }  # fmt: skip
    return {"booker": {"lastName": "Muster"}, "reservations": [reservation]}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=Confirmed", ["XPGMSXGF-1"]),
        ("ratePlanIds=MUC-FLEX_DBL,OTHER&status=InHouse", ["INHOUSE-1"]),
        ("ratePlanIds=OTHER", []),
        ("unitGroupTypes=ParkingLot", []),
        ("unitIds=MUC-102", ["INHOUSE-1"]),
        ("companyIds=X", []),
        ("blockIds=X", []),
        ("sources=X", []),
        ("channelCode=Ibe", []),
        ("channelCode=Ibe,Direct&status=InHouse", ["INHOUSE-1"]),
        ("externalCode=X", []),
        ("allFoliosHaveInvoice=true", []),
        ("isPreCheckedIn=true", []),
        ("hasActivePaymentAccount=true", []),
        ("validationMessageCategory=AutoUnitAssignment", []),
        ("textSearch=zIMM", ["INHOUSE-1"]),
        ("textSearch=%2B4930", []),
        ("balanceFilter=gte_-10", ["INHOUSE-1"]),
        ("balanceFilter=lt_0,gt_-11", ["INHOUSE-1"]),
        ("balanceFilter=eq_-240", ["XPGMSXGF-1", "GONE-1"]),
        ("dateFilter=Arrival&from=2027-05-10T00:00:00Z", ["XPGMSXGF-1"]),
        ("dateFilter=Departure&to=2027-05-03T12:00:00Z", ["INHOUSE-1"]),
        ("dateFilter=Stay&from=2027-05-02T00:00:00Z&to=2027-05-03T00:00:00Z", ["INHOUSE-1"]),
        ("dateFilter=Cancellation&from=2027-01-01T00:00:00Z", ["GONE-1"]),
        ("dateFilter=Creation&to=2027-01-01T00:00:00Z", []),
        ("sort=arrival:desc", ["XPGMSXGF-1", "GONE-1", "INHOUSE-1"]),
        ("sort=lastname:desc,id:desc", ["INHOUSE-1", "XPGMSXGF-1", "GONE-1"]),
    ],
)  # fmt: skip
def test_reservations_are_filtered_and_sorted(guests: httpx.Client, query: str, found: list[str]) -> None:
    """Every documented filter has its documented meaning."""
    assert ids(guests.get(f"/booking/v1/reservations?{query}"), "reservations") == found


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("dateFilter=Arrival", "dateFilter: at least one of from and to should be given"),
        ("from=2027-05-10T00:00:00Z&to=2027-05-10T00:00:00Z", "to should be larger than from"),
        ("balanceFilter=less_5", "balanceFilter: 'less_5' should be of the form 'lt_0'"),
        ("balanceFilter=lt_x", "balanceFilter: 'lt_x' should be of the form 'lt_0'"),
        (
            "to=2027-05-10T00:00:00.000Z",
            "to: '2027-05-10T00:00:00.000Z' should be a date-time with an offset and without a fraction of a second",
        ),
    ],
)
def test_filter_without_meaning_is_rejected(guests: httpx.Client, query: str, message: str) -> None:
    """422 with a message that names the parameter."""
    response = guests.get(f"/booking/v1/reservations?{query}")

    assert (response.status_code, response.json()) == (422, {"messages": [message]})


def test_reservation_has_what_expand_names(guests: httpx.Client) -> None:
    """Time slices and assigned units are there only if they are asked for."""
    plain = guests.get("/booking/v1/reservations/INHOUSE-1").json()
    full = guests.get("/booking/v1/reservations/INHOUSE-1?expand=timeSlices,assignedUnits,booker").json()

    assert not {"timeSlices", "assignedUnits", "booker"} & plain.keys()
    assert [item["serviceDate"] for item in full["timeSlices"]] == ["2027-05-01", "2027-05-02"]
    assert full["assignedUnits"][0]["unit"]["id"] == "MUC-102"


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/booking/v1/reservations?expand=booker,nonsense", "query.expand"),
        ("/booking/v1/reservations?sort=price:asc", "query.sort"),
        ("/booking/v1/bookings/XPGMSXGF?expand=nonsense", "query.expand"),
        ("/rateplan/v1/rate-plans?expand=nonsense", "query.expand"),
    ],
)
def test_unknown_value_to_expand_or_sort_by_is_a_warning(
    guests: httpx.Client, path: str, location: str
) -> None:
    """Apaleo ignores it silently; the client learns about it from the stub."""
    assert guests.get(path).status_code == 200
    assert violations(guests, "warning") == [location]


def test_list_in_several_parameters_is_read_with_a_warning(guests: httpx.Client) -> None:
    """Apaleo documents commas; a scalar is still given once."""
    twice = guests.get("/booking/v1/reservations?status=InHouse&status=Canceled")
    scalar = guests.get("/booking/v1/reservations?bookingId=A&bookingId=B")

    assert ids(twice, "reservations") == ["INHOUSE-1", "GONE-1"]
    assert violations(guests, "warning") == ["query.status"]
    assert scalar.status_code == 422


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
    ("query", "unit_groups"),
    [
        ("", 1),
        ("&adults=3", 0),
        ("&childrenAges=1,2", 0),
        ("&unitGroupIds=OTHER", 0),
        ("&unitGroupTypes=BedRoom", 1),
        ("&onlySellable=true", 1),
    ],
)
def test_availability_is_filtered(apaleo: httpx.Client, query: str, unit_groups: int) -> None:
    """A unit group that does not fit is left out of each night."""
    body = apaleo.get(
        f"/availability/v1/unit-groups?propertyId=MUC&from=2027-05-10&to=2027-05-10{query}"
    ).json()

    assert [len(item["unitGroups"]) for item in body["timeSlices"]] == [unit_groups]


def test_availability_counts_the_reservations_of_each_night(guests: httpx.Client) -> None:
    """A night is sold to those who stay in it, and not to the one who cancelled."""
    query = "propertyId=MUC&from=2027-05-02&to=2027-05-12"

    body = guests.get(f"/availability/v1/unit-groups?{query}&pageNumber=2&pageSize=5").json()
    first = guests.get(f"/availability/v1/unit-groups?{query}&pageSize=5").json()

    assert body["count"] == 11
    assert [item["property"]["soldCount"] for item in first["timeSlices"]] == [1, 0, 0, 0, 0]
    assert [item["property"]["soldCount"] for item in body["timeSlices"]] == [0, 0, 0, 1, 1]


@pytest.mark.parametrize(
    "path", ["/availability/v1/unit-groups?propertyId=MUC&", "/booking/v1/offers?propertyId=MUC&adults=1&"]
)
@pytest.mark.parametrize(
    ("first", "last"),
    [("0001-01-01", "9999-01-01"), ("1970-01-01", "2199-12-31"), ("2027-05-01", "9999-12-31")],
)
def test_interval_of_centuries_is_rejected(apaleo: httpx.Client, path: str, first: str, last: str) -> None:
    """The request ends with 422, whatever the interval."""
    names = ("arrival", "departure") if "offers" in path else ("from", "to")

    response = apaleo.get(f"{path}{names[0]}={first}&{names[1]}={last}")

    assert response.status_code == 422


def test_work_of_a_request_is_bounded(apaleo: httpx.Client) -> None:
    """The longest intervals with the most reservations cost a fraction of a second of the stub's time."""
    set_state(apaleo, "reservations", count=10_000)
    paths = [
        "/availability/v1/unit-groups?propertyId=MUC&from=2027-05-01&to=2032-05-01",
        "/booking/v1/offers?propertyId=MUC&adults=1&arrival=2027-05-01&departure=2032-05-01&includeUnavailable=true",
        "/booking/v1/reservations?sort=lastname:asc&expand=actions,timeSlices&pageSize=1",
        "/finance/v1/folios?textSearch=muster&pageSize=1",
    ]
    started = time.process_time()

    statuses = [apaleo.get(path).status_code for path in paths]

    assert statuses == [200, 200, 200, 200]
    # The stub runs in this process; without a bound the first two cost minutes of processor time.
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/availability/v1/unit-groups?propertyId=XXX&from=2027-05-10&to=2027-05-11", 404),
        ("/booking/v1/offers?propertyId=XXX&arrival=2027-05-10&departure=2027-05-11&adults=1", 404),
        ("/inventory/v1/properties/XXX", 404),
        ("/rateplan/v1/rate-plans/XXX", 404),
        ("/rateplan/v1/rate-plans/XXX/rates?from=2027-05-10&to=2027-05-11", 404),
        ("/finance/v1/folios/XXX", 404),
        ("/finance/v1/folios/XXX/payments", 404),
        ("/finance/v1/folios/XPGMSXGF-1-1/payments/XXX", 404),
        ("/finance/v1/folios/XPGMSXGF-1-1/refunds/XXX", 404),
        ("/inventory/v1/units?propertyId=XXX", 204),
        ("/inventory/v1/unit-groups?propertyId=XXX", 204),
        ("/rateplan/v1/rate-plans?propertyId=XXX", 204),
    ],
)
def test_unknown_id_is_404_or_finds_nothing(guests: httpx.Client, path: str, status: int) -> None:
    """404 for what a request is about, an empty page for a filter."""
    assert guests.get(path).status_code == status


@pytest.mark.parametrize(
    ("path", "plural", "found"),
    [
        ("/inventory/v1/properties?countryCode=AT,DE", "properties", ["MUC"]),
        ("/inventory/v1/properties?countryCode=AT", "properties", []),
        ("/inventory/v1/properties?status=Test", "properties", []),
        ("/inventory/v1/properties?includeArchived=true", "properties", ["MUC"]),
        ("/inventory/v1/unit-groups?unitGroupTypes=BedRoom", "unitGroups", ["MUC-DBL"]),
        ("/inventory/v1/unit-groups?unitGroupTypes=Other", "unitGroups", []),
        ("/inventory/v1/units?isOccupied=true", "units", ["MUC-102"]),
        ("/inventory/v1/units?textSearch=103", "units", ["MUC-103"]),
        ("/inventory/v1/units?condition=Dirty", "units", []),
        ("/inventory/v1/units?maintenanceType=OutOfOrder", "units", []),
        ("/inventory/v1/units?unitGroupIds=OTHER", "units", []),
        ("/inventory/v1/units?unitAttributeIds=X", "units", []),
        ("/rateplan/v1/rate-plans?ratePlanCodes=FLEX_DBL", "ratePlans", ["MUC-FLEX_DBL"]),
        ("/rateplan/v1/rate-plans?ratePlanCodes=OTHER", "ratePlans", []),
        ("/rateplan/v1/rate-plans?isDerived=true", "ratePlans", []),
        ("/rateplan/v1/rate-plans?channelCodes=Ibe", "ratePlans", ["MUC-FLEX_DBL"]),
        ("/rateplan/v1/rate-plans?channelCodes=Unknown", "ratePlans", []),
        ("/rateplan/v1/rate-plans?promoCodes=X", "ratePlans", []),
        ("/finance/v1/folios?bookingIds=INHOUSE", "folios", ["INHOUSE-1-1"]),
        ("/finance/v1/folios?type=House", "folios", []),
        ("/finance/v1/folios?status=Closed", "folios", []),
        ("/finance/v1/folios?balanceFilter=gt_-11", "folios", ["INHOUSE-1-1"]),
        ("/finance/v1/folios?textSearch=zimmer", "folios", ["INHOUSE-1-1"]),
        ("/finance/v1/folios?createdFrom=2028-01-01T00:00:00Z", "folios", []),
        ("/finance/v1/folios?updatedTo=2028-01-01T00:00:00Z&onlyMain=true", "folios",
         ["XPGMSXGF-1-1", "INHOUSE-1-1", "GONE-1-1"]),
    ],
)  # fmt: skip
def test_inventory_rate_plans_and_folios_are_filtered(
    guests: httpx.Client, path: str, plural: str, found: list[str]
) -> None:
    """Every modelled filter has its plain meaning."""
    assert ids(guests.get(path), plural) == found


def test_property_has_status_and_company(apaleo: httpx.Client) -> None:
    """In the list as well as by id; names and terms are in the languages that are asked for."""
    listed = apaleo.get("/inventory/v1/properties").json()["properties"][0]
    single = apaleo.get("/inventory/v1/properties/MUC?languages=de").json()

    for item in (listed, single):
        assert (item["status"], item["isArchived"], item["companyName"]) == ("Live", False, "Example Hotels")
    assert (listed["name"], single["name"]) == ("Hotel Example", {"de": "Hotel Example"})
    assert apaleo.get("/inventory/v1/properties/$count").json() == {"count": 1}
    assert [apaleo.head(f"/inventory/v1/properties/{name}").status_code for name in ("MUC", "X")] == [
        200,
        404,
    ]


def test_rate_plan_has_names_by_language_and_rates_per_night(apaleo: httpx.Client) -> None:
    """The last day of the rates is excluded, unlike that of an availability."""
    rate_plan = apaleo.get("/rateplan/v1/rate-plans/MUC-FLEX_DBL?languages=en&expand=unitGroup").json()
    rates = apaleo.get("/rateplan/v1/rate-plans/MUC-FLEX_DBL/rates?from=2027-05-10&to=2027-05-12").json()
    empty = apaleo.get("/rateplan/v1/rate-plans/MUC-FLEX_DBL/rates?from=2027-05-10&to=2027-05-10")

    assert (rate_plan["name"], rate_plan["unitGroup"]["code"]) == ({"en": "Flexible"}, "DBL")
    assert rate_plan["property"] == {"id": "MUC"}
    assert [item["from"][:10] for item in rates["rates"]] == ["2027-05-10", "2027-05-11"]
    assert [price["adults"] for price in rates["rates"][0]["calculatedPrices"]] == [1, 2]
    assert empty.status_code == 422


def test_payments_and_refunds_change_the_balance(guests: httpx.Client) -> None:
    """A payment reduces what the guest owes, on the folio and on the reservation; a refund takes it back."""
    payment = guests.post(f"{FOLIO}/payments", json={"method": "Cash", "amount": EUR_50, "receipt": "7"})
    captured = {"transactionReference": "T1", "referenceType": "PspReference", "amount": EUR_50}
    guests.post(f"{FOLIO}/payments/by-authorization", json=captured).raise_for_status()
    refund = guests.post(
        f"{FOLIO}/refunds", json={"method": "Cash", "amount": {"amount": 30.5, "currency": "EUR"}}
    )

    folio = guests.get(f"{FOLIO}?expand=payments").json()
    reservation = guests.get("/booking/v1/reservations/XPGMSXGF-1").json()

    assert (payment.status_code, refund.status_code) == (201, 201)
    assert folio["balance"] == reservation["balance"] == {"amount": -170.5, "currency": "EUR"}
    assert len(folio["payments"]) == 3
    assert guests.get(payment.headers["Location"]).json()["receipt"] == "7"
    assert guests.get(refund.headers["Location"]).json()["amount"]["amount"] == 30.5
    assert ids(guests.get(f"{FOLIO}/payments?pageSize=1"), "payments") == ["XPGMSXGF-1-1-P2"]
    assert ids(guests.get(f"{FOLIO}/refunds?statusCodes=Success"), "refunds") == [refund.json()["id"]]
    assert ids(guests.get(f"{FOLIO}/refunds?statusCodes=Pending"), "refunds") == []


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (f"{FOLIO}/payments", {"amount": EUR_50}, 422),
        (f"{FOLIO}/payments", {"method": "Cash", "amount": {"amount": -1, "currency": "EUR"}}, 422),
        (f"{FOLIO}/payments", {"method": "Cash", "amount": {"amount": 1, "currency": "USD"}}, 422),
        (f"{FOLIO}/payments", {"method": "Cash", "amount": EUR_50, "paidCharges": [{"chargeId": "X"}]}, 422),
        (f"{FOLIO}/refunds", {"method": "Cash", "amount": EUR_50}, 422),
        (f"{FOLIO}/payments/X/refunds", {"amount": EUR_50}, 404),
        ("/finance/v1/folios/NOPE-1-1/payments", {"method": "Cash", "amount": EUR_50}, 404),
    ],
)
def test_payment_is_checked(guests: httpx.Client, path: str, body: Any, status: int) -> None:
    """Method, currency, charge, folio and what can be refunded; nothing is recorded otherwise."""
    assert guests.post(path, json=body).status_code == status
    assert guests.get(f"{FOLIO}").json()["balance"]["amount"] == -240.0


def test_refund_of_a_payment_is_at_most_the_payment(guests: httpx.Client) -> None:
    """One payment cannot be refunded from another."""
    small = {"method": "Cash", "amount": {"amount": 10, "currency": "EUR"}}
    first = guests.post(f"{FOLIO}/payments", json=small).json()["id"]
    guests.post(f"{FOLIO}/payments", json={"method": "Cash", "amount": EUR_50})

    too_large = guests.post(f"{FOLIO}/payments/{first}/refunds", json={"amount": EUR_50})
    fitting = guests.post(f"{FOLIO}/payments/{first}/refunds", json={"amount": small["amount"]})

    assert (too_large.status_code, fitting.status_code) == (422, 201)


def test_payment_with_a_key_is_made_once(guests: httpx.Client) -> None:
    """The first response again for the same request, 422 for another one."""
    key = {"Idempotency-Key": "payment-1"}
    body = {"method": "Cash", "amount": EUR_50}

    responses = [guests.post(f"{FOLIO}/payments", json=body, headers=key) for _ in range(2)]
    other = guests.post(f"{FOLIO}/refunds", json=body, headers=key)

    assert responses[0].json() == responses[1].json()
    assert other.status_code == 422
    assert guests.get(FOLIO).json()["balance"]["amount"] == -190.0


def test_unit_is_assigned_in_its_condition_and_locked(guests: httpx.Client) -> None:
    """All units are clean; a unit for a part of the stay is not modelled."""
    actions = "/booking/v1/reservation-actions/XPGMSXGF-1/assign-unit"
    dirty = guests.put(f"{actions}?unitConditions=Dirty")
    part = guests.put(f"{actions}/MUC-101?from=2027-05-11")
    locked = guests.put(f"{actions}/MUC-101?lockUnit=true&from=2027-05-10&to=2027-05-12")

    assert (dirty.status_code, part.status_code, locked.status_code) == (422, 501, 200)
    assert guests.get("/booking/v1/reservations/XPGMSXGF-1").json()["isUnitAssignmentLocked"] is True


@pytest.mark.parametrize(
    ("body", "auth", "status", "error"),
    [
        ({"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}, None, 200, None),
        ({}, (CLIENT_ID, CLIENT_SECRET), 200, None),
        ({"client_id": CLIENT_ID, "client_secret": "wrong"}, None, 400, "invalid_client"),
        (
            {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET},
            (CLIENT_ID, "wrong"),
            400,
            "invalid_client",
        ),
        ({"client_id": CLIENT_ID}, None, 400, "invalid_client"),
        ({"scope": "nonsense"}, (CLIENT_ID, CLIENT_SECRET), 400, "invalid_scope"),
        ({"grant_type": "password"}, (CLIENT_ID, CLIENT_SECRET), 400, "unsupported_grant_type"),
    ],
)
def test_token_is_issued_for_credentials_in_the_body_or_the_header(
    apaleo: httpx.Client, body: dict[str, str], auth: Any, status: int, error: str | None
) -> None:
    """The header counts if both are there."""
    del apaleo.headers["Authorization"]
    form = {"grant_type": "client_credentials", **body}

    response = apaleo.post("/connect/token", data=form, auth=auth)

    assert (response.status_code, response.json().get("error")) == (status, error)
