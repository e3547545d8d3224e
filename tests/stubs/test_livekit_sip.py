"""Checks of LiveKit's SIP service that were recorded in part only; the rest follows the code of `livekit/protocol`."""

from __future__ import annotations

from typing import Any

import pytest

from provider_verification.stubs.vendors.livekit.sip_headers import normalize_number
from tests.stubs.twirp import TwirpClient, error_of

INBOUND = {"numbers": ["+1"]}
OUTBOUND = {"numbers": ["+1"], "address": "sip.example.org"}
CALL = {"sip_trunk_id": "ST_1", "sip_call_to": "+2", "room_name": "call-1"}
URI_MESSAGE = "trunk address should be a hostname or IP, not SIP URI"
NAME = "invalid header name: header name "


@pytest.mark.parametrize(
    "trunk", [{"auth_username": "u"}, {"auth_password": "p"}, {"allowed_addresses": ["x"]}]
)
async def test_half_of_the_credentials_restricts_a_trunk(livekit: TwirpClient, trunk: dict[str, Any]) -> None:
    """Although the message of the check names both."""
    response = await livekit.call("SIP/CreateSIPInboundTrunk", {"trunk": trunk})

    assert response.status_code == 200


@pytest.mark.parametrize(
    ("method", "trunk", "message"),
    [
        ("CreateSIPOutboundTrunk", {**OUTBOUND, "address": "bob@example.org"}, URI_MESSAGE),
        ("CreateSIPOutboundTrunk", {**OUTBOUND, "address": "example.org;a=b"}, URI_MESSAGE),
        ("CreateSIPInboundTrunk", {**INBOUND, "headers": {"Accept": "x"}}, f"{NAME}Accept not supported"),
        ("CreateSIPInboundTrunk", {**INBOUND, "headers": {"": "x"}}, f"{NAME}cannot be empty"),
        ("CreateSIPInboundTrunk", {**INBOUND, "headers": {"a b": "x"}}, f"{NAME}a b contains invalid characters"),
        ("CreateSIPInboundTrunk", {**INBOUND, "headers_to_attributes": {"ü": "a"}}, f"{NAME}ü contains invalid characters"),
        ("CreateSIPOutboundTrunk", {**OUTBOUND, "attributes_to_headers": {"a": ""}}, f"{NAME}cannot be empty"),
        (
            "CreateSIPInboundTrunk",
            {**INBOUND, "headers": {"x" * 256: ""}},
            "invalid header name: header name too long (max 255 characters)",
        ),
        (
            "CreateSIPInboundTrunk",
            {**INBOUND, "headers": {"X-A": "x" * 1025}},
            "invalid header value for X-A: header X-A: value too long (max 1024 characters)",
        ),
        (
            "CreateSIPInboundTrunk",
            {**INBOUND, "headers": {"X-A": "a\nb"}},
            "invalid header value for X-A: header X-A: value: invalid character",
        ),
    ],
)  # fmt: skip
async def test_invalid_trunk_is_rejected(
    livekit: TwirpClient, method: str, trunk: dict[str, Any], message: str
) -> None:
    """The first problem is named."""
    response = await livekit.call(f"SIP/{method}", {"trunk": trunk})

    assert error_of(response) == (400, "invalid_argument", message)


@pytest.mark.parametrize("headers", [{"To": "x"}, {"X-A": ""}, {"X-A": "grüße"}])
async def test_other_headers_are_accepted(livekit: TwirpClient, headers: dict[str, str]) -> None:
    """Only some of the headers of SIP are protected by the server."""
    response = await livekit.call("SIP/CreateSIPInboundTrunk", {"trunk": {**INBOUND, "headers": headers}})

    assert response.json()["headers"] == headers


@pytest.mark.parametrize(
    ("change", "numbers"),
    [
        ({"set": ["+7", "+7"]}, ["+7", "+7"]),
        ({"clear": True}, []),
        ({"add": ["+3", "+1", "+3"]}, ["+1", "+2", "+3"]),
        ({"remove": ["+1", "+9"], "add": ["+4"]}, ["+2", "+4"]),
        ({"add": ["+4"], "remove": ["+4"]}, ["+1", "+2", "+4"]),
    ],
)
async def test_list_of_a_trunk_is_changed(
    livekit: TwirpClient, change: dict[str, Any], numbers: list[str]
) -> None:
    """What is removed is removed first."""
    trunk = {"numbers": ["+1", "+2"], "auth_username": "u"}
    created = await livekit.call("SIP/CreateSIPInboundTrunk", {"trunk": trunk})

    updated = await livekit.call(
        "SIP/UpdateSIPInboundTrunk",
        {"sip_trunk_id": created.json()["sip_trunk_id"], "update": {"numbers": change}},
    )

    assert updated.json()["numbers"] == numbers


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({}, "unsupported list update operation"),
        ({"clear": True, "add": ["+3"]}, "cannot clear and change the list at the same time"),
        ({"set": ["+3"], "remove": ["+1"]}, "cannot set and change the list at the same time"),
        ({"add": [""]}, "empty element in the list"),
    ],
)
@pytest.mark.parametrize(
    ("method", "id_field", "list_field"),
    [
        ("UpdateSIPInboundTrunk", "sip_trunk_id", "numbers"),
        ("UpdateSIPOutboundTrunk", "sip_trunk_id", "numbers"),
        ("UpdateSIPDispatchRule", "sip_dispatch_rule_id", "trunk_ids"),
    ],
)
async def test_invalid_change_of_a_list_is_rejected_before_the_object_is_looked_up(
    livekit: TwirpClient, method: str, id_field: str, list_field: str, change: dict[str, Any], message: str
) -> None:
    """An id that does not exist makes no difference."""
    response = await livekit.call(f"SIP/{method}", {id_field: "nope", "update": {list_field: change}})

    assert error_of(response) == (400, "invalid_argument", message)


async def test_attributes_of_a_rule_are_merged(livekit: TwirpClient) -> None:
    """An empty text deletes one, and the others stay."""
    rule = {"rule": {"dispatch_rule_direct": {"room_name": "x"}}, "attributes": {"a": "1", "b": "2"}}
    created = await livekit.call("SIP/CreateSIPDispatchRule", {"dispatch_rule": rule})
    rule_id = created.json()["sip_dispatch_rule_id"]

    updated = await livekit.call(
        "SIP/UpdateSIPDispatchRule",
        {"sip_dispatch_rule_id": rule_id, "update": {"attributes": {"a": "", "c": "3", "d": ""}}},
    )
    other = {"sip_dispatch_rule_id": rule_id, "replace": {**rule, "sip_dispatch_rule_id": "SDR_other"}}
    mismatch = await livekit.call("SIP/UpdateSIPDispatchRule", other)

    assert updated.json()["attributes"] == {"b": "2", "c": "3"}
    text = "rule id in the info must be empty or match the id in the update"
    assert error_of(mismatch) == (400, "invalid_argument", text)


async def test_outbound_trunks_are_filtered_by_the_number_as_it_is_written(livekit: TwirpClient) -> None:
    """Unlike inbound ones, whose numbers are compared without their spaces and brackets."""
    for kind, trunk in (("Inbound", INBOUND), ("Outbound", OUTBOUND)):
        await livekit.call(f"SIP/CreateSIP{kind}Trunk", {"trunk": trunk})

    found = {
        (kind, number): len(
            (await livekit.call(f"SIP/ListSIP{kind}Trunk", {"numbers": [number]})).json()["items"]
        )
        for kind in ("Inbound", "Outbound")
        for number in ("+1", "1", "(1)")
    }

    assert [key for key, count in found.items() if count == 0] == [("Outbound", "1"), ("Outbound", "(1)")]


@pytest.mark.parametrize(
    ("number", "normalized"),
    [
        ("", ""),
        ("+1 (555) 010-0", "+15550100"),
        ("1", "+1"),
        ("+", "+"),
        ("bob", "bob"),
        ("a1", "a1"),
        ("+1.5", "+1.5"),
        ("1+1", "1+1"),
    ],
)
def test_number_is_normalized_if_it_is_one(number: str, normalized: str) -> None:
    """Another text stays as it is."""
    assert normalize_number(number) == normalized


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"trunk": {}, "sip_call_to": ""}, "no outbound hostname specified"),
        ({"trunk": {"hostname": "a@b"}}, "trunk hostname should be a domain name or IP, not SIP URI"),
        ({"sip_call_to": "a@b", "room_name": ""}, "SipCallTo should be a phone number or SIP user, not a full SIP URI"),
        ({"display_name": "ü" * 65}, "DisplayName too long (max 128 characters)"),
        ({"display_name": 'a"b'}, "DisplayName must be a valid quoted string: invalid syntax"),
        ({"display_name": "a\\q"}, "DisplayName must be a valid quoted string: invalid syntax"),
        ({"destination": {"city": "Paris", "country": ""}}, "if city is specified, country or region must also be specified"),
        ({"headers": {"Expires": "1"}}, f"{NAME}Expires not supported"),
    ],
)  # fmt: skip
async def test_invalid_call_is_rejected(livekit: TwirpClient, changes: dict[str, Any], message: str) -> None:
    """Before the trunk is looked up, and in the order of the server's checks."""
    response = await livekit.call("SIP/CreateSIPParticipant", {**CALL, **changes})

    assert error_of(response) == (400, "invalid_argument", message)


@pytest.mark.parametrize("target", ["sip:", "sips:a b", "tel:+1", "<sip:a@b>", "<tel:+1>"])
async def test_transfer_target_needs_only_its_scheme(livekit: TwirpClient, target: str) -> None:
    """What follows is not checked; the participant does not exist."""
    response = await livekit.call(
        "SIP/TransferSIPParticipant",
        {"room_name": "call-1", "participant_identity": "guest", "transfer_to": target},
    )

    assert error_of(response)[:2] == (404, "not_found")


@pytest.mark.parametrize(
    ("refuses", "stage", "details"),
    [
        (
            True,
            "",
            "CAcSGnNpcCBzdGF0dXM6IDQwMzogRm9yYmlkZGVuGjcKJXR5cGUuZ29vZ2xlYXBpcy5jb20vbGl2ZWtpdC5TSVBTdGF0dXMSDgiTAxIJRm9yYmlkZGVu",
        ),
        (False, "call transfer failed: ", None),
    ],
)
async def test_rejected_transfer_has_the_recorded_details(
    livekit: TwirpClient, stage: str, details: str | None, *, refuses: bool
) -> None:
    """`error_details` is a `google.rpc.Status` with LiveKit's `SIPStatus`."""
    await livekit.set_state(
        "a participant in a room", room="call-1", identity="a", attributes={"sip.callID": "SCL_1"}
    )
    await livekit.set_state("a SIP peer", status=403, refuses_transfer=refuses)

    response = await livekit.call(
        "SIP/TransferSIPParticipant",
        {"room_name": "call-1", "participant_identity": "a", "transfer_to": "tel:+1"},
    )

    text = f"twirp error unknown: {stage}sip status: 403: Forbidden"
    assert error_of(response) == (403, "permission_denied", text)
    assert details is None or response.json()["meta"]["error_details"] == details


async def test_sip_status_that_was_not_recorded_is_no_state(livekit: TwirpClient) -> None:
    """Rather than a response that is made up; the error names the statuses that the stub has."""
    body = {"state": "a SIP peer", "params": {"status": 999}}

    response = await livekit.http.post("/_stub/states", json=body)

    assert response.status_code == 422
    assert "status should be 0 or a SIP status that was recorded: 302, 403" in response.text
