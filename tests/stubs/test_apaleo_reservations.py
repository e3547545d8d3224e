"""Reservations of Apaleo's stub: filters, sorting, expansion, units."""

from __future__ import annotations

import httpx
import pytest

from tests.stubs.apaleo_calls import ids
from tests.stubs.stub_calls import violations


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


def test_unit_is_assigned_in_its_condition_and_locked(guests: httpx.Client) -> None:
    """All units are clean; a unit for a part of the stay is not modelled."""
    actions = "/booking/v1/reservation-actions/XPGMSXGF-1/assign-unit"
    dirty = guests.put(f"{actions}?unitConditions=Dirty")
    part = guests.put(f"{actions}/MUC-101?from=2027-05-11")
    locked = guests.put(f"{actions}/MUC-101?lockUnit=true&from=2027-05-10&to=2027-05-12")

    assert (dirty.status_code, part.status_code, locked.status_code) == (422, 501, 200)
    assert guests.get("/booking/v1/reservations/XPGMSXGF-1").json()["isUnitAssignmentLocked"] is True
