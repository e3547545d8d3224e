"""The messages of a synthesis over a WebSocket."""

from __future__ import annotations

from typing import Any

from consumer_tests.tts import contract
from consumer_tests.value_markers import exactly
from orchestrator.vendors.tts.stream_input import StreamInputMessage, parse_message


def add_message(description: str, example: dict[str, Any]) -> None:
    """Add a message that the orchestrator receives over the WebSocket."""
    contract.add_message(
        description,
        parse=parse_message,
        model=StreamInputMessage,
        example=example,
        media_type="application/json",
    )


add_message("a piece of live speech", {"audio": "//uQZAAA"})
add_message(
    "a piece of live speech with times",
    {
        "audio": "//uQZAAA",
        "alignment": {"chars": ["H"], "charStartTimesMs": [0], "charsDurationsMs": [60]},
    },
)
add_message("the end of live speech", {"isFinal": True})
add_message("live speech refused", {"error": exactly("quota_exceeded"), "message": "in words"})
add_message(
    "live speech refused because of the voice",
    {"error": exactly("voice_id_does_not_exist"), "message": "in words"},
)
