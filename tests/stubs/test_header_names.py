"""Headers whose names are misspelled: a warning, because the vendor does not read them."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from provider_verification.stubs.engine.header_names import find_misspelled_headers
from provider_verification.stubs.engine.openapi import SCHEMAS
from provider_verification.stubs.engine.vendor_index import VendorIndex
from tests.stubs.example_vendor import KEY, make_app

KNOWN = frozenset(
    {"authorization", "idempotency-key", "xi-api-key", "x-vault-token", "x-vault-wrap-ttl", "x-id"}
)


@pytest.mark.parametrize(("name", "meant"), [
    ("idempotence-key", "idempotency-key"), ("idempotency_key", "idempotency-key"), ("idempotencykey", "idempotency-key"),
    ("xi_api_key", "xi-api-key"), ("x-api-key", "xi-api-key"), ("x-vault-tokn", "x-vault-token"),
    ("x-vault-wrapttl", "x-vault-wrap-ttl"), ("authorisation", "authorization"),
])  # fmt: skip
def test_name_within_two_letters_is_misspelled(name: str, meant: str) -> None:
    """One or two letters are missing, added or replaced."""
    assert find_misspelled_headers([name, "accept"], KNOWN) == ((name, meant),)


@pytest.mark.parametrize(
    "name",
    ["x-ids", "x-request-id", "x-correlation-id", "idempotent", "x-vault-policy", "content-type", "xi-voice-key", "k" * 1_000],
)  # fmt: skip
def test_other_name_is_no_misspelling(name: str) -> None:
    """Headers of any client, names that are further away, and those near a short name."""
    assert find_misspelled_headers([name], KNOWN) == ()


def test_header_beside_the_right_one_is_no_misspelling() -> None:
    """A proxy may add another key of its own."""
    assert find_misspelled_headers(["x-api-key", "xi-api-key"], KNOWN) == ()


async def test_misspelled_credential_is_a_warning_beside_the_rejection(tmp_path: Path) -> None:
    """It says why the credential is missing; its value is shown nowhere."""
    (tmp_path / "documented.json").write_text('{"headers": ["x-api-key"]}')
    app = make_app(tmp_path)
    headers = {"X-Api-Kye": KEY["X-Api-Key"]}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop") as shop:
        response = await shop.get("/items/a", headers=headers)
        violations = (await shop.get("/_stub/violations")).json()
        requests = (await shop.get("/_stub/requests")).text

    assert response.status_code == 401
    assert [(entry["kind"], entry["rule"], entry["where"]) for entry in violations] == [
        ("warning", "misspelled_header", "header.x-api-kye"),
        ("rejected", "unauthenticated", "request"),
    ]
    assert violations[0]["requires"] == "is probably meant to be x-api-key: the vendor does not read it"
    assert KEY["X-Api-Key"] not in f"{violations}{requests}"


@pytest.mark.parametrize(("vendor", "template", "method", "names"), [
    ("apaleo", "/booking/v1/bookings", "POST", {"authorization", "idempotency-key"}),
    ("apaleo", "/booking/v1/bookings", "GET", {"authorization"}),
    ("tts", "/v1/history/{id}", "DELETE", {"xi-api-key"}),
    ("livekit", "/twirp/livekit.RoomService/CreateRoom", "POST", {"authorization"}),
    ("mews", "/api/connector/v1/rates/getAll", "POST", set()),
])  # fmt: skip
def test_headers_of_an_operation_come_from_the_index(
    vendor: str, template: str, method: str, names: set[str]
) -> None:
    """Those of the vendor's spec, and those that its documentation has for every operation."""
    assert VendorIndex(SCHEMAS / vendor).headers_of(method, template) == names
