"""LiveKit's stub reads JSON as the Go server does. The rules are those of the recordings and of Go's `protojson`."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from livekit.protocol.egress import EncodingOptions
from livekit.protocol.models import ParticipantPermission
from livekit.protocol.room import CreateRoomRequest, SendDataRequest
from livekit.protocol.sip import CreateSIPParticipantRequest, SIPInboundTrunkInfo, SIPOutboundTrunkInfo

from provider_verification.stubs.vendors.livekit.hooks import METHODS
from provider_verification.stubs.vendors.livekit.request_json import MalformedRequestError, parse_message
from tests.stubs.random_bodies import holds_text_or_list_for_message, random_object
from tests.stubs.twirp import TwirpClient, error_of, token_with

MALFORMED = (400, "malformed", "the json request could not be decoded")
DENIED = (401, "unauthenticated", "permissions denied")
BODIES_PER_METHOD = 30


def parsed(message: Message, text: str | bytes) -> dict[str, Any]:
    """The fields of a message that is read from a text, by their names in the `.proto` file."""
    raw = text.encode() if isinstance(text, str) else text
    parse_message(raw, message)
    return MessageToDict(message, preserving_proto_field_name=True)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("SIP/CreateSIPInboundTrunk", '{"trunk":"5"}'),
        ("SIP/CreateSIPInboundTrunk", '{"trunk":[]}'),
        ("SIP/CreateSIPInboundTrunk", '{"trunk":5}'),
        ("SIP/CreateSIPInboundTrunk", '{"trunk":true}'),
        ("RoomService/CreateRoom", '{"egress":"abc"}'),
        ("RoomService/CreateRoom", '{"egress":["abc"]}'),
        ("RoomService/CreateRoom", '{"agents":{}}'),
        ("RoomService/CreateRoom", '{"agents":[null]}'),
        ("RoomService/CreateRoom", '{"agents":["a"]}'),
        ("RoomService/CreateRoom", '{"tags":[]}'),
        ("RoomService/CreateRoom", '{"tags":{"a":null}}'),
        ("RoomService/CreateRoom", '{"tags":{"a":"b","a":"c"}}'),
        ("RoomService/ListRooms", '{"names":[null]}'),
        ("RoomService/ListRooms", '{"names":"call-1"}'),
        ("RoomService/CreateRoom", '{"name":"a","name":"b"}'),
        ("RoomService/CreateRoom", '{"name":null,"name":"b"}'),
        ("RoomService/CreateRoom", '{"empty_timeout":1,"emptyTimeout":2}'),
        ("RoomService/CreateRoom", '{"syncStreams":"true"}'),
        ("RoomService/CreateRoom", '{"syncStreams":1}'),
        ("RoomService/CreateRoom", '{"nonsense":NaN}'),
        ("RoomService/CreateRoom", '{"nonsense":"\\ud800"}'),
        ("RoomService/CreateRoom", b'{"nonsense":"\xff"}'),
        ("RoomService/CreateRoom", '{"name":"a",}'),
        ("RoomService/CreateRoom", "null"),
        ("RoomService/CreateRoom", "[]"),
        ("RoomService/CreateRoom", "5"),
        ("RoomService/CreateRoom", ""),
        ("RoomService/CreateRoom", " \n"),
        ("RoomService/CreateRoom", "[" * 100_000),
        ("RoomService/CreateRoom", '{"nonsense":' * 100_000),
        ("SIP/UpdateSIPInboundTrunk", '{"replace":{},"update":{}}'),
    ],
)
async def test_malformed_body_is_rejected_before_the_grants_are_checked(
    livekit: TwirpClient, path: str, body: str | bytes
) -> None:
    """Twirp decodes the body before the method runs, so a token without grants gets the same error."""
    responses = [await livekit.send(path, body), await livekit.send(path, body, token=token_with({}))]

    assert [error_of(response) for response in responses] == [MALFORMED, MALFORMED]


async def test_violation_says_what_the_response_does_not(livekit: TwirpClient) -> None:
    """The server's error has no reason; the report of violations names the field."""
    await livekit.send("SIP/CreateSIPInboundTrunk", '{"trunk":{"numbers":[5]}}')

    report = (await livekit.http.get("/_stub/violations")).json()

    assert "trunk: numbers: a text is expected" in str(report)


@pytest.mark.parametrize(
    ("body", "room"),
    [
        ('{"name":"call-1"} and more', "call-1"),
        ('{"name":"call-1"}{"name":"call-2"}', "call-1"),
        (b'{"name":"call-1"}\xff\x00', "call-1"),
        ('\r\n\t {"name":"call-1"}', "call-1"),
        ('{"name":"call-1","nonsense":1,"nonsense":{"a":[]}}', "call-1"),
        ('{"name":"call-1","[x.y]":1}', "call-1"),
        ('{"name":"call-1","nonsense":"\\ud83d\\ude00"}', "call-1"),
        ('{"name":null}', ""),
        ("{}", ""),
    ],
)
async def test_well_formed_body_is_accepted(livekit: TwirpClient, body: str | bytes, room: str) -> None:
    """Text after the first document is not read, and an unknown name may be repeated."""
    response = await livekit.send("RoomService/CreateRoom", body)

    assert (response.status_code, response.json()["name"]) == (200, room)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("60", 60), ("60.0", 60), ("6e1", 60), ("6E+1", 60), ("0.6e2", 60), ("600e-1", 60), ("-0", 0), ("0e99", 0),
        ('"60"', 60), ('"6e1"', 60), ('"60.0"', 60), ('"60 x"', 60), ('"60,"', 60), ("4294967295", 2**32 - 1), ("null", 0),
    ],
)  # fmt: skip
def test_integer_is_read(text: str, seconds: int) -> None:
    """Every form of the same number, in a text as well; of a text no more than the number is read."""
    assert parsed(CreateRoomRequest(), f'{{"emptyTimeout":{text}}}').get("empty_timeout", 0) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "-1", "1.5", "4294967296", "1e10", "1e400", "1e99999999999999999999", "-1e-400", "1e-1", "true", "[]", "{}",
        '""', '" 60"', '"60 "', '"60x"', '"6_0"', '"+60"', '"0x3c"', '"060"', '"null"', '"NaN"', '"\u0663"',
    ],
)  # fmt: skip
def test_other_value_is_no_unsigned_integer(text: str) -> None:
    """A fraction, a sign, a number out of range, and a text that does not begin with a number of JSON."""
    with pytest.raises(MalformedRequestError):
        parsed(CreateRoomRequest(), f'{{"emptyTimeout":{text}}}')


def test_int64_keeps_its_digits() -> None:
    """A float would lose the last digit."""
    request = GetMessageClass(METHODS["RemoveParticipant"].input_type)()

    assert parsed(request, '{"revokeTokenTs":9007199254740993}') == {"revoke_token_ts": "9007199254740993"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('"SIP_TRANSPORT_TCP"', "SIP_TRANSPORT_TCP"), ("2", "SIP_TRANSPORT_TCP"), ("2.0", "SIP_TRANSPORT_TCP"),
        ("2e0", "SIP_TRANSPORT_TCP"), ('"NOPE"', None), ('"2"', None), ("99", None), ("null", None),
    ],
)  # fmt: skip
def test_enum_is_read(text: str, name: str | None) -> None:
    """By name or number; what the enum does not have is ignored."""
    assert parsed(SIPOutboundTrunkInfo(), f'{{"transport":{text}}}').get("transport") == name


@pytest.mark.parametrize("text", ["true", "[]", "{}", "1.5", "2147483648"])
def test_other_value_is_no_enum(text: str) -> None:
    """A number of an enum has 32 bits."""
    with pytest.raises(MalformedRequestError):
        parsed(SIPOutboundTrunkInfo(), f'{{"transport":{text}}}')


def test_unknown_values_of_a_list_of_enums_are_left_out() -> None:
    """The others stay, in their order."""
    text = '{"canPublishSources":["CAMERA","NOPE",2,99]}'

    assert parsed(ParticipantPermission(), text) == {"can_publish_sources": ["CAMERA", "MICROPHONE"]}


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ('"20s"', "20s"), ('"+1.5s"', "1.500s"), ('"-0.5s"', "-0.500s"), ('".5s"', "0.500s"), ('"0.s"', "0s"),
        ('"315576000000s"', "315576000000s"),
    ],
)  # fmt: skip
def test_duration_is_read(text: str, duration: str) -> None:
    """Seconds with a suffix and up to nine digits of a fraction."""
    assert parsed(SIPInboundTrunkInfo(), f'{{"ringingTimeout":{text}}}') == {"ringing_timeout": duration}


@pytest.mark.parametrize(
    "text",
    ["20", '"20"', '"s"', '"1m"', '"01s"', '"1.0000000001s"', '"315576000001s"', '" 1s"', '"1e1s"', "{}"],
)
def test_other_value_is_no_duration(text: str) -> None:
    """A number, a text without its suffix, and more than 10,000 years."""
    with pytest.raises(MalformedRequestError):
        parsed(CreateSIPParticipantRequest(), f'{{"ringing_timeout":{text}}}')


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("aGk=", b"hi"),
        ("aGk", b"hi"),
        ("a-_-", b"k\xef\xfe"),
        ("a+/+", b"k\xef\xfe"),
        ("aGk\\n=\\r\\n\\n", b"hi"),
        ("", b""),
    ],
)
def test_base64_is_read(text: str, data: bytes) -> None:
    """Of either alphabet, with or without padding; line ends are ignored."""
    message = SendDataRequest()
    parse_message(f'{{"data":"{text}"}}'.encode(), message)

    assert message.data == data


@pytest.mark.parametrize("text", ['"***"', '"a"', '"aGk=="', '"a-+b"', '"aG k="', "5", "[104]"])
def test_other_value_is_no_base64(text: str) -> None:
    """Characters of no alphabet or of both, and padding that is not complete."""
    with pytest.raises(MalformedRequestError):
        parsed(SendDataRequest(), f'{{"data":{text}}}')


@pytest.mark.parametrize(
    ("text", "number"), [("1.5", 1.5), ('"1.5"', 1.5), ("1e3", 1000.0), ('"Infinity"', "Infinity")]
)
def test_double_is_read(text: str, number: float | str) -> None:
    """A number, a text with one, or one of the three names."""
    assert parsed(EncodingOptions(), f'{{"keyFrameInterval":{text}}}') == {"key_frame_interval": number}


@pytest.mark.parametrize("text", ["1e400", '"inf"', '"1.5 "', "true", "Infinity"])
def test_other_value_is_no_double(text: str) -> None:
    """A number that is too large, and names that are not those of JSON's mapping."""
    with pytest.raises(MalformedRequestError):
        parsed(EncodingOptions(), f'{{"keyFrameInterval":{text}}}')


@pytest.mark.parametrize("method", sorted(METHODS))
def test_random_bodies_are_read_as_googles_own_parser_reads_them(method: str) -> None:
    """Values of every JSON type in every field, except where that parser is known to differ from the one in Go."""
    chooser = random.Random(method)  # noqa: S311 - the same bodies in every run
    descriptor = METHODS[method].input_type
    for _ in range(BODIES_PER_METHOD):
        body = random_object(chooser, descriptor, depth=3)
        text = json.dumps(body)
        expected, actual = GetMessageClass(descriptor)(), GetMessageClass(descriptor)()
        if holds_text_or_list_for_message(descriptor, body):
            # That parser takes a text or a list for a message without fields.
            with pytest.raises(MalformedRequestError):
                parse_message(text.encode(), actual)
            continue
        try:
            ParseDict(body, expected, ignore_unknown_fields=True)
        except ParseError:
            with pytest.raises(MalformedRequestError):
                parse_message(text.encode(), actual)
        else:
            parse_message(text.encode(), actual)
            assert actual == expected, text
