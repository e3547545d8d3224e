"""The recording of what goes over the wire, as an HTTP archive (HAR) that other tools read."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from haralyzer import HarParser
from websockets.sync.client import connect

from provider_verification.stubs.engine.registry import create_stub_app
from provider_verification.stubs.engine.server import run_apps
from provider_verification.stubs.recording import har, recorder
from provider_verification.stubs.recording.har import HarRecorder
from provider_verification.stubs.recording.recorder import RecordedApp
from provider_verification.stubs.vendors.tts.state import API_KEY
from provider_verification.stubs.vendors.vault.state import ROOT_TOKEN

KEY = {"xi-api-key": API_KEY}


@contextmanager
def record(vendor: str, path: Path) -> Iterator[str]:
    """Serve a stub and record its exchanges; yields its base URL."""
    with (
        HarRecorder(path) as archive,
        run_apps([create_stub_app(vendor)], wrap=lambda app: RecordedApp(app, archive)) as servers,
    ):
        yield servers.urls[vendor]


def read_entries(path: Path) -> list[dict[str, Any]]:
    """Return the entries of an archive."""
    entries: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["log"]["entries"]
    return entries


def test_archive_has_what_went_over_the_wire(tmp_path: Path) -> None:
    """An independent reader finds requests and responses, but none of the control API."""
    path = tmp_path / "traffic.har"
    with record("tts", path) as url, httpx.Client(base_url=url, headers=KEY) as http:
        http.get("/_stub/health")
        http.get("/v2/voices", params={"page_size": "2", "next_page_token": "0"})
        speech = http.post(
            "/v1/text-to-speech/porter", params={"output_format": "ulaw_8000"}, json={"text": "Hi"}
        )

    [voices, synthesis] = HarParser.from_file(path).pages[0].entries
    assert (voices.request.method, voices.request.url) == (
        "GET",
        f"{url}/v2/voices?page_size=2&next_page_token=0",
    )
    assert voices.response.status == 200
    assert json.loads(voices.response.text)["has_more"] is True
    assert synthesis.request.text == '{"text":"Hi"}'
    assert synthesis.response.mimeType == "audio/ulaw"
    [_, entry] = read_entries(path)
    content = entry["response"]["content"]
    assert (content["encoding"], base64.b64decode(content["text"])) == ("base64", speech.content)
    assert entry["time"] == pytest.approx(sum(entry["timings"].values()))


def test_credentials_are_masked_wherever_they_are(tmp_path: Path) -> None:
    """In headers, parameters, forms and bodies; in a body that is not JSON, too; and every value of Vault's secrets."""
    path = tmp_path / "traffic.har"
    with (
        record("vault", path) as url,
        httpx.Client(base_url=url, headers={"X-Vault-Token": ROOT_TOKEN}) as http,
    ):
        http.post("/v1/auth/approle/login", json={"role_id": "stub-role", "secret_id": "stub-secret-id"})
        http.post("/v1/auth/approle/login", content='{"secret_id": "stub-secret-id", ')
        http.post(
            "/v1/secret/data/door",
            json={"data": {"code": "code-of-the-door", "list": [{"pin": "pin-of-the-door"}]}},
        )
        http.get("/v1/secret/data/door", params={"access_token": "made-up"})
        http.post("/v1/sys/unseal", json={"key": "an-unseal-key"})
        http.post("/v1/x", data={"client_secret": "form-secret", "grant_type": "password"})

    text = path.read_text(encoding="utf-8")
    for secret in (
        ROOT_TOKEN,
        "stub-secret-id",
        "code-of-the-door",
        "pin-of-the-door",
        "made-up",
        "form-secret",
        "an-unseal-key",
        "hvs.",
    ):
        assert secret not in text
    login, _, _, read, _, form = read_entries(path)
    body = json.loads(login["response"]["content"]["text"])
    assert body["auth"]["client_token"] == "(secret)"
    assert body["auth"]["lease_duration"] == 3600
    assert json.loads(read["response"]["content"]["text"])["data"]["metadata"]["version"] == 1
    assert "grant_type=password" in form["request"]["postData"]["text"]


def test_protobuf_is_not_recorded(tmp_path: Path) -> None:
    """A password in it could not be masked; the entry says so."""
    path = tmp_path / "traffic.har"
    headers = {"Content-Type": "application/protobuf", "Authorization": "Bearer x"}
    with record("livekit", path) as url:
        httpx.post(f"{url}/twirp/livekit.SIP/CreateSIPInboundTrunk", content=b"\x12pass", headers=headers)

    [entry] = read_entries(path)
    assert (entry["request"]["bodySize"], entry["request"]["postData"]["text"]) == (5, "")
    assert "not recorded" in entry["request"]["postData"]["comment"]


def test_messages_of_a_websocket_are_recorded(tmp_path: Path) -> None:
    """In Chromium's form, without the key."""
    path = tmp_path / "traffic.har"
    with record("tts", path) as url:
        address = f"ws{url.removeprefix('http')}/v1/text-to-speech/porter/stream-input"
        with connect(address) as socket:
            socket.send(json.dumps({"text": " ", "xi_api_key": API_KEY}))
            socket.send(json.dumps({"text": ""}))
            assert json.loads(socket.recv())["isFinal"]

    [entry] = read_entries(path)
    assert (entry["response"]["status"], entry["_resourceType"]) == (101, "websocket")
    assert [(message["type"], json.loads(message["data"])) for message in entry["_webSocketMessages"]] == [
        ("send", {"text": " ", "xi_api_key": "(secret)"}),
        ("send", {"text": ""}),
        ("receive", {"isFinal": True, "audio": None}),
    ]


@pytest.mark.parametrize("kind", ["reset", "truncate"])
def test_faults_of_the_connection_are_recorded_and_still_happen(tmp_path: Path, kind: str) -> None:
    """The recorder does not stand between a fault and the connection."""
    path = tmp_path / "traffic.har"
    with record("tts", path) as url, httpx.Client(base_url=url, headers=KEY) as http:
        rule = {"operation": "listModels", "kind": kind, "times": 1}
        http.post("/_stub/faults", json=rule).raise_for_status()
        with pytest.raises(httpx.TransportError):
            http.get("/v1/models")
        assert http.get("/v1/models").status_code == 200

    assert len(read_entries(path)) == 2


def test_archive_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long bodies are cut off, and entries beyond the maximum are counted."""
    monkeypatch.setattr(recorder, "MAX_BODY_BYTES", 100)
    monkeypatch.setattr(har, "MAX_ENTRIES", 2)
    path = tmp_path / "traffic.har"
    with record("tts", path) as url, httpx.Client(base_url=url, headers=KEY) as http:
        for _ in range(3):
            http.get("/v1/models")

    log = json.loads(path.read_text(encoding="utf-8"))["log"]
    content = log["entries"][0]["response"]["content"]
    assert (len(log["entries"]), log["comment"]) == (2, "1 further entries are not in this file")
    assert (len(content["text"]), content["comment"]) == (100, "the first 100 bytes")
    assert content["size"] > 100


def test_archive_appears_when_it_is_complete(tmp_path: Path) -> None:
    """Until then the former file stays."""
    path = tmp_path / "traffic.har"
    path.write_text("former", encoding="utf-8")

    with HarRecorder(path):
        during = path.read_text(encoding="utf-8")

    assert (during, read_entries(path)) == ("former", [])
    assert [file.name for file in tmp_path.iterdir()] == ["traffic.har"]


def test_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """The message says which file, before anything starts."""
    with pytest.raises(OSError, match=r"cannot write .*none/traffic\.har\.part"):
        HarRecorder(tmp_path / "none/traffic.har")
    with pytest.raises(IsADirectoryError, match="is a folder"):
        HarRecorder(tmp_path)


def test_token_in_an_error_text_is_masked(tmp_path: Path) -> None:
    """LiveKit repeats a token that it rejects."""
    path = tmp_path / "traffic.har"
    token = jwt.encode({"iss": "stubkey", "exp": 1}, "x" * 32, algorithm="HS256")
    with record("livekit", path) as url:
        route = f"{url}/twirp/livekit.RoomService/ListRooms"
        response = httpx.post(route, json={}, headers={"Authorization": f"Bearer {token}"})

    (entry,) = read_entries(path)
    assert token in response.text
    assert entry["response"]["content"]["text"].startswith("invalid token: (secret), error: ")
    assert token not in path.read_text(encoding="utf-8")
