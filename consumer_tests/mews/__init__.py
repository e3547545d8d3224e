"""The consumer contract with Mews."""

from __future__ import annotations

from typing import Any

import httpx

from consumer_tests.contract import ConsumerContract, post
from consumer_tests.interaction import Request
from orchestrator.resilience.policy import CallPolicy
from orchestrator.vendors.mews.client import MewsClient
from orchestrator.vendors.mews.connection import MewsCredentials

CLIENT_TOKEN, ACCESS_TOKEN = "made-up-client-token", "made-up-access-token"


def _client(url: str, http: httpx.AsyncClient, policy: CallPolicy) -> MewsClient:
    credentials = MewsCredentials(CLIENT_TOKEN, ACCESS_TOKEN)
    return MewsClient(base_url=url, credentials=lambda: credentials, http=http, policy=policy)


contract = ConsumerContract("mews", client=_client, credential=None)


def connector_request(operation: str, **body: Any) -> Request:
    """A request with the made-up credentials that the stub accepts."""
    credentials = {
        "ClientToken": CLIENT_TOKEN,
        "AccessToken": ACCESS_TOKEN,
        "Client": "VoiceHive Orchestrator 1.0",
    }
    return post(f"/api/connector/v1/{operation}", {**credentials, **body})
