"""Speech with the time of each character."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from tests.integration.api import ApiClient
from tests.integration.ids import IdFactory
from tests.integration.settings import MAX_TTS_CHARACTERS
from tests.integration.vendors import StubClients


def read_lines(text: str) -> list[dict[str, Any]]:
    """Return the JSON objects of a response."""
    return [json.loads(line) for line in text.splitlines()]


class TestCaptions:
    """Captions follow the audio while it is played."""

    @pytest.mark.parametrize("speed", [None, 0.9])
    def test_characters_have_times(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, speed: float | None
    ) -> None:
        """Every character has the time at which it is spoken, and the audio is that of the vendor."""
        text = f"Room {names.call()} is ready."

        response = operator.post("/tts/captions", {"text": text, "speed": speed})

        assert (response.status_code, response.headers["content-type"]) == (200, "application/x-ndjson")
        lines = read_lines(response.text)
        starts = [start for line in lines for start in line["starts"]]
        ends = [end for line in lines for end in line["ends"]]
        assert "".join(character for line in lines for character in line["characters"]) == text
        assert starts[0] == 0
        assert starts[1:] == ends[:-1]
        assert base64.b64decode(lines[0]["audio"])[:2] == b"\xff\xfb"
        assert len(vendors.tts.requests("streamWithTimestamps")) == 1

    def test_times_of_a_long_text_go_on_in_the_next_part(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """Each part is a request of its own, whose times start at 0 at the vendor."""
        text = f"Room {names.call()}. " * (MAX_TTS_CHARACTERS // 20)

        lines = read_lines(operator.post("/tts/captions", {"text": text}).text)

        ends = [end for line in lines for end in line["ends"]]
        assert len(vendors.tts.requests("streamWithTimestamps")) == 2
        assert ends == sorted(ends)
        assert ends[-1] > MAX_TTS_CHARACTERS * 0.06

    def test_first_line_arrives_before_the_second_is_sent(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """The vendor's second chunk is due only after the client's timeout."""
        vendors.tts.inject_fault("drip", "streamWithTimestamps", seconds=60, times=1)
        body = {"text": f"Room {names.call()}. " * 10, "hotel_id": "VOICES-CAPTIONS"}

        with operator.http.stream("POST", "/tts/captions", json=body, timeout=45) as response:
            first = next(response.iter_lines())

        assert json.loads(first)["starts"][0] == 0

    def test_unavailable_voice_is_replaced(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """As for speech without times."""
        body = {"text": f"Room {names.call()}", "hotel_id": "VOICES-CAPTIONS", "language": "it"}

        response = operator.post("/tts/captions", body)

        assert response.status_code == 200
        paths = [request["path"] for request in vendors.tts.requests("streamWithTimestamps")]
        assert ["/gone-3/" in paths[0], "/porter/" in paths[1]] == [True, True]
