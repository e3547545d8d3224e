"""Messages of the TTS vendor's WebSocket, as the pacts describe them."""

from __future__ import annotations

from provider_verification.stubs.sdk import VendorMessage
from provider_verification.stubs.vendors.tts import stub
from provider_verification.stubs.vendors.tts.state import TtsState
from provider_verification.stubs.vendors.tts.stream_input import FINAL_MESSAGE, audio_output, error_message


@stub.message("a piece of live speech")
def audio_message(_state: TtsState) -> VendorMessage:
    """Audio without times."""
    return VendorMessage(audio_output("Good evening. ", {}))


@stub.message("a piece of live speech with times")
def audio_message_with_alignment(_state: TtsState) -> VendorMessage:
    """Audio with times, as requested by `sync_alignment`."""
    return VendorMessage(audio_output("Good evening. ", {"sync_alignment": "true"}))


@stub.message("the end of live speech")
def final_message(_state: TtsState) -> VendorMessage:
    """The message after the last audio."""
    return VendorMessage(FINAL_MESSAGE)


@stub.message("live speech refused")
def quota_exceeded_message(_state: TtsState) -> VendorMessage:
    """The error for an exhausted quota."""
    return VendorMessage(error_message("quota_exceeded", "14 credits are needed, 3 are left"))


@stub.message("live speech refused because of the voice")
def unknown_voice_message(_state: TtsState) -> VendorMessage:
    """The error for a voice that does not exist."""
    return VendorMessage(error_message("voice_id_does_not_exist", "the voice does not exist"))
