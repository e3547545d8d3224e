"""The choice of a TTS voice."""

from __future__ import annotations

import pytest

from orchestrator.speech.voices import VoiceAvailability, primary_language, select_voices
from orchestrator.vendors.errors import RequestRejected

VOICES = {
    "en": ["concierge"],
    "en-male": ["porter"],
    "de": ["hausdame", "portier"],
    "de-female": ["hausdame"],
    "fr-male": ["concierge-fr"],
}
HOTEL_VOICES = {"de": ["wirtin"]}


@pytest.mark.parametrize(
    ("language", "voice", "expected"),
    [
        ("en", None, "concierge"),
        ("en", "male", "porter concierge"),
        ("en", "female", "concierge"),
        ("de", "female", "hausdame wirtin portier concierge"),
        ("de", "male", "wirtin hausdame portier porter concierge"),
        ("de", None, "wirtin hausdame portier concierge"),
        ("fr", "male", "concierge-fr porter concierge"),
        ("fr", "female", "concierge"),
        ("it", "male", "porter concierge"),
        ("it", None, "concierge"),
        ("de", "manager", "manager"),
    ],
)
def test_voices_in_the_order_of_preference(language: str, voice: str | None, expected: str) -> None:
    """The kind in the language, the language, then English; the hotel's before the service's; an id is used as it is."""
    assert select_voices([HOTEL_VOICES, VOICES], language, voice) == tuple(expected.split())


@pytest.mark.parametrize(
    ("tag", "language"), [("en-US", "en"), ("DE", "de"), ("zh-Hans-CN", "zh"), ("fr", "fr")]
)
def test_primary_language_of_a_tag(tag: str, language: str) -> None:
    """BCP 47: the first subtag, in any case."""
    assert primary_language(tag) == language


def test_unavailable_voice_is_tried_again_after_a_time() -> None:
    """If every voice is unavailable, all are tried at once."""
    now = [0.0]
    reasons: list[str] = []
    availability = VoiceAvailability(reasons.append, clock=lambda: now[0])
    availability.mark_unavailable("library", RequestRejected("tts", "stream", status=402))
    availability.mark_unavailable("gone", RequestRejected("tts", "stream", status=400))

    usable = [availability.usable(names.split()) for names in ("library porter", "gone", "gone library")]
    now[0] = 600.0

    assert usable == [["porter"], ["gone"], ["gone", "library"]]
    assert availability.usable(["library", "porter"]) == ["library", "porter"]
    assert reasons == ["plan", "unknown"]
