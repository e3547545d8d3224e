"""Values from a PMS that cannot be stored or calculated with make it unavailable: the call continues without it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import httpx
import pytest

from orchestrator.pms.adapters import apaleo_conversion
from orchestrator.pms.adapters.apaleo import ApaleoConnector
from orchestrator.pms.adapters.mews import MewsConnector
from orchestrator.pms.errors import PmsUnavailableError
from orchestrator.pms.models import BookingRequest, Guest
from orchestrator.resilience.policy import NO_RETRY
from orchestrator.vendors.apaleo.client import ApaleoClient
from orchestrator.vendors.mews.client import MewsClient
from orchestrator.vendors.mews.connection import MewsCredentials

ARRIVAL, DEPARTURE = date(2027, 5, 10), date(2027, 5, 12)
STAY = BookingRequest(
    hotel_id="MUC",
    rate_plan_id="MUC-FLEX",
    arrival=ARRIVAL,
    departure=DEPARTURE,
    adults=2,
    guest=Guest(last_name="Muster"),
)
TIMES = {"arrival": "2027-05-10T15:00:00+02:00", "departure": "2027-05-12T11:00:00+02:00"}
EURO = {"amount": -5.5, "currency": "EUR"}
UNIT_GROUP = {"id": "MUC-DBL", "name": "Double"}
RESERVATION: dict[str, Any] = {
    "id": "X-1",
    "bookingId": "X",
    "status": "InHouse",
    "property": {"id": "MUC"},
    "unitGroup": UNIT_GROUP,
    "adults": 2,
    "totalGrossAmount": EURO,
    "balance": EURO,
    "primaryGuest": {"lastName": "Muster"},
    **TIMES,
}
OFFER: dict[str, Any] = {
    "unitGroup": UNIT_GROUP,
    "ratePlan": {"id": "MUC-FLEX"},
    "availableUnits": 2,
    "totalGrossAmount": EURO,
    **TIMES,
}
MEWS_RESPONSES: dict[str, dict[str, Any]] = {
    "configuration": {
        "Enterprise": {
            "Id": "E-1",
            "TimeZoneIdentifier": "Europe/Berlin",
            "DefaultLanguageCode": "de-DE",
        }
    },
    "reservations": {
        "Id": "R-1",
        "RateId": "5f0a1c2e-0000-4000-8000-000000000013",
        "RequestedResourceCategoryId": "5f0a1c2e-0000-4000-8000-000000000014",
        "GroupId": "G-1",
        "AccountId": "A-1",
        "State": "Started",
        "ScheduledStartUtc": "2027-05-10T13:00:00Z",
        "ScheduledEndUtc": "2027-05-12T09:00:00Z",
        "PersonCounts": [{"Count": 2}],
    },
    "customers": {"Id": "A-1", "LastName": "Muster"},
}
UNSTORABLE_IDS = ["", "A\0B-1", "A" * 65, "A" * 5_000, "../../x?y=1#", "a b", "\u0661", "A-1\n"]
ENDLESS = [f'"{number}"' for number in ("1E+2000000", "-1E+30000000", "1e400", "NaN", "inf")] + [
    "1e13",
    "9" * 400,
]


class Pms:
    """A PMS over HTTP that sends whatever a test puts into `bodies`, by a part of the path."""

    def __init__(self) -> None:
        self.bodies: dict[str, str] = {}
        self._http = httpx.AsyncClient(transport=httpx.MockTransport(self._respond))
        client = ApaleoClient(base_url="http://pms.test", tokens=self, http=self._http, policy=NO_RETRY)
        self.apaleo = ApaleoConnector(client, "DE")
        credentials = MewsCredentials("client", "access")
        self._mews_client = MewsClient(
            base_url="http://pms.test", credentials=lambda: credentials, http=self._http, policy=NO_RETRY
        )

    def new_mews(self) -> MewsConnector:
        """Return a connector to Mews that has not read the hotel yet."""
        return MewsConnector(self._mews_client, "DE")

    def _respond(self, request: httpx.Request) -> httpx.Response:
        body = next(body for part, body in self.bodies.items() if part in request.url.path)
        return httpx.Response(201 if "bookings" in request.url.path else 200, content=body)

    async def get_token(self) -> str:
        """Return a token."""
        return "token"

    def invalidate(self, token: str) -> None:
        """Reject no token."""
        raise AssertionError(token)

    async def close(self) -> None:
        """Close the connection pool."""
        await self._http.aclose()


@pytest.fixture
async def pms() -> AsyncIterator[Pms]:
    """A PMS and its connectors."""
    pms = Pms()
    yield pms
    await pms.close()


def with_value(document: dict[str, Any], path: str, value: str) -> str:
    """Return the document as JSON with a raw value at a dotted path."""
    changed = json.loads(json.dumps(document))
    *parents, name = path.split(".")
    target = changed
    for parent in parents:
        target = target[parent]
    target[name] = "@value@"
    return json.dumps(changed).replace('"@value@"', value)


async def test_usual_responses_are_read(pms: Pms) -> None:
    """The other tests change one value of these."""
    pms.bodies = {"reservations": json.dumps(RESERVATION), "offers": json.dumps({"offers": [OFFER]})}
    reservation = await pms.apaleo.get_reservation("X-1")
    [offer] = await pms.apaleo.find_offers("MUC", ARRIVAL, DEPARTURE, 2)

    assert (str(reservation.balance_due), offer.rate_plan_id) == ("5.50 EUR", "MUC-FLEX")


@pytest.mark.parametrize(
    ("path", "values"),
    [
        *((path, [json.dumps(id_) for id_ in UNSTORABLE_IDS]) for path in ("id", "bookingId", "property.id")),
        *((f"{money}.amount", ENDLESS) for money in ("balance", "totalGrossAmount")),
        ("balance.currency", ['"<b>\\u0000"', '"EURO"', '"eur"', f'"{"E" * 1000}"', '""']),
        ("adults", ["1" + "0" * 30, "-" + "9" * 4000]),
        ("arrival", ['"0000-01-01"', '"10000-01-01T00:00:00Z"', "1e400"]),
    ],
)
async def test_unusable_reservation_makes_apaleo_unavailable(pms: Pms, path: str, values: list[str]) -> None:
    """No value answers with an error that the call flow does not expect."""
    for value in values:
        pms.bodies = {"reservations": with_value(RESERVATION, path, value)}
        with pytest.raises(PmsUnavailableError):
            await pms.apaleo.get_reservation("X-1")


@pytest.mark.parametrize(
    ("path", "values"),
    [
        ("totalGrossAmount.amount", ENDLESS),
        ("availableUnits", ENDLESS),
        ("ratePlan.id", list(map(json.dumps, UNSTORABLE_IDS))),
    ],
)
async def test_unusable_offer_makes_apaleo_unavailable(pms: Pms, path: str, values: list[str]) -> None:
    """Neither a price nor an id of an offer is trusted."""
    for value in values:
        pms.bodies = {"offers": f'{{"offers": [{with_value(OFFER, path, value)}]}}'}
        with pytest.raises(PmsUnavailableError):
            await pms.apaleo.find_offers("MUC", ARRIVAL, DEPARTURE, 2)


@pytest.mark.parametrize(
    "reservation_ids", [[], *([{"id": id_}] for id_ in (*UNSTORABLE_IDS, "x" * 300, "\0"))]
)
async def test_booking_without_a_usable_id_has_an_unknown_outcome(
    pms: Pms, reservation_ids: list[Any]
) -> None:
    """Apaleo has booked, so it is not a rejection."""
    pms.bodies = {"bookings": json.dumps({"id": "X", "reservationIds": reservation_ids})}

    with pytest.raises(PmsUnavailableError):
        await pms.apaleo.create_booking(STAY, idempotency_key="k")


@pytest.mark.parametrize(
    "folios",
    [
        *([{"balance": EURO | {"amount": amount}}] for amount in (1e13, -1e13)),
        [{"balance": EURO}, {"balance": EURO | {"currency": "CHF"}}],
    ],
)
async def test_unusable_folios_make_apaleo_unavailable(pms: Pms, folios: list[Any]) -> None:
    """Amounts of several currencies have no sum."""
    pms.bodies = {"folios": json.dumps({"folios": folios})}

    with pytest.raises(PmsUnavailableError):
        await pms.apaleo.get_balance("X-1")


async def test_balance_is_the_sum_of_all_folios(pms: Pms) -> None:
    """What the guest owes is positive, and nothing is not a negative zero."""
    balances = []
    for amounts in ([-5.5, 2.0], [-3.0, 3.0], [0.0]):
        folios = [{"balance": EURO | {"amount": amount}} for amount in amounts]
        pms.bodies = {"folios": json.dumps({"folios": folios})}
        balances.append(str(await pms.apaleo.get_balance("X-1")))

    assert balances == ["3.50 EUR", "0.00 EUR", "0.00 EUR"]


async def test_rooms_that_change_during_the_stay_are_all_named(pms: Pms) -> None:
    """Apaleo may assign another unit for each night; a unit without a name is called by its id."""
    units: list[dict[str, str]] = [
        {"id": "U-1", "name": "A.201"},
        {"id": "U-1", "name": "A.201"},
        {"id": "U-2"},
    ]
    pms.bodies = {"assign-unit": json.dumps({"timeSlices": [{"unit": unit} for unit in units]})}

    assert await pms.apaleo.assign_room("X-1") == "A.201, U-2"


async def test_error_of_a_conversion_makes_apaleo_unavailable(
    pms: Pms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also one that the models of the responses do not rule out."""
    monkeypatch.setattr(apaleo_conversion, "STATUS_FROM_APALEO", {})
    pms.bodies = {"reservations": json.dumps(RESERVATION)}

    with pytest.raises(PmsUnavailableError, match="unusable_response"):
        await pms.apaleo.get_reservation("X-1")


@pytest.mark.parametrize(
    ("kind", "name", "values"),
    [
        ("reservations", "Id", UNSTORABLE_IDS),
        ("reservations", "ScheduledEndUtc", ["9999-12-31T23:59:59Z"]),
        ("reservations", "RateId", [*UNSTORABLE_IDS, "R-1"]),
        ("reservations", "PersonCounts", [[{"Count": 10**30}]]),
        (
            "configuration",
            "TimeZoneIdentifier",
            ["Mars/Base", "", "../etc/passwd", "\0", "Europe", "x" * 5000],
        ),
        ("configuration", "Id", UNSTORABLE_IDS),
    ],
)
async def test_unusable_reservation_makes_mews_unavailable(
    pms: Pms, kind: str, name: str, values: list[Any]
) -> None:
    """Among them times that the hotel's zone moves beyond the calendar, and zones that do not exist."""
    for value in values:
        documents = json.loads(json.dumps(MEWS_RESPONSES))
        (documents[kind]["Enterprise"] if kind == "configuration" else documents[kind])[name] = value
        pms.bodies = {
            "configuration": json.dumps(documents["configuration"]),
            **{part: json.dumps({part.title(): [documents[part]]}) for part in ("reservations", "customers")},
        }
        with pytest.raises(PmsUnavailableError):
            await pms.new_mews().get_reservation("R-1")
