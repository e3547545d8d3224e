"""The TTS vendor's account: its user and subscription."""

from __future__ import annotations

from typing import Any

from provider_verification.stubs.sdk import StubRequest, StubResponse, ok
from provider_verification.stubs.vendors.tts import stub
from provider_verification.stubs.vendors.tts.state import FIXED_TIME, VOICE_LIMIT, TtsState


@stub.operation("getUser")
def get_user(state: TtsState, request: StubRequest) -> StubResponse:
    """The user whose key it is; `workspace_id` and `seat_type` are required by the vendor's SDK of 2026 for JavaScript."""
    return ok(
        {
            "user_id": "stub-user",
            "workspace_id": "stub-workspace",
            "subscription": _subscription(state),
            "is_new_user": False,
            "can_use_delayed_payment_methods": False,
            "is_onboarding_completed": True,
            "is_onboarding_checklist_completed": True,
            "first_name": "Stub",
            "is_api_key_hashed": True,
            "xi_api_key_preview": f"••••{request.principal[-4:]}",
            "created_at": FIXED_TIME,
            "seat_type": "workspace_admin",
        }
    )


@stub.operation("getSubscription")
def get_subscription(state: TtsState, _request: StubRequest) -> StubResponse:
    """The plan with its invoices: used and available characters, and when they are reset."""
    return ok({**_subscription(state), "open_invoices": [], "has_open_invoices": False})


def _subscription(state: TtsState) -> dict[str, Any]:
    """The plan is Pro, which includes every output format.

    `max_credit_limit_extension`, `professional_voice_slots_used_in_workspace` and `current_overage` are required by the
    vendor's SDK of 2026 for JavaScript; its document of 2025 does not have them.
    """
    return {
        "tier": "pro",
        "character_count": state.character_limit - state.remaining_characters,
        "character_limit": state.character_limit,
        "max_character_limit_extension": None,
        "max_credit_limit_extension": 0,
        "can_extend_character_limit": False,
        "allowed_to_extend_character_limit": False,
        "next_character_count_reset_unix": FIXED_TIME + 86_400,
        "voice_slots_used": len(state.voices),
        "professional_voice_slots_used": 0,
        "professional_voice_slots_used_in_workspace": 0,
        "voice_limit": VOICE_LIMIT,
        "voice_add_edit_counter": 0,
        "professional_voice_limit": 1,
        "can_extend_voice_limit": False,
        "can_use_instant_voice_cloning": True,
        "can_use_professional_voice_cloning": True,
        "currency": "eur",
        "current_overage": {"amount": "0", "currency": "eur"},
        "status": "active",
        "billing_period": "monthly_period",
        "character_refresh_period": "monthly_period",
    }
