"""The consumer contract with Vault."""

from __future__ import annotations

import httpx

from consumer_tests.contract import ConsumerContract, error_response, provider_state
from consumer_tests.interaction import CredentialSpec, Response
from orchestrator.resilience.policy import CallPolicy
from orchestrator.vendors.vault.client import VaultClient
from orchestrator.vendors.vault.models import ErrorResponse

TOKEN = "of-the-client"
PATH = "hotels/muc"
VALUES = {"JWT_KEYS": "example"}


def _client(url: str, http: httpx.AsyncClient, policy: CallPolicy) -> VaultClient:
    return VaultClient(base_url=url, http=http, policy=policy)


VALID_TOKEN = CredentialSpec("X-Vault-Token", "${token}", r"^\S+$", "example", provider_state("a token"))
INVALID_TOKEN = CredentialSpec("X-Vault-Token", "", r"^\S+$", "bad", None)

contract = ConsumerContract("vault", client=_client, credential=VALID_TOKEN)


def vault_error(status: int, *messages: str) -> Response:
    """An error with Vault's messages."""
    return error_response(status, ErrorResponse, {"errors": list(messages)})
