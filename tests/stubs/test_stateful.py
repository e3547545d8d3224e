"""Stateful property-based tests: each stub is compared with a small model of its vendor."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import httpx
import jwt
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from provider_verification.stubs.engine.server import run_stubs
from provider_verification.stubs.vendors.livekit.state import API_KEY, API_SECRET
from provider_verification.stubs.vendors.vault.state import MAX_VERSIONS, ROOT_TOKEN
from tests.thoroughness import choose

HYPOTHESIS_SETTINGS = settings(
    max_examples=choose(8, 25),
    stateful_step_count=20,
    suppress_health_check=list(HealthCheck),
)
TODAY = date(2027, 5, 1)
UNITS = 4


@pytest.fixture(scope="module")
def urls() -> Iterator[dict[str, str]]:
    """The base URL of each stub."""
    with run_stubs(["apaleo", "livekit", "tts", "vault"]) as stub_urls:
        yield stub_urls


class StubStateMachine(RuleBasedStateMachine):
    """A stub and a model of its vendor; rules send requests, invariants compare the two."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.http = httpx.Client(base_url=self.url)
        self.http.post("/_stub/reset").raise_for_status()

    def set_up_state(self, name: str, **params: Any) -> dict[str, str]:
        """Set up a provider state and return its values."""
        response = self.http.post("/_stub/states", json={"state": name, "params": params}).raise_for_status()
        values: dict[str, str] = response.json()
        return values

    def teardown(self) -> None:
        """Close the connection."""
        self.http.close()

    @invariant()
    def responses_conform_to_schemas(self) -> None:
        """No response has violated the schemas."""
        assert self.http.get("/_stub/defects").json() == []


class ApaleoMachine(StubStateMachine):
    """Apaleo: reservations and the units that they occupy."""

    reservations = Bundle("reservations")

    @initialize()
    def log_in(self) -> None:
        """Get a token with all scopes."""
        self.http.headers["Authorization"] = f"Bearer {self.set_up_state('an access token')['token']}"
        self.model: dict[str, tuple[str, date, date]] = {}
        self.assigned: set[str] = set()

    def occupied_units(self, arrival: date, departure: date) -> int:
        """Return the highest number of occupied units in any night of a stay."""
        nights = [arrival + timedelta(days=day) for day in range((departure - arrival).days)]
        active = [item for item in self.model.values() if item[0] in {"Confirmed", "InHouse"}]
        return max(sum(first <= night < last for _, first, last in active) for night in nights)

    @rule(target=reservations, ahead=st.integers(0, 3), nights=st.integers(1, 3))
    def book(self, ahead: int, nights: int) -> Any:
        """A booking succeeds if a unit is free in every night, and is rejected otherwise."""
        arrival = TODAY + timedelta(days=ahead)
        departure = arrival + timedelta(days=nights)
        reservation = {
            "arrival": str(arrival), "departure": str(departure), "adults": 1, "channelCode": "Direct",
            "timeSlices": [{"ratePlanId": "MUC-FLEX_DBL"}] * nights,
        }  # fmt: skip
        body = {"booker": {"lastName": "Muster"}, "reservations": [reservation]}

        response = self.http.post("/booking/v1/bookings", json=body)

        assert response.status_code == (201 if self.occupied_units(arrival, departure) < UNITS else 422)
        if response.is_error:
            return multiple()
        reservation_id = response.json()["reservationIds"][0]["id"]
        self.model[reservation_id] = ("Confirmed", arrival, departure)
        return reservation_id

    @rule(reservation=reservations)
    def cancel(self, reservation: str) -> None:
        """Only a confirmed reservation with a later arrival can be cancelled."""
        status, arrival, departure = self.model[reservation]
        allowed = status == "Confirmed" and arrival > TODAY

        assert self.act(reservation, "cancel") == (204 if allowed else 422)
        if allowed:
            self.model[reservation] = ("Canceled", arrival, departure)

    @rule(reservation=reservations)
    def assign_unit(self, reservation: str) -> None:
        """Only an active reservation gets a unit, if one is free in all of its nights."""
        allowed = self.model[reservation][0] in {"Confirmed", "InHouse"}
        status = self.act(reservation, "assign-unit")

        assert status in ({200, 422} if allowed else {422})
        if status == 200:
            self.assigned.add(reservation)

    @rule(reservation=reservations)
    def check_in(self, reservation: str) -> None:
        """Only a confirmed reservation with a unit can be checked in, from the day of arrival on."""
        status, arrival, departure = self.model[reservation]
        allowed = status == "Confirmed" and arrival <= TODAY and reservation in self.assigned

        assert self.act(reservation, "checkin") == (204 if allowed else 422)
        if allowed:
            self.model[reservation] = ("InHouse", arrival, departure)

    @rule(reservation=reservations)
    def check_out(self, reservation: str) -> None:
        """Only a checked-in reservation can be checked out, at the earliest one day before departure."""
        status, arrival, departure = self.model[reservation]
        allowed = status == "InHouse" and departure <= TODAY + timedelta(days=1)

        assert self.act(reservation, "checkout") == (204 if allowed else 422)
        if allowed:
            self.model[reservation] = ("CheckedOut", arrival, departure)

    def act(self, reservation: str, action: str) -> int:
        """Perform an action on a reservation and return the status."""
        return self.http.put(f"/booking/v1/reservation-actions/{reservation}/{action}").status_code

    @invariant()
    def listing_matches_model(self) -> None:
        """The pages together list all reservations with their statuses."""
        statuses: dict[str, str] = {}
        for page in range(1, 30):
            response = self.http.get("/booking/v1/reservations", params={"pageNumber": page, "pageSize": 2})
            if response.status_code == 204:
                break
            assert response.json()["count"] == len(self.model)
            statuses |= {item["id"]: item["status"] for item in response.json()["reservations"]}
        assert statuses == {reservation: item[0] for reservation, item in self.model.items()}


class LiveKitMachine(StubStateMachine):
    """LiveKit: rooms and their participants."""

    names = st.sampled_from(["a", "b", "c"])
    identities = st.sampled_from(["guest", "agent"])

    @initialize()
    def initialize_model(self) -> None:
        """Start without rooms."""
        self.rooms: dict[str, set[str]] = {}

    def post(self, method: str, body: dict[str, Any]) -> httpx.Response:
        """Send a request with all grants to the room service."""
        video = {"roomCreate": True, "roomList": True, "roomAdmin": True, "room": body.get("room", "")}
        claims = {"iss": API_KEY, "exp": int(time.time()) + 3600, "video": video}
        token = jwt.encode(claims, API_SECRET, algorithm="HS256")
        headers = {"Authorization": f"Bearer {token}"}
        return self.http.post(f"/twirp/livekit.RoomService/{method}", json=body, headers=headers)

    @rule(name=names, seats=st.integers(1, 9))
    def create(self, name: str, seats: int) -> None:
        """A new room is created; an existing one keeps its settings."""
        response = self.post("CreateRoom", {"name": name, "max_participants": seats})

        assert response.status_code == 200
        if name not in self.rooms:
            assert response.json()["max_participants"] == seats
        self.rooms.setdefault(name, set())

    @rule(name=names, identity=identities)
    def join(self, name: str, identity: str) -> None:
        """A participant that joins creates the room."""
        self.set_up_state("a participant in a room", room=name, identity=identity)
        self.rooms.setdefault(name, set()).add(identity)

    @rule(name=names, identity=identities)
    def remove(self, name: str, identity: str) -> None:
        """A participant can be removed once."""
        is_participant = identity in self.rooms.get(name, set())

        assert self.post("RemoveParticipant", {"room": name, "identity": identity}).status_code == (
            200 if is_participant else 404
        )
        self.rooms.get(name, set()).discard(identity)

    @rule(name=names)
    def delete(self, name: str) -> None:
        """A room is deleted with its participants."""
        assert self.post("DeleteRoom", {"room": name}).status_code == (200 if name in self.rooms else 404)
        self.rooms.pop(name, None)

    @invariant()
    def listing_matches_model(self) -> None:
        """The rooms and their participants are those of the model."""
        rooms = {room["name"] for room in self.post("ListRooms", {}).json()["rooms"]}
        participants = {
            name: {
                participant["identity"]
                for participant in self.post("ListParticipants", {"room": name}).json()["participants"]
            }
            for name in ("a", "b", "c")
        }
        assert rooms == self.rooms.keys()
        assert participants == {name: self.rooms.get(name, set()) for name in ("a", "b", "c")}


class VaultMachine(StubStateMachine):
    """Vault: secret versions that are written, deleted, undeleted and destroyed."""

    paths = st.sampled_from(["x", "y/z"])
    numbers = st.integers(1, 2)

    @initialize()
    def initialize_model(self) -> None:
        """Start without secrets; a version is available, deleted or destroyed."""
        self.http.headers["X-Vault-Token"] = ROOT_TOKEN
        self.secrets: dict[str, list[str]] = {}

    @rule(path=paths)
    def write(self, path: str) -> None:
        """A write creates a new version."""
        assert self.write_secret(path, {}).status_code == 200

    @rule(path=paths, version=st.integers(0, 2))
    def check_and_set(self, path: str, version: int) -> None:
        """A check-and-set write succeeds only for the current version."""
        current = len(self.secrets.get(path, []))

        response = self.write_secret(path, {"options": {"cas": version}})
        assert response.status_code == (200 if version == current else 400)

    def write_secret(self, path: str, options: dict[str, Any]) -> httpx.Response:
        """Write the number of the version as data, and add the version to the model on success."""
        versions = self.secrets.get(path, [])
        body = {"data": {"n": len(versions) + 1}, **options}
        response = self.http.post(f"/v1/secret/data/{path}", json=body)
        if response.is_success:
            self.secrets[path] = [*versions, "available"]
            assert response.json()["data"]["version"] == len(self.secrets[path])
        return response

    @rule(path=paths, number=numbers)
    def delete(self, path: str, number: int) -> None:
        """Deleting a version that does not exist is not an error."""
        self.change_version("delete", path, number, "deleted")

    @rule(path=paths, number=numbers)
    def undelete(self, path: str, number: int) -> None:
        """An undeleted version can be read again."""
        self.change_version("undelete", path, number, "available")

    @rule(path=paths, number=numbers)
    def destroy(self, path: str, number: int) -> None:
        """A destroyed version cannot be restored."""
        self.change_version("destroy", path, number, "destroyed")

    def change_version(self, action: str, path: str, number: int, status: str) -> None:
        """Change the status of a version; a destroyed version keeps its status."""
        response = self.http.post(f"/v1/secret/{action}/{path}", json={"versions": [number]})

        assert response.status_code == 204
        versions = self.secrets.get(path, [])
        if number <= len(versions) and versions[number - 1] != "destroyed":
            versions[number - 1] = status

    @rule(path=paths)
    def delete_metadata(self, path: str) -> None:
        """Deleting the metadata removes the secret with all of its versions."""
        assert self.http.delete(f"/v1/secret/metadata/{path}").status_code == 204
        self.secrets.pop(path, None)

    @invariant()
    def versions_match_model(self) -> None:
        """An available version can be read; the metadata of the others show their status; the oldest are dropped."""
        for path, versions in self.secrets.items():
            for number, status in enumerate(versions, 1):
                response = self.http.get(f"/v1/secret/data/{path}", params={"version": number})
                if number <= len(versions) - MAX_VERSIONS:
                    assert (response.status_code, response.json()) == (404, {"errors": []})
                    continue
                data = response.json()["data"]
                assert response.status_code == (200 if status == "available" else 404)
                assert data["data"] == ({"n": number} if status == "available" else None)
                assert data["metadata"]["destroyed"] is (status == "destroyed")


class TtsMachine(StubStateMachine):
    """The TTS vendor: the character quota and the pages of the history."""

    spoken = Bundle("spoken")

    @initialize()
    def initialize_model(self) -> None:
        """Start with a quota of 30 characters."""
        self.http.headers["xi-api-key"] = "stub-tts-key"
        self.set_up_state("a quota", remaining=30)
        self.remaining, self.item_count = 30, 0

    @rule(target=spoken, length=st.integers(1, 12))
    def speak(self, length: int) -> Any:
        """A conversion succeeds while the quota lasts."""
        response = self.http.post("/v1/text-to-speech/concierge", json={"text": "x" * length})

        assert response.status_code == (200 if length <= self.remaining else 401)
        if response.is_error:
            return multiple()
        self.remaining -= length
        self.item_count += 1
        return length

    @rule(length=consumes(spoken))
    def history_has_character_count(self, length: int) -> None:
        """The history has an item with the number of characters."""
        items = self.http.get("/v1/history").json()["history"]

        assert length in {item["character_count_change_to"] for item in items}

    @invariant()
    def pages_cover_history(self) -> None:
        """The pages together have each item of the history once, the newest first."""
        item_ids: list[str] = []
        after: dict[str, str] = {}
        while True:
            page = self.http.get("/v1/history", params={"page_size": 2, **after}).json()
            item_ids += [item["history_item_id"] for item in page["history"]]
            if not page["has_more"]:
                break
            after = {"start_after_history_item_id": page["last_history_item_id"]}
        assert item_ids == [f"item-{number:06}" for number in range(self.item_count, 0, -1)]


def test_model_of_vault_drops_the_oldest_versions(urls: dict[str, str]) -> None:
    """Random sequences rarely write a secret so often."""
    VaultMachine.url = urls["vault"]
    machine = VaultMachine()
    machine.initialize_model()
    for _ in range(MAX_VERSIONS + 2):
        machine.write("x")

    machine.undelete("x", 1)

    machine.versions_match_model()
    machine.teardown()


@pytest.mark.parametrize(
    ("vendor", "machine"),
    [("apaleo", ApaleoMachine), ("livekit", LiveKitMachine), ("vault", VaultMachine), ("tts", TtsMachine)],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_stub_matches_model_of_vendor(
    urls: dict[str, str], vendor: str, machine: type[StubStateMachine]
) -> None:
    """After any sequence of requests the stub's state equals the model's."""
    machine.url = urls[vendor]

    run_state_machine_as_test(machine, settings=HYPOTHESIS_SETTINGS)
