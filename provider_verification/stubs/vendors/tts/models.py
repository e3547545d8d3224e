"""The TTS vendor's models: what each accepts, and which id is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.tts import stub
from provider_verification.stubs.vendors.tts.hooks import TtsRejection, error_detail
from provider_verification.stubs.vendors.tts.state import TtsState

FREE_USER_MAX_CHARACTERS = 2_500


@dataclass(frozen=True, slots=True)
class Model:
    """A model.

    Attributes:
        max_characters: the longest text of a request.
        group: the concurrency group, `standard` or `turbo`.
        speaks: whether it synthesizes text; the others convert speech to speech.
        takes_language: whether a request may have a `language_code`.
        streams_input: whether the WebSocket `stream-input` accepts it.
    """

    max_characters: int
    group: str = "standard"
    speaks: bool = True
    takes_language: bool = False
    streams_input: bool = True


MODELS = {
    "eleven_v3": Model(5_000, takes_language=True, streams_input=False),
    "eleven_multilingual_v2": Model(10_000),
    "eleven_flash_v2_5": Model(40_000, "turbo", takes_language=True),
    "eleven_turbo_v2_5": Model(40_000, "turbo", takes_language=True),
    "eleven_flash_v2": Model(30_000, "turbo"),
    "eleven_turbo_v2": Model(30_000, "turbo"),
    "eleven_multilingual_sts_v2": Model(10_000, speaks=False),
    "eleven_english_sts_v2": Model(5_000, speaks=False),
}
"""The vendor's page on models in 2026. `eleven_monolingual_v1` and `eleven_multilingual_v1` are refused: its changelog of
June 8, 2026 removes them on July 9. UNCONFIRMED: that `eleven_v3` takes a `language_code`."""


@stub.operation("listModels")
def list_models(_state: TtsState, _request: StubRequest) -> StubResponse:
    """All models, as a bare list."""
    return ok([_model_json(name, model) for name, model in MODELS.items()])


def find_model(model_id: str, location: tuple[str | int, ...] = ("body", "model_id")) -> Model:
    """Return a model that synthesizes text.

    UNCONFIRMED: 400 and `model_not_found` are in public reports; that a model which converts speech is refused by
    `model_can_not_do_text_to_speech` is in none.

    Raises:
        TtsRejection: there is no such model, or it does not synthesize text.
    """
    model = MODELS.get(model_id)
    if model is None:
        message = f"A model with model ID {model_id[:100]} does not exist ..."
        raise TtsRejection(400, {"status": "model_not_found", "message": message}, location)
    if not model.speaks:
        message = f"The model {model_id} does no text to speech."
        raise TtsRejection(400, {"status": "model_can_not_do_text_to_speech", "message": message}, location)
    return model


def unsupported_on_websocket(model_id: str) -> TtsRejection:
    """The rejection of the handshake for a model that the WebSocket does not serve.

    UNCONFIRMED: the response is that of September 2026 which another project published.
    """
    message = f"Model '{model_id}' is not supported on the text-to-speech websocket endpoint."
    detail = error_detail("validation_error", "unsupported_model", "unsupported_model", message, "model_id")
    return TtsRejection(400, detail, ("query", "model_id"))


def _model_json(name: str, model: Model) -> dict[str, Any]:
    is_standard = model.group == "standard"
    return {
        "model_id": name,
        "name": name.replace("_", " ").title(),
        "can_be_finetuned": False,
        "can_do_text_to_speech": model.speaks,
        "can_do_voice_conversion": not model.speaks,
        "can_use_style": is_standard,
        "can_use_speaker_boost": is_standard,
        "serves_pro_voices": False,
        "token_cost_factor": 1.0,
        "description": "",
        "requires_alpha_access": False,
        "max_characters_request_free_user": min(FREE_USER_MAX_CHARACTERS, model.max_characters),
        "max_characters_request_subscribed_user": model.max_characters,
        "maximum_text_length_per_request": model.max_characters,
        "languages": [{"language_id": "en", "name": "English"}, {"language_id": "de", "name": "German"}],
        "model_rates": {"character_cost_multiplier": 1.0 if is_standard else 0.5},
        "concurrency_group": model.group,
    }
