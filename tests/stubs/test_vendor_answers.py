"""The four answers of the vendors' own stubs, decided by the indexes in `schemas/`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import jwt
import pytest

from provider_verification.stubs.engine.server import run_stubs
from provider_verification.stubs.vendors.livekit.state import API_KEY, API_SECRET
from provider_verification.stubs.vendors.mews.state import ACCESS_TOKEN, CLIENT_TOKEN
from provider_verification.stubs.vendors.vault.state import ROOT_TOKEN


@pytest.fixture(scope="module")
def vendors() -> Iterator[dict[str, httpx.Client]]:
    """Clients of all stubs, with a credential that may do everything."""
    with run_stubs(["apaleo", "livekit", "mews", "tts", "vault"]) as urls:
        clients = {vendor: httpx.Client(base_url=url, timeout=30.0) for vendor, url in urls.items()}
        clients["tts"].headers["xi-api-key"] = "stub-tts-key"
        clients["vault"].headers["X-Vault-Token"] = ROOT_TOKEN
        yield clients
        for client in clients.values():
            client.close()


@pytest.fixture
def apaleo(vendors: dict[str, httpx.Client]) -> httpx.Client:
    """A client of Apaleo's stub with a new token and without earlier violations."""
    client = vendors["apaleo"]
    client.post("/_stub/reset").raise_for_status()
    token = client.post("/_stub/states", json={"state": "an access token"}).json()["token"]
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def kinds_of(client: httpx.Client) -> list[tuple[str, str]]:
    """Return kind and location of each violation, without what no pact describes."""
    violations = client.get("/_stub/violations").json()
    return [
        (violation["kind"], violation["where"])
        for violation in violations
        if violation["kind"] != "not_in_pacts"
    ]


@pytest.mark.parametrize(("vendor", "method", "path", "body"), [
    ("apaleo", "GET", "/booking/v1/blocks", None),
    ("apaleo", "GET", "/fiscalization/v1/nothing", None),
    ("mews", "POST", "/api/connector/v1/bills/getAll", {"ClientToken": CLIENT_TOKEN, "AccessToken": ACCESS_TOKEN}),
    ("mews", "POST", "/api/connector/v1/payouts/getAll", {"ClientToken": CLIENT_TOKEN, "AccessToken": ACCESS_TOKEN}),
    ("vault", "GET", "/v1/sys/locked-users", None), ("tts", "GET", "/v1/dubbing", None), ("tts", "POST", "/v1/speech-to-speech/concierge", {}),
    ("livekit", "POST", "/twirp/livekit.Connector/DialWhatsAppCall", {}), ("livekit", "GET", "/rtc/validate", None),
    ("vault", "LIST", "/v1/sys/namespaces/", None), ("vault", "GET", "/v1/sys/rekey/recovery-key-backup", None),
    ("vault", "POST", "/v1/sys/mounts/transit", {"type": "transit"}),
    ("vault", "GET", "/v1/transit/keys/x", None),
])  # fmt: skip
def test_vendor_operation_is_501_or_unknown(
    vendors: dict[str, httpx.Client], vendor: str, method: str, path: str, body: Any
) -> None:
    """The vendors' own indexes decide: what they have is 501, anything else their 404."""
    if vendor == "apaleo":
        token = vendors["apaleo"].post("/_stub/states", json={"state": "an access token"}).json()["token"]
        vendors["apaleo"].headers["Authorization"] = f"Bearer {token}"

    response = vendors[vendor].request(method, path, json=body)

    expected = 404 if path in {"/fiscalization/v1/nothing", "/v1/transit/keys/x"} else 501
    assert response.status_code == expected, response.text


BOOKING: dict[str, Any] = {
    "booker": {"lastName": "Muster"},
    "reservations": [
        {
            "arrival": "2027-05-10", "departure": "2027-05-11", "adults": 1, "channelCode": "Direct",
            "timeSlices": [{"ratePlanId": "MUC-FLEX_DBL"}],
        }
    ],
}  # fmt: skip


def test_made_up_fields_of_a_booking_are_ignored_and_recorded(apaleo: httpx.Client) -> None:
    """The vendor accepts the booking, so does the stub; each field is named with its place."""
    [stay] = BOOKING["reservations"]
    body = {**BOOKING, "nonsense": 1, "reservations": [{**stay, "unitGroupId": "MUC-DBL"}]}

    response = apaleo.post("/booking/v1/bookings", json=body)

    assert response.status_code == 201
    assert kinds_of(apaleo) == [
        ("unknown_field", "body.reservations[0].unitGroupId"),
        ("unknown_field", "body.nonsense"),
    ]


def test_field_of_a_newer_booking_spec_is_not_modelled(apaleo: httpx.Client) -> None:
    """The spec of 2021 lacks it, the vendor's own n8n node sends it."""
    [stay] = BOOKING["reservations"]
    body = {**BOOKING, "reservations": [{**stay, "externalReferences": {"a": "b"}}]}

    response = apaleo.post("/booking/v1/bookings", json=body)

    assert (response.status_code, kinds_of(apaleo)) == (
        501,
        [("not_modelled", "body.reservations[0].externalReferences")],
    )


def test_repeated_booking_without_idempotency_key_is_a_warning(apaleo: httpx.Client) -> None:
    """Two bookings are made, as at the vendor; with a key there is one, and no warning."""
    first = apaleo.post("/booking/v1/bookings", json=BOOKING)
    second = apaleo.post("/booking/v1/bookings", json=BOOKING)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] != second.json()["id"]
    assert kinds_of(apaleo) == [("warning", "header.idempotency-key")]


def test_repeated_booking_with_idempotency_key_is_no_warning(apaleo: httpx.Client) -> None:
    """The key does what it is for."""
    for _ in range(2):
        apaleo.post(
            "/booking/v1/bookings", json=BOOKING, headers={"Idempotency-Key": "k-1"}
        ).raise_for_status()

    assert kinds_of(apaleo) == []


def test_field_that_livekit_ignores_is_recorded_in_both_spellings(vendors: dict[str, httpx.Client]) -> None:
    """LiveKit reads `emptyTimeout` and `empty_timeout`, and ignores what it does not know."""
    client = vendors["livekit"]
    client.post("/_stub/reset").raise_for_status()
    token = jwt.encode({"iss": API_KEY, "video": {"roomCreate": True}}, API_SECRET, algorithm="HS256")

    response = client.post(
        "/twirp/livekit.RoomService/CreateRoom",
        json={"name": "call-1", "emptyTimeout": 60, "departure_timeout": 5, "emptyTimeuot": 60},
        headers={"Authorization": f"Bearer {token}"},
    )

    assert response.status_code == 200
    assert kinds_of(client) == [("unknown_field", "body.emptyTimeuot")]
