"""Health, seal and capabilities of Vault's stub."""

from __future__ import annotations

from typing import Any

import httpx
import hvac
import pytest

from provider_verification.stubs.vendors.vault.state import UNSEAL_KEY
from tests.stubs.stub_calls import set_state

POLICY_DENIES = ["1 error occurred:\n\t* permission denied\n\n"]
PERMISSION_DENIED = ["permission denied"]


SERVER_STATES = [
    ({}, "activecode", 200),
    ({"standby": True}, "standbycode", 429),
    ({"performance_standby": True}, "performancestandbycode", 473),
    ({"standby": True, "active_node_reachable": False}, "haunhealthycode", 474),
    ({"dr_secondary": True}, "drsecondarycode", 472),
    ({"sealed": True}, "sealedcode", 503),
    ({"removed": True}, "removedcode", 530),
    ({"initialized": False}, "uninitcode", 501),
]


@pytest.mark.parametrize(("state", "parameter", "status"), SERVER_STATES)
def test_health_is_the_status_of_the_server_state(
    vault: httpx.Client, state: dict[str, bool], parameter: str, status: int
) -> None:
    """Each state has a status and a parameter that replaces it; the parameters of other states change nothing."""
    set_state(vault, "Vault", **state)
    others = {name: "299" for _, name, _ in SERVER_STATES if name != parameter}

    assert vault.get("/v1/sys/health", params=others).status_code == status
    assert vault.head("/v1/sys/health", params=others).status_code == status
    assert vault.get("/v1/sys/health", params={parameter: "299"}).status_code == 299


@pytest.mark.parametrize("code", [200, 204, 301, 304, 400, 404, 418, 429, 500, 503, 599])
def test_health_answers_any_status_that_is_asked_for(vault: httpx.Client, code: int) -> None:
    """A status without a body has none."""
    response = vault.get(f"/v1/sys/health?activecode={code}")

    assert response.status_code == code
    assert bool(response.content) == (code not in {204, 304})


@pytest.mark.parametrize(
    "query", ["activecode=abc", "sealedcode=99", "removedcode=", "standbyok=maybe", "activecode=600"]
)
def test_health_rejects_a_parameter_without_meaning(vault: httpx.Client, query: str) -> None:
    """400 without a text, also for the code of another state."""
    response = vault.get(f"/v1/sys/health?{query}")

    assert (response.status_code, response.json()) == (400, {"errors": []})


@pytest.mark.parametrize(
    ("state", "query", "status"),
    [
        ({"standby": True}, "standbyok=T", 200),
        ({"standby": True}, "standbyok=1&activecode=203", 203),
        ({"standby": True}, "standbyok", 429),
        ({"standby": True}, "perfstandbyok=true", 429),
        ({"performance_standby": True}, "standbyok=true", 473),
        ({"performance_standby": True}, "perfstandbyok=True", 200),
        ({"standby": True, "active_node_reachable": False}, "standbyok=true&perfstandbyok=true", 474),
    ],
)
def test_standby_may_answer_like_an_active_node(
    vault: httpx.Client, state: dict[str, bool], query: str, status: int
) -> None:
    """`standbyok` is for a standby and `perfstandbyok` for a performance standby that reach their active node."""
    set_state(vault, "Vault", **state)

    assert vault.get(f"/v1/sys/health?{query}").status_code == status


def test_hvac_initializes_unseals_and_seals(vault: httpx.Client, vault_url: str) -> None:
    """The first steps of hvac's guide to the system backend."""
    set_state(vault, "Vault", initialized=False)
    client = hvac.Client(url=vault_url)
    # Most of hvac's methods of the system backend have no annotations.
    system: Any = client.sys
    before = system.is_initialized()
    created = system.initialize(secret_shares=3, secret_threshold=2)
    sealed = system.is_sealed()
    progress = system.submit_unseal_key(created["keys"][0])["progress"]
    system.submit_unseal_key(created["keys_base64"][2])
    opened = system.read_seal_status()
    client.token = created["root_token"]
    system.seal()
    status = system.read_health_status(method="GET")
    client.adapter.close()

    assert (before, sealed, progress) == (False, True, 1)
    assert (opened["sealed"], opened["t"], opened["n"], opened["progress"]) == (False, 2, 3, 0)
    assert status.status_code == 503


def test_wrong_unseal_key_is_noticed_when_enough_keys_are_there(vault: httpx.Client) -> None:
    """And the right one opens the server afterwards."""
    set_state(vault, "Vault", sealed=True)
    wrong = vault.put("/v1/sys/unseal", json={"key": "00" * 32})
    malformed = vault.put("/v1/sys/unseal", json={"key": "!!!"})
    right = vault.put("/v1/sys/unseal", json={"key": UNSEAL_KEY})

    assert (wrong.status_code, wrong.json()["errors"][0][:35]) == (400, "unable to retrieve stored keys: inv")
    assert (malformed.status_code, malformed.json()["errors"]) == (
        400,
        ["'key' must be a valid hex or base64 string"],
    )
    assert right.json()["sealed"] is False
    assert vault.get("/v1/sys/leader").json()["ha_enabled"] is False


def test_capabilities_follow_token_and_policy(vault: httpx.Client) -> None:
    """A root token may do everything, another one what its policy says; one path is also called `capabilities`."""
    set_state(vault, "a policy that hides a path", path="secret-of-others")
    token = {"X-Vault-Token": set_state(vault, "a token")["token"]}
    paths = ["secret/data/app/db", "secret/data/secret-of-others", "sys/seal"]

    own = vault.post("/v1/sys/capabilities-self", json={"paths": paths}, headers=token).json()
    root = vault.post("/v1/sys/capabilities-self", json={"paths": ["sys/seal"]}).json()
    none = vault.post("/v1/sys/capabilities-self", json={})

    assert own["data"] == {
        "secret/data/app/db": ["create", "delete", "patch", "read", "update"],
        "secret/data/secret-of-others": ["deny"],
        "sys/seal": ["deny"],
    }
    assert own["secret/data/app/db"] == own["data"]["secret/data/app/db"]
    assert (root["data"], root["capabilities"]) == (
        {"sys/seal": ["root"], "capabilities": ["root"]},
        ["root"],
    )
    assert (none.status_code, none.json()["errors"]) == (400, ["paths must be supplied"])


@pytest.mark.parametrize(("method", "path"), [("PUT", "sys/seal"), ("LIST", "auth/token/accessors")])
def test_administration_needs_a_root_token(vault: httpx.Client, method: str, path: str) -> None:
    """The policy of another one denies it, and a bad token has another text."""
    token = set_state(vault, "a token")["token"]

    denied = vault.request(method, f"/v1/{path}", headers={"X-Vault-Token": token})
    bad = vault.request(method, f"/v1/{path}", headers={"X-Vault-Token": "bad"})

    assert (denied.status_code, denied.json()["errors"]) == (403, POLICY_DENIES)
    assert (bad.status_code, bad.json()["errors"]) == (403, PERMISSION_DENIED)


def test_health_by_head_refuses_what_health_refuses(vault: httpx.Client) -> None:
    """Without a body; the stub is no defect of its own schemas."""
    response = vault.head("/v1/sys/health?activecode=99")

    assert (response.status_code, response.headers.get("content-type")) == (400, None)
    assert vault.get("/_stub/defects").json() == []


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "sys/leader"), ("GET", "sys/seal-status"), ("GET", "sys/init"), ("LIST", "secret/metadata")],
)
def test_body_of_a_read_is_not_read(vault: httpx.Client, method: str, path: str) -> None:
    """As in Vault, which takes what it needs from path and query."""
    expected = vault.request(method, f"/v1/{path}")

    response = vault.request(method, f"/v1/{path}", content=b"{\xff")

    assert (response.status_code, response.content) == (expected.status_code, expected.content)
    assert vault.get("/_stub/defects").json() == []


@pytest.mark.parametrize(("path", "mount", "version"), [
    ("secret", "secret/", {"version": "2"}), ("secret/hotels/muc", "secret/", {"version": "2"}), ("sys/health", "sys/", None),
])  # fmt: skip
def test_mount_of_a_path_is_found(
    vault: httpx.Client, path: str, mount: str, version: dict[str, str] | None
) -> None:
    """As Vault's command line asks before each `vault kv` command; the list of all mounts has the same."""
    body = vault.get(f"/v1/sys/internal/ui/mounts/{path}").json()["data"]
    listed = vault.get("/v1/sys/mounts").json()

    assert (body.pop("path"), body["options"]) == (mount, version)
    assert listed["data"][mount] == listed[mount] == body


def test_mounts_are_not_for_everybody(vault: httpx.Client) -> None:
    """A token without sudo cannot list them, but may ask for that of a path; one without a mount is denied."""
    token = vault.post("/v1/auth/token/create", json={"policies": ["app"]}).json()["auth"]["client_token"]
    headers = {"X-Vault-Token": token}

    listed = vault.get("/v1/sys/mounts", headers=headers)
    of_path = vault.get("/v1/sys/internal/ui/mounts/secret/x", headers=headers)
    nowhere = vault.get("/v1/sys/internal/ui/mounts/transit/keys/x")

    assert (listed.status_code, of_path.status_code, nowhere.status_code) == (403, 200, 403)
    assert nowhere.json()["errors"][0].endswith('grant access to path "transit/keys/x/"')
