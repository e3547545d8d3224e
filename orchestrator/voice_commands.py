"""`python -m orchestrator voices`: list the configured voices, and check that the TTS vendor's account has them.

Exit codes: 0 all are there, 1 one is missing or the vendor does not respond, 2 the environment is wrong.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import Annotated, NamedTuple

import typer

from orchestrator.command_output import FAILED, INVALID, fail, print_lines
from orchestrator.container.vendors import create_http_pool, create_tts_client
from orchestrator.observability.logging import disable_logging
from orchestrator.resilience.policy import CallPolicy
from orchestrator.security.vault_secrets import load_vault_secrets
from orchestrator.settings import SettingsError
from orchestrator.settings.load import load_section
from orchestrator.settings.vendors import TtsSettings
from orchestrator.vendors.errors import VendorError
from orchestrator.vendors.tts.models import Voice

MAX_PAGES = 100
"""Pages of a hundred voices that are read, so that a vendor whose list does not end cannot hold the command."""


class ConfiguredVoice(NamedTuple):
    """A voice of the settings; `hotel` is empty for all hotels, `language` may name a kind (`de-female`)."""

    hotel: str
    language: str
    voice_id: str


def check_voices(
    hotel: Annotated[str | None, typer.Option(help="list what this hotel's callers may hear")] = None,
) -> None:
    """List the configured voices, and check that the TTS vendor's account has them. Exit code 1: one is missing."""
    disable_logging()
    try:
        settings = load_section(TtsSettings, asyncio.run(load_vault_secrets()))
        available = asyncio.run(_read_voices(settings))
    except SettingsError as error:
        fail(INVALID, [str(error)])
    except VendorError as error:
        fail(FAILED, [f"the voices cannot be read: {error}"])
    configured = [
        voice for voice in configured_voices(settings) if hotel is None or voice.hotel in {hotel, ""}
    ]
    print_lines(voice_lines(configured, available))
    if any(voice.voice_id not in available for voice in configured):
        fail(FAILED, ["Callers hear the next voice of the list in place of a missing one."])


def configured_voices(settings: TtsSettings) -> Iterator[ConfiguredVoice]:
    """Give the voices of the settings, those of single hotels first."""
    for hotel, languages in (*settings.hotel_voice_ids.items(), ("", settings.voice_ids)):
        for language, voice_ids in languages.items():
            for voice_id in voice_ids:
                yield ConfiguredVoice(hotel, language, voice_id)


def voice_lines(configured: Iterable[ConfiguredVoice], available: dict[str, Voice]) -> Iterator[str]:
    """Give a line for each configured voice."""
    for hotel, language, voice_id in configured:
        yield f"{hotel or '(all hotels)':<20} {language:<12} {voice_id:<24} {_describe(available.get(voice_id))}"


def _describe(voice: Voice | None) -> str:
    if voice is None:
        return "missing"
    spoken = voice.labels.get("language")
    return f"{voice.name} ({spoken})" if spoken else voice.name


async def _read_voices(settings: TtsSettings) -> dict[str, Voice]:
    """Return all voices of the account by their ids."""
    voices: dict[str, Voice] = {}
    async with create_http_pool() as http:
        client = create_tts_client(lambda: settings, http, lambda _vendor: CallPolicy())
        token = None
        for _ in range(MAX_PAGES):
            page = await client.search_voices(page_token=token)
            voices |= {voice.voice_id: voice for voice in page.voices}
            token = page.next_page_token
            if not page.has_more or token is None:
                break
    return voices
