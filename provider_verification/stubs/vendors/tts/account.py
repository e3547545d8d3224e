"""The account: models, what is left of its plan, and what was spoken."""

from __future__ import annotations

from typing import Any

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.tts import stub
from provider_verification.stubs.vendors.tts.speech import DEFAULT_MAX_CHARACTERS, MAX_CHARACTERS_BY_MODEL
from provider_verification.stubs.vendors.tts.state import TtsState

FIXED_TIME = 1_795_447_149
MODELS = {"eleven_multilingual_v2": "standard", "eleven_flash_v2_5": "turbo"}
DEFAULT_PAGE = 100


@stub.operation("listModels")
def list_models(_studio: TtsState, _call: StubRequest) -> StubResponse:
    """A bare list."""
    return ok([_model(name, group) for name, group in MODELS.items()])


def _model(name: str, group: str) -> dict[str, Any]:
    longest = MAX_CHARACTERS_BY_MODEL.get(name, DEFAULT_MAX_CHARACTERS)
    return {
        "model_id": name,
        "name": name.replace("_", " ").title(),
        "can_be_finetuned": False,
        "can_do_text_to_speech": True,
        "can_do_voice_conversion": False,
        "can_use_style": group == "standard",
        "can_use_speaker_boost": group == "standard",
        "serves_pro_voices": False,
        "token_cost_factor": 1.0,
        "description": "",
        "requires_alpha_access": False,
        "max_characters_request_free_user": min(2_500, longest),
        "max_characters_request_subscribed_user": longest,
        "maximum_text_length_per_request": longest,
        "languages": [{"language_id": "en", "name": "English"}, {"language_id": "de", "name": "German"}],
        "model_rates": {"character_cost_multiplier": 1.0 if group == "standard" else 0.5},
        "concurrency_group": group,
    }


@stub.operation("getSubscription")
def subscription(studio: TtsState, _call: StubRequest) -> StubResponse:
    """What was used of the plan, and when it begins anew."""
    return ok(
        {
            "tier": "creator",
            "character_count": studio.character_limit - studio.remaining_characters,
            "character_limit": studio.character_limit,
            "max_character_limit_extension": None,
            "can_extend_character_limit": False,
            "allowed_to_extend_character_limit": False,
            "next_character_count_reset_unix": FIXED_TIME + 86_400,
            "voice_slots_used": len(studio.voices),
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
def history(studio: TtsState, call: StubRequest) -> StubResponse:
    """What was spoken, the newest first; a page goes on after the item that is named."""
    voice, after = call.query.get("voice_id"), call.query.get("start_after_history_item_id")
    items = [
        _item(number, text)
        for number, (spoken_by, text) in enumerate(studio.history, 1)
        if voice in {None, spoken_by}
    ][::-1]
    start = next((place + 1 for place, item in enumerate(items) if item["history_item_id"] == after), 0)
    size = call.query.get("page_size", DEFAULT_PAGE)
    page = items[start : start + size]
    last = page[-1]["history_item_id"] if page else None
    return ok({"history": page, "has_more": start + size < len(items), "last_history_item_id": last})


def _item(number: int, text: str) -> dict[str, Any]:
    return {
        "history_item_id": f"item-{number:06}",
        "date_unix": FIXED_TIME + number,
        "character_count_change_from": 0,
        "character_count_change_to": len(text),
        "content_type": "audio/mpeg",
        "state": "created",
    }
