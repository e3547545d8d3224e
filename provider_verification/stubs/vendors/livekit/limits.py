"""Sizes that LiveKit limits. Source of the limits: its default configuration, and the recorded server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provider_verification.stubs.sdk import StubResponse
from provider_verification.stubs.vendors.livekit.twirp_errors import argument_error

MAX_NAME_BYTES = 256
MAX_METADATA_BYTES = 512 * 1024
MAX_ATTRIBUTES_BYTES = 64 * 1024


def find_exceeded_limit(body: Mapping[str, Any]) -> StubResponse | None:
    """The error for a name, metadata or attributes that are too long, in the order of the server's checks; or None."""
    if len(body.get("name", "").encode()) > MAX_NAME_BYTES:
        return argument_error("name length exceeds limits", MAX_NAME_BYTES)
    if len(body.get("metadata", "").encode()) > MAX_METADATA_BYTES:
        return argument_error("metadata size exceeds limits", MAX_METADATA_BYTES)
    attributes = body.get("attributes", {})
    if (
        sum(len(name.encode()) + len(value.encode()) for name, value in attributes.items())
        > MAX_ATTRIBUTES_BYTES
    ):
        return argument_error("attribute size exceeds limits", MAX_ATTRIBUTES_BYTES)
    return None
