"""What the orchestrator expects of the TTS vendor."""

from __future__ import annotations

import httpx

from consumer_tests.contract import Contract, refused, state
from consumer_tests.expectation import Credential, Response
from orchestrator.resilience.policy import ONE_ATTEMPT
from orchestrator.vendors.tts.client import TtsClient
from orchestrator.vendors.tts.models import ErrorBody


def _client(url: str, http: httpx.AsyncClient) -> TtsClient:
    return TtsClient(base_url=url, api_key="of-the-client", http=http, policy=ONE_ATTEMPT)


KEY = Credential("xi-api-key", "${token}", r"^\S+$", "example", state("an API key"))
REFUSED_KEY = Credential("xi-api-key", "", r"^\S+$", "refused", None)

contract = Contract("tts", client=_client, credential=KEY)


def business_error(status: int, code: str, **parts: object) -> Response:
    """An error in the older form, which the vendor still sends beside the newer one."""
    body = {"detail": {"status": code, "message": "in words"}}
    return refused(status, ErrorBody, body, **parts)
