"""Metadata of secrets and the configuration of the engine in Vault's stub."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.stubs.vault_calls import MERGE_PATCH, write

NOT_CONVERTIBLE = (
    "custom_metadata validation failed: '' expected type 'string', "
    "got unconvertible type 'map[string]interface {}'"
)


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
