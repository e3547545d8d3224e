"""A principal of one hotel neither sees nor changes what belongs to another one: every route has a case."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from orchestrator.calls.call import Call
from orchestrator.container import Container
from orchestrator.gdpr.pseudonyms import pseudonymize
from orchestrator.persistence.call_records import CallRecordRepository
from orchestrator.persistence.outbound_calls import OutboundCallRepository
from tests.integration.call_events import call_ended, call_started
from tests.orchestrator.api.conftest import ADMIN, Login
from tests.orchestrator.outbound_calls.world import MAX_WAITING, outbound_call

PHONE = "+4930123456"
NOW = datetime(2027, 5, 1, 12, tzinfo=UTC)
WITHOUT_HOTEL = {
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
    ("POST", "/auth/login"),
    ("POST", "/auth/refresh"),
    ("POST", "/auth/logout"),
    ("GET", "/auth/sessions"),
    ("GET", "/auth/profile"),
    ("POST", "/v1/livekit/webhook"),
    ("POST", "/v1/apaleo/webhook"),
}
"""Routes whose data belongs to no hotel: the service's health, and the principal's own sessions."""
SHARED_BY_ALL_HOTELS = {
    ("GET", "/resilience/circuit-breakers"),
    ("POST", "/resilience/circuit-breakers/{name}/reset"),
    ("GET", "/resilience/rate-limits/{client_id}"),
}
"""Routes for administrators of all hotels only."""
WITH_HOTEL = {
    ("POST", "/tts/captions"),
    ("POST", "/tts/synthesize"),
    ("POST", "/webhook/call-event"),
    ("GET", "/auth/admin/users"),
    ("POST", "/auth/admin/users"),
    ("GET", "/auth/api-keys"),
    ("POST", "/auth/api-keys"),
    ("POST", "/auth/api-keys/{key_id}/rotate"),
    ("DELETE", "/auth/api-keys/{key_id}"),
    ("POST", "/gdpr/consent"),
    ("POST", "/gdpr/deletion-request"),
    ("GET", "/gdpr/export/{subject}"),
    ("POST", "/outbound-calls"),
    ("GET", "/outbound-calls"),
    ("GET", "/outbound-calls/{call_id}"),
    ("DELETE", "/outbound-calls/{call_id}"),
}
"""Routes that the tests below cover."""
NEW_KEY: dict[str, Any] = {"name": "n", "service_name": "s", "permissions": ["call:start", "call:end"]}


@pytest.fixture
async def munich_records(container: Container) -> None:
    """A call record at MUC."""
    key = container.settings.security.pseudonymization_key.get_secret_value().encode()
    call = Call(
        call_id="munich",
        hotel_id="MUC",
        caller_number=PHONE,
        caller_pseudonym=pseudonymize(PHONE, key),
        language="de",
        started_at=NOW,
        ended_at=NOW,
        duration=1.0,
    )
    await CallRecordRepository(container.database).save(call)


def test_every_route_is_in_one_of_the_tables(app: FastAPI) -> None:
    """Whoever adds a route has to decide."""
    routes = {(method.upper(), path) for path, item in app.openapi()["paths"].items() for method in item}

    assert routes == WITHOUT_HOTEL | SHARED_BY_ALL_HOTELS | WITH_HOTEL


@pytest.mark.parametrize("hotel_ids", [["BER"], []])
@pytest.mark.parametrize(("method", "path"), sorted(SHARED_BY_ALL_HOTELS))
async def test_what_all_hotels_share_is_for_administrators_of_all_hotels(
    http: httpx.AsyncClient,
    admin: dict[str, str],
    user_of: Login,
    method: str,
    path: str,
    hotel_ids: list[str],
) -> None:
    """An administrator of one hotel neither resets the circuit of all nor reads what their clients do."""
    limited = await user_of("admin", hotel_ids)
    url = path.format(name="tts", client_id="ip:127.0.0.1")

    responses = [await http.request(method, url, headers=headers) for headers in (limited, admin)]

    assert [response.status_code for response in responses] == [403, 200]


async def test_principal_of_no_hotel_has_no_access_to_data_of_hotels(
    http: httpx.AsyncClient, admin: dict[str, str], user_of: Login
) -> None:
    """A success would say that a consent was stored, or that nothing is known about the data subject."""
    nobody = await user_of("admin", [])
    key = (await http.post("/auth/api-keys", json={**NEW_KEY, "hotel_ids": []}, headers=admin)).json()
    consent = {"subject": PHONE, "purpose": "recording", "granted": True}

    responses = [
        await http.post("/gdpr/consent", json=consent, headers=nobody),
        await http.post("/gdpr/deletion-request", json={"subject": PHONE}, headers=nobody),
        await http.get(f"/gdpr/export/{PHONE}", headers=nobody),
        await http.post("/webhook/call-event", json=call_started("1", PHONE), headers=nobody),
        await http.post("/auth/api-keys", json={**NEW_KEY, "hotel_ids": []}, headers=nobody),
    ]
    rotated = await http.post(f"/auth/api-keys/{key['id']}/rotate", headers=nobody)
    listed = await http.get("/auth/admin/users", headers=nobody)

    assert [response.status_code for response in responses] == [403] * 5
    assert (rotated.status_code, listed.json()) == (404, [])


@pytest.mark.usefixtures("munich_records")
async def test_gdpr_routes_are_limited_to_the_hotels_of_the_principal(
    http: httpx.AsyncClient, admin: dict[str, str], user_of: Login
) -> None:
    """A manager of BER exports and erases nothing of MUC; a manager of MUC does."""
    berlin, munich = await user_of("manager", ["BER"]), await user_of("manager", ["MUC"])
    consent = {"subject": PHONE, "purpose": "recording", "granted": True}
    await http.post("/gdpr/consent", json=consent, headers=munich)

    exported = (await http.get(f"/gdpr/export/{PHONE}", headers=berlin)).json()
    erased = (await http.post("/gdpr/deletion-request", json={"subject": PHONE}, headers=berlin)).json()
    kept = (await http.get(f"/gdpr/export/{PHONE}", headers=admin)).json()
    erased_by_munich = await http.post("/gdpr/deletion-request", json={"subject": PHONE}, headers=munich)

    assert exported == {"calls": [], "consents": [], "outbound_calls": [], "recordings": []}
    assert (erased["call_records"], erased["consents"]) == (0, 0)
    assert [call["call_id"] for call in kept["calls"]] == ["munich"]
    assert [one["hotel_id"] for one in kept["consents"]] == ["MUC"]
    assert (erased_by_munich.json()["call_records"], erased_by_munich.json()["consents"]) == (1, 1)


async def test_consent_is_for_the_hotels_of_the_principal(
    http: httpx.AsyncClient, admin: dict[str, str], user_of: Login
) -> None:
    """The consent that a manager of BER withdraws stays granted at MUC."""
    berlin, munich = await user_of("manager", ["BER"]), await user_of("manager", ["MUC"])
    for headers, granted in ((munich, True), (berlin, False)):
        consent = {"subject": PHONE, "purpose": "recording", "granted": granted}
        await http.post("/gdpr/consent", json=consent, headers=headers)

    consents = (await http.get(f"/gdpr/export/{PHONE}", headers=admin)).json()["consents"]

    assert {one["hotel_id"]: one["granted"] for one in consents} == {"MUC": True, "BER": False}


@pytest.mark.parametrize("path", ["/auth/admin/users", "/auth/api-keys"])
@pytest.mark.parametrize("hotel_ids", [None, ["MUC"], ["BER", "MUC"]])
async def test_admin_creates_only_for_own_hotels(
    http: httpx.AsyncClient, user_of: Login, path: str, hotel_ids: list[str] | None
) -> None:
    """More hotels than one's own would be an escalation."""
    berlin = await user_of("admin", ["BER"])
    body = {"email": "new@hotel.example", "password": ADMIN[1], "roles": ["admin"]}
    body = body if path.endswith("users") else NEW_KEY

    rejected = await http.post(path, json={**body, "hotel_ids": hotel_ids}, headers=berlin)
    accepted = await http.post(path, json={**body, "hotel_ids": ["BER"]}, headers=berlin)

    assert (rejected.status_code, accepted.status_code) == (403, 201)


async def test_admin_lists_only_users_and_keys_of_own_hotels(
    http: httpx.AsyncClient, admin: dict[str, str], user_of: Login
) -> None:
    """Those for all hotels belong to administrators of all hotels."""
    berlin = await user_of("admin", ["BER"])
    await user_of("viewer", ["MUC"])
    for hotel_ids in (None, ["MUC"], ["BER"]):
        await http.post("/auth/api-keys", json={**NEW_KEY, "hotel_ids": hotel_ids}, headers=admin)

    users = (await http.get("/auth/admin/users", headers=berlin)).json()
    keys = (await http.get("/auth/api-keys", headers=berlin)).json()

    assert [user["hotel_ids"] for user in users] == [["BER"]]
    assert [key["hotel_ids"] for key in keys] == [["BER"]]


@pytest.mark.parametrize("hotel_ids", [None, ["MUC"]])
async def test_admin_changes_only_keys_of_own_hotels(
    http: httpx.AsyncClient, admin: dict[str, str], user_of: Login, hotel_ids: list[str] | None
) -> None:
    """A key of another hotel does not exist for this administrator."""
    berlin = await user_of("admin", ["BER"])
    key = (await http.post("/auth/api-keys", json={**NEW_KEY, "hotel_ids": hotel_ids}, headers=admin)).json()

    responses = [
        await http.post(f"/auth/api-keys/{key['id']}/rotate", headers=berlin),
        await http.delete(f"/auth/api-keys/{key['id']}", headers=berlin),
        await http.delete(f"/auth/api-keys/{key['id']}", headers=admin),
    ]

    assert [response.status_code for response in responses] == [404, 404, 204]


async def test_call_events_are_limited_to_the_hotels_of_user_and_key(
    http: httpx.AsyncClient, admin: dict[str, str], user_of: Login
) -> None:
    """Both the start of a call of another hotel and any event of one that exists."""
    created = await http.post("/auth/api-keys", json={**NEW_KEY, "hotel_ids": ["BER"]}, headers=admin)
    started = await http.post("/webhook/call-event", json=call_started("1", PHONE), headers=admin)
    assert started.status_code == 200, started.text

    for headers in ({"X-API-Key": created.json()["key"]}, await user_of("operator", ["BER"])):
        responses = [
            await http.post("/webhook/call-event", json=event, headers=headers)
            for event in (call_started("2", PHONE), call_ended("1"))
        ]
        assert [response.status_code for response in responses] == [403, 403]


@pytest.mark.parametrize("hotel_ids", [["BER"], []])
async def test_outbound_calls_of_another_hotel_are_unknown(
    http: httpx.AsyncClient, admin: dict[str, str], user_of: Login, container: Container, hotel_ids: list[str]
) -> None:
    """They are neither listed, read, cancelled nor ordered."""
    call_id = "0" * 32
    await OutboundCallRepository(container.database).add(outbound_call(call_id), MAX_WAITING)
    limited = await user_of("admin", hotel_ids)
    order = {"kind": "wake_up", "hotel_id": "MUC", "number": PHONE, "time": "07:00"}

    listed = (await http.get("/outbound-calls", headers=limited)).json()
    responses = [
        await http.get(f"/outbound-calls/{call_id}", headers=limited),
        await http.delete(f"/outbound-calls/{call_id}", headers=limited),
        await http.post("/outbound-calls", json=order, headers=limited),
    ]

    assert (listed, [response.status_code for response in responses]) == ([], [404, 404, 403])
    assert [call["id"] for call in (await http.get("/outbound-calls", headers=admin)).json()] == [call_id]


@pytest.mark.parametrize("path", ["/tts/synthesize", "/tts/captions"])
async def test_voices_of_another_hotel_are_not_used(
    http: httpx.AsyncClient, user_of: Login, path: str
) -> None:
    """A text can be spoken for the own hotel only, or for none in particular."""
    headers = await user_of("operator", ["MUC"])

    statuses = [
        (await http.post(path, json={"text": "Good day."} | hotel, headers=headers)).status_code
        for hotel in ({"hotel_id": "BER"}, {"hotel_id": "MUC"}, {})
    ]

    # the vendor's address is not that of a server
    assert statuses == [403, 503, 503]
