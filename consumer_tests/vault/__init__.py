"""What the orchestrator expects of Vault."""

from __future__ import annotations

import httpx

from consumer_tests.contract import Contract, refused, state
from consumer_tests.expectation import Credential, Response
from orchestrator.resilience.policy import ONE_ATTEMPT
from orchestrator.vendors.vault.client import VaultClient
from orchestrator.vendors.vault.models import Errors

TOKEN = "of-the-client"
PATH = "hotels/muc"
VALUES = {"key": "example"}


def _client(url: str, http: httpx.AsyncClient) -> VaultClient:
    return VaultClient(base_url=url, http=http, policy=ONE_ATTEMPT)


GOOD = Credential("X-Vault-Token", "${token}", r"^\S+$", "example", state("a token"))
FIXED = Credential("X-Vault-Token", "${token}", r"^\S+$", "example", state("a token", renewable=False))
BAD = Credential("X-Vault-Token", "", r"^\S+$", "bad", None)

contract = Contract("vault", client=_client, credential=GOOD)


def says_no(status: int, *messages: str) -> Response:
    """Vault's error body."""
    return refused(status, Errors, {"errors": list(messages)})
