"""The patterns of the vendor's schemas."""

from __future__ import annotations

import re

import pytest

from consumer_tests.documented import DocumentedText, documented_message, documented_response
from consumer_tests.operations import find_operation
from consumer_tests.patterns import DATE_TIME

GET_RESERVATIONS = ("mews", "POST", "/api/connector/v1/reservations/getAll/2023-06-06", 200)


@pytest.mark.parametrize(
    ("path", "text", "accepted"),
    [
        ("Reservations.*.Id", "5f0a1c2e-0000-4000-8000-000000000001", True),
        ("Reservations.*.Id", "XPGMSXGF-1", False),
        ("Reservations.*.ScheduledStartUtc", "2027-05-10T13:00:00Z", True),
        ("Reservations.*.ScheduledStartUtc", "2027-05-10T13:00:00+02:00", False),
        ("Reservations.*.State", "Started", True),
        ("Reservations.*.State", "Begun", False),
    ],
)
def test_patterns_of_a_response_are_those_of_the_schemas(path: str, text: str, accepted: bool) -> None:  # noqa: FBT001
    """References are followed into other files; pattern, format and enumeration restrict a text."""
    patterns = documented_response(*GET_RESERVATIONS).patterns(path.split("."))

    assert patterns
    assert all(re.fullmatch(pattern, text) for pattern in patterns) is accepted


def test_text_without_documentation_has_no_pattern() -> None:
    """An unknown field, an unknown status and an unknown operation restrict nothing."""
    assert documented_response(*GET_RESERVATIONS).patterns(["Reservations", "*", "Number"]) == []
    assert documented_response(*GET_RESERVATIONS).patterns(["Nothing", "*", "Id"]) == []
    assert documented_response("mews", "POST", "/api/nothing", 200).patterns(["Id"]) == []
    assert documented_response("none", "GET", "/x", 200).patterns(["Id"]) == []


def test_error_of_several_operations_is_documented() -> None:
    """A response can be a reference itself."""
    (pattern,) = documented_response(
        "livekit", "POST", "/twirp/livekit.RoomService/CreateRoom", 503
    ).patterns(["code"])

    assert re.search(pattern, "unavailable")
    assert not re.search(pattern, "unreachable")


def test_message_is_documented() -> None:
    """LiveKit's webhooks have a schema, those of the TTS vendor have none."""
    assert documented_message("livekit").patterns(["createdAt"]) == [r"^-?\d+$"]
    assert documented_message("tts").patterns(["error"]) == []


def test_text_of_two_alternatives_is_not_restricted() -> None:
    """The pattern of one alternative is not that of the other."""
    alternatives = [{"type": "string", "format": "date-time"}, {"type": "string"}]
    schema = {
        "properties": {"a": {"anyOf": alternatives}, "b": {"anyOf": [alternatives[0], {"type": "null"}]}}
    }

    assert DocumentedText("none", schema).patterns(["a"]) == []
    assert DocumentedText("none", schema).patterns(["b"]) == [DATE_TIME]


@pytest.mark.parametrize(
    ("vendor", "method", "path", "operation", "parameters"),
    [
        ("apaleo", "GET", "/booking/v1/reservations/XPG-1", "getReservation", {"id": "XPG-1"}),
        ("vault", "GET", "/v1/secret/data/hotels/muc", "readSecret", {"path": "hotels/muc"}),
        ("vault", "LIST", "/v1/secret/metadata/hotels", "listSecrets", {"path": "hotels"}),
    ],
)
def test_parameters_of_a_path_have_their_names(
    vendor: str, method: str, path: str, operation: str, parameters: dict[str, str]
) -> None:
    """A parameter may contain slashes if the schema says so."""
    found = find_operation(vendor, method, path)

    assert found is not None
    assert (found.operation_id, found.parameters) == (operation, parameters)
