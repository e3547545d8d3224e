"""A stub is right on the second call too: held to a small model of its vendor, whatever is done in whatever order."""

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
from provider_verification.stubs.vendors.vault.state import ROOT_TOKEN

HYPOTHESIS_SETTINGS = settings(
    max_examples=25,
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
TODAY = date(2027, 5, 1)
UNITS = 4


@pytest.fixture(scope="module")
def urls() -> Iterator[dict[str, str]]:
    """All stubs."""
    with run_stubs(["apaleo", "livekit", "tts", "vault"]) as found:
        yield found


class StubStateMachine(RuleBasedStateMachine):
    """A stub beside a model of it."""

    url = ""

    def __init__(self) -> None:
        super().__init__()
        self.http = httpx.Client(base_url=self.url)
        self.http.post("/_stub/reset").raise_for_status()

    def state(self, name: str, **params: Any) -> dict[str, str]:
        """Make a provider state true."""
        answer = self.http.post("/_stub/states", json={"state": name, "params": params}).raise_for_status()
        given: dict[str, str] = answer.json()
        return given

    def teardown(self) -> None:
        """Close the connection."""
        self.http.close()

    @invariant()
    def keeps_its_contract(self) -> None:
        """No answer so far broke the schemas."""
        assert self.http.get("/_stub/defects").json() == []


class Hotel(StubStateMachine):
    """Apaleo: reservations and the units they take away."""

    reservations = Bundle("reservations")

    @initialize()
    def log_in(self) -> None:
        """With every scope."""
        self.http.headers["Authorization"] = f"Bearer {self.state('an access token')['token']}"
        self.stays: dict[str, tuple[str, date, date]] = {}
        self.assigned: set[str] = set()

    def taken(self, arrival: date, departure: date) -> int:
        """Units taken in the fullest night of a stay."""
        nights = [arrival + timedelta(days=number) for number in range((departure - arrival).days)]
        open_stays = [stay for stay in self.stays.values() if stay[0] in {"Confirmed", "InHouse"}]
        return max(sum(first <= night < last for _, first, last in open_stays) for night in nights)

    @rule(target=reservations, ahead=st.integers(0, 3), nights=st.integers(1, 3))
    def book(self, ahead: int, nights: int) -> Any:
        """Booked while a unit is free, refused when none is."""
        arrival = TODAY + timedelta(days=ahead)
        departure = arrival + timedelta(days=nights)
        stay = {
            "arrival": str(arrival), "departure": str(departure), "adults": 1, "channelCode": "Direct",
            "timeSlices": [{"ratePlanId": "MUC-FLEX_DBL"}] * nights,
        }  # fmt: skip
        body = {"booker": {"lastName": "Muster"}, "reservations": [stay]}

        answer = self.http.post("/booking/v1/bookings", json=body)

        assert answer.status_code == (201 if self.taken(arrival, departure) < UNITS else 422)
        if answer.is_error:
            return multiple()
        reservation = answer.json()["reservationIds"][0]["id"]
        self.stays[reservation] = ("Confirmed", arrival, departure)
        return reservation

    @rule(reservation=reservations)
    def cancel(self, reservation: str) -> None:
        """Only what is confirmed and has not begun."""
        status, arrival, departure = self.stays[reservation]
        may = status == "Confirmed" and arrival > TODAY

        assert self.act(reservation, "cancel") == (204 if may else 422)
        if may:
            self.stays[reservation] = ("Canceled", arrival, departure)

    @rule(reservation=reservations)
    def assign_unit(self, reservation: str) -> None:
        """Only to an open stay; there are as many units as there are stays in a night."""
        may = self.stays[reservation][0] in {"Confirmed", "InHouse"}
        status = self.act(reservation, "assign-unit")

        assert status in ({200, 422} if may else {422})
        if status == 200:
            self.assigned.add(reservation)

    @rule(reservation=reservations)
    def check_in(self, reservation: str) -> None:
        """Only a confirmed guest with a unit, on the day; never a cancelled one."""
        status, arrival, departure = self.stays[reservation]
        may = status == "Confirmed" and arrival <= TODAY and reservation in self.assigned

        assert self.act(reservation, "checkin") == (204 if may else 422)
        if may:
            self.stays[reservation] = ("InHouse", arrival, departure)

    @rule(reservation=reservations)
    def check_out(self, reservation: str) -> None:
        """Only a guest in the house, a day before the departure at the earliest."""
        status, arrival, departure = self.stays[reservation]
        may = status == "InHouse" and departure <= TODAY + timedelta(days=1)

        assert self.act(reservation, "checkout") == (204 if may else 422)
        if may:
            self.stays[reservation] = ("CheckedOut", arrival, departure)

    def act(self, reservation: str, action: str) -> int:
        """Do something with a reservation."""
        return self.http.put(f"/booking/v1/reservation-actions/{reservation}/{action}").status_code

    @invariant()
    def shows_what_was_done(self) -> None:
        """Each reservation has the status it should have, and the pages together hold them all."""
        shown: dict[str, str] = {}
        for page in range(1, 30):
            answer = self.http.get("/booking/v1/reservations", params={"pageNumber": page, "pageSize": 2})
            if answer.status_code == 204:
                break
            assert answer.json()["count"] == len(self.stays)
            shown |= {one["id"]: one["status"] for one in answer.json()["reservations"]}
        assert shown == {reservation: stay[0] for reservation, stay in self.stays.items()}


class Rooms(StubStateMachine):
    """LiveKit: rooms, and who is in them."""

    names = st.sampled_from(["a", "b", "c"])
    people = st.sampled_from(["guest", "agent"])

    @initialize()
    def begin(self) -> None:
        """No room yet."""
        self.rooms: dict[str, set[str]] = {}

    def call(self, method: str, body: dict[str, Any]) -> httpx.Response:
        """Call the room service with every grant."""
        video = {"roomCreate": True, "roomList": True, "roomAdmin": True, "room": body.get("room", "")}
        claims = {"iss": API_KEY, "exp": int(time.time()) + 3600, "video": video}
        token = jwt.encode(claims, API_SECRET, algorithm="HS256")
        headers = {"Authorization": f"Bearer {token}"}
        return self.http.post(f"/twirp/livekit.RoomService/{method}", json=body, headers=headers)

    @rule(name=names, seats=st.integers(1, 9))
    def create(self, name: str, seats: int) -> None:
        """A new room, or the old one with its old settings."""
        answer = self.call("CreateRoom", {"name": name, "max_participants": seats})

        assert answer.status_code == 200
        if name not in self.rooms:
            assert answer.json()["max_participants"] == seats
        self.rooms.setdefault(name, set())

    @rule(name=names, identity=people)
    def join(self, name: str, identity: str) -> None:
        """Somebody joins, which makes the room."""
        self.state("a participant in a room", room=name, identity=identity)
        self.rooms.setdefault(name, set()).add(identity)

    @rule(name=names, identity=people)
    def remove(self, name: str, identity: str) -> None:
        """Once; then they are gone."""
        inside = identity in self.rooms.get(name, set())

        assert self.call("RemoveParticipant", {"room": name, "identity": identity}).status_code == (
            200 if inside else 404
        )
        self.rooms.get(name, set()).discard(identity)

    @rule(name=names)
    def delete(self, name: str) -> None:
        """With everybody in it."""
        assert self.call("DeleteRoom", {"room": name}).status_code == (200 if name in self.rooms else 404)
        self.rooms.pop(name, None)

    @invariant()
    def shows_what_was_done(self) -> None:
        """The rooms that exist, and in each who is there."""
        listed = {room["name"] for room in self.call("ListRooms", {}).json()["rooms"]}
        inside = {
            name: {
                one["identity"]
                for one in self.call("ListParticipants", {"room": name}).json()["participants"]
            }
            for name in ("a", "b", "c")
        }
        assert listed == self.rooms.keys()
        assert inside == {name: self.rooms.get(name, set()) for name in ("a", "b", "c")}


class Secrets(StubStateMachine):
    """Vault: versions that are written, deleted, undeleted and destroyed."""

    paths = st.sampled_from(["x", "y/z"])
    numbers = st.integers(1, 2)

    @initialize()
    def begin(self) -> None:
        """Nothing written yet; a version is there, deleted or destroyed."""
        self.http.headers["X-Vault-Token"] = ROOT_TOKEN
        self.secrets: dict[str, list[str]] = {}

    @rule(path=paths)
    def write(self, path: str) -> None:
        """A new version."""
        assert self.written(path, {}).status_code == 200

    @rule(path=paths, over=st.integers(0, 2))
    def write_over(self, path: str, over: int) -> None:
        """Only over the version that the writer knows."""
        current = len(self.secrets.get(path, []))

        assert self.written(path, {"options": {"cas": over}}).status_code == (200 if over == current else 400)

    def written(self, path: str, options: dict[str, Any]) -> httpx.Response:
        """Write a number that tells the versions apart, and note it when it was taken."""
        versions = self.secrets.get(path, [])
        answer = self.http.post(f"/v1/secret/data/{path}", json={"data": {"n": len(versions) + 1}, **options})
        if answer.is_success:
            self.secrets[path] = [*versions, "there"]
            assert answer.json()["data"]["version"] == len(self.secrets[path])
        return answer

    @rule(path=paths, number=numbers)
    def delete(self, path: str, number: int) -> None:
        """What does not exist is no error."""
        self.change("delete", path, number, "deleted")

    @rule(path=paths, number=numbers)
    def undelete(self, path: str, number: int) -> None:
        """It can be read again."""
        self.change("undelete", path, number, "there")

    @rule(path=paths, number=numbers)
    def destroy(self, path: str, number: int) -> None:
        """For good."""
        self.change("destroy", path, number, "destroyed")

    def change(self, verb: str, path: str, number: int, state: str) -> None:
        """A version is of another state afterwards, unless it was destroyed."""
        answer = self.http.post(f"/v1/secret/{verb}/{path}", json={"versions": [number]})

        assert answer.status_code == 204
        versions = self.secrets.get(path, [])
        if number <= len(versions) and versions[number - 1] != "destroyed":
            versions[number - 1] = state

    @rule(path=paths)
    def forget(self, path: str) -> None:
        """The secret with all its versions."""
        assert self.http.delete(f"/v1/secret/metadata/{path}").status_code == 204
        self.secrets.pop(path, None)

    @invariant()
    def shows_what_was_done(self) -> None:
        """Each version can be read if it is there, and says what became of it if not."""
        for path, versions in self.secrets.items():
            for number, state in enumerate(versions, 1):
                answer = self.http.get(f"/v1/secret/data/{path}", params={"version": number})
                data = answer.json()["data"]
                assert answer.status_code == (200 if state == "there" else 404)
                assert data["data"] == ({"n": number} if state == "there" else None)
                assert data["metadata"]["destroyed"] is (state == "destroyed")


class Speech(StubStateMachine):
    """The TTS vendor: characters that are used up, and pages that go on where the one before ended."""

    spoken = Bundle("spoken")

    @initialize()
    def begin(self) -> None:
        """Thirty characters are left."""
        self.http.headers["xi-api-key"] = "stub-tts-key"
        self.state("a quota", remaining=30)
        self.left, self.said = 30, 0

    @rule(target=spoken, length=st.integers(1, 12))
    def speak(self, length: int) -> Any:
        """While the quota lasts."""
        answer = self.http.post("/v1/text-to-speech/concierge", json={"text": "x" * length})

        assert answer.status_code == (200 if length <= self.left else 401)
        if answer.is_error:
            return multiple()
        self.left -= length
        self.said += 1
        return length

    @rule(length=consumes(spoken))
    def the_cost_is_what_was_said(self, length: int) -> None:
        """The history has it."""
        items = self.http.get("/v1/history").json()["history"]

        assert length in {item["character_count_change_to"] for item in items}

    @invariant()
    def pages_go_on(self) -> None:
        """The history page by page is the whole history, each item once, the newest first."""
        seen: list[str] = []
        after: dict[str, str] = {}
        while True:
            page = self.http.get("/v1/history", params={"page_size": 2, **after}).json()
            seen += [item["history_item_id"] for item in page["history"]]
            if not page["has_more"]:
                break
            after = {"start_after_history_item_id": page["last_history_item_id"]}
        assert seen == [f"item-{number:06}" for number in range(self.said, 0, -1)]


@pytest.mark.parametrize(
    ("vendor", "machine"),
    [("apaleo", Hotel), ("livekit", Rooms), ("vault", Secrets), ("tts", Speech)],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_stub_is_its_vendor_s_model(
    urls: dict[str, str], vendor: str, machine: type[StubStateMachine]
) -> None:
    """Any sequence of calls leaves the stub as the model says."""
    machine.url = urls[vendor]

    run_state_machine_as_test(machine, settings=HYPOTHESIS_SETTINGS)
