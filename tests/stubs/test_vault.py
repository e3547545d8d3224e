"""Vault's stub over HTTP and by hvac: secrets, metadata, tokens, the seal and health."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import hvac
import pytest

from provider_verification.stubs.engine.server import run_stubs
from provider_verification.stubs.vendors.vault.state import ROOT_TOKEN, UNSEAL_KEY

MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}
POLICY_DENIES = ["1 error occurred:\n\t* permission denied\n\n"]
NOT_CONVERTIBLE = (
    "custom_metadata validation failed: '' expected type 'string', "
    "got unconvertible type 'map[string]interface {}'"
)
PERMISSION_DENIED = ["permission denied"]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """The base URL of a running stub."""
    with run_stubs(["vault"]) as urls:
        yield urls["vault"]


@pytest.fixture
def vault(url: str) -> Iterator[httpx.Client]:
    """A client of a fresh stub with its root token."""
    with httpx.Client(base_url=url, headers={"X-Vault-Token": ROOT_TOKEN}) as client:
        client.post("/_stub/reset").raise_for_status()
        yield client
        assert client.get("/_stub/defects").json() == []


def set_state(vault: httpx.Client, name: str, **params: Any) -> dict[str, str]:
    """Set up a provider state and return its values."""
    response = vault.post("/_stub/states", json={"state": name, "params": params}).raise_for_status()
    values: dict[str, str] = response.json()
    return values


def write(vault: httpx.Client, path: str, data: Any, **options: Any) -> httpx.Response:
    """Write a secret."""
    return vault.post(f"/v1/secret/data/{path}", json={"data": data, "options": options})


def read(vault: httpx.Client, path: str) -> Any:
    """Return the data of a secret."""
    return vault.get(f"/v1/secret/data/{path}").json()["data"]["data"]


def create_token(vault: httpx.Client, **body: Any) -> Any:
    """Create a token and return the `auth` object of the response."""
    return vault.post("/v1/auth/token/create", json=body).raise_for_status().json()["auth"]


def status_with(vault: httpx.Client, token: str) -> int:
    """Return the status of a lookup of a token on itself."""
    return vault.get("/v1/auth/token/lookup-self", headers={"X-Vault-Token": token}).status_code


# the examples of RFC 7396, appendix A, whose patch is an object: a secret is one
@pytest.mark.parametrize(
    ("original", "change", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
        ({"db": {"user": "u", "pass": "p"}}, {"db": {"pass": "q"}}, {"db": {"user": "u", "pass": "q"}}),
    ],
)
def test_patch_is_a_json_merge_patch(vault: httpx.Client, original: Any, change: Any, result: Any) -> None:
    """Nested objects are merged, a null deletes, and everything else is replaced."""
    write(vault, "app/db", original)

    response = vault.patch("/v1/secret/data/app/db", json={"data": change}, headers=MERGE_PATCH)

    assert response.json()["data"]["version"] == 2
    assert read(vault, "app/db") == result


def test_patch_of_another_media_type_is_rejected(vault: httpx.Client) -> None:
    """JSON is 415 and no content type 400, with the recorded texts."""
    write(vault, "app/db", {"a": 1})

    as_json = vault.patch("/v1/secret/data/app/db", json={"data": {"a": 2}})
    without = vault.patch("/v1/secret/data/app/db", content=b'{"data":{"a":2}}')

    assert (as_json.status_code, as_json.json()["errors"]) == (
        415,
        ["PATCH requires Content-Type of application/merge-patch+json, provided application/json"],
    )
    assert (without.status_code, without.json()["errors"]) == (400, ["mime: no media type"])


def test_numbers_are_kept_as_64_bit_floats(vault: httpx.Client) -> None:
    """The recorded server returns another integer above 2**53, and 1.0 as 1."""
    write(vault, "app/n", {"big": 9007199254740993, "whole": 1.0, "part": 0.5})

    assert read(vault, "app/n") == {"big": 9007199254740992, "whole": 1, "part": 0.5}
    assert isinstance(read(vault, "app/n")["whole"], int)


@pytest.mark.parametrize("text", ['{"data":{"a":NaN}}', '{"data":{"a":1e999}}', '{"data":{"a":-Infinity}}'])
def test_number_that_json_does_not_have_is_malformed(vault: httpx.Client, text: str) -> None:
    """Neither NaN nor a number beyond a 64-bit float is stored."""
    response = vault.post("/v1/secret/data/app/n", content=text)

    assert (response.status_code, response.json()) == (400, {"errors": ["error parsing JSON"]})


@pytest.mark.parametrize(
    ("content", "media_type", "message"),
    [
        ("", "", "no data provided"),
        ("{}", "text/plain", "no data provided"),
        ("data=x", "application/x-www-form-urlencoded", 'error converting input for field "data"'),
    ],
)
def test_body_is_validated_whatever_its_content_type(
    vault: httpx.Client, content: str, media_type: str, message: str
) -> None:
    """Vault reads JSON of any content type, and forms."""
    headers = {"Content-Type": media_type} if media_type else {}

    response = vault.post("/v1/secret/data/app/db", content=content, headers=headers)

    assert response.status_code == 400
    assert response.json()["errors"][0].startswith(message)


def test_metadata_settings_apply_to_later_writes(vault: httpx.Client) -> None:
    """A check-and-set parameter is required, old versions are dropped, and new ones have a deletion time."""
    settings = {"max_versions": 2, "cas_required": True, "delete_version_after": "1h30m"}
    created = vault.post(
        "/v1/secret/metadata/app/m", json={**settings, "custom_metadata": {"owner": "team", "n": 1}}
    )
    refused = write(vault, "app/m", {"a": 1})
    versions = [write(vault, "app/m", {"a": cas}, cas=cas).json()["data"] for cas in range(3)]

    metadata = vault.get("/v1/secret/metadata/app/m").json()["data"]

    assert created.status_code == 204
    assert (refused.status_code, refused.json()["errors"]) == (
        400,
        ["check-and-set parameter required for this call"],
    )
    assert versions[0]["deletion_time"] == "2026-11-23T16:30:00.123456789Z"
    assert versions[0]["custom_metadata"] == {"owner": "team", "n": "1"}
    assert list(metadata["versions"]) == ["2", "3"]
    assert (metadata["max_versions"], metadata["delete_version_after"]) == (2, "1h30m0s")
    assert (metadata["oldest_version"], metadata["current_version"]) == (2, 3)


def test_metadata_patch_merges_custom_metadata(vault: httpx.Client) -> None:
    """A null removes an entry; POST replaces the entries as a whole."""
    path = "/v1/secret/metadata/app/m"
    vault.post(path, json={"custom_metadata": {"a": "1", "b": "2"}, "max_versions": 4})

    vault.patch(path, json={"custom_metadata": {"a": None, "c": "3"}}, headers=MERGE_PATCH)
    patched = vault.get(path).json()["data"]
    vault.put(path, json={"custom_metadata": {"d": "4"}})
    replaced = vault.get(path).json()["data"]

    assert (patched["custom_metadata"], patched["max_versions"]) == ({"b": "2", "c": "3"}, 4)
    assert (replaced["custom_metadata"], replaced["max_versions"]) == ({"d": "4"}, 4)


def test_metadata_patch_of_an_unknown_secret_is_404_without_a_body(vault: httpx.Client) -> None:
    """As a patch of its data is."""
    response = vault.patch("/v1/secret/metadata/no", json={"max_versions": 1}, headers=MERGE_PATCH)

    assert (response.status_code, response.content) == (404, b"")


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            {"delete_version_after": "xyz"},
            'error converting input xyz for field "delete_version_after": time: invalid duration "xyz"',
        ),
        (
            {"custom_metadata": {"n": {"a": "b"}}},
            NOT_CONVERTIBLE,
        ),
    ],
)
def test_invalid_metadata_is_rejected(vault: httpx.Client, body: Any, text: str) -> None:
    """Nothing is written."""
    response = vault.post("/v1/secret/metadata/app/m", json=body)

    assert (response.status_code, response.json()) == (400, {"errors": [text]})
    assert vault.get("/v1/secret/metadata/app/m").status_code == 404


def test_engine_config_applies_to_secrets_without_settings(vault: httpx.Client) -> None:
    """A check-and-set parameter is required for every secret."""
    changed = vault.post("/v1/secret/config", json={"cas_required": True, "max_versions": 3})

    config = vault.get("/v1/secret/config").json()["data"]

    assert changed.status_code == 204
    assert config == {"cas_required": True, "delete_version_after": "0s", "max_versions": 3}
    assert write(vault, "app/db", {"a": 1}).status_code == 400
    assert write(vault, "app/db", {"a": 1}, cas=0).status_code == 200


def test_subkeys_have_names_and_no_values(vault: httpx.Client) -> None:
    """Down to the requested depth."""
    write(vault, "app/db", {"user": "u", "db": {"pass": "p"}})

    everything = vault.get("/v1/secret/subkeys/app/db").json()["data"]
    first_level = vault.get("/v1/secret/subkeys/app/db?depth=1").json()["data"]

    assert everything["subkeys"] == {"user": None, "db": {"pass": None}}
    assert (first_level["subkeys"], first_level["metadata"]["version"]) == ({"user": None, "db": None}, 1)


@pytest.mark.parametrize("path", ["metadata/app", "metadata", "metadata/"])
@pytest.mark.parametrize("value", ["1", "t", "T", "TRUE", "true", "True"])
def test_folder_is_listed_by_every_true_value(vault: httpx.Client, path: str, value: str) -> None:
    """The forms of Go's ParseBool; hvac sends `True`."""
    write(vault, "app/db", {"a": 1})

    response = vault.get(f"/v1/secret/{path}?list={value}")

    assert response.json()["data"]["keys"] == (["db"] if path == "metadata/app" else ["app/"])


@pytest.mark.parametrize(("value", "status"), [
    ("0", 404), ("f", 404), ("F", 404), ("FALSE", 404), ("false", 404), ("False", 404), ("", 404),
    ("maybe", 400), ("TrUe", 400), ("yes", 400), ("2", 400),
])  # fmt: skip
def test_other_values_of_list_are_false_or_rejected(vault: httpx.Client, value: str, status: int) -> None:
    """False reads the metadata of the folder, which has none; the recorded 400 has no text."""
    write(vault, "app/db", {"a": 1})

    response = vault.get(f"/v1/secret/metadata/app?list={value}")

    assert (response.status_code, response.json()) == (status, {"errors": []})


@pytest.mark.parametrize(
    ("method", "path", "command"),
    [
        ("GET", "app/db", "get"), ("POST", "app/db", "put"), ("DELETE", "app/db", "delete"), ("LIST", "app", "list"),
        ("LIST", "data/app", "list"), ("GET", "data/app/db/", "get"), ("GET", "data/app?list=true", "list"),
        ("GET", "", "get"),
    ],
)  # fmt: skip
def test_path_of_version_1_gets_a_hint(vault: httpx.Client, method: str, path: str, command: str) -> None:
    """A client of version 1 of the engine learns which command it should have used."""
    response = vault.request(method, f"/v1/secret/{path}")

    assert response.status_code == 404
    assert response.json()["data"] is None
    assert f"use 'vault kv {command}' for this operation" in response.json()["warnings"][0]


def test_wrong_methods_are_405_and_a_slash_at_the_end_is_400(vault: httpx.Client) -> None:
    """With the recorded texts."""
    wrong = vault.get("/v1/secret/destroy/app/db")
    folder = vault.post("/v1/secret/data/app/", json={"data": {}})

    assert (wrong.status_code, wrong.json()["errors"]) == (
        405,
        ["1 error occurred:\n\t* unsupported operation\n\n"],
    )
    assert (folder.status_code, folder.json()["errors"]) == (400, ["cannot write to a path ending in '/'"])


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


def test_hvac_initializes_unseals_and_seals(vault: httpx.Client, url: str) -> None:
    """The first steps of hvac's guide to the system backend."""
    set_state(vault, "Vault", initialized=False)
    client = hvac.Client(url=url)
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


def test_children_of_an_orphaned_token_stay(vault: httpx.Client) -> None:
    """`revoke-orphan` revokes one token only."""
    parent = create_token(vault)["client_token"]
    child = vault.post("/v1/auth/token/create", json={}, headers={"X-Vault-Token": parent}).json()["auth"]

    vault.post("/v1/auth/token/revoke-orphan", json={"token": parent}).raise_for_status()

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


@pytest.mark.parametrize(("method", "path"), [("PUT", "sys/seal"), ("LIST", "auth/token/accessors")])
def test_administration_needs_a_root_token(vault: httpx.Client, method: str, path: str) -> None:
    """The policy of another one denies it, and a bad token has another text."""
    token = set_state(vault, "a token")["token"]

    denied = vault.request(method, f"/v1/{path}", headers={"X-Vault-Token": token})
    bad = vault.request(method, f"/v1/{path}", headers={"X-Vault-Token": "bad"})

    assert (denied.status_code, denied.json()["errors"]) == (403, POLICY_DENIES)
    assert (bad.status_code, bad.json()["errors"]) == (403, PERMISSION_DENIED)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X-Vault-Wrap-TTL": "60s"}, 501),
        ({"X-Vault-Wrap-TTL": "0"}, 200),
        ({"X-Vault-Namespace": "ns1"}, 501),
        ({"X-Vault-Namespace": "root"}, 200),
        ({"X-Vault-Namespace": "/"}, 200),
    ],
)
def test_wrapping_and_namespaces_are_not_modelled(
    vault: httpx.Client, headers: dict[str, str], status: int
) -> None:
    """They are neither ignored nor refused: the stub says that it lacks them."""
    write(vault, "app/db", {"a": 1})

    assert vault.get("/v1/secret/data/app/db", headers=headers).status_code == status
