"""One request of each endpoint, with what has to be there before: each can be repeated any number of times.

A new route needs an entry: the suite fails for a route of the OpenAPI document that has none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import httpx

from local_stack.stack import WEBHOOK_SECRET
from tests.integration.call_events import HOTEL, call_ended, call_interaction
from tests.integration.data import DATES
from tests.integration.performance.world import World
from tests.integration.webhooks import room_finished, sign_livekit

Prepare = Callable[[World], httpx.Request]
"""Makes what the request needs, and returns the request, which is not sent."""
EVENTS = "POST /webhook/call-event"


def _get(path: str) -> Prepare:
    return lambda world: world.request("GET", path)


def _event(world: World, event: Mapping[str, Any], **options: Any) -> httpx.Request:
    return world.request("POST", "/webhook/call-event", json=event, **options)


def _interaction(kind: str, guest_input: str = "", **parameters: Any) -> Prepare:
    def prepare(world: World) -> httpx.Request:
        return _event(world, call_interaction(world.start_call(), kind, guest_input, **parameters))

    return prepare


def _of_stay(kind: str, **reservation: Any) -> Prepare:
    """Return the confirmed request of a guest whose stay is in a certain state."""

    def prepare(world: World) -> httpx.Request:
        call_id = world.start_call(**reservation)
        return _event(world, call_interaction(call_id, kind, confirmed=True))

    return prepare


def _transfer(world: World) -> httpx.Request:
    call_id = world.start_call()
    attributes = {"sip.phoneNumber": world.names.phone(), "sip.callID": "SCL_1"}
    world.vendors.livekit.set_provider_state(
        "a participant in a room",
        room=f"call-{call_id}",
        identity="caller",
        kind="SIP",
        attributes=attributes,
    )
    return _event(world, call_interaction(call_id, "transfer_request"))


def _login(world: World) -> httpx.Request:
    email, password = world.create_account()
    return world.request("POST", "/auth/login", json={"email": email, "password": password})


def _refresh(world: World) -> httpx.Request:
    return world.request("POST", "/auth/refresh", json={"refresh_token": world.log_in()["refresh_token"]})


def _as_new_user(method: str, path: str) -> Prepare:
    """Return a request of a user who has one session."""

    def prepare(world: World) -> httpx.Request:
        return world.request(
            method, path, headers={"Authorization": f"Bearer {world.log_in()['access_token']}"}
        )

    return prepare


def _new_user(world: World) -> httpx.Request:
    body = {"email": world.names.email(), "password": "correct horse battery", "roles": ["operator"]}
    return world.request("POST", "/auth/admin/users", json=body)


def _new_key(world: World) -> httpx.Request:
    body = {"name": "counts", "service_name": "counts", "permissions": ["call:start"]}
    return world.request("POST", "/auth/api-keys", json=body)


def _key_operation(method: str, suffix: str = "") -> Prepare:
    return lambda world: world.request(method, f"/auth/api-keys/{world.create_key()['id']}{suffix}")


def _redelivered(world: World) -> httpx.Request:
    event = world.started_event()
    world.send_event(event)
    return _event(world, event)


def _with_api_key(world: World) -> httpx.Request:
    request = _event(world, world.started_event(), headers={"X-API-Key": world.api_key})
    del request.headers["Authorization"]
    return request


def _unknown_caller(world: World) -> httpx.Request:
    """Return the call of somebody whom no reservation names; all reservations are on one page."""
    world.vendors.apaleo.set_provider_state("reservations", count=3)
    return _event(world, world.started_event(reservation_id=None))


def _known_reservation(world: World) -> httpx.Request:
    """Return the second call of a guest, whose reservation is in the cache."""
    event = world.started_event()
    world.send_event(event)
    return _event(world, event | {"call_id": world.names.call()})


def _livekit(world: World) -> httpx.Request:
    body = room_finished(world.vendors, world.start_call())
    headers = {"Authorization": sign_livekit(body), "Content-Type": "application/webhook+json"}
    return world.request("POST", "/v1/livekit/webhook", content=body, headers=headers)


def _apaleo(message: str) -> Prepare:
    def prepare(world: World) -> httpx.Request:
        body = world.vendors.apaleo.message(message)
        params = {"secret": WEBHOOK_SECRET}
        return world.request("POST", "/v1/apaleo/webhook", content=body, params=params)

    return prepare


def _speech(world: World) -> httpx.Request:
    body = {"text": f"Room {world.names.call()}", "format": "ulaw"}
    return world.request("POST", "/tts/synthesize", json=body)


def _captions(world: World) -> httpx.Request:
    return world.request("POST", "/tts/captions", json={"text": f"Room {world.names.call()}"})


def _cached_speech(world: World) -> httpx.Request:
    request = _speech(world)
    world.send(request)
    return world.request("POST", "/tts/synthesize", content=request.content, headers=request.headers)


def _consent(world: World) -> httpx.Request:
    body = {"subject": world.names.phone(), "purpose": "recording", "granted": True}
    return world.request("POST", "/gdpr/consent", json=body)


def _erasure(world: World) -> httpx.Request:
    return world.request("POST", "/gdpr/deletion-request", json={"subject": world.run_whole_call()})


def _export(world: World) -> httpx.Request:
    return world.request("GET", f"/gdpr/export/{world.run_whole_call()}")


def _order(world: World) -> httpx.Request:
    body = {"kind": "wake_up", "hotel_id": HOTEL, "number": world.names.phone(), "time": "07:00"}
    return world.request("POST", "/outbound-calls", json=body)


def _ordered(method: str) -> Prepare:
    """Return a request about a call that waits."""
    return lambda world: world.request(method, f"/outbound-calls/{world.send(_order(world)).json()['id']}")


SCENARIOS: dict[str, Prepare] = {
    **{
        f"GET {path}": _get(path)
        for path in ("/healthz", "/readyz", "/metrics", "/resilience/circuit-breakers")
    },
    **{f"GET {path}": _get(path) for path in ("/auth/profile", "/auth/admin/users", "/auth/api-keys")},
    "GET /resilience/rate-limits/{client_id}": _get("/resilience/rate-limits/unknown"),
    "POST /resilience/circuit-breakers/{name}/reset": lambda world: world.request(
        "POST", "/resilience/circuit-breakers/apaleo/reset"
    ),
    "POST /auth/login": _login,
    "POST /auth/refresh": _refresh,
    "POST /auth/logout": _as_new_user("POST", "/auth/logout"),
    "GET /auth/sessions": _as_new_user("GET", "/auth/sessions"),
    "POST /auth/admin/users": _new_user,
    "POST /auth/api-keys": _new_key,
    "POST /auth/api-keys/{key_id}/rotate": _key_operation("POST", "/rotate"),
    "DELETE /auth/api-keys/{key_id}": _key_operation("DELETE"),
    f"{EVENTS}: call.started": lambda world: _event(world, world.started_event()),
    f"{EVENTS}: call.started, cached reservation": _known_reservation,
    f"{EVENTS}: call.started, redelivered": _redelivered,
    f"{EVENTS}: call.started, unknown caller": _unknown_caller,
    f"{EVENTS}: call.started, with an API key": _with_api_key,
    f"{EVENTS}: call.ended": lambda world: _event(world, call_ended(world.start_call())),
    f"{EVENTS}: greeting": _interaction("greeting"),
    f"{EVENTS}: small_talk": _interaction("small_talk", "How are you?"),
    f"{EVENTS}: guest_info_request": _interaction("guest_info_request", "When do I leave?"),
    f"{EVENTS}: room_service_request": _interaction("room_service_request", "Breakfast, please"),
    f"{EVENTS}: late_checkout_request": _interaction("late_checkout_request"),
    f"{EVENTS}: transfer_request": _transfer,
    f"{EVENTS}: availability_request": _interaction("availability_request", **DATES),
    f"{EVENTS}: booking_request": _interaction("booking_request", **DATES, last_name="Beispiel"),
    f"{EVENTS}: change_request": _interaction("change_request", **DATES),
    f"{EVENTS}: cancellation_request": _interaction("cancellation_request", confirmed=True),
    f"{EVENTS}: wake_up_request": _interaction("wake_up_request", time="07:00"),
    f"{EVENTS}: call_back_request": _interaction("call_back_request", time="15:00"),
    "POST /outbound-calls": _order,
    "GET /outbound-calls": _get("/outbound-calls?status=claimed"),
    "GET /outbound-calls/{call_id}": _ordered("GET"),
    "DELETE /outbound-calls/{call_id}": _ordered("DELETE"),
    f"{EVENTS}: check_in_request": _of_stay("check_in_request", status="Confirmed", ahead=0),
    f"{EVENTS}: check_out_request": _of_stay(
        "check_out_request", status="InHouse", unit="MUC-101", ahead=-2, due=0.0
    ),
    f"{EVENTS}: room_assignment_request": _interaction("room_assignment_request"),
    f"{EVENTS}: balance_request": _interaction("balance_request", "What do I have to pay?"),
    "POST /v1/livekit/webhook": _livekit,
    "POST /v1/apaleo/webhook: a reservation": _apaleo("a reservation was amended"),
    "POST /v1/apaleo/webhook: a booking": _apaleo("a booking was changed"),
    "POST /tts/synthesize": _speech,
    "POST /tts/synthesize: cached": _cached_speech,
    "POST /tts/captions": _captions,
    "POST /gdpr/consent": _consent,
    "POST /gdpr/deletion-request": _erasure,
    "GET /gdpr/export/{subject}": _export,
}
"""By route, followed by what is special about the request if the route has several."""


def route_of(scenario: str) -> tuple[str, str]:
    """Return the method and the path of a scenario's route."""
    method, _, path = scenario.partition(": ")[0].partition(" ")
    return method, path


def routes_of(document: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Return all routes of an OpenAPI document."""
    return {
        (method.upper(), path)
        for path, operations in document["paths"].items()
        for method in operations
        if method in {"get", "post", "put", "patch", "delete"}
    }
