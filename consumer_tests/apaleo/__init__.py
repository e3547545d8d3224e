"""What the orchestrator expects of Apaleo."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from consumer_tests.contract import Contract, refused, state
from consumer_tests.expectation import Credential, Response
from orchestrator.resilience.policy import ONE_ATTEMPT
from orchestrator.vendors.apaleo.client import ApaleoClient
from orchestrator.vendors.apaleo.models import Messages
from orchestrator.vendors.apaleo.tokens import TokenEndpoint


class OneToken:
    """The same token always: what is recorded is the API call alone."""

    async def token(self) -> str:
        """The token."""
        return "of-the-client"

    def discard(self, token: str) -> None:
        """Keep it all the same."""


@dataclass(frozen=True, slots=True)
class Apaleo:
    """The API and the token endpoint, at one address."""

    api: ApaleoClient
    tokens: TokenEndpoint


def _client(url: str, http: httpx.AsyncClient) -> Apaleo:
    secret = "of-the-client"
    return Apaleo(
        ApaleoClient(base_url=url, tokens=OneToken(), http=http, policy=ONE_ATTEMPT),
        TokenEndpoint(
            base_url=url, client_id="orchestrator", client_secret=secret, http=http, policy=ONE_ATTEMPT
        ),
    )


def bearer(*scopes: str) -> Credential:
    """A token with all scopes, or just those named."""
    given = state("an access token", scopes=list(scopes)) if scopes else state("an access token")
    return Credential("Authorization", "Bearer ${token}", r"^Bearer \S+$", "Bearer example", given)


EXPIRED = Credential("Authorization", "", r"^Bearer \S+$", "Bearer expired", None)

contract = Contract("apaleo", client=_client, credential=bearer())


def unprocessable(message: str) -> Response:
    """A 422 with Apaleo's messages."""
    return refused(422, Messages, {"messages": [message]})
