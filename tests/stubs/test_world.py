"""What `make stubs` starts with: guests, voices with a history, workers and secrets; provider states take them away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from provider_verification.stubs.engine.registry import create_stub_app, vendor_names
from provider_verification.stubs.engine.server import run_apps
from provider_verification.stubs.vendors.mews.state import ACCESS_TOKEN, CLIENT_TOKEN
from provider_verification.stubs.vendors.tts.state import API_KEY
from provider_verification.stubs.vendors.vault.state import ROOT_TOKEN

EGRESS = "/twirp/livekit.Egress/StartRoomCompositeEgress"


@pytest.fixture(scope="module")
def urls() -> Iterator[dict[str, str]]:
    """All stubs as `make stubs` runs them; the base URL of each."""
    with run_apps(create_stub_app(vendor, furnished=True) for vendor in vendor_names()) as servers:
        yield servers.urls


def set_state(url: str, state: str, /, **params: Any) -> dict[str, Any]:
    """Set up a provider state and return its values."""
    response = httpx.post(f"{url}/_stub/states", json={"state": state, "params": params})
    values: dict[str, Any] = response.raise_for_status().json()
    return values


def reset(url: str) -> None:
    """Return the stub to what it started with."""
    httpx.post(f"{url}/_stub/reset").raise_for_status()


def statuses(url: str) -> dict[str, int]:
    """How many reservations Apaleo lists in each status."""
    headers = {"Authorization": f"Bearer {set_state(url, 'an access token')['token']}"}
    response = httpx.get(f"{url}/booking/v1/reservations", headers=headers)
    reservations = response.json()["reservations"] if response.status_code == 200 else []
    names = [reservation["status"] for reservation in reservations]
    return {name: names.count(name) for name in names}


def test_apaleo_has_guests_in_every_status(urls: dict[str, str]) -> None:
    """A provider state takes them away, and a reset brings them back."""
    url = urls["apaleo"]
    expected = {"InHouse": 3, "Confirmed": 3, "CheckedOut": 1, "Canceled": 1}

    at_start = statuses(url)
    set_state(url, "no reservation")
    without = statuses(url)
    reset(url)

    assert (at_start, without, statuses(url)) == (expected, {}, expected)


def test_apaleo_still_sells_rooms(urls: dict[str, str]) -> None:
    """The guests leave units free, and no unit has two guests at a time."""
    url = urls["apaleo"]
    token = set_state(url, "an access token")["token"]
    query: dict[str, Any] = {
        "propertyId": "MUC",
        "arrival": "2027-05-01",
        "departure": "2027-05-03",
        "adults": 1,
    }
    response = httpx.get(
        f"{url}/booking/v1/offers", params=query, headers={"Authorization": f"Bearer {token}"}
    )

    assert response.json()["offers"][0]["availableUnits"] == 8


def mews_states(url: str) -> dict[str, int]:
    """How many reservations Mews lists in each state."""
    service_id = "5f0a1c2e-0000-4000-8000-000000000012"
    body = {
        "ClientToken": CLIENT_TOKEN,
        "AccessToken": ACCESS_TOKEN,
        "Client": "tests 1.0",
        "ServiceIds": [service_id],
        "States": ["Confirmed", "Started", "Processed", "Canceled"],
        "Limitation": {"Count": 100},
    }
    response = httpx.post(f"{url}/api/connector/v1/reservations/getAll/2023-06-06", json=body)
    names = [reservation["State"] for reservation in response.raise_for_status().json()["Reservations"]]
    return {name: names.count(name) for name in names}


def test_mews_has_guests_in_every_state(urls: dict[str, str]) -> None:
    """A provider state takes them away."""
    url = urls["mews"]

    at_start = mews_states(url)
    set_state(url, "no reservation")
    without = mews_states(url)
    reset(url)

    assert (at_start, without) == ({"Started": 2, "Confirmed": 3, "Processed": 1, "Canceled": 1}, {})


def test_tts_has_voices_with_a_history(urls: dict[str, str]) -> None:
    """Each text of the history was spoken by a voice that exists and was charged; a provider state takes it away."""
    url = urls["tts"]
    with httpx.Client(base_url=url, headers={"xi-api-key": API_KEY}) as http:
        voices = {voice["voice_id"]: voice["category"] for voice in http.get("/v2/voices").json()["voices"]}
        history = http.get("/v1/history").json()["history"]
        subscription = http.get("/v1/user/subscription").json()
        set_state(url, "no history")
        without = http.get("/v1/history").json()["history"]
        reset(url)

    assert {category: list(voices.values()).count(category) for category in voices.values()} == {
        "premade": 3,
        "cloned": 1,
        "professional": 1,
    }
    assert (len(history), without) == (4, [])
    assert {item["voice_id"] for item in history} <= voices.keys()
    assert [item["voice_category"] for item in history] == ["cloned", "premade", "premade", "premade"]
    assert subscription["character_count"] == sum(len(item["text"]) for item in history)


def start_recording(url: str) -> int:
    """Record a room at LiveKit; return the status of the response."""
    token = set_state(url, "an access token", video={"roomRecord": True, "room": "call-1"})["token"]
    set_state(url, "a room", name="call-1")
    body = {"room_name": "call-1", "file": {"filepath": "call.ogg"}, "audio_only": True}
    return httpx.post(f"{url}{EGRESS}", json=body, headers={"Authorization": f"Bearer {token}"}).status_code


def trunk_count(url: str) -> int:
    """How many inbound trunks LiveKit has."""
    token = set_state(url, "an access token", sip={"admin": True})["token"]
    response = httpx.post(
        f"{url}/twirp/livekit.SIP/ListSIPInboundTrunk",
        json={},
        headers={"Authorization": f"Bearer {token}"},
    )
    return len(response.raise_for_status().json()["items"])


def test_livekit_records_and_has_telephony(urls: dict[str, str]) -> None:
    """Provider states take the egress worker and the trunks away."""
    url = urls["livekit"]

    at_start = (start_recording(url), trunk_count(url))
    set_state(url, "no egress worker")
    set_state(url, "no telephony")
    without = (start_recording(url), trunk_count(url))
    reset(url)

    assert (at_start, without) == ((200, 1), (503, 0))


def test_vault_has_the_credentials_of_the_other_stubs(urls: dict[str, str]) -> None:
    """The secret at the orchestrator's default path has the values of the variables that the other stubs print."""
    url = urls["vault"]
    variables: dict[str, str] = {}
    for vendor in vendor_names():
        variables |= create_stub_app(vendor).stub.env_vars
    headers = {"X-Vault-Token": ROOT_TOKEN}

    secret = httpx.get(f"{url}/v1/secret/data/orchestrator", headers=headers).json()["data"]["data"]
    set_state(url, "no secret")
    without = httpx.get(f"{url}/v1/secret/data/orchestrator", headers=headers).status_code
    reset(url)

    credentials = {name for name, value in variables.items() if "{url}" not in value and "VAULT" not in name}
    assert secret == {name: variables[name] for name in credentials}
    assert without == 404


def test_suites_start_from_the_plain_state() -> None:
    """Without `furnished` there are no guests, no history, no worker and no secret."""
    states = {vendor: create_stub_app(vendor).runtime.state for vendor in vendor_names()}

    assert states["apaleo"].reservations == states["mews"].reservations == states["vault"].secrets == {}
    assert (states["tts"].history, states["livekit"].egress_worker) == ({}, False)
