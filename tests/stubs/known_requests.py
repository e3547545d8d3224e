"""Requests whose judgement is known: mistakes that clients make, and right requests that look unusual."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import httpx
import jwt

from provider_verification.stubs.vendors.livekit.state import API_KEY, API_SECRET
from provider_verification.stubs.vendors.mews.state import ACCESS_TOKEN, CLIENT_TOKEN
from provider_verification.stubs.vendors.tts.state import API_KEY as TTS_KEY
from provider_verification.stubs.vendors.vault.state import ROOT_TOKEN

CREDENTIALS_OF_MEWS = {"ClientToken": CLIENT_TOKEN, "AccessToken": ACCESS_TOKEN, "Client": "tests 1.0"}
SERVICE_ID = "5f0a1c2e-0000-4000-8000-000000000012"
GRANTS = {
    "video": {"roomCreate": True, "roomList": True, "roomAdmin": True, "roomRecord": True, "ingressAdmin": True, "room": "a"},
    "sip": {"admin": True, "call": True},
}  # fmt: skip


class Case(NamedTuple):
    """A request, and what should be recorded of it.

    Attributes:
        vendor: whose stub it is sent to.
        request: method and path with the query.
        expected: each kind of violation with its place; nothing for a right request.
        json: the body as a value.
        content: the body as it is, instead of `json`.
        headers: beside the credentials of the vendor; None leaves one out.
    """

    vendor: str
    request: str
    expected: tuple[str, ...] = ()
    json: Any = None
    content: bytes | None = None
    headers: Mapping[str, str | None] = {}

    def send(self, client: httpx.Client) -> httpx.Response:
        """Send it with a client that has the vendor's credentials."""
        method, _, target = self.request.partition(" ")
        request = client.build_request(method, target, json=self.json, content=self.content)
        for name, value in self.headers.items():
            request.headers.pop(name, None)
            if value is not None:
                request.headers[name] = value
        return client.send(request)


def credentials(vendor: str, apaleo_token: str) -> dict[str, str]:
    """Return the headers that every request to a vendor needs."""
    token = jwt.encode({"iss": API_KEY, **GRANTS}, API_SECRET, algorithm="HS256")
    return {
        "apaleo": {"Authorization": f"Bearer {apaleo_token}"},
        "livekit": {"Authorization": f"Bearer {token}"},
        "mews": {},
        "tts": {"xi-api-key": TTS_KEY},
        "vault": {"X-Vault-Token": ROOT_TOKEN},
    }[vendor]


def mews(path: str, *expected: str, **body: Any) -> Case:
    """Return a request to Mews, whose credentials are in the body."""
    return Case("mews", f"POST /api/connector/v1/{path}", expected, {**CREDENTIALS_OF_MEWS, **body})


def twirp(method: str, *expected: str, content: bytes | None = None, headers: Any = {}, **body: Any) -> Case:
    """Return a request to LiveKit in JSON."""
    json = body if content is None else None
    return Case("livekit", f"POST /twirp/livekit.{method}", expected, json, content, headers)


def booking(*expected: str, headers: Any = {}, **fields: Any) -> Case:
    """Return a booking at Apaleo with other fields of its reservation."""
    stay = {
        "arrival": "2027-07-01", "departure": "2027-07-02", "adults": 1, "channelCode": "Direct",
        "timeSlices": [{"ratePlanId": "MUC-FLEX_DBL"}],
    }  # fmt: skip
    stay = {name: value for name, value in {**stay, **fields}.items() if value is not None}
    body = {"booker": {"lastName": "Muster"}, "reservations": [stay]}
    return Case("apaleo", "POST /booking/v1/bookings", expected, body, None, headers)


def speech(*expected: str, query: str = "", headers: Any = {}, voice: str = "concierge", **body: Any) -> Case:
    """Return a synthesis at the TTS vendor."""
    return Case("tts", f"POST /v1/text-to-speech/{voice}{query}", expected, body, None, headers)


LIMIT = {"Limitation": {"Count": 10}}
OFFERS = "GET /booking/v1/offers?propertyId=MUC&arrival=2027-07-01&departure=2027-07-03"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PATCH = {"Content-Type": "application/json"}
MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}
REJECTED, FIELD, PARAMETER = "rejected request", "unknown_field", "unknown_parameter"

MISTAKES: tuple[Case, ...] = (
    # Apaleo
    Case("apaleo", "GET /booking/v1/reservatons", (REJECTED,)),
    Case("apaleo", "GET /booking/v2/reservations", (REJECTED,)),
    Case("apaleo", "POST /booking/v1/reservations/INHOUSE1-1/checkin", (REJECTED,)),
    Case("apaleo", "DELETE /booking/v1/reservations/INHOUSE1-1", (REJECTED,)),
    Case("apaleo", "POST /booking/v1/reservation-actions/ARRIVAL1-1/checkin", (REJECTED,)),
    Case("apaleo", "GET /booking/v1/reservations", (REJECTED,), headers={"Authorization": None}),
    Case("apaleo", "GET /booking/v1/reservations", (REJECTED,), headers={"Authorization": "Basic eDp5"}),
    Case(
        "apaleo", "GET /booking/v1/reservations", ("warning header.authorisation", REJECTED),
        headers={"Authorization": None, "Authorisation": "Bearer x"},
    ),
    Case("apaleo", "GET /booking/v1/reservations?pagesize=5", (f"{PARAMETER} query.pagesize",)),
    Case("apaleo", "GET /booking/v1/reservations?pageSize=many", ("rejected query.pageSize",)),
    Case("apaleo", "GET /booking/v1/reservations?status=Checkedin", ("rejected query.status",)),
    Case("apaleo", "GET /booking/v1/reservations?dateFilter=Arrival&from=tomorrow", ("rejected query.from",)),
    Case("apaleo", f"{OFFERS}", ("rejected query.adults",)),
    Case("apaleo", f"{OFFERS}&adults=two", ("rejected query.adults",)),
    Case("apaleo", f"{OFFERS}&adults=2&channelCode=Website", ("rejected query.channelCode",)),
    Case("apaleo", f"{OFFERS}&adults=2&childrens=1", (f"{PARAMETER} query.childrens",)),
    Case("apaleo", "GET /booking/v1/reservations/INHOUSE1-1?expand=guest", ("warning query.expand",)),
    booking("rejected body.reservations[0].adults", adults="1"),
    booking("rejected body.reservations[0].arrival", arrival=None),
    booking("rejected body.reservations[0].channelCode", channelCode="Phone"),
    booking(f"{FIELD} body.reservations[0].unitGroupId", unitGroupId="MUC-DBL"),
    booking(f"{FIELD} body.reservations[0].primaryGuest.mail", primaryGuest={"lastName": "A", "mail": "a@b"}),
    booking("rejected body.reservations[0].primaryGuest.lastName", primaryGuest={"firstName": "A"}),
    booking("warning header.idempotence-key", adults=2, headers={"Idempotence-Key": "k-1"}),
    Case("apaleo", "POST /booking/v1/bookings", (REJECTED,), content=b'{"booker": '),
    Case("apaleo", "POST /booking/v1/bookings", (REJECTED,), content=b"a=b", headers=FORM),
    Case("apaleo", "PATCH /booking/v1/reservations/FUTURE01-1", ("rejected body[0].op",), [{"op": "set", "path": "/comment", "value": "x"}]),
    Case("apaleo", "PATCH /booking/v1/reservations/FUTURE01-1", ("rejected body",), {"comment": "x"}),
    # Mews
    Case("mews", "GET /api/connector/v1/rates/getAll", (REJECTED,)),
    mews("reservation/getAll/2023-06-06", REJECTED, **LIMIT),
    mews("reservations/getAll/2023-06-06", "rejected body.Limitation"),
    mews("reservations/getAll/2023-06-06", "rejected body.States[0]", States=["CheckedIn"], **LIMIT),
    mews("reservations/getAll/2023-06-06", "rejected body.ReservationIds[0]", ReservationIds=["42"], **LIMIT),
    mews("reservations/getAll/2023-06-06", "rejected body.Limitation.Count", Limitation={"Count": 1001}),
    mews("reservations/getAll/2023-06-06", "rejected body", ReservationsIds=[SERVICE_ID], **LIMIT),
    mews("customers/getAll", "rejected body.Limitation.Count", Limitation={"Count": "10"}),
    mews("configuration/get", "rejected body.Client", Client=None),
    mews("configuration/get", REJECTED, AccessToken="wrong"),
    mews("customers/add", "rejected body.LastName", FirstName="Ada", OverwriteExisting=False),
    Case("mews", "POST /api/connector/v1/configuration/get", (REJECTED,), content=b"ClientToken=x", headers=FORM),
    # TTS
    Case("tts", "POST /v1/text-to-speach/concierge", (REJECTED,), {"text": "Hi"}),
    Case("tts", "GET /v1/text-to-speech/concierge", (REJECTED,)),
    Case("tts", "PUT /v2/voices", (REJECTED,)),
    speech("rejected body.text"),
    speech("rejected body.text", text=5),
    speech("rejected body.text", f"{FIELD} body.txt", txt="Hi"),
    speech(f"{FIELD} body.voice_setting", text="Hi", voice_setting={"speed": 1}),
    speech(f"{FIELD} body.voice_settings.stabilty", text="Hi", voice_settings={"stabilty": 1}),
    speech("rejected body.voice_settings.stability", text="Hi", voice_settings={"stability": "high"}),
    speech("rejected body.voice_settings.speed", text="Hi", voice_settings={"speed": 9}),
    speech("rejected body.model_id", text="Hi", model_id="eleven_monolingual_v1"),
    speech("rejected query.output_format", text="Hi", query="?output_format=mp3"),
    speech(f"{PARAMETER} query.format", text="Hi", query="?format=mp3_44100_128"),
    speech("rejected request", text="Hi", headers={"xi-api-key": None}),
    speech("warning header.xi_api_key", "rejected request", text="Hi", headers={"xi-api-key": None, "xi_api_key": TTS_KEY}),
    speech("rejected request", text="Hi", headers={"xi-api-key": None, "Authorization": f"Bearer {TTS_KEY}"}),
    Case("tts", "POST /v1/text-to-speech/concierge", (REJECTED,), content=b"text=Hi", headers=FORM),
    Case("tts", "GET /v2/voices?page_size=1000", ("rejected query.page_size",)),
    Case("tts", "GET /v2/voices?pagesize=5", (f"{PARAMETER} query.pagesize",)),
    Case("tts", "GET /v1/history?page_size=x", ("rejected query.page_size",)),
    # LiveKit
    twirp("RoomService/CreateRooms", REJECTED, name="a"),
    twirp("RoomServices/CreateRoom", REJECTED, name="a"),
    Case("livekit", "GET /twirp/livekit.RoomService/ListRooms", (REJECTED,)),
    Case("livekit", "POST /twirp/RoomService/ListRooms", (REJECTED,), {}),
    twirp("RoomService/CreateRoom", f"{FIELD} body.emptyTimeuot", name="a", emptyTimeuot=5),
    twirp("RoomService/CreateRoom", f"{FIELD} body.roomName", name="a", roomName="a"),
    twirp("RoomService/CreateRoom", REJECTED, name=5),
    twirp("RoomService/CreateRoom", REJECTED, name="a", empty_timeout=-1),
    twirp("RoomService/CreateRoom", REJECTED, content=b"name: a", headers={"Content-Type": "text/plain"}),
    twirp("RoomService/ListRooms", REJECTED, headers={"Authorization": None}),
    twirp("RoomService/ListRooms", REJECTED, headers={"Authorization": "Bearer x.y.z"}),
    twirp("RoomService/ListRooms", REJECTED, headers={"Authorization": "x.y.z"}),
    twirp("SIP/CreateSIPInboundTrunk", f"{FIELD} body.trunk.number", trunk={"name": "b", "numbers": ["+4912"], "number": "+49"}),
    twirp("Egress/StartRoomCompositeEgress", f"{FIELD} body.output", room_name="a", output={}, file={"filepath": "x.ogg"}),
    twirp("RoomService/SendData", REJECTED, room="a", data="not base64!"),
    # Vault
    Case("vault", "GET /v1/secret/orchestrator", (REJECTED,)),
    Case("vault", "GET /v1/secrets/data/orchestrator", (REJECTED,)),
    Case("vault", "GET /secret/data/orchestrator", (REJECTED,)),
    Case("vault", "POST /v1/secret/data/x", ("rejected body.data",), {"user": "u"}),
    Case("vault", "POST /v1/secret/data/x", ("rejected body.data",), {"data": "text"}),
    Case("vault", "POST /v1/secret/data/x", (f"{FIELD} body.optoins",), {"data": {"a": 1}, "optoins": {"cas": 1}}),
    Case("vault", "POST /v1/secret/data/x", (REJECTED,), content=b"{"),
    Case("vault", "POST /v1/secret/data/folder/", (REJECTED,), {"data": {}}),
    Case("vault", "PATCH /v1/secret/data/orchestrator", (REJECTED,), {"data": {"a": "b"}}),
    Case("vault", "GET /v1/secret/data/orchestrator?version=newest", ("rejected query.version",)),
    Case("vault", "GET /v1/secret/data/orchestrator?versoin=1", (f"{PARAMETER} query.versoin",)),
    Case("vault", "GET /v1/secret/data/orchestrator", (REJECTED,), headers={"X-Vault-Token": None}),
    Case("vault", "GET /v1/secret/data/orchestrator", ("warning header.x-vault-tokn", REJECTED), headers={"X-Vault-Token": None, "X-Vault-Tokn": ROOT_TOKEN}),
    Case("vault", "GET /v1/secret/data/orchestrator", (REJECTED,), headers={"X-Vault-Token": "hvs.wrong"}),
    Case("vault", "GET /v1/secret/data/orchestrator", ("warning header.x-vault-wraptl",), headers={"X-Vault-WrapTL": "60s"}),
    Case("vault", "POST /v1/auth/approle/login", (f"{FIELD} body.secretId",), {"role_id": "stub-role", "secret_id": "stub-secret-id", "secretId": "x"}),
    Case("vault", "DELETE /v1/auth/approle/login", (REJECTED,)),
    Case("vault", "POST /v1/auth/token/create", ("rejected body.policies",), {"policies": {"a": 1}}),
)  # fmt: skip

RIGHT: tuple[Case, ...] = ()


def described(case: Case) -> str:
    """Return one line for a failed test."""
    return f"{case.vendor} {case.request} {case.json or case.content or ''} {dict(case.headers) or ''}"


def unused() -> Iterator[None]:
    """Nothing."""
    yield None
