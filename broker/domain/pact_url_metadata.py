"""The metadata segment of a pact's URL, which is opaque to clients and returns with their verification results."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode


@dataclass(frozen=True, slots=True)
class PactUrlMetadata:
    """The consumer version a pact was read for, and whether it was read as work in progress."""

    consumer_version: str | None = None
    wip: bool = False

    def encode(self) -> str:
        """Return the metadata as one path segment."""
        fields = {"cvn": self.consumer_version} if self.consumer_version is not None else {}
        query = urlencode(fields | ({"w": "true"} if self.wip else {}))
        # padding would have to be percent-encoded in the path
        return base64.urlsafe_b64encode(query.encode()).decode().rstrip("=")


def decode_metadata(text: str) -> PactUrlMetadata:
    """Return the metadata of a path segment, empty if it cannot be decoded."""
    try:
        query = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, ValueError):
        # an unreadable segment is not an error, as at the official broker
        return PactUrlMetadata()
    fields = parse_qs(query)
    return PactUrlMetadata(fields.get("cvn", [None])[0], fields.get("w") == ["true"])
