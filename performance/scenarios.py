"""The requests of each endpoint. A route of the OpenAPI document without a scenario is an error."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeAlias

import jwt

from local_stack.stack import WEBHOOK_SECRET
from performance.http_client import JSON_HEADERS, MeasurementError, Request, json_request
from performance.session import CALL_EVENT, Session, login_request
from provider_verification.stubs.vendors.livekit.state import API_KEY, API_SECRET

Operation: TypeAlias = tuple[str, str]
"""Method and path of the OpenAPI document."""
Prepare: TypeAlias = Callable[[Session, int], list[Request]]
"""Prepares so many requests that are then sent one after another."""
IN_HOUSE = {"status": "InHouse", "unit": "MUC-101"}
CONFIRMED = {"status": "Confirmed"}
ARRIVING = {"status": "Confirmed", "ahead": 0}
LEAVING = {"status": "InHouse", "unit": "MUC-101", "ahead": -2, "due": 0}
FIRST_NIGHT = date(2030, 1, 1)
METHODS = frozenset({"get", "post", "put", "patch", "delete"})


@dataclass(frozen=True, slots=True)
class Scenario:
    """One endpoint as it is measured.

    Attributes:
        name: the endpoint's name in thresholds and reports.
        operation: the route.
        prepare: prepares its requests.
    """

    name: str
    operation: Operation
    prepare: Prepare


def check_coverage(document: Mapping[str, Any]) -> None:
    """Check that every route of an OpenAPI document has a scenario.

    Raises:
        MeasurementError: one has none.
    """
    covered = {scenario.operation for scenario in SCENARIOS}
    if missing := sorted(operations(document) - covered):
        routes = ", ".join(" ".join(route) for route in missing)
        raise MeasurementError(f"performance/scenarios.py has no scenario for {routes}")


def operations(document: Mapping[str, Any]) -> set[Operation]:
    """Return the routes of an OpenAPI document."""
    return {
        (method.upper(), path)
        for path, item in document["paths"].items()
        for method in item
        if method in METHODS
    }


def select(names: Iterable[str]) -> list[Scenario]:
    """Return the scenarios with these names, or all without a name.

    Raises:
        MeasurementError: there is no such endpoint.
    """
    chosen = list(names)
    known = [scenario.name for scenario in SCENARIOS]
    if unknown := [name for name in chosen if name not in known]:
        raise MeasurementError(f"there is no endpoint {unknown[0]!r}: there are {', '.join(known)}")
    return [scenario for scenario in SCENARIOS if not chosen or scenario.name in chosen]


def _fixed(method: str, path: str, concrete: str = "") -> Scenario:
    """Return a scenario whose requests are all the same."""

    def prepare(session: Session, count: int) -> list[Request]:
        return [session.json(method, concrete or path)] * count

    return Scenario(f"{method} {path}", (method, path), prepare)


def _each(method: str, path: str, request: Callable[[Session], Request], name: str = "") -> Scenario:
    """Return a scenario whose requests differ."""

    def prepare(session: Session, count: int) -> list[Request]:
        return [request(session) for _ in range(count)]

    return Scenario(name or f"{method} {path}", (method, path), prepare)


def _interaction(
    kind: str,
    text: str = "",
    parameters: Callable[[int], dict[str, Any]] | None = None,
    guest: Mapping[str, str] = IN_HOUSE,
) -> Scenario:
    """Return a scenario of one intent, in one call of a guest."""

    def prepare(session: Session, count: int) -> list[Request]:
        call_id = session.start_call(reservation_id=session.add_reservation(**guest))
        chosen = [parameters(session.number()) if parameters else {} for _ in range(count)]
        return [session.interaction(call_id, kind, text, **values) for values in chosen]

    return Scenario(f"call.interaction {kind}", ("POST", CALL_EVENT), prepare)


def _nights(number: int) -> dict[str, Any]:
    arrival = FIRST_NIGHT + timedelta(days=number % 300)
    return {"arrival": str(arrival), "departure": str(arrival + timedelta(days=2))}


def _refresh(session: Session) -> Request:
    return json_request("POST", "/auth/refresh", {"refresh_token": session.log_in()["refresh_token"]})


def _logout(session: Session) -> Request:
    return json_request("POST", "/auth/logout", token=session.log_in()["access_token"])


def _sessions(session: Session, count: int) -> list[Request]:
    # a user of its own, because the administrator's sessions become more
    return [json_request("GET", "/auth/sessions", token=session.new_user()["access_token"])] * count


def _api_key_body(session: Session) -> Request:
    key = {"name": session.unique(), "service_name": "pbx", "permissions": ["call:start"]}
    return session.json("POST", "/auth/api-keys", key, 201)


def _new_api_key(session: Session) -> str:
    return str(session.client.send_json(_api_key_body(session))["id"])


def _stay(kind: str, guest: Mapping[str, Any]) -> Scenario:
    """Return a scenario of an intent that each guest has once."""

    def request(session: Session) -> Request:
        call_id = session.start_call(reservation_id=session.add_reservation(**guest))
        return session.interaction(call_id, kind, confirmed=True)

    return _each("POST", CALL_EVENT, request, f"call.interaction {kind}")


def _transfer(session: Session) -> Request:
    # a transfer takes the caller out of the room, so each call has its own
    call_id = session.start_call()
    session.set_vendor_state(
        "livekit", "a caller in a room", room=f"call-{call_id}", identity="sip_1", phone="+4930000000"
    )
    return session.interaction(call_id, "transfer_request")


def _synthesis(session: Session) -> Request:
    # another text each time, because repeated ones come from a cache
    return session.json("POST", "/tts/synthesize", {"text": f"Welcome, guest {session.unique()}."})


def _captions(session: Session) -> Request:
    return session.json("POST", "/tts/captions", {"text": f"Welcome, guest {session.unique()}."})


def _livekit_webhook(session: Session) -> Request:
    room = {"sid": "RM_1", "name": f"call-{session.start_call()}"}
    event = {
        "event": "room_finished",
        "id": f"EV_{session.unique()}",
        "createdAt": str(int(time.time())),
        "room": room,
    }
    body = json.dumps(event).encode()
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    claims = {"iss": API_KEY, "exp": int(time.time()) + 3600, "sha256": digest}
    headers = {
        "Authorization": jwt.encode(claims, API_SECRET, algorithm="HS256"),
        "Content-Type": "application/webhook+json",
    }
    return Request("POST", "/v1/livekit/webhook", body, headers)


def _apaleo_webhook(session: Session) -> Request:
    event = {
        "id": session.unique(),
        "topic": "Reservation",
        "type": "changed",
        "timestamp": 1_800_000_000_000,
        "data": {"entityId": "PERF-1"},
    }
    path = f"/v1/apaleo/webhook?secret={WEBHOOK_SECRET}"
    return Request("POST", path, json.dumps(event).encode(), JSON_HEADERS)


def _subject(session: Session) -> str:
    return f"+4930{session.number():07}"


def _outbound_order(session: Session) -> Request:
    order = {"kind": "wake_up", "hotel_id": "MUC", "number": _subject(session), "time": "07:00"}
    return session.json("POST", "/outbound-calls", order, 201)


def _new_outbound_call(session: Session) -> str:
    return str(session.client.send_json(_outbound_order(session))["id"])


SCENARIOS = (
    # lists and totals first, while the service has few entries
    _fixed("GET", "/healthz"),
    _fixed("GET", "/readyz"),
    _fixed("GET", "/metrics"),
    _fixed("GET", "/resilience/circuit-breakers"),
    _fixed("POST", "/resilience/circuit-breakers/{name}/reset", "/resilience/circuit-breakers/apaleo/reset"),
    _fixed("GET", "/resilience/rate-limits/{client_id}", "/resilience/rate-limits/unknown"),
    _fixed("GET", "/auth/profile"),
    _fixed("GET", "/auth/admin/users"),
    _fixed("GET", "/auth/api-keys"),
    Scenario("GET /auth/sessions", ("GET", "/auth/sessions"), _sessions),
    _fixed("GET", "/gdpr/export/{subject}", "/gdpr/export/+4930000001"),
    _each("POST", "/auth/login", lambda _: login_request()),
    _each("POST", "/auth/refresh", _refresh),
    _each("POST", "/auth/logout", _logout),
    _each("POST", "/auth/admin/users", Session.user_request),
    _each("POST", "/auth/api-keys", _api_key_body),
    _each(
        "POST",
        "/auth/api-keys/{key_id}/rotate",
        lambda session: session.json("POST", f"/auth/api-keys/{_new_api_key(session)}/rotate"),
    ),
    _each(
        "DELETE",
        "/auth/api-keys/{key_id}",
        lambda session: session.json("DELETE", f"/auth/api-keys/{_new_api_key(session)}", status=204),
    ),
    _each("POST", CALL_EVENT, lambda session: session.start_request(session.unique()), "call.started"),
    _interaction("greeting"),
    _interaction("small_talk"),
    _interaction("guest_info_request"),
    _interaction("room_service_request", "Breakfast, please"),
    _interaction("late_checkout_request"),
    _interaction("availability_request", parameters=_nights),
    _interaction("booking_request", parameters=lambda number: _nights(number) | {"last_name": "Muster"}),
    _interaction("change_request", parameters=_nights, guest=CONFIRMED),
    _interaction("recording_consent", parameters=lambda _: {"confirmed": False}),
    _stay("cancellation_request", CONFIRMED),
    _each("POST", CALL_EVENT, _transfer, "call.interaction transfer_request"),
    _interaction("wake_up_request", parameters=lambda _: {"time": "07:00"}),
    _interaction("call_back_request", parameters=lambda _: {"time": "15:00"}),
    _stay("check_in_request", ARRIVING),
    _stay("check_out_request", LEAVING),
    _stay("room_assignment_request", CONFIRMED),
    _interaction("balance_request"),
    _each("POST", CALL_EVENT, lambda session: session.end_request(session.start_call()), "call.ended"),
    _each("POST", "/v1/livekit/webhook", _livekit_webhook),
    _each("POST", "/v1/apaleo/webhook", _apaleo_webhook),
    _each("POST", "/tts/synthesize", _synthesis),
    _each("POST", "/tts/captions", _captions),
    # no call is claimed: its time has not come
    _fixed("GET", "/outbound-calls", "/outbound-calls?status=claimed"),
    _each("POST", "/outbound-calls", _outbound_order),
    _each(
        "GET",
        "/outbound-calls/{call_id}",
        lambda session: session.json("GET", f"/outbound-calls/{_new_outbound_call(session)}"),
    ),
    _each(
        "DELETE",
        "/outbound-calls/{call_id}",
        lambda session: session.json("DELETE", f"/outbound-calls/{_new_outbound_call(session)}", status=204),
    ),
    _each(
        "POST",
        "/gdpr/consent",
        lambda session: session.json(
            "POST", "/gdpr/consent", {"subject": _subject(session), "purpose": "recording", "granted": True}
        ),
    ),
    _each(
        "POST",
        "/gdpr/deletion-request",
        lambda session: session.json("POST", "/gdpr/deletion-request", {"subject": _subject(session)}),
    ),
)
"""All endpoints, in the order in which they are measured."""
