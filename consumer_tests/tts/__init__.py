"""The consumer contract with ElevenLabs, the TTS vendor."""

from __future__ import annotations

import httpx

from consumer_tests.contract import ConsumerContract, error_response, provider_state
from consumer_tests.interaction import CredentialSpec, Response
from orchestrator.resilience.policy import CallPolicy
from orchestrator.vendors.tts.client import TtsClient
from orchestrator.vendors.tts.models import ErrorBody


def _client(url: str, http: httpx.AsyncClient, policy: CallPolicy) -> TtsClient:
    return TtsClient(base_url=url, api_key=lambda: "of-the-client", http=http, policy=policy)


VALID_API_KEY = CredentialSpec("xi-api-key", "${token}", r"^\S+$", "example", provider_state("an API key"))
INVALID_API_KEY = CredentialSpec("xi-api-key", "", r"^\S+$", "refused", None)

contract = ConsumerContract("tts", client=_client, credential=VALID_API_KEY)


def business_error(status: int, code: str, **fields: object) -> Response:
    """A business error in the older of its two forms, both of which the vendor sends."""
    body = {"detail": {"status": code, "message": "in words"}}
    return error_response(status, ErrorBody, body, **fields)
