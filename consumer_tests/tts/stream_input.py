"""Speech over a WebSocket, as messages the orchestrator consumes."""

from __future__ import annotations

from typing import Any

from consumer_tests.tts import contract
from orchestrator.vendors.tts.stream_input import StreamInputMessage, parse_message


def message(description: str, example: dict[str, Any]) -> None:
    """A message the orchestrator reads from the open socket."""
    contract.add_message(
        description,
        parse=parse_message,
        model=StreamInputMessage,
        example=example,
        media_type="application/json",
    )


message("a piece of live speech", {"audio": "//uQZAAA"})
message(
    "a piece of live speech with times",
    {
        "audio": "//uQZAAA",
        "alignment": {"chars": ["H"], "charStartTimesMs": [0], "charsDurationsMs": [60]},
    },
)
message("the end of live speech", {"isFinal": True})
message("live speech refused", {"error": "quota_exceeded", "message": "in words"})
