"""Responses that no pact has, because the stub of the vendor never sends them: what the clients make of them."""

from __future__ import annotations

import httpx
import pytest
import respx

from orchestrator.resilience.policy import NO_RETRY
from orchestrator.vendors.apaleo.errors import parse_error as parse_apaleo_error
from orchestrator.vendors.errors import ErrorDetails
from orchestrator.vendors.http_client import VendorResponse
from orchestrator.vendors.tts.errors import parse_error as parse_tts_error
from orchestrator.vendors.vault.client import VaultClient


def response_with(body: bytes, status: int = 422) -> VendorResponse:
    """Return an error response with this body."""
    return VendorResponse("look up", status, httpx.Headers(), body)


@pytest.mark.parametrize("body", [b"<html>", b"{}", b'{"messages": 1}'])
def test_422_that_is_not_apaleo_s_has_no_details(body: bytes) -> None:
    """A proxy may answer in its place."""
    assert parse_apaleo_error(response_with(body)) == ErrorDetails()


def test_text_in_place_of_the_tts_vendor_s_details_is_kept() -> None:
    """An error of the vendor's web server has a text only, and no code."""
    assert parse_tts_error(response_with(b'{"detail": "Not Found"}', 404)) == ErrorDetails(
        None, ("Not Found",)
    )


@pytest.mark.parametrize("status", [472, 473])
@respx.mock
async def test_health_of_a_replicated_vault_is_read(status: int) -> None:
    """The statuses of a disaster recovery secondary and of a performance standby describe a state, too."""
    health = {"initialized": True, "sealed": False, "standby": True, "version": "1.15.0"}
    respx.get("http://vault.test/v1/sys/health").mock(return_value=httpx.Response(status, json=health))
    async with httpx.AsyncClient() as http:
        client = VaultClient(base_url="http://vault.test", http=http, policy=NO_RETRY)

        assert (await client.health()).standby is True
