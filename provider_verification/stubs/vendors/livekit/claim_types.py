"""The types of a token's claims, as in the Go structs that LiveKit's server reads them into.

Source: `livekit/protocol`, `auth/grants.go`. One claim of another type makes the whole token invalid, as recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Struct:
    """A Go struct: its name, and the types of its fields.

    Attributes:
        name: the name in Go's error messages.
        fields: `bool`, `string`, `[]string`, `map[string]string`, `object`, `any` or another struct, by the field's name.
        embedded: the embedded struct that the fields belong to, which error messages name too.
    """

    name: str
    fields: Mapping[str, str | Struct]
    embedded: str = ""


VIDEO_GRANT = Struct(
    "VideoGrant",
    {
        **dict.fromkeys(
            (
                "roomCreate", "roomList", "roomRecord", "roomAdmin", "roomJoin", "canPublish", "canSubscribe",
                "canPublishData", "canUpdateOwnMetadata", "ingressAdmin", "hidden", "recorder", "agent",
                "canSubscribeMetrics", "canManageAgentSession",
            ),
            "bool",
        ),
        "room": "string",
        "destinationRoom": "string",
        "canPublishSources": "[]string",
    },
)  # fmt: skip
REGISTERED_CLAIM_TYPES = Struct(
    "RegisteredClaims",
    {"iss": "string", "sub": "string", "jti": "string", "aud": "audience", **dict.fromkeys(("exp", "nbf", "iat"), "any")},
)  # fmt: skip
TOKEN_CLAIM_TYPES = Struct(
    "tokenClaims",
    {
        **dict.fromkeys(("identity", "name", "kind", "roomPreset", "sha256", "metadata"), "string"),
        "kindDetails": "[]string",
        "attributes": "map[string]string",
        "roomConfig": "object",
        "video": VIDEO_GRANT,
        "sip": Struct("SIPGrant", {"admin": "bool", "call": "bool"}),
        "agent": Struct("AgentGrant", {"admin": "bool", "createSimulation": "bool"}),
        "inference": Struct("InferenceGrant", {"perform": "bool"}),
        "observability": Struct("ObservabilityGrant", {"write": "bool"}),
    },
    embedded="ClaimGrants",
)
JSON_TYPES = {str: "string", bool: "bool", float: "number", int: "number", list: "array", dict: "object"}


def read_struct(value: Mapping[str, Any], struct: Struct) -> dict[str, Any]:
    """Return the fields of a struct. As in Go, a name is matched whatever its case, and null is the same as absent.

    Raises:
        ValueError: a field has another type; the text is that of Go's error.
    """
    return _read_fields(value, struct, (struct.embedded,) if struct.embedded else ())


def _read_fields(value: Mapping[str, Any], struct: Struct, path: tuple[str, ...]) -> dict[str, Any]:
    names = {name.lower(): name for name in struct.fields}
    fields: dict[str, Any] = {}
    for key, item in value.items():
        name = names.get(key.lower())
        if name is None or item is None:
            continue
        fields[name] = _read_field(item, struct, name, (*path, name))
    return fields


def _read_field(item: Any, struct: Struct, name: str, path: tuple[str, ...]) -> Any:
    expected = struct.fields[name]
    if isinstance(expected, Struct):
        if not isinstance(item, dict):
            raise _type_error(item, struct, path, f"auth.{expected.name}")
        return _read_fields(item, expected, path)
    wrong = _find_wrong_part(item, expected)
    if wrong is not None:
        part, part_type = wrong
        raise _type_error(part, struct, path, part_type)
    return item


def _find_wrong_part(item: Any, expected: str) -> tuple[Any, str] | None:
    """The part of a value that has the wrong type, and the type it should have; None if there is none."""
    if expected == "bool":
        return None if isinstance(item, bool) else (item, "bool")
    if expected == "string" or (expected == "audience" and not isinstance(item, list)):
        return None if isinstance(item, str) else (item, "string")
    if expected == "object":
        return None if isinstance(item, dict) else (item, "auth.RoomConfiguration")
    if expected == "any":
        return None
    container = dict if expected.startswith("map") else list
    if not isinstance(item, container):
        return item, expected
    parts = item.values() if isinstance(item, dict) else item
    return next(((part, "string") for part in parts if not isinstance(part, str | None)), None)


def _type_error(item: Any, struct: Struct, path: tuple[str, ...], expected: str) -> ValueError:
    found = JSON_TYPES[type(item)]
    return ValueError(
        "token is malformed: could not JSON decode claim: "
        f"json: cannot unmarshal {found} into Go struct field {struct.name}.{'.'.join(path)} of type {expected}"
    )
