"""Requests whose judgement is known: mistakes that clients make, and right requests that look unusual."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import httpx
import jwt

from provider_verification.stubs.vendors.livekit.state import API_KEY, API_SECRET
from provider_verification.stubs.vendors.mews.state import ACCESS_TOKEN, CLIENT_TOKEN
from provider_verification.stubs.vendors.tts.state import API_KEY as TTS_KEY
from provider_verification.stubs.vendors.vault.state import ROOT_TOKEN

CREDENTIALS_OF_MEWS = {"ClientToken": CLIENT_TOKEN, "AccessToken": ACCESS_TOKEN, "Client": "tests 1.0"}
SERVICE_ID = "5f0a1c2e-0000-4000-8000-000000000012"
GRANTS = {
    "video": {"roomCreate": True, "roomList": True, "roomAdmin": True, "roomRecord": True, "ingressAdmin": True, "room": "a"},
    "sip": {"admin": True, "call": True},
}  # fmt: skip


Headers: TypeAlias = Mapping[str, str | None]
NO_HEADERS: Headers = {}


class Case(NamedTuple):
    """A request, and what should be recorded of it.

    Attributes:
        vendor: whose stub it is sent to.
        request: method and path with the query.
        expected: each kind of violation with its place; nothing for a right request.
        json: the body as a value.
        content: the body as it is, instead of `json`.
        headers: beside the credentials of the vendor; None leaves one out.
    """

    vendor: str
    request: str
    expected: tuple[str, ...] = ()
    json: Any = None
    content: bytes | None = None
    headers: Headers = NO_HEADERS

    def send(self, client: httpx.Client) -> httpx.Response:
        """Send it with a client that has the vendor's credentials."""
        method, _, target = self.request.partition(" ")
        request = client.build_request(method, target, json=self.json, content=self.content)
        for name, value in self.headers.items():
            request.headers.pop(name, None)
            if value is not None:
                request.headers[name] = value
        return client.send(request)


def bearer(**claims: Any) -> dict[str, str]:
    """Return the header with a token for LiveKit that has these claims instead of its own."""
    token = jwt.encode({"iss": API_KEY, **GRANTS, **claims}, API_SECRET, algorithm="HS256")
    return {"Authorization": f"Bearer {token}"}


def credentials(vendor: str, apaleo_token: str) -> dict[str, str]:
    """Return the headers that every request to a vendor needs."""
    return {
        "apaleo": {"Authorization": f"Bearer {apaleo_token}"},
        "livekit": bearer(),
        "mews": {},
        "tts": {"xi-api-key": TTS_KEY},
        "vault": {"X-Vault-Token": ROOT_TOKEN},
    }[vendor]


def mews(path: str, *expected: str, **body: Any) -> Case:
    """Return a request to Mews, whose credentials are in the body."""
    return Case("mews", f"POST /api/connector/v1/{path}", expected, {**CREDENTIALS_OF_MEWS, **body})


def twirp(
    method: str, *expected: str, content: bytes | None = None, headers: Headers = NO_HEADERS, **body: Any
) -> Case:
    """Return a request to LiveKit in JSON."""
    json = body if content is None else None
    return Case("livekit", f"POST /twirp/livekit.{method}", expected, json, content, headers)


def booking(*expected: str, headers: Headers = NO_HEADERS, **fields: Any) -> Case:
    """Return a booking at Apaleo with other fields of its reservation."""
    stay = {
        "arrival": "2027-07-01", "departure": "2027-07-02", "adults": 1, "channelCode": "Direct",
        "timeSlices": [{"ratePlanId": "MUC-FLEX_DBL"}],
    }  # fmt: skip
    stay = {name: value for name, value in {**stay, **fields}.items() if value is not None}
    body = {"booker": {"lastName": "Muster"}, "reservations": [stay]}
    return Case("apaleo", "POST /booking/v1/bookings", expected, body, None, headers)


def speech(
    *expected: str, query: str = "", headers: Headers = NO_HEADERS, voice: str = "concierge", **body: Any
) -> Case:
    """Return a synthesis at the TTS vendor."""
    return Case("tts", f"POST /v1/text-to-speech/{voice}{query}", expected, body, None, headers)


def describe(case: Case, recorded: Sequence[str], status: int) -> str:
    """Return one line for a failed test."""
    body = str(case.content or case.json or "")[:150]
    return f"{case.vendor} {case.request[:150]} {body} -> {status} {list(recorded)}, expected {list(case.expected)}"


LIMIT = {"Limitation": {"Count": 10}}
OFFERS = "GET /booking/v1/offers?propertyId=MUC&arrival=2027-07-01&departure=2027-07-03"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}
