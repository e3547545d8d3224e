"""SIP trunks: where calls come from and go to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from google.protobuf.message import Message
from livekit.protocol.sip import (
    CreateSIPInboundTrunkRequest,
    CreateSIPOutboundTrunkRequest,
    GetSIPInboundTrunkResponse,
    GetSIPOutboundTrunkResponse,
    ListSIPInboundTrunkResponse,
    ListSIPOutboundTrunkResponse,
    SIPInboundTrunkInfo,
    SIPOutboundTrunkInfo,
    SIPTrunkInfo,
    UpdateSIPInboundTrunkRequest,
    UpdateSIPOutboundTrunkRequest,
)

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.livekit import protojson, stub
from provider_verification.stubs.vendors.livekit.hooks import twirp_error
from provider_verification.stubs.vendors.livekit.state import LiveKitState

UNRESTRICTED_TRUNK_MESSAGE = (
    "for security, one of the fields must be set: AuthUsername+AuthPassword, AllowedAddresses or Numbers"
)
RESERVED_HEADERS = {"call-id", "contact", "cseq", "from", "max-forwards", "route", "to", "via"}
LISTS = {"numbers", "allowed_addresses", "allowed_numbers", "trunk_ids"}


class TwirpRejection(Exception):
    """A request that LiveKit refuses, with its Twirp code."""

    def __init__(self, message: str, code: str = "invalid_argument") -> None:
        self.answer = twirp_error(code, message)
        super().__init__(message)


@stub.operation("CreateSIPInboundTrunk")
def create_inbound(server: LiveKitState, call: StubRequest) -> StubResponse:
    """A trunk that is not open to the world, and not in conflict with another."""
    return _create(server, protojson.from_dict(call.body, CreateSIPInboundTrunkRequest()))


@stub.operation("CreateSIPOutboundTrunk")
def create_outbound(server: LiveKitState, call: StubRequest) -> StubResponse:
    """A trunk with a number and an address."""
    return _create(server, protojson.from_dict(call.body, CreateSIPOutboundTrunkRequest()))


@stub.operation("GetSIPInboundTrunk")
def get_inbound(server: LiveKitState, call: StubRequest) -> StubResponse:
    """One of them."""
    return _get(server, call, SIPInboundTrunkInfo, GetSIPInboundTrunkResponse)


@stub.operation("GetSIPOutboundTrunk")
def get_outbound(server: LiveKitState, call: StubRequest) -> StubResponse:
    """One of them."""
    return _get(server, call, SIPOutboundTrunkInfo, GetSIPOutboundTrunkResponse)


@stub.operation("ListSIPInboundTrunk")
def list_inbound(server: LiveKitState, call: StubRequest) -> StubResponse:
    """Those of the ids, or that take calls to a number."""
    found = _listed(call.body, _of(server, SIPInboundTrunkInfo))
    return ok(protojson.to_twirp_json(ListSIPInboundTrunkResponse(items=found)))


@stub.operation("ListSIPOutboundTrunk")
def list_outbound(server: LiveKitState, call: StubRequest) -> StubResponse:
    """Those of the ids, or that call from a number."""
    found = _listed(call.body, _of(server, SIPOutboundTrunkInfo))
    return ok(protojson.to_twirp_json(ListSIPOutboundTrunkResponse(items=found)))


@stub.operation("UpdateSIPInboundTrunk")
def update_inbound(server: LiveKitState, call: StubRequest) -> StubResponse:
    """Replace it, or change fields."""
    return _update(
        server, protojson.from_dict(call.body, UpdateSIPInboundTrunkRequest()), SIPInboundTrunkInfo
    )


@stub.operation("UpdateSIPOutboundTrunk")
def update_outbound(server: LiveKitState, call: StubRequest) -> StubResponse:
    """Replace it, or change fields."""
    return _update(
        server, protojson.from_dict(call.body, UpdateSIPOutboundTrunkRequest()), SIPOutboundTrunkInfo
    )


@stub.operation("DeleteSIPTrunk")
def delete_trunk(server: LiveKitState, call: StubRequest) -> StubResponse:
    """Any id will do, also one that does not exist."""
    identifier = call.body.get("sip_trunk_id")
    if not identifier:
        return twirp_error("invalid_argument", "trunk ID is required")
    server.trunks.pop(identifier, None)
    return ok(protojson.to_twirp_json(SIPTrunkInfo(sip_trunk_id=identifier)))


def _create(server: LiveKitState, request: Any) -> StubResponse:
    try:
        _check_new(server, request)
    except TwirpRejection as refused:
        return refused.answer
    made = type(request.trunk)()
    made.CopyFrom(request.trunk)
    made.sip_trunk_id = server.new_id("ST")
    server.trunks[made.sip_trunk_id] = made
    return ok(protojson.to_twirp_json(made))


def _check_new(server: LiveKitState, request: Any) -> None:
    if not request.HasField("trunk"):
        raise TwirpRejection("missing trunk")
    if request.trunk.sip_trunk_id:
        raise TwirpRejection("trunk id must not be set")
    _check(request.trunk)
    if isinstance(request.trunk, SIPInboundTrunkInfo):
        _check_conflicts(request.trunk, _of(server, SIPInboundTrunkInfo))


def _get(server: LiveKitState, call: StubRequest, kind: type[Any], answer: type[Any]) -> StubResponse:
    identifier = call.body.get("sip_trunk_id")
    if not identifier:
        return twirp_error("invalid_argument", "trunk ID is required")
    found = server.trunks.get(identifier)
    return ok(protojson.to_twirp_json(answer(trunk=found))) if isinstance(found, kind) else trunk_not_found()


def trunk_not_found() -> StubResponse:
    """There is none of this id and kind."""
    return twirp_error("not_found", "requested sip trunk does not exist")


def _of(server: LiveKitState, kind: type[Any]) -> list[Any]:
    return [one for _, one in sorted(server.trunks.items()) if isinstance(one, kind)]


def _listed(body: Mapping[str, Any], trunks: Iterable[Any]) -> list[Any]:
    """The filters add up; a trunk without numbers has all of them. The page's limit limits nothing."""
    identifiers, after = body.get("trunk_ids"), body.get("page", {}).get("after_id", "")
    numbers = {normalize_number(number) for number in body.get("numbers", ())}
    return [
        one
        for one in trunks
        if (not identifiers or one.sip_trunk_id in identifiers)
        and one.sip_trunk_id > after
        and (not numbers or not one.numbers or numbers & set(map(normalize_number, one.numbers)))
    ]


def _update(server: LiveKitState, request: Any, kind: type[Any]) -> StubResponse:
    if not request.sip_trunk_id:
        return twirp_error("invalid_argument", "trunk id must be set")
    action = request.WhichOneof("action")
    if action is None:
        return twirp_error("invalid_argument", "missing or unsupported update action")
    try:
        found = _changed(server.trunks.get(request.sip_trunk_id), request, kind, action)
    except TwirpRejection as refused:
        return refused.answer
    if found is None:
        return trunk_not_found()
    server.trunks[found.sip_trunk_id] = found
    return ok(protojson.to_twirp_json(found))


def _changed(found: Any, request: Any, kind: type[Any], action: str) -> Any:
    if action == "replace":
        if request.replace.sip_trunk_id not in {"", request.sip_trunk_id}:
            raise TwirpRejection("trunk id in the info must be empty or match the id in the update")
        _check(request.replace)
    if not isinstance(found, kind):
        return None
    new = kind()
    if action == "replace":
        new.CopyFrom(request.replace)
        new.sip_trunk_id = request.sip_trunk_id
        return new
    new.CopyFrom(found)
    apply_update(new, request.update)
    new.media.SetInParent()
    if new.media_encryption:
        new.media.encryption = new.media_encryption
    try:
        _check(new)
    except TwirpRejection as refused:
        if kind is SIPOutboundTrunkInfo:
            raise TwirpRejection(str(refused), "unknown") from None
        raise TwirpRejection(f"twirp error unknown: {refused}") from None
    return new


def apply_update(target: Message, changes: Message) -> None:
    """Change the fields that are given; lists are set, added to or taken from.

    Raises:
        Refused: a change of a list says nothing, or too much.
    """
    for field, value in changes.ListFields():
        if field.name in LISTS:
            _change_list(getattr(target, field.name), value)
        elif field.is_repeated:
            target.ClearField(field.name)
            target.MergeFrom(type(target)(**{field.name: value}))
        elif field.message_type:
            getattr(target, field.name).CopyFrom(value)
        else:
            setattr(target, field.name, value)
    for name in LISTS & set(changes.DESCRIPTOR.fields_by_name):
        if changes.HasField(name) and not getattr(changes, name).ByteSize():
            raise TwirpRejection("unsupported list update operation")


def _change_list(items: Any, change: Any) -> None:
    if change.set and (change.add or change.remove):
        raise TwirpRejection("cannot set and change the list at the same time")
    kept = list(change.set) or [one for one in items if one not in change.remove]
    del items[:]
    items.extend([*kept, *(one for one in change.add if one not in kept)])


def _check(trunk: Any) -> None:
    if isinstance(trunk, SIPInboundTrunkInfo):
        if (
            not trunk.numbers
            and not trunk.allowed_addresses
            and not (trunk.auth_username and trunk.auth_password)
        ):
            raise TwirpRejection(UNRESTRICTED_TRUNK_MESSAGE)
    else:
        _check_outbound(trunk)
    check_headers(trunk.headers)


def _check_outbound(trunk: SIPOutboundTrunkInfo) -> None:
    if not trunk.numbers:
        raise TwirpRejection("no trunk numbers specified")
    if not trunk.address:
        raise TwirpRejection("no outbound address specified")
    if "transport=" in trunk.address:
        raise TwirpRejection("trunk address should not contain transport parameter")
    if trunk.address.startswith(("sip:", "sips:")):
        raise TwirpRejection("trunk address should be a hostname or IP, not SIP URI")


def check_headers(headers: Iterable[str]) -> None:
    """No header that belongs to SIP itself.

    Raises:
        Refused: naming it.
    """
    for name in headers:
        if name.lower() in RESERVED_HEADERS:
            raise TwirpRejection(f"invalid header name: header name {name} not supported")


def _check_conflicts(new: SIPInboundTrunkInfo, others: Iterable[SIPInboundTrunkInfo]) -> None:
    mine = set(map(normalize_number, new.numbers))
    for other in others:
        theirs = set(map(normalize_number, other.numbers))
        shared = mine & theirs if mine or theirs else {"any"}
        allowed = set(new.allowed_numbers) & set(other.allowed_numbers)
        open_both = not new.allowed_numbers and not other.allowed_numbers
        if shared and (allowed or open_both):
            names = f'"<new>" and "{other.sip_trunk_id}"'
            raise TwirpRejection(
                f"Conflicting inbound SIP Trunks: {names}, using the same number(s) {sorted(shared)}"
            )


def normalize_number(number: str) -> str:
    """A telephone number however it is written."""
    digits = re.sub(r"\D", "", number)
    return f"+{digits}" if digits else number
