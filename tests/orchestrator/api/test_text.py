"""Text that is not Unicode, or that contains NUL, is rejected for every string of every request body."""

from __future__ import annotations

import copy
import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from orchestrator.app import running
from tests.integration.call_events import call_ended, call_interaction, call_started
from tests.orchestrator.api.conftest import ADMIN, create_app_with_database, login

pytestmark = pytest.mark.asyncio(loop_scope="module")
PHONE = "+4930123456"
BODIES: dict[tuple[str, str], list[dict[str, Any]]] = {
    ("POST", "/auth/login"): [{"email": ADMIN[0], "password": ADMIN[1]}],
    ("POST", "/auth/refresh"): [{"refresh_token": "token"}],
    ("POST", "/auth/logout"): [{"session_id": "session"}],
    ("POST", "/auth/admin/users"): [
        {"email": "a@hotel.example", "password": ADMIN[1], "roles": ["viewer"], "hotel_ids": ["BER", "MUC"]}
    ],
    ("POST", "/auth/api-keys"): [
        {"name": "n", "service_name": "s", "permissions": ["call:start"], "hotel_ids": ["BER"]}
    ],
    ("POST", "/webhook/call-event"): [
        call_started("1", PHONE, room_number="1", guest_data={"x": ["y", {"z": "z"}]}),
        call_interaction("1", "booking_request", "text", last_name="n", service="s", email="a@b.example"),
        call_ended("1"),
    ],
    ("POST", "/tts/synthesize"): [{"text": "Hello", "voice": "v", "language": "en"}],
    ("POST", "/tts/captions"): [{"text": "Hello", "voice": "v", "language": "en", "hotel_id": "MUC"}],
    ("POST", "/outbound-calls"): [
        {
            "kind": "wake_up",
            "hotel_id": "MUC",
            "number": PHONE,
            "time": "07:00",
            "language": "de",
            "reservation_id": "A-1",
        }
    ],
    ("POST", "/gdpr/consent"): [{"subject": PHONE, "purpose": "recording", "granted": True}],
    ("POST", "/gdpr/deletion-request"): [{"subject": PHONE}],
}
"""A valid body, or one for each kind, by route."""
INVALID_TEXTS = ["\ud800", "a\udfffb", "\ud800\ud800", "\0", "a\0"]
Location = tuple[str | int, ...]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The application, one for all tests: what they send is rejected and leaves nothing behind."""
    return create_app_with_database(tmp_path_factory.mktemp("text"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the started application, without credentials."""
    transport = httpx.ASGITransport(app)
    async with (
        running(app.state.container),
        httpx.AsyncClient(transport=transport, base_url="http://orchestrator") as client,
    ):
        yield client


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def admin(http: httpx.AsyncClient) -> dict[str, str]:
    """The headers of an administrator of all hotels."""
    return await login(http, *ADMIN)


def string_locations(value: Any, location: Location = ()) -> Iterator[Location]:
    """Yield the location of every string."""
    if isinstance(value, str):
        yield location
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from string_locations(item, (*location, key))


def replace(value: Any, location: Location, text: str) -> Any:
    """Return a copy with another string at a location."""
    changed = copy.deepcopy(value)
    parent = changed
    for key in location[:-1]:
        parent = parent[key]
    parent[location[-1]] = text
    return changed


CASES = [
    pytest.param(path, body, location, id=f"{path}-{'.'.join(map(str, location))}")
    for (_, path), bodies in BODIES.items()
    for body in bodies
    for location in string_locations(body)
]


async def test_every_route_with_a_json_body_is_covered(app: FastAPI) -> None:
    """The webhooks of vendors are signed or have a secret, and are parsed by the vendors' own models."""
    documented = {
        (method.upper(), path)
        for path, item in app.openapi()["paths"].items()
        for method, operation in item.items()
        if "requestBody" in operation and not path.startswith("/v1/")
    }

    assert documented == set(BODIES)


@pytest.mark.parametrize(("path", "body", "location"), CASES)
async def test_invalid_text_is_rejected_with_its_field(
    http: httpx.AsyncClient, admin: dict[str, str], path: str, body: dict[str, Any], location: Location
) -> None:
    """422 with the field, at most two names deep because deeper names are data; the text is not repeated."""
    headers = {**admin, "Content-Type": "application/json"}
    for text in INVALID_TEXTS:
        content = json.dumps(replace(body, location, text))

        response = await http.post(path, content=content, headers=headers)

        assert response.status_code == 422, (text, response.text)
        details = response.json()["error"]["details"]
        assert [detail["field"] for detail in details] == [".".join(map(str, location[:2]))]


@pytest.mark.parametrize(
    "content",
    [b'{"email": "\xed\xa0\x80@b.example", "password": "long enough"}', b'{"\\ud800": 1, "\\u0000": 2}'],
)
async def test_invalid_text_in_raw_bytes_and_names_is_rejected(
    http: httpx.AsyncClient, content: bytes
) -> None:
    """A surrogate can also be sent as three bytes, and as the name of a field."""
    response = await http.post("/auth/login", content=content, headers={"Content-Type": "application/json"})

    assert response.status_code == 422
    assert response.json()["error"]["details"]


@pytest.mark.parametrize("text", ["Ada \ud83d", "Ada\0"])
@pytest.mark.parametrize(
    ("event", "field"),
    [
        (lambda text: call_started("1", PHONE, guest_data={"name": text}), "metadata.guest_data"),
        (lambda text: call_started("1", PHONE, guest_data={"notes": [{"by": text}]}), "metadata.guest_data"),
        (lambda text: call_started("1", PHONE, guest_data={text: 1}), "metadata.guest_data"),
        (lambda text: call_started("1", PHONE, room_number=text), "metadata.room_number"),
        (lambda text: call_started("1", PHONE, priority=text), "metadata.priority"),
        (lambda text: call_started("1", PHONE) | {"to_number": text}, "to_number"),
        (lambda text: call_started("1", PHONE) | {"event": text}, "event"),
        (lambda text: call_interaction("1", "small_talk", text), "guest_input"),
        (lambda text: call_interaction("1", "small_talk", service=text), "parameters.service"),
        (lambda text: call_interaction("1", "small_talk", last_name=text), "parameters.last_name"),
    ],
)
async def test_invalid_text_in_call_event_is_rejected_with_its_field(
    http: httpx.AsyncClient, admin: dict[str, str], event: Callable[[str], Any], field: str, text: str
) -> None:
    """PostgreSQL rejects NUL, and a lone surrogate cannot be encoded; the error does not repeat either."""
    headers = {**admin, "Content-Type": "application/json"}

    response = await http.post("/webhook/call-event", content=json.dumps(event(text)), headers=headers)

    assert response.status_code == 422
    [detail] = response.json()["error"]["details"]
    assert detail["field"] == field
    assert text not in str(response.json())


@pytest.mark.parametrize(("name", "printable"), [("Ada \ud83d", "Ada \\ud83d"), ("Ada\0", "Ada\\0")])
async def test_invalid_field_name_of_call_event_is_rejected(
    http: httpx.AsyncClient, admin: dict[str, str], name: str, printable: str
) -> None:
    """The error names the field with escapes."""
    content = json.dumps(call_started("1", PHONE) | {name: 1})
    headers = {**admin, "Content-Type": "application/json"}

    response = await http.post("/webhook/call-event", content=content, headers=headers)

    assert response.status_code == 422
    assert [detail["field"] for detail in response.json()["error"]["details"]] == [printable]


async def test_nothing_is_stored_for_an_invalid_user(http: httpx.AsyncClient, admin: dict[str, str]) -> None:
    """Users with a surrogate in their hotels could not be listed."""
    new = {"email": "a@hotel.example", "password": ADMIN[1], "roles": ["viewer"], "hotel_ids": ["\ud800"]}
    headers = {**admin, "Content-Type": "application/json"}

    await http.post("/auth/admin/users", content=json.dumps(new), headers=headers)

    users = (await http.get("/auth/admin/users", headers=admin)).json()
    assert [user["email"] for user in users] == [ADMIN[0]]


@pytest.mark.parametrize(
    "email",
    [
        "a",
        "a@b",
        "@b.example",
        "a@.example",
        "a@b..example",
        "a b@c.example",
        "a@b@c.example",
        "a@b.example.",
    ],
)
async def test_login_with_invalid_email_is_rejected(http: httpx.AsyncClient, email: str) -> None:
    """422 and not 401: no such user can exist."""
    response = await http.post("/auth/login", json={"email": email, "password": ADMIN[1]})

    assert response.status_code == 422
    assert [detail["field"] for detail in response.json()["error"]["details"]] == ["email"]
