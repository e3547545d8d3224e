"""The consumer contract with Apaleo."""

from __future__ import annotations

from dataclasses import dataclass

import httpx

from consumer_tests.contract import ConsumerContract, error_response, provider_state
from consumer_tests.interaction import CredentialSpec, Json, ProviderState, Response
from orchestrator.resilience.policy import CallPolicy
from orchestrator.vendors.apaleo.client import ApaleoClient
from orchestrator.vendors.apaleo.models import ValidationMessages
from orchestrator.vendors.apaleo.oauth import ClientCredentials, TokenEndpoint


class StaticTokenProvider:
    """Provides a fixed token, so that only the API request is recorded."""

    async def get_token(self) -> str:
        """Return the token."""
        return "of-the-client"

    def invalidate(self, token: str) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True)
class ApaleoClients:
    """The clients of the API and of the token endpoint, at the same address."""

    api: ApaleoClient
    tokens: TokenEndpoint


def _client(url: str, http: httpx.AsyncClient, policy: CallPolicy) -> ApaleoClients:
    credentials = ClientCredentials("orchestrator", "of-the-client")
    return ApaleoClients(
        ApaleoClient(base_url=url, tokens=StaticTokenProvider(), http=http, policy=policy),
        TokenEndpoint(base_url=url, credentials=lambda: credentials, http=http, policy=policy),
    )


def bearer_credential(*scopes: str) -> CredentialSpec:
    """A token with all scopes, or with the named ones only."""
    state = (
        provider_state("an access token", scopes=list(scopes))
        if scopes
        else provider_state("an access token")
    )
    return CredentialSpec("Authorization", "Bearer ${token}", r"^Bearer \S+$", "Bearer example", state)


GUEST = {
    "lastName": "Muster",
    "firstName": "Ada",
    "email": "ada.muster@example.org",
    "phone": "+4930123456",
    "preferredLanguage": "de",
}


def reservation_state(guest: Json = GUEST, **params: Json) -> ProviderState:
    """A reservation of a guest in the hotel of the examples; the vendor chooses the ids."""
    state = provider_state("a reservation", id="XPGMSXGF-1", guest=guest, **params)
    return state.providing(bookingId="XPGMSXGF", propertyId="MUC", unitGroupId="MUC-DBL")


EXPIRED_TOKEN = CredentialSpec("Authorization", "", r"^Bearer \S+$", "Bearer expired", None)

contract = ConsumerContract("apaleo", client=_client, credential=bearer_credential())


def validation_error_response(message: str) -> Response:
    """A 422 with one of Apaleo's messages."""
    return error_response(422, ValidationMessages, {"messages": [message]})
