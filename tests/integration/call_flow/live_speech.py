"""Speech over a WebSocket while its text is still being written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlencode

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.integration.api import ApiClient
from tests.integration.ids import IdFactory
from tests.integration.metrics import read_metrics
from tests.integration.resilience.circuit_breakers import THRESHOLD, circuit
from tests.integration.vendors import StubClients

TIMEOUT_SECONDS = 300.0
END = {"end": True}


@contextmanager
def speech_socket(api: ApiClient, **query: str) -> Iterator[ClientConnection]:
    """Open the WebSocket with a client's credentials."""
    url = f"ws{api.url.removeprefix('http')}/tts/stream?{urlencode(query)}"
    with connect(url, additional_headers=api.headers, open_timeout=TIMEOUT_SECONDS) as socket:
        yield socket


def receive_all(socket: ClientConnection) -> tuple[bytes, list[dict[str, Any]], int | None]:
    """Return the audio, the other messages and the close code."""
    audio, messages = b"", []
    try:
        while True:
            message = socket.recv(TIMEOUT_SECONDS)
            if isinstance(message, bytes):
                audio += message
            else:
                messages.append(json.loads(message))
    except ConnectionClosed as closed:
        return audio, messages, closed.rcvd.code if closed.rcvd else None


def speak(
    api: ApiClient, *messages: dict[str, Any], **query: str
) -> tuple[bytes, list[dict[str, Any]], int | None]:
    """Send messages and return what is received."""
    with speech_socket(api, **query) as socket:
        # the service may have closed it already
        with suppress(ConnectionClosed):
            for message in messages:
                socket.send(json.dumps(message))
        return receive_all(socket)


class TestLiveSpeech:
    """The agent passes on what a language model writes."""

    def test_audio_arrives_before_the_text_is_complete(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """Pieces are cut anywhere; the vendor gets whole words, as soon as they are complete."""
        with speech_socket(operator, format="ulaw") as socket:
            for text in (f"Room {names.call()}", " is ", "rea"):
                socket.send(json.dumps({"text": text}))
            first = socket.recv(TIMEOUT_SECONDS)
            socket.send(json.dumps({"text": "dy.", "end": True}))
            audio, messages, code = receive_all(socket)

        assert isinstance(first, bytes)
        assert len(first) > 0
        assert len(audio) > 0
        assert (messages, code) == ([END], 1000)
        [request] = vendors.tts.requests("streamInput")
        assert request["query"]["output_format"] == ["ulaw_8000"]
        assert request["query"]["language_code"] == ["en"]
        assert vendors.tts.violations() == []

    def test_captions_have_times_from_the_start_of_the_text(self, operator: ApiClient) -> None:
        """At the vendor they count from the start of each piece of audio. A word that comes in two pieces stays one."""
        audio, messages, code = speak(
            operator, {"text": "Good even"}, {"text": "ing. "}, END, captions="true"
        )

        *captions, end = messages
        assert (len(audio) > 0, end, code) == (True, END, 1000)
        characters = "".join(character for caption in captions for character in caption["characters"])
        starts = [start for caption in captions for start in caption["starts"]]
        assert characters.split() == ["Good", "evening."]
        assert starts == sorted(set(starts))

    @pytest.mark.parametrize(
        ("messages", "field"),
        [
            (["{"], "message"),
            ([b"Good day."], "message"),
            (['{"text": 1}'], "text"),
            ([json.dumps({"text": "x" * 1001})], "text"),
            (['{"txt": "Good day."}'], "txt"),
            ([r'{"text": "\u0000"}'], "text"),
            # one word, of which nothing is passed on
            ([json.dumps({"text": "x" * 1000})] * 21, "text"),
        ],
        ids=["no-json", "binary", "type", "long-piece", "unknown-field", "nul", "long-text"],
    )
    def test_invalid_message_ends_the_stream(
        self, operator: ApiClient, messages: list[str | bytes], field: str
    ) -> None:
        """The error has the form of error responses and names the field; the connection is closed as a violation."""
        with speech_socket(operator) as socket:
            for message in messages:
                socket.send(message)
            audio, [received], code = receive_all(socket)

        assert (audio, code) == (b"", 1008)
        assert received["error"]["code"] == "VALIDATION_ERROR"
        assert [detail["field"] for detail in received["error"]["details"]] == [field]

    @pytest.mark.parametrize(
        ("query", "field"),
        [({"format": "wma"}, "format"), ({"speed": "1"}, "speed"), ({"hotel_id": "-"}, "hotel_id")],
    )
    def test_invalid_parameter_rejects_the_handshake(
        self, operator: ApiClient, query: dict[str, str], field: str
    ) -> None:
        """With the response that a request would get."""
        with pytest.raises(InvalidStatus) as rejection, speech_socket(operator, **query):
            pass

        response = rejection.value.response
        body = json.loads(response.body or b"")
        assert response.status_code == 422
        assert [detail["field"] for detail in body["error"]["details"]] == [field]

    def test_open_circuit_rejects_live_speech_without_asking_the_vendor(
        self, operator: ApiClient, admin: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """The WebSocket has the same guard as the requests."""
        vendors.tts.inject_fault("status", "stream", status=503)
        for _ in range(THRESHOLD):
            operator.post("/tts/synthesize", {"text": names.call()})

        _, [message], code = speak(operator, {"text": "Good day."}, END)

        assert circuit(admin, "tts.speech")["state"] == "open"
        assert (message["error"]["code"], message["error"]["retryable"]) == ("SERVICE_UNAVAILABLE", True)
        assert code == 1013
        assert vendors.tts.requests("streamInput") == []

    def test_unavailable_voice_is_replaced(
        self, operator: ApiClient, vendors: StubClients, names: IdFactory
    ) -> None:
        """The next voice speaks the text from its start."""
        text = f"Room {names.call()} is ready. "

        _, messages, code = speak(operator, {"text": text}, END, captions="true", hotel_id="VOICES-LIVE")

        paths = [request["path"] for request in vendors.tts.requests("streamInput")]
        assert ["/gone-4/" in paths[0], "/porter/" in paths[1]] == [True, True]
        spoken = "".join(character for message in messages[:-1] for character in message["characters"])
        assert (spoken, code) == (text, 1000)

    def test_unknown_voice_is_the_clients_error(self, operator: ApiClient) -> None:
        """No other voice is tried in place of one that the client names."""
        _, [message], code = speak(operator, {"text": "Good day."}, END, voice="unknown")

        assert (message["error"]["code"], code) == ("VALIDATION_ERROR", 1008)

    def test_handshakes_are_counted_and_logged_without_text(
        self, operator: ApiClient, names: IdFactory
    ) -> None:
        """By route and status, with the correlation id of the client."""
        series = 'http_requests_total{method="GET",route="/tts/stream",status="101"}'
        before = read_metrics(operator).get(series, 0)

        speak(operator, {"text": f"Room {names.call()} "}, END)

        assert read_metrics(operator)[series] == before + 1
