"""Right requests that look unusual, over all vendors: none may be accused."""

from __future__ import annotations

from provider_verification.stubs.vendors.vault.state import ROOT_TOKEN
from tests.stubs.known_requests import (
    FORM,
    LIMIT,
    MERGE_PATCH,
    OFFERS,
    SERVICE_ID,
    Case,
    bearer,
    booking,
    mews,
    speech,
    twirp,
)

EXTENT = {"Extent": {"Customers": True}}
STAYS = "GET /booking/v1/reservations"
MONTH = {"StartUtc": "2027-01-01T00:00:00Z", "EndUtc": "2027-02-01T00:00:00Z"}
CUSTOM = {
    "X-Request-ID": "1",
    "X-Correlation-ID": "2",
    "traceparent": "00-0-0-00",
    "X-Hotel": "muc",
    "X-Api-Version": "1",
}
"""Headers that a proxy or a client adds; none of them is the vendor's."""

RIGHT: tuple[Case, ...] = (
    # Apaleo
    Case("apaleo", STAYS),
    Case("apaleo", f"{STAYS}?status=InHouse,Confirmed&pageSize=1&pageNumber=2"),
    Case("apaleo", f"{STAYS}?dateFilter=Arrival&from=2027-05-01T00:00:00Z&to=2027-05-02T00:00:00%2B02:00"),
    Case("apaleo", f"{STAYS}?textSearch=&propertyIds=MUC"),
    Case("apaleo", f"{STAYS}?sort=arrival:desc&expand=booker"),
    Case("apaleo", STAYS, headers=CUSTOM),
    Case("apaleo", "GET /booking/v1/reservations/$count?status=InHouse"),
    Case("apaleo", "GET /booking/v1/reservations/INHOUSE1-1?expand=booker,services,timeSlices"),
    Case("apaleo", f"{OFFERS}&adults=2&channelCode=Direct&childrenAges=3,7"),
    Case("apaleo", f"{OFFERS}&adults=1", content=b"", headers={"Content-Type": "application/json"}),
    booking(adults=1, arrival="2027-08-01T15:00:00+02:00", departure="2027-08-02T11:00:00+02:00"),
    booking(headers={"Idempotency-Key": "k-1"}, comment="quiet"),
    booking(headers={"Idempotency-Key": "k-1"}, comment="quiet"),
    booking(arrival="2027-08-03", departure="2027-08-04", primaryGuest={"lastName": "Muster"}),
    booking(arrival="2027-08-05", departure="2027-08-06", childrenAges=[], services=[{"serviceId": "MUC-BREAKFAST"}]),
    Case("apaleo", "PATCH /booking/v1/reservations/FUTURE01-1", (), [{"op": "replace", "path": "/comment", "value": "x"}]),
    Case("apaleo", "PUT /booking/v1/reservation-actions/ARRIVAL2-1/assign-unit"),
    Case("apaleo", "HEAD /inventory/v1/properties/MUC"),
    Case("apaleo", "GET /inventory/v1/units?propertyId=MUC&condition=Clean"),
    Case("apaleo", "GET /availability/v1/unit-groups?propertyId=MUC&from=2027-05-01&to=2027-05-02"),
    Case("apaleo", "GET /rateplan/v1/rate-plans/MUC-FLEX_DBL/rates?from=2027-05-01&to=2027-05-03"),
    Case("apaleo", "GET /finance/v1/folios?reservationIds=INHOUSE1-1"),
    Case("apaleo", "POST /finance/v1/folios/INHOUSE1-1-1/payments", (), {"method": "Cash", "amount": {"amount": 1, "currency": "EUR"}}),
    Case(
        "apaleo", "POST /connect/token", content=b"grant_type=client_credentials&client_id=stub-client&client_secret=stub-secret",
        headers={**FORM, "Authorization": None},
    ),
    # Mews
    mews("configuration/get"),
    mews("configuration/get", LanguageCode="de-DE"),
    mews("reservations/getAll/2023-06-06", **LIMIT),
    mews("reservations/getAll/2023-06-06", States=["Started"], CollidingUtc=MONTH, Limitation={"Count": 1, "Cursor": None}),
    mews("reservations/getAll/2023-06-06", ServiceIds=[SERVICE_ID], Limitation={"Count": 1000}),
    mews("customers/getAll", Emails=["ada.muster@example.org"], **EXTENT, **LIMIT),
    mews("resources/getAll", Extent={"Resources": True, "Inactive": False}, **LIMIT),
    mews("services/getAll", **LIMIT),
    mews("rates/getAll", ServiceIds=[SERVICE_ID], **LIMIT),
    mews("customers/add", OverwriteExisting=True, LastName="Muster", FirstName=None, Phone=None),
    mews("payments/getAll", PaymentIds=[SERVICE_ID], **LIMIT),
    # TTS
    speech(text="Hi"),
    speech(text="Hi", query="?output_format=pcm_16000&enable_logging=false"),
    speech(text="Hi", voice_settings=None, seed=None, language_code=None),
    speech(text="Hi", voice_settings={"stability": 0, "speed": 1.2}),
    speech(text="Guten Tag", model_id="eleven_flash_v2_5", language_code="de"),
    speech(text="Hi", headers=CUSTOM),
    speech(text="\U0001f600 \u00fc", query="/stream"),
    speech(text="Hi", query="/with-timestamps?output_format=mp3_44100_128"),
    speech(text="Hi", voice="porter", headers={"Accept": "audio/mpeg", "Content-Type": "application/json; charset=utf-8"}),
    Case("tts", "GET /v2/voices"),
    Case("tts", "GET /v2/voices?page_size=2&next_page_token=0&include_total_count=true"),
    Case("tts", "GET /v2/voices?voice_ids=concierge&voice_ids=porter"),
    Case("tts", "GET /v1/voices"),
    Case("tts", "GET /v1/history?page_size=1"),
    Case("tts", "GET /v1/models"),
    Case("tts", "GET /v1/user"),
    Case("tts", "GET /v1/voices/settings/default"),
    # LiveKit
    twirp("RoomService/CreateRoom", name="b"),
    twirp("RoomService/CreateRoom", name="b", emptyTimeout=60, departure_timeout="5", metadata=None),
    twirp("RoomService/CreateRoom", content=b'{"name": "b"} trailing', headers={"Content-Type": "application/json"}),
    twirp("RoomService/CreateRoom", content=b"\x0a\x01b", headers={"Content-Type": "application/protobuf"}),
    twirp("RoomService/ListRooms"),
    twirp("RoomService/ListRooms", names=["b"], headers=CUSTOM),
    twirp("RoomService/ListParticipants", room="a"),
    twirp("RoomService/UpdateRoomMetadata", room="a", metadata="{}"),
    twirp("SIP/ListSIPInboundTrunk"),
    twirp("SIP/ListSIPDispatchRule", trunkIds=["ST_stubinbound"]),
    twirp(
        "SIP/CreateSIPDispatchRule",
        dispatchRule={"rule": {"dispatchRuleIndividual": {"roomPrefix": "x-"}}, "trunkIds": ["ST_other"]},
    ),
    twirp("Egress/ListEgress", active=True),
    twirp("Ingress/CreateIngress", inputType="RTMP_INPUT", name="tv", roomName="a", participantIdentity="tv"),
    # Vault
    Case("vault", "GET /v1/secret/data/orchestrator"),
    Case("vault", "GET /v1/secret/data/orchestrator?version=1"),
    Case("vault", "GET /v1/secret/data/orchestrator", headers={"X-Vault-Token": None, "Authorization": f"Bearer {ROOT_TOKEN}"}),
    Case("vault", "GET /v1/secret/data/orchestrator", headers={"X-Vault-Request": "true", **CUSTOM}),
    Case("vault", "POST /v1/secret/data/y", (), {"data": {"a": "b"}, "options": {"cas": 0}}),
    Case("vault", "PUT /v1/secret/data/y", (), {"data": {"nested": {"list": [1, None]}}}),
    Case("vault", "PATCH /v1/secret/data/y", (), {"data": {"nested": None}}, headers=MERGE_PATCH),
    Case("vault", "LIST /v1/secret/metadata/"),
    Case("vault", "GET /v1/secret/metadata?list=T"),
    Case("vault", "POST /v1/secret/metadata/y", (), {"max_versions": 5, "custom_metadata": {"owner": "it"}}),
    Case("vault", "POST /v1/secret/undelete/y", (), {"versions": [1, "2"]}),
    Case("vault", "POST /v1/auth/approle/login", (), {"role_id": "stub-role", "secret_id": "stub-secret-id"}, headers={"X-Vault-Token": None}),
    Case("vault", "POST /v1/auth/token/create", (), {"ttl": "1h", "policies": ["app"], "meta": None}),
    Case("vault", "POST /v1/sys/capabilities-self", (), {"paths": ["secret/data/y"]}),
    Case("vault", "GET /v1/sys/health?standbyok&perfstandbyok=true", headers={"X-Vault-Token": None}),
    Case("vault", "DELETE /v1/secret/data/y"),
)  # fmt: skip

REFUSED_IN_THIS_STATE: tuple[Case, ...] = (
    Case("apaleo", "GET /booking/v1/reservations/NOBODY-1"),
    Case("apaleo", "PUT /booking/v1/reservation-actions/CANCELD1-1/checkin"),
    mews("reservations/cancel", ReservationIds=[SERVICE_ID], Notes="x"),
    speech(text="Hi", voice="nobody"),
    speech(text="Hi", voice="celebrity"),
    Case("tts", "GET /v1/history/nothing"),
    twirp("RoomService/UpdateRoomMetadata", room="none", metadata="{}", headers=bearer(video={"roomAdmin": True, "room": "none"})),
    twirp("SIP/CreateSIPInboundTrunk", trunk={"name": "b", "numbers": ["+498912345"]}),
    twirp("SIP/CreateSIPDispatchRule", dispatchRule={"rule": {"dispatchRuleIndividual": {}}, "trunkIds": ["ST_stubinbound"]}),
    Case("vault", "GET /v1/secret/data/nothing"),
    Case("vault", "POST /v1/secret/data/orchestrator", (), {"data": {}, "options": {"cas": 99}}),
)  # fmt: skip
"""Right requests that other reservations, voices, rooms or secrets make fail: no fault of the client."""
