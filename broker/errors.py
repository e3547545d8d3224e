"""What the broker answers when it does not do what was asked. Its clients read `errors`, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

NOT_FOUND_MESSAGE = "The requested document was not found on this server."


class BrokerHTTPError(Exception):
    """An answer that is no success: its status and its body."""

    def __init__(
        self, status: int, body: Any = None, media_type: str = "application/hal+json;charset=utf-8"
    ) -> None:
        self.status = status
        self.body = body
        self.media_type = media_type
        super().__init__(status, body)


def not_found() -> BrokerHTTPError:
    """404: a version, branch, tag, environment or anything else that is not there."""
    return BrokerHTTPError(404, {"error": NOT_FOUND_MESSAGE}, "application/json;charset=utf-8")


def pacticipant_not_found(role: str, name: str) -> BrokerHTTPError:
    """404: a pacticipant of the path is unknown."""
    return BrokerHTTPError(404, {"error": f"No {role} with name '{name}' found"})


def bad_request(errors: Mapping[str, Sequence[str]] | Sequence[str]) -> BrokerHTTPError:
    """400: what is wrong, by field, or as a list."""
    return BrokerHTTPError(400, {"errors": errors})
