"""How long a caller waits for the first sound of the greeting."""

from __future__ import annotations

import time

import pytest

from tests.integration.figures import record_figures
from tests.integration.performance.load import summarize
from tests.integration.performance.performance_report import write_report
from tests.integration.performance.world import EVENTS_PATH, World

CALLS = 40
WARM_UPS = 3


@pytest.mark.load
class TestFirstAudio:
    """From sending call.started to the first byte of the greeting.

    The service tells the agent in the LiveKit room what to speak, and the agent requests the audio. Here the agent's request
    follows the response to call.started, which comes after the message to the agent, so the time is an upper bound.
    """

    def test_greeting_is_synthesized_once_and_before_the_agent_requests_it(
        self, idle: World, request: pytest.FixtureRequest
    ) -> None:
        """The agent gets the audio that is being synthesized already: one request to the TTS vendor for each call."""
        for _ in range(WARM_UPS):
            _seconds_to_first_byte(idle)
        idle.vendors.tts.forget_requests()

        durations = [_seconds_to_first_byte(idle) for _ in range(CALLS)]

        times = summarize(durations, sum(durations))
        write_report("first_audio", times.as_dict())
        record_figures(request, first_byte_of_speech=times)
        assert [entry["operation"] for entry in idle.vendors.tts.journal()] == ["stream"] * CALLS


def _seconds_to_first_byte(world: World) -> float:
    """Start a call of a guest whose name nobody has spoken yet, and request the greeting as the agent does."""
    event = world.started_event()
    started = time.perf_counter()
    reply = world.send(world.request("POST", EVENTS_PATH, json=event)).json()["reply"]
    body = {"text": reply, "language": "en", "format": "ulaw"}
    with world.admin.http.stream("POST", "/tts/synthesize", json=body) as response:
        first = next(response.iter_raw())
    seconds = time.perf_counter() - started
    assert (response.status_code, len(first) > 0) == (200, True)
    return seconds
