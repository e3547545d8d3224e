"""Text to speech for the agent in the room."""

from __future__ import annotations

import io
from typing import Any

import pytest
import soundfile

from tests.integration.api import ApiClient
from tests.integration.call_events import HOTEL, call_ended, call_started
from tests.integration.ids import IdFactory
from tests.integration.settings import MAX_TTS_CHARACTERS
from tests.integration.vendors import StubClients


class TestSpeech:
    """Text to speech."""

    @pytest.mark.parametrize(
        ("audio_format", "media_type"),
        [("mp3", "audio/mpeg"), ("ulaw", "audio/basic"), ("pcm", "audio/pcm"), ("opus", "audio/opus")],
    )
    def test_each_format_returns_its_media_type(
        self, operator: ApiClient, names: IdFactory, audio_format: str, media_type: str
    ) -> None:
        """The audio has the requested format."""
        response = operator.post("/tts/synthesize", {"text": f"Room {names.call()}", "format": audio_format})

        assert (response.status_code, response.headers["content-type"]) == (200, media_type)
        assert len(response.content) > 300

    def test_mp3_is_decodable(self, operator: ApiClient) -> None:
        """A decoder reads mono audio with the requested sample rate and a plausible duration."""
        audio = operator.post("/tts/synthesize", {"text": "Good evening, and welcome.", "format": "mp3"})

        samples, rate = soundfile.read(io.BytesIO(audio.content))

        assert (rate, samples.ndim) == (44_100, 1)
        assert 0.5 < len(samples) / rate < 10

    def test_audio_is_streamed_incrementally(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """The first chunk arrives while the vendor's second is due only after the client's timeout."""
        vendors.tts.inject_fault("drip", "stream", seconds=60, times=1)
        body = {"text": f"Room {names.call()}. " * 5, "format": "ulaw"}

        with operator.http.stream("POST", "/tts/synthesize", json=body, timeout=45) as response:
            first_chunk = next(response.iter_raw())
        whole = operator.post("/tts/synthesize", body).content

        assert response.status_code == 200
        assert 0 < len(first_chunk) < len(whole)
        assert whole.startswith(first_chunk)

    def test_greeting_is_heard_while_it_is_synthesized(
        self,
        operator: ApiClient,
        vendors: StubClients,
        names: IdFactory,
        guest_without_cached_speech: str,
    ) -> None:
        """The vendor's second chunk is due only after the client's timeout; the agent's request asks for nothing more."""
        vendors.tts.inject_fault("drip", "stream", seconds=60, times=1)
        event = call_started(names.call(), names.phone(), reservation_id=guest_without_cached_speech)
        started = operator.post("/webhook/call-event", event, timeout=45).json()
        body = {"text": started["reply"], "language": "de", "format": "ulaw", "hotel_id": HOTEL}

        with operator.http.stream("POST", "/tts/synthesize", json=body, timeout=45) as response:
            first_chunk = next(response.iter_raw())

        assert started["warnings"] == []
        assert len(first_chunk) > 0
        assert len(vendors.tts.requests("stream")) == 1
        vendors.tts.clear_faults()
        operator.send_event(call_ended(event["call_id"]))

    def test_repeated_text_is_served_from_cache(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """The speed is part of the cache key."""
        body = {"text": f"Room {names.call()}"}

        first, second = (operator.post("/tts/synthesize", body).content for _ in range(2))
        operator.post("/tts/synthesize", body | {"speed": 0.9})

        assert first == second
        assert len(vendors.tts.requests("stream")) == 2

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"text": ""}, "text"),
            ({"text": "   "}, "text"),
            ({"text": "x" * 50_001}, "text"),
            ({"speed": 5}, "speed"),
            ({"format": "wma"}, "format"),
            ({"language": "German"}, "language"),
        ],
    )
    def test_invalid_speech_request_returns_422_with_field(
        self, operator: ApiClient, change: dict[str, Any], field: str
    ) -> None:
        """The error names the field."""
        response = operator.post("/tts/synthesize", {"text": "Good day."} | change)

        assert response.status_code == 422
        assert [detail["field"] for detail in response.json()["error"]["details"]] == [field]

    def test_long_text_is_synthesized_in_parts(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """It is split after sentences, and the audio of the parts follows in their order, without anything between."""
        sentences = [f"Room {names.call()} is {'very ' * 45}quiet." for _ in range(3)]
        assert all(MAX_TTS_CHARACTERS / 2 < len(sentence) < MAX_TTS_CHARACTERS for sentence in sentences)

        whole = operator.post("/tts/synthesize", {"text": " ".join(sentences)})
        texts = [body["text"] for body in vendors.tts.bodies("stream")]
        parts = [operator.post("/tts/synthesize", {"text": text}).content for text in sentences]

        assert texts == sentences
        assert whole.content == b"".join(parts)

    @pytest.mark.parametrize(
        ("state", "parameters", "retry_after"),
        [
            ("the rate limit reached", {"retry_after": 3}, "3"),
            ("all concurrent requests taken", {}, None),
            ("the vendor is down", {}, None),
        ],
    )
    def test_vendor_that_speaks_later_returns_retryable_503(
        self,
        operator: ApiClient,
        vendors: StubClients,
        names: IdFactory,
        state: str,
        parameters: dict[str, Any],
        retry_after: str | None,
    ) -> None:
        """With the vendor's delay, if it asks for one. The vendor is asked once: each synthesis is charged."""
        vendors.tts.set_provider_state(state, **parameters)

        response = operator.post("/tts/synthesize", {"text": f"Room {names.call()}"})

        assert (response.status_code, response.json()["error"]["retryable"]) == (503, True)
        assert response.headers.get("Retry-After") == retry_after
        assert len(vendors.tts.requests("stream")) == 1

    @pytest.mark.parametrize("kind", ["reset", "status"])
    def test_tts_outage_returns_retryable_503(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory, kind: str
    ) -> None:
        """The caller may retry."""
        vendors.tts.inject_fault(kind)

        response = operator.post("/tts/synthesize", {"text": f"Room {names.call()}"})

        assert (response.status_code, response.json()["error"]["code"]) == (503, "SERVICE_UNAVAILABLE")
        assert response.json()["error"]["retryable"] is True
        assert vendors.tts.played_faults("stream") == {kind}

    @pytest.mark.parametrize("path", ["/tts/synthesize", "/tts/captions"])
    @pytest.mark.parametrize("speed", [None, 0.9])
    def test_unknown_voice_returns_422(
        self, operator: ApiClient, names: IdFactory, path: str, speed: float | None
    ) -> None:
        """The vendor's 4xx is reported as an invalid request, not as an outage; no other voice is tried."""
        body = {"text": f"Room {names.call()}", "voice": "unknown", "speed": speed}

        response = operator.post(path, body)

        assert response.status_code == 422
