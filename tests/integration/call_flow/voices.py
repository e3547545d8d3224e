"""The voices of hotels and languages, and what speaks in place of one that the vendor does not have."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Callable

from local_stack.orchestrator_command import run_command
from local_stack.stack import Stack
from tests.integration.api import ApiClient
from tests.integration.call_events import call_ended, call_started
from tests.integration.ids import IdFactory
from tests.integration.metrics import read_metrics
from tests.integration.vendors import StubClients

VOICES = {"en": "voice-101", "de": ["voice-1", "voice-2"]}


class TestVoiceFallback:
    """A guest hears another voice rather than none."""

    def test_unknown_voice_is_replaced_and_remembered(
        self,
        operator: ApiClient,
        vendors: StubClients,
        names: IdFactory,
        service_log: Callable[[], str],
    ) -> None:
        """The vendor is asked for it once; a metric and a line of the log say so."""
        series = 'tts_voice_fallbacks_total{reason="unknown"}'
        before = read_metrics(operator).get(series, 0)

        for _ in range(2):
            body = {"text": f"Room {names.call()}", "hotel_id": "VOICES-UNKNOWN"}
            assert operator.post("/tts/synthesize", body).status_code == 200

        assert _voices_asked(vendors) == ["gone-1", "porter", "porter"]
        assert read_metrics(operator)[series] == before + 1
        lines = [json.loads(line) for line in service_log().splitlines() if "tts_voice_unavailable" in line]
        assert ("gone-1", "unknown") in [(line["voice"], line["reason"]) for line in lines]

    def test_voice_of_another_plan_is_replaced(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """The voice exists, but the account's plan does not include it."""
        vendors.tts.set_provider_state("a voice of a paid plan", voice_id="library-1")
        series = 'tts_voice_fallbacks_total{reason="plan"}'
        before = read_metrics(operator).get(series, 0)

        response = operator.post(
            "/tts/synthesize", {"text": f"Room {names.call()}", "hotel_id": "VOICES-PLAN"}
        )

        assert response.status_code == 200
        assert _voices_asked(vendors) == ["library-1", "porter"]
        assert read_metrics(operator)[series] == before + 1

    def test_language_without_an_available_voice_is_spoken_by_the_default_voice(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """In the language that was requested."""
        body = {"text": f"Chambre {names.call()}", "hotel_id": "VOICES-NONE-LEFT", "language": "fr"}

        response = operator.post("/tts/synthesize", body)

        assert response.status_code == 200
        assert _voices_asked(vendors) == ["gone-2", "concierge"]
        assert [body["language_code"] for body in vendors.tts.bodies("stream")] == ["fr", "fr"]

    def test_caller_hears_the_voice_of_the_hotel(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """The agent gets what the greeting was synthesized with, so that its request asks the vendor for nothing.

        No other test speaks the greeting with this voice.
        """
        call_id = names.call()
        vendors.apaleo.set_provider_state("no reservation")
        started = operator.send_event(call_started(call_id, names.phone(), hotel_id="VOICES-CALL"))
        [message] = vendors.livekit.bodies("SendData")

        asked = _voices_asked(vendors)
        operator.post("/tts/synthesize", _decode(message["data"]))
        operator.send_event(call_ended(call_id))

        assert started["warnings"] == []
        assert _decode(message["data"])["hotel_id"] == "VOICES-CALL"
        assert asked == ["porter"]
        assert _voices_asked(vendors) == asked


class TestVoiceCommand:
    """`python -m orchestrator voices`."""

    def test_configured_voices_are_listed(self, stack: Stack, vendors: StubClients) -> None:
        """Two pages of voices are read; a voice that is missing on them is an error, those of other hotels are left out."""
        vendors.tts.set_provider_state("voices", count=101)
        hotel_voices = {"MUC": {"de": "gone"}, "BER": {"de": "gone"}}

        result = _run_command(stack, "--hotel", "MUC", HOTEL_VOICES=json.dumps(hotel_voices))

        assert (result.returncode, "next voice" in result.stderr) == (1, True)
        assert [line.split() for line in result.stdout.splitlines()] == [
            ["MUC", "de", "gone", "missing"],
            ["(all", "hotels)", "en", "voice-101", "Voice-101", "(en)"],
            ["(all", "hotels)", "de", "voice-1", "Voice-1", "(en)"],
            ["(all", "hotels)", "de", "voice-2", "Voice-2", "(en)"],
        ]

    def test_wrong_key_is_named(self, stack: Stack, vendors: StubClients) -> None:
        """The vendor's code says what is wrong."""
        code, output = run_command(["voices"], _settings(stack) | {"TTS_API_KEY": "wrong"})

        assert code == 1
        assert output.startswith("the voices cannot be read: ")
        assert "invalid_api_key" in output
        assert "Traceback" not in output
        assert [request["status"] for request in vendors.tts.journal()] == [401]


def _voices_asked(vendors: StubClients) -> list[str]:
    return [request["path"].split("/")[3] for request in vendors.tts.requests("stream")]


def _decode(data: str) -> dict[str, str]:
    message: dict[str, str] = json.loads(base64.b64decode(data))
    return message


def _settings(stack: Stack) -> dict[str, str]:
    return {
        "TTS_SERVICE_URL": stack.stub_urls["tts"],
        "TTS_API_KEY": "stub-tts-key",
        "VOICES": json.dumps(VOICES),
    }


def _run_command(stack: Stack, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    # the module that the suites run as the service, so that what the command reads is recorded too
    module = os.environ.get("SERVICE_MODULE", "orchestrator")
    return subprocess.run(
        [sys.executable, "-m", module, "voices", *options],
        env={**os.environ, **_settings(stack), **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
