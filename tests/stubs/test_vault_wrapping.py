"""Response wrapping of Vault's stub: a response is returned once, to whoever has its wrapping token."""

from __future__ import annotations

from typing import Any

import httpx
import hvac
import pytest

from provider_verification.stubs.vendors.vault.state import ROLE_ID, ROOT_TOKEN, SECRET_ID
from tests.stubs.vault_calls import create_token, write

GONE = (400, ["wrapping token is not valid or does not exist"])
UNWRAP = "/v1/sys/wrapping/unwrap"


def wrap(vault: httpx.Client, path: str, ttl: str = "60s") -> Any:
    """Read a path, wrapped; return the object `wrap_info`."""
    return vault.get(path, headers={"X-Vault-Wrap-TTL": ttl}).raise_for_status().json()["wrap_info"]


def errors_of(response: httpx.Response) -> tuple[int, Any]:
    """Return status and errors."""
    return response.status_code, response.json()["errors"]


def test_wrapped_secret_is_returned_once(vault: httpx.Client) -> None:
    """By the wrapping token alone; a look-up before does not use it up."""
    write(vault, "door", {"pin": "1"})
    info = wrap(vault, "/v1/secret/data/door")
    headers = {"X-Vault-Token": info["token"]}

    looked_up = vault.post("/v1/sys/wrapping/lookup", headers=headers).json()["data"]
    unwrapped = vault.post(UNWRAP, headers=headers)
    again = vault.post(UNWRAP, headers=headers)

    assert (info["ttl"], info["creation_path"]) == (60, "secret/data/door")
    assert (looked_up["creation_path"], looked_up["creation_ttl"]) == ("secret/data/door", 60)
    assert unwrapped.json()["data"]["data"] == {"pin": "1"}
    assert errors_of(again) == GONE


def test_token_in_the_body_needs_a_valid_one_in_the_header(vault: httpx.Client) -> None:
    """A bad header does not use the wrapping token up."""
    write(vault, "door", {"pin": "1"})
    body = {"token": wrap(vault, "/v1/secret/data/door")["token"]}

    bad = vault.post(UNWRAP, json=body, headers={"X-Vault-Token": "bad"})
    right = vault.put(UNWRAP, json=body)

    assert errors_of(bad) == (403, ["permission denied"])
    assert right.json()["data"]["data"] == {"pin": "1"}
    assert errors_of(vault.post(UNWRAP)) == GONE
    del vault.headers["X-Vault-Token"]
    assert errors_of(vault.post(UNWRAP)) == (403, ["error validating wrapping token: token is empty"])


def test_wrapping_token_is_good_for_nothing_else(vault: httpx.Client) -> None:
    """Another request is denied and uses it up."""
    write(vault, "door", {"pin": "1"})
    headers = {"X-Vault-Token": wrap(vault, "/v1/secret/data/door")["token"]}

    read = vault.get("/v1/secret/data/door", headers=headers)

    assert read.status_code == 403
    assert errors_of(vault.post(UNWRAP, headers=headers)) == GONE


def test_wrapped_login_names_the_accessor_of_its_token(vault: httpx.Client) -> None:
    """The token itself comes only with the unwrapped response."""
    body = {"role_id": ROLE_ID, "secret_id": SECRET_ID}
    login = vault.post("/v1/auth/approle/login", json=body, headers={"X-Vault-Wrap-TTL": "120"}).json()
    unwrapped = vault.post(UNWRAP, headers={"X-Vault-Token": login["wrap_info"]["token"]}).json()

    assert (login["auth"], login["data"], login["wrap_info"]["ttl"]) == (None, None, 120)
    assert login["wrap_info"]["wrapped_accessor"] == unwrapped["auth"]["accessor"]
    assert unwrapped["auth"]["client_token"].startswith("hvs.")


@pytest.mark.parametrize(("path", "status"), [("/v1/secret/data/never", 404), ("/v1/sys/health", 200)])
def test_error_and_state_of_the_server_are_not_wrapped(vault: httpx.Client, path: str, status: int) -> None:
    """Only what goes through Vault's router and succeeds is."""
    response = vault.get(path, headers={"X-Vault-Wrap-TTL": "60s"})

    assert (response.status_code, response.json().get("wrap_info")) == (status, None)


@pytest.mark.parametrize(("ttl", "error"), [
    ("xyz", 'time: invalid duration "xyz"'), ("-5", "requested wrap ttl cannot be negative"),
])  # fmt: skip
def test_ttl_that_is_no_duration_is_rejected(vault: httpx.Client, ttl: str, error: str) -> None:
    """And recorded, with the header's name; zero asks for no wrapping."""
    response = vault.get("/v1/secret/config", headers={"X-Vault-Wrap-TTL": ttl})
    plain = vault.get("/v1/secret/config", headers={"X-Vault-Wrap-TTL": "0"})

    [violation] = [item for item in vault.get("/_stub/violations").json() if item["kind"] == "rejected"]
    assert errors_of(response) == (400, [f"error parsing X-Vault-Wrap-TTL header: {error}"])
    assert (violation["where"], violation["requires"]) == ("header.x-vault-wrap-ttl", error)
    assert plain.json()["wrap_info"] is None


def test_hvac_wraps_rewraps_and_unwraps(vault_url: str) -> None:
    """Any object can be wrapped; a rewrapped one has a new token, and the old one is gone."""
    client = hvac.Client(url=vault_url, token=ROOT_TOKEN)
    system: Any = client.sys
    token = system.wrap({"pin": "1"}, ttl=60)["wrap_info"]["token"]
    rewrapped = client.adapter.post("/v1/sys/wrapping/rewrap", json={"token": token})
    new_token = rewrapped["wrap_info"]["token"]
    unwrapped = system.unwrap(new_token)
    client.adapter.close()

    assert new_token != token
    assert rewrapped["wrap_info"]["creation_path"] == "sys/wrapping/wrap"
    assert unwrapped["data"] == {"pin": "1"}


def test_wrap_needs_a_ttl(vault: httpx.Client) -> None:
    """There is nothing to return otherwise; a token that may do little can unwrap for others."""
    plain = vault.post("/v1/sys/wrapping/wrap", json={"pin": "1"})
    token = create_token(vault, policies=["app"])["client_token"]
    wrapped = vault.post("/v1/sys/wrapping/wrap", json={"pin": "1"}, headers={"X-Vault-Wrap-TTL": "5m"})
    body = {"token": wrapped.json()["wrap_info"]["token"]}

    assert errors_of(plain) == (400, ["endpoint requires response wrapping to be used"])
    assert vault.post(UNWRAP, json=body, headers={"X-Vault-Token": token}).json()["data"] == {"pin": "1"}
