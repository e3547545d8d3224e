"""The TTS stub over HTTP: voices, models, formats and settings that do not exist, and the account."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import soundfile

from provider_verification.stubs.engine.server import run_stubs
from provider_verification.stubs.vendors.tts.audio import OUTPUT_FORMATS
from provider_verification.stubs.vendors.tts.state import API_KEY

SPEECH = "/v1/text-to-speech/concierge"


@pytest.fixture(scope="module")
def tts() -> Iterator[str]:
    """The base URL of a TTS stub."""
    with run_stubs(["tts"]) as urls:
        yield urls["tts"]


@pytest.fixture
def http(tts: str) -> Iterator[httpx.Client]:
    """A client of the stub, whose state and journal are new."""
    with httpx.Client(base_url=tts, headers={"xi-api-key": API_KEY}) as client:
        client.post("/_stub/reset").raise_for_status()
        yield client


def speak(http: httpx.Client, path: str = SPEECH, query: str = "", **body: Any) -> httpx.Response:
    """Request a synthesis."""
    return http.post(f"{path}?{query}", json={"text": "Good evening.", **body})


def assert_no_defects(http: httpx.Client) -> None:
    """Assert that each response fitted the stub's schemas."""
    assert http.get("/_stub/defects").json() == []


@pytest.mark.parametrize("suffix", ["", "/stream", "/with-timestamps", "/stream/with-timestamps"])
def test_unknown_voice_is_404(http: httpx.Client, suffix: str) -> None:
    """The error has both forms: `status` and, since 2026, `type` and `code`."""
    response = speak(http, f"/v1/text-to-speech/nobody{suffix}")

    detail = response.json()["detail"]
    assert response.status_code == 404
    assert (detail["status"], detail["code"], detail["type"]) == (
        "voice_not_found",
        "voice_not_found",
        "not_found",
    )
    assert "nobody" in detail["message"]


@pytest.mark.parametrize(
    ("query", "body", "status", "code", "where"),
    [
        ("", {"model_id": "eleven_nonsense"}, 400, "model_not_found", "body.model_id"),
        ("", {"model_id": "eleven_monolingual_v1"}, 400, "model_not_found", "body.model_id"),
        ("", {"model_id": "eleven_multilingual_v1"}, 400, "model_not_found", "body.model_id"),
        (
            "",
            {"model_id": "eleven_english_sts_v2"},
            400,
            "model_can_not_do_text_to_speech",
            "body.model_id",
        ),
        (
            "",
            {"voice_settings": {"stability": 2}},
            400,
            "invalid_voice_settings",
            "body.voice_settings.stability",
        ),
        (
            "",
            {"voice_settings": {"speed": 0.5}},
            400,
            "invalid_voice_settings",
            "body.voice_settings.speed",
        ),
        ("output_format=ulaw_16000", {}, 403, "invalid_output_format", "query.output_format"),
    ],
)
def test_value_that_the_vendor_does_not_have_is_a_violation(
    http: httpx.Client, query: str, body: dict[str, Any], status: int, code: str, where: str
) -> None:
    """The response has the vendor's status and code; the violation names the place."""
    response = speak(http, query=query, **body)

    assert (response.status_code, response.json()["detail"]["status"]) == (status, code)
    [violation] = http.get("/_stub/violations").json()
    assert (violation["kind"], violation["operation"], violation["where"]) == ("rejected", "convert", where)
    assert_no_defects(http)


@pytest.mark.parametrize("model", ["eleven_v3", "eleven_flash_v2_5", "eleven_turbo_v2_5", "eleven_flash_v2"])
def test_models_of_2026_speak(http: httpx.Client, model: str) -> None:
    """They are in the list of models too."""
    assert speak(http, model_id=model).status_code == 200
    assert model in {entry["model_id"] for entry in http.get("/v1/models").json()}


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("previous_request_ids", "request_not_found"),
        ("next_request_ids", "request_not_found"),
        ("pronunciation_dictionary_locators", "pronunciation_dictionary_not_found"),
    ],
)
def test_reference_to_nothing_is_404(http: httpx.Client, name: str, code: str) -> None:
    """An id that refers to an earlier request or a dictionary is looked up."""
    reference: Any = {"pronunciation_dictionary_id": "none"} if "dictionary" in name else "none"

    response = http.post(SPEECH, json={"text": "Good evening.", name: [reference]})

    assert (response.status_code, response.json()["detail"]["status"]) == (404, code)


def test_reference_to_earlier_request_and_dictionary_is_accepted(http: httpx.Client) -> None:
    """The header `request-id` is what later requests refer to."""
    state = {"state": "a pronunciation dictionary", "params": {"pronunciation_dictionary_id": "names"}}
    http.post("/_stub/states", json=state).raise_for_status()
    first = speak(http)

    second = speak(
        http,
        previous_request_ids=[first.headers["request-id"]],
        pronunciation_dictionary_locators=[{"pronunciation_dictionary_id": "names"}],
    )

    assert second.status_code == 200


@pytest.mark.parametrize("output_format", OUTPUT_FORMATS)
def test_each_format_has_its_media_type(http: httpx.Client, output_format: str) -> None:
    """Those of WAV begin with a header that a decoder reads."""
    response = speak(http, query=f"output_format={output_format}")

    codec, rate = output_format.split("_")[:2]
    media_type = "mpeg" if codec == "mp3" else codec
    assert (response.status_code, response.headers["content-type"]) == (200, f"audio/{media_type}")
    if codec == "wav":
        assert soundfile.info(io.BytesIO(response.content)).samplerate == int(rate)


def test_longest_text_is_spoken_in_bounded_time(http: httpx.Client) -> None:
    """The audio is cut off, while each character has its times."""
    state = {"state": "a quota", "params": {"remaining": 80_000}}
    http.post("/_stub/states", json=state).raise_for_status()
    text = "x" * 40_000

    response = speak(http, query="output_format=pcm_48000", text=text, model_id="eleven_flash_v2_5")

    assert len(response.content) == 120 * 48_000 * 2


def test_account_has_what_the_sdks_require(http: httpx.Client) -> None:
    """The user contains the subscription, without its invoices; the key is not in it."""
    user, subscription = http.get("/v1/user").json(), http.get("/v1/user/subscription").json()

    assert subscription.items() >= user["subscription"].items()
    assert subscription.keys() - user["subscription"].keys() == {"open_invoices", "has_open_invoices"}
    assert user["subscription"]["current_overage"] == {"amount": "0", "currency": "eur"}
    assert API_KEY not in http.get("/v1/user").text
    assert_no_defects(http)


@pytest.mark.parametrize(
    ("key", "code"), [(None, "needs_authorization"), ("", "needs_authorization"), ("x", "invalid_api_key")]
)
def test_missing_key_and_wrong_key_differ(tts: str, key: str | None, code: str) -> None:
    """Both are 401."""
    response = httpx.get(f"{tts}/v1/user", headers={} if key is None else {"xi-api-key": key})

    assert (response.status_code, response.json()["detail"]["status"]) == (401, code)


def test_format_that_the_stub_lacks_is_501(http: httpx.Client) -> None:
    """The vendor has it, so that it is no error of the client."""
    response = speak(http, query="output_format=m4a_aac_44100_128")

    assert (response.status_code, response.json()["lacks"]) == (501, "the output format m4a_aac_44100_128")
    assert [violation["kind"] for violation in http.get("/_stub/violations").json()] == ["not_modelled"]
