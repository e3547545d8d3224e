"""The TTS vendor's account: models, subscription and history."""

from __future__ import annotations

from typing import Any

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.tts import stub
from provider_verification.stubs.vendors.tts.speech import DEFAULT_MAX_CHARACTERS, MAX_CHARACTERS_BY_MODEL
from provider_verification.stubs.vendors.tts.state import FIXED_TIME, TtsState, history_item_id

CONCURRENCY_GROUP_BY_MODEL = {"eleven_multilingual_v2": "standard", "eleven_flash_v2_5": "turbo"}
FREE_USER_MAX_CHARACTERS = 2_500
DEFAULT_PAGE_SIZE = 100


@stub.operation("listModels")
def list_models(_state: TtsState, _request: StubRequest) -> StubResponse:
    """All models, as a bare list."""
    return ok([_model(name, group) for name, group in CONCURRENCY_GROUP_BY_MODEL.items()])


def _model(name: str, group: str) -> dict[str, Any]:
    max_characters = MAX_CHARACTERS_BY_MODEL.get(name, DEFAULT_MAX_CHARACTERS)
    is_standard = group == "standard"
    return {
        "model_id": name,
        "name": name.replace("_", " ").title(),
        "can_be_finetuned": False,
        "can_do_text_to_speech": True,
        "can_do_voice_conversion": False,
        "can_use_style": is_standard,
        "can_use_speaker_boost": is_standard,
        "serves_pro_voices": False,
        "token_cost_factor": 1.0,
        "description": "",
        "requires_alpha_access": False,
        "max_characters_request_free_user": min(FREE_USER_MAX_CHARACTERS, max_characters),
        "max_characters_request_subscribed_user": max_characters,
        "maximum_text_length_per_request": max_characters,
        "languages": [{"language_id": "en", "name": "English"}, {"language_id": "de", "name": "German"}],
        "model_rates": {"character_cost_multiplier": 1.0 if is_standard else 0.5},
        "concurrency_group": group,
    }


@stub.operation("getSubscription")
def get_subscription(state: TtsState, _request: StubRequest) -> StubResponse:
    """The plan: used and available characters, and when they are reset."""
    return ok(
        {
            "tier": "creator",
            "character_count": state.character_limit - state.remaining_characters,
            "character_limit": state.character_limit,
            "max_character_limit_extension": None,
            "can_extend_character_limit": False,
            "allowed_to_extend_character_limit": False,
            "next_character_count_reset_unix": FIXED_TIME + 86_400,
            "voice_slots_used": len(state.voices),
            "professional_voice_slots_used": 0,
            "voice_limit": 30,
            "voice_add_edit_counter": 0,
            "professional_voice_limit": 1,
            "can_extend_voice_limit": False,
            "can_use_instant_voice_cloning": True,
            "can_use_professional_voice_cloning": True,
            "status": "active",
            "has_open_invoices": False,
        }
    )


@stub.operation("listHistory")
def list_history(state: TtsState, request: StubRequest) -> StubResponse:
    """A page of the history, the newest item first; a page begins after `start_after_history_item_id`."""
    voice_id = request.query.get("voice_id")
    after_id = request.query.get("start_after_history_item_id")
    items = [
        _history_item(number, text)
        for number, (item_voice_id, text) in enumerate(state.history, 1)
        if voice_id in {None, item_voice_id}
    ][::-1]
    start = next((index + 1 for index, item in enumerate(items) if item["history_item_id"] == after_id), 0)
    end = start + request.query.get("page_size", DEFAULT_PAGE_SIZE)
    page = items[start:end]
    # The next page begins after this item.
    last_id = page[-1]["history_item_id"] if page else None
    return ok({"history": page, "has_more": end < len(items), "last_history_item_id": last_id})


def _history_item(number: int, text: str) -> dict[str, Any]:
    return {
        "history_item_id": history_item_id(number),
        "date_unix": FIXED_TIME + number,
        "character_count_change_from": 0,
        "character_count_change_to": len(text),
        "content_type": "audio/mpeg",
        "state": "created",
    }
