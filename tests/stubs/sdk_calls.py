"""The first steps of the vendors' SDKs for Python: the calls of their READMEs and getting-started pages."""

from __future__ import annotations

import asyncio

from tests.stubs.sdk_calls_livekit import livekit_results
from tests.stubs.sdk_calls_tts import elevenlabs_results, realtime_results
from tests.stubs.sdk_calls_vault import hvac_results
from tests.stubs.sdk_table import CallResult


def python_results(urls: dict[str, str]) -> list[CallResult]:
    """Run all calls against running stubs."""
    return [
        *elevenlabs_results(urls["tts"]),
        *realtime_results(),
        *asyncio.run(livekit_results(urls["livekit"])),
        *hvac_results(urls["vault"]),
    ]
