"""Rooms, trunks and routes of LiveKit's stub: orders and error texts as recorded from the real server."""

from __future__ import annotations

from typing import Any

import pytest

from tests.stubs.twirp import TwirpClient, error_of, token_with

ROOM_NOT_FOUND = (404, "not_found", "twirp error unknown: requested room does not exist")


async def test_named_rooms_are_listed_in_the_order_asked(livekit: TwirpClient) -> None:
    """Unknown names are left out, and a repeated one is answered twice; without names all rooms are listed."""
    for name in ("a", "b", "c"):
        await livekit.call("RoomService/CreateRoom", {"name": name})

    named = await livekit.call("RoomService/ListRooms", {"names": ["c", "nope", "a", "c"]})
    unnamed = await livekit.call("RoomService/ListRooms", {"names": []})

    assert [room["name"] for room in named.json()["rooms"]] == ["c", "a", "c"]
    assert [room["name"] for room in unnamed.json()["rooms"]] == ["a", "b", "c"]


async def test_room_without_a_name_is_deleted_only_if_it_exists(livekit: TwirpClient) -> None:
    """The recording's 200 came from a room whose name is empty, which an earlier request had created."""
    before = await livekit.call("RoomService/DeleteRoom", {})
    await livekit.call("RoomService/CreateRoom", {})
    deleted = await livekit.call("RoomService/DeleteRoom", {})
    after = await livekit.call("RoomService/DeleteRoom", {"room": ""})

    assert error_of(before) == error_of(after) == ROOM_NOT_FOUND
    assert (deleted.status_code, deleted.json()) == (200, {})


async def test_existing_room_keeps_its_settings(livekit: TwirpClient) -> None:
    """A room that was created without a timeout keeps the default, whatever a second request says."""
    first = await livekit.call("RoomService/CreateRoom", {"name": "a"})
    second = await livekit.call(
        "RoomService/CreateRoom", {"name": "a", "departure_timeout": 7, "metadata": "m", "room_preset": "x"}
    )

    assert second.json() == first.json()
    assert (first.json()["empty_timeout"], first.json()["departure_timeout"]) == (300, 20)


async def test_unknown_preset_of_a_new_room_is_rejected(livekit: TwirpClient) -> None:
    """No preset is configured; the text has the server's own typing error."""
    response = await livekit.call("RoomService/CreateRoom", {"name": "a", "room_preset": "x"})
    rooms = await livekit.call("RoomService/ListRooms", {})

    text = "twirp error unknown: unknown room confguration in create room request"
    assert error_of(response) == (400, "invalid_argument", text)
    assert rooms.json() == {"rooms": []}


@pytest.mark.parametrize(
    ("verb", "path", "message"),
    [
        ("POST", "livekit.RoomService/Nope", 'no handler for path "/twirp/livekit.RoomService/Nope"'),
        ("POST", "livekit.RoomService/listRooms", 'no handler for path "/twirp/livekit.RoomService/listRooms"'),
        ("POST", "livekit.RoomService/ListRooms/", 'no handler for path "/twirp/livekit.RoomService/ListRooms/"'),
        ("POST", "livekit.SIP/CreateSIPTrunk", 'no handler for path "/twirp/livekit.SIP/CreateSIPTrunk"'),
        ("POST", "livekit.Ingress/Nope", 'no handler for path "/twirp/livekit.Ingress/Nope"'),
        ("GET", "livekit.RoomService/ListRooms", 'unsupported method "GET" (only POST is allowed)'),
        ("PUT", "livekit.RoomService/ListRooms", 'unsupported method "PUT" (only POST is allowed)'),
        ("DELETE", "livekit.RoomService/Nope", 'unsupported method "DELETE" (only POST is allowed)'),
    ],
)  # fmt: skip
async def test_unknown_route_has_the_text_of_twirp(
    livekit: TwirpClient, verb: str, path: str, message: str
) -> None:
    """The verb is looked at before the path; `meta` repeats the route."""
    headers = {"Authorization": f"Bearer {token_with()}"}

    response = await livekit.http.request(verb, f"/twirp/{path}", headers=headers, json={})

    assert response.status_code == 404
    assert response.json() == {
        "code": "bad_route",
        "msg": message,
        "meta": {"twirp_invalid_route": f"{verb} /twirp/{path}"},
    }


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "text/plain; charset=utf-8", "multipart/form-data"]
)
async def test_other_content_type_is_quoted_as_it_was_sent(livekit: TwirpClient, content_type: str) -> None:
    """With its parameters. The body is not read."""
    response = await livekit.send("RoomService/ListRooms", "{", Content_Type=content_type)

    assert error_of(response) == (404, "bad_route", f'unexpected Content-Type: "{content_type}"')


@pytest.mark.parametrize(
    "path", ["/nope", "/twirp/livekit.Nope/ListRooms", "/twirp", "/twirp/livekit.RoomService"]
)
async def test_unknown_service_is_plain_text(livekit: TwirpClient, path: str) -> None:
    """Twirp does not see the request."""
    response = await livekit.http.post(path, headers={"Authorization": f"Bearer {token_with()}"}, json={})

    assert (response.status_code, response.text) == (404, "404 page not found\n")


@pytest.mark.parametrize(
    ("existing", "new", "message"),
    [
        ({"numbers": ["+1"]}, {"numbers": ["+1"]}, '["+1"] without AllowedNumbers set'),
        ({"numbers": ["+1"]}, {"numbers": ["+9", "1"]}, '["+9" "1"] without AllowedNumbers set'),
        ({"numbers": ["+15550100"]}, {"numbers": ["+1 (555) 010-0"]}, '["+1 (555) 010-0"] without AllowedNumbers set'),
        (
            {"numbers": ["+1", "+2"], "allowed_numbers": ["+7"]},
            {"numbers": ["+2"], "allowed_numbers": ["+8", "7"]},
            '["+2"] and AllowedNumber "7"',
        ),
        ({"allowed_addresses": ["::1"]}, {"auth_username": "u", "auth_password": "p"}, "<any> without AllowedNumbers set"),
    ],
)  # fmt: skip
async def test_trunk_conflict_names_both_trunks_and_all_numbers(
    livekit: TwirpClient, existing: dict[str, Any], new: dict[str, Any], message: str
) -> None:
    """As recorded; the new trunk has no id yet."""
    created = await livekit.call("SIP/CreateSIPInboundTrunk", {"trunk": existing})
    trunk_id = created.json()["sip_trunk_id"]

    response = await livekit.call("SIP/CreateSIPInboundTrunk", {"trunk": new})

    text = f'Conflicting inbound SIP Trunks: "<new>" and "{trunk_id}", using the same number(s) {message}'
    assert error_of(response) == (400, "invalid_argument", text)


async def test_trunk_that_names_a_number_twice_conflicts_with_itself(livekit: TwirpClient) -> None:
    """The server's check does not tell the two apart."""
    response = await livekit.call("SIP/CreateSIPInboundTrunk", {"trunk": {"numbers": ["+1", "1"]}})

    text = 'Conflicting inbound SIP Trunks: "<new>" and "<new>", using the same number(s) ["+1" "1"] without AllowedNumbers set'
    assert error_of(response) == (400, "invalid_argument", text)


@pytest.mark.parametrize(("name", "printed"), [("second", "second"), ("", "<blank name>")])
async def test_rule_conflict_names_the_new_rule(livekit: TwirpClient, name: str, printed: str) -> None:
    """As recorded; another calling number is another call."""
    rule = {"rule": {"dispatch_rule_direct": {"room_name": "x"}}, "trunk_ids": ["ST_1"]}
    await livekit.call("SIP/CreateSIPDispatchRule", {"dispatch_rule": {**rule, "name": "first"}})

    conflict = await livekit.call("SIP/CreateSIPDispatchRule", {"dispatch_rule": {**rule, "name": name}})
    other = await livekit.call("SIP/CreateSIPDispatchRule", {"dispatch_rule": {**rule, "numbers": ["+1"]}})

    text = (
        "Dispatch rule for the same trunk, inbound number, number, and PIN combination already exists in "
        f'dispatch rule "<new>" "{printed}"'
    )
    assert error_of(conflict) == (400, "invalid_argument", text)
    assert other.status_code == 200


async def test_dispatch_has_what_was_asked_for(livekit: TwirpClient) -> None:
    """Attributes, deployment and restart policy are stored; a dispatch of an unknown room is 503, as its list is."""
    agent = {
        "agent_name": "concierge",
        "metadata": "m",
        "attributes": {"a": "b"},
        "restart_policy": "JRP_NEVER",
    }
    created = await livekit.call("AgentDispatchService/CreateDispatch", {"room": "call-1", **agent})
    of_unknown_room = await livekit.call(
        "AgentDispatchService/DeleteDispatch",
        {"room": "nope", "dispatch_id": created.json()["id"]},
        video={"roomAdmin": True, "room": "nope"},
    )

    assert created.json().items() >= agent.items()
    assert error_of(of_unknown_room) == (503, "unavailable", "twirp error unknown: no response from servers")


async def test_rpc_without_a_destination_is_rejected(livekit: TwirpClient) -> None:
    """Before a participant is looked up."""
    response = await livekit.call("RoomService/PerformRpc", {"room": "call-1", "method": "m"})

    assert error_of(response) == (
        400,
        "invalid_argument",
        "twirp error unknown: destination identity is required",
    )


async def test_legacy_list_has_trunks_of_both_directions(livekit: TwirpClient) -> None:
    """In the order of their ids, as recorded from the deprecated method."""
    await livekit.call(
        "SIP/CreateSIPInboundTrunk", {"trunk": {"name": "in", "numbers": ["+1"], "auth_username": "u"}}
    )
    await livekit.call(
        "SIP/CreateSIPOutboundTrunk", {"trunk": {"name": "out", "numbers": ["+2"], "address": "a.b"}}
    )

    response = await livekit.call("SIP/ListSIPTrunk", {})

    assert [
        (trunk["kind"], trunk["outbound_number"], trunk["inbound_username"], trunk["outbound_address"])
        for trunk in response.json()["items"]
    ] == [("TRUNK_INBOUND", "+1", "u", ""), ("TRUNK_OUTBOUND", "+2", "", "a.b")]
