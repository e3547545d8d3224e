"""Tokens of Vault's stub: creation, lookup, renewal, revocation."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.stubs.vault_calls import create_token, status_with


def test_created_token_has_what_was_asked_for(vault: httpx.Client) -> None:
    """TTL, policies, metadata, name; its owner and the one who created it can look it up."""
    body = {"policies": ["app"], "ttl": "1h", "meta": {"team": "a"}, "display_name": "job", "num_uses": 5}
    auth = create_token(vault, **body)

    data = vault.post("/v1/auth/token/lookup", json={"token": auth["client_token"]}).json()["data"]
    by_accessor = vault.post("/v1/auth/token/lookup-accessor", json={"accessor": auth["accessor"]}).json()[
        "data"
    ]

    assert (auth["lease_duration"], auth["policies"], auth["orphan"]) == (3600, ["app", "default"], False)
    assert (data["creation_ttl"], data["meta"], data["display_name"]) == (3600, {"team": "a"}, "token-job")
    assert (data["num_uses"], data["path"], data["type"]) == (5, "auth/token/create", "service")
    assert by_accessor == {**data, "id": ""}


def test_too_long_ttl_and_unknown_policy_are_warnings(vault: httpx.Client) -> None:
    """As recorded: the TTL is capped at 768 hours."""
    response = vault.post("/v1/auth/token/create", json={"policies": ["doesnotexist"], "ttl": "9999h"}).json()

    assert response["warnings"] == [
        'TTL of "9999h" exceeded the effective max_ttl of "768h"; TTL value is capped accordingly',
        'Policy "doesnotexist" does not exist',
    ]
    assert response["auth"]["lease_duration"] == 2764800


def test_children_of_a_revoked_token_are_revoked(vault: httpx.Client) -> None:
    """An orphan outlives the token that created it."""
    parent = create_token(vault)["client_token"]
    as_parent = {"X-Vault-Token": parent}
    child, orphan = (
        vault.post(f"/v1/auth/token/{path}", json={}, headers=as_parent).json()["auth"]["client_token"]
        for path in ("create", "create-orphan")
    )

    revoked = vault.post("/v1/auth/token/revoke", json={"token": parent})

    assert revoked.status_code == 204
    assert [status_with(vault, token) for token in (parent, child, orphan)] == [403, 403, 200]


def test_token_is_revoked_by_its_accessor(vault: httpx.Client) -> None:
    """An unknown accessor is a warning, as recorded."""
    auth = create_token(vault)

    listed = vault.request("LIST", "/v1/auth/token/accessors").json()["data"]["keys"]
    revoked = vault.post("/v1/auth/token/revoke-accessor", json={"accessor": auth["accessor"]})
    again = vault.post("/v1/auth/token/revoke-accessor", json={"accessor": auth["accessor"]})

    assert (revoked.status_code, status_with(vault, auth["client_token"])) == (204, 403)
    assert auth["accessor"] in listed
    assert again.json()["warnings"] == ["No token found with this accessor"]


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_children_of_an_orphaned_token_stay(vault: httpx.Client, method: str) -> None:
    """`revoke-orphan` revokes one token only; Vault's client for Go sends PUT."""
    parent = create_token(vault)["client_token"]
    child = vault.post("/v1/auth/token/create", json={}, headers={"X-Vault-Token": parent}).json()["auth"]

    vault.request(method, "/v1/auth/token/revoke-orphan", json={"token": parent}).raise_for_status()

    assert [status_with(vault, token) for token in (parent, child["client_token"])] == [403, 200]


def test_token_is_gone_after_its_last_use(vault: httpx.Client) -> None:
    """A 404 costs a use as well."""
    token = create_token(vault, num_uses=2)["client_token"]
    headers = {"X-Vault-Token": token}

    statuses = [vault.get("/v1/secret/data/none", headers=headers).status_code for _ in range(3)]

    assert statuses == [404, 404, 403]


@pytest.mark.parametrize(
    ("body", "increment", "status", "lease"),
    [
        ({"ttl": "1h"}, "60s", 200, 60),
        ({"ttl": "3s", "explicit_max_ttl": "6s"}, "1h", 200, 6),
        ({"period": "1h"}, "5h", 200, 3600),
        ({"ttl": "1h", "renewable": False}, "1h", 400, "lease is not renewable"),
        ({"ttl": "1h", "type": "batch"}, "1h", 400, "batch tokens cannot be renewed"),
        (
            {"ttl": "1h"},
            "xyz",
            400,
            'Field validation failed: error converting input xyz for field "increment": time: invalid duration "xyz"',
        ),
    ],
)
def test_renewal_obeys_the_token(
    vault: httpx.Client, body: dict[str, Any], increment: str, status: int, lease: int | str
) -> None:
    """The lease is what was asked for, within the limits of the token; by itself or by another one."""
    token = create_token(vault, **body)["client_token"]

    own = vault.post(
        "/v1/auth/token/renew-self", json={"increment": increment}, headers={"X-Vault-Token": token}
    )
    others = vault.post("/v1/auth/token/renew", json={"increment": increment, "token": token})

    for response in (own, others):
        content = response.json()
        assert response.status_code == status
        assert (content["auth"]["lease_duration"] if status == 200 else content["errors"][0]) == lease


def test_child_may_not_have_more_than_its_parent(vault: httpx.Client) -> None:
    """Neither another policy nor a chosen id; a root token may give both."""
    child = {"X-Vault-Token": create_token(vault, policies=["app"])["client_token"]}

    policy = vault.post("/v1/auth/token/create", json={"policies": ["root"]}, headers=child)
    chosen = vault.post("/v1/auth/token/create", json={"id": "own"}, headers=child)

    assert (policy.status_code, policy.json()["errors"]) == (400, ["child policies must be subset of parent"])
    assert chosen.json()["errors"] == ["root or sudo privileges required to specify token id"]
    assert create_token(vault, id="own")["client_token"] == "own"
