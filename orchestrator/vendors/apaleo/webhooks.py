"""Apaleo's webhooks: they say that something happened to an entity, never what it is now."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel

from orchestrator.vendors.errors import InvalidVendorResponse


class EventData(BaseModel):
    """Which entity an event is about."""

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)

    entity_id: str


class ApaleoEvent(BaseModel):
    """An event; `topic` is capitalised (`Reservation`), `type` is not (`canceled`).

    Whether `timestamp` is in milliseconds, seconds or ISO 8601 is not settled, so each is read. A healthcheck has
    the topic `system` and no data.
    """

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, populate_by_name=True)

    id: str
    topic: str
    type: str
    timestamp: datetime
    property_id: str | None = None
    data: EventData | None = None

    @property
    def is_healthcheck(self) -> bool:
        """Apaleo asks whether the endpoint answers, before it creates a subscription."""
        return (self.topic.lower(), self.type) == ("system", "healthcheck")


def parse_event(body: bytes) -> ApaleoEvent:
    """Read an event. Apaleo does not sign it: who sent it is told by a secret in the URL.

    Raises:
        InvalidVendorResponse: naming the fields that are wrong.
    """
    try:
        return ApaleoEvent.model_validate_json(body)
    except ValidationError as error:
        fields = tuple(".".join(map(str, problem["loc"])) or "body" for problem in error.errors())
        raise InvalidVendorResponse("apaleo", "webhook", fields=fields) from None
