"""Apaleo's webhook events: they say that an entity changed, not what it is now."""

from __future__ import annotations

from pydantic import ConfigDict
from pydantic.alias_generators import to_camel

from orchestrator.vendors.models import ResponseModel, parse_json


class EventData(ResponseModel):
    """The entity that an event is about."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    entity_id: str


class ApaleoEvent(ResponseModel):
    """A webhook event. Its `topic` is capitalised (`Reservation`). A health check has the topic `system` and no data."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    topic: str
    data: EventData | None = None


def parse_event(body: bytes) -> ApaleoEvent:
    """Parse an event. Apaleo does not sign events; a secret in the endpoint's URL authenticates the sender.

    Raises:
        InvalidVendorResponse: with the paths of the invalid fields.
    """
    return parse_json(ApaleoEvent, body, vendor="apaleo", operation="webhook")
