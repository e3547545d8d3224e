"""Properties, units, rate plans and availability of Apaleo's stub, and the ids that a request refers to."""

from __future__ import annotations

import time

import httpx
import pytest

from tests.stubs.apaleo_calls import ids
from tests.stubs.stub_calls import set_state


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


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("/booking/v1/reservations/$count?status=InHouse,Canceled", 2),
        ("/booking/v1/reservations/$count?bookingId=X", 0),
        ("/finance/v1/folios/$count?type=Guest", 3),
        ("/rateplan/v1/rate-plans/$count?propertyId=MUC", 1),
        ("/rateplan/v1/rate-plans/$count?isDerived=true", 0),
    ],
)
def test_items_are_counted(guests: httpx.Client, path: str, count: int) -> None:
    """With the filters of the list; `$count` is no id, and none is 200 instead of 204."""
    response = guests.get(path)

    assert (response.status_code, response.json()) == (200, {"count": count})


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
