"""Secrets of Vault's stub: merge patches, numbers, folders, and the paths of version 1 of the engine."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.stubs.vault_calls import MERGE_PATCH, read, write


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
        ("a=1&" * 2_000, "application/x-www-form-urlencoded", "error parsing JSON"),
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


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X-Vault-Namespace": "ns1"}, 501),
        ({"X-Vault-Namespace": "root"}, 200),
        ({"X-Vault-Namespace": "/"}, 200),
    ],
)
def test_namespaces_are_not_modelled(vault: httpx.Client, headers: dict[str, str], status: int) -> None:
    """They are neither ignored nor refused: the stub says that it lacks them."""
    write(vault, "app/db", {"a": 1})

    assert vault.get("/v1/secret/data/app/db", headers=headers).status_code == status


def test_lone_surrogate_is_the_replacement_character(vault: httpx.Client) -> None:
    """As Go reads JSON; a pair is one character, and a field that is not modelled may have one too."""
    content = r'{"data": {"a": "\ud800", "b\uDFFF": "\ud83d\ude00", "c": "\\ud800"}, "x\ud800": 1}'
    written = vault.post("/v1/secret/data/a", content=content)
    refused = vault.put("/v1/secret/data/a", content=r'{"payload": "\ud800"}')

    assert (written.status_code, refused.status_code) == (200, 400)
    assert read(vault, "a") == {"a": "\ufffd", "b\ufffd": "\U0001f600", "c": r"\ud800"}
