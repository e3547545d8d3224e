"""The TTS stub's history and voices: what they keep, filter and change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from provider_verification.stubs.engine.server import run_stubs
from provider_verification.stubs.vendors.tts.state import API_KEY

SPEECH = "/v1/text-to-speech/concierge"


@pytest.fixture(scope="module")
def tts() -> Iterator[str]:
    """The base URL of a TTS stub."""
    with run_stubs(["tts"]) as urls:
        yield urls["tts"]


@pytest.fixture
def http(tts: str) -> Iterator[httpx.Client]:
    """A client of the stub, whose state and journal are new."""
    with httpx.Client(base_url=tts, headers={"xi-api-key": API_KEY}) as client:
        client.post("/_stub/reset").raise_for_status()
        yield client


def speak(http: httpx.Client, path: str = SPEECH, query: str = "", **body: Any) -> httpx.Response:
    """Request a synthesis."""
    return http.post(f"{path}?{query}", json={"text": "Good evening.", **body})


def assert_no_defects(http: httpx.Client) -> None:
    """Assert that each response fitted the stub's schemas."""
    assert http.get("/_stub/defects").json() == []


def test_history_keeps_each_synthesis_and_its_audio(http: httpx.Client) -> None:
    """The item is that of the header `history-item-id`; its audio is what was spoken."""
    speech = speak(http, query="output_format=wav_16000", model_id="eleven_flash_v2_5")
    item_id = speech.headers["history-item-id"]

    item = http.get(f"/v1/history/{item_id}").json()
    audio = http.get(f"/v1/history/{item_id}/audio")

    assert [item] == http.get("/v1/history").json()["history"]
    assert (item["voice_id"], item["text"], item["model_id"]) == (
        "concierge",
        "Good evening.",
        "eleven_flash_v2_5",
    )
    assert (item["request_id"], item["content_type"]) == (speech.headers["request-id"], "audio/wav")
    assert (audio.headers["content-type"], audio.content) == ("audio/wav", speech.content)
    assert_no_defects(http)


def test_deleted_item_is_gone(http: httpx.Client) -> None:
    """Its id refers to nothing afterwards, not even as the start of a page."""
    item_id = speak(http).headers["history-item-id"]

    deletion = http.delete(f"/v1/history/{item_id}")

    assert (deletion.status_code, deletion.json()) == (200, {"status": "ok"})
    responses = [
        http.get(f"/v1/history/{item_id}"),
        http.get(f"/v1/history/{item_id}/audio"),
        http.delete(f"/v1/history/{item_id}"),
        http.get("/v1/history", params={"start_after_history_item_id": item_id}),
    ]
    assert [(response.status_code, response.json()["detail"]["status"]) for response in responses] == [
        (404, "history_item_not_found")
    ] * 4


def test_history_is_filtered(http: httpx.Client) -> None:
    """By voice, model, source, and a part of the text."""
    speak(http, model_id="eleven_v3")
    speak(http, "/v1/text-to-speech/porter", text="Your bags, please.")

    texts = {
        query: [item["text"] for item in http.get(f"/v1/history?{query}").json()["history"]]
        for query in ("voice_id=porter", "model_id=eleven_v3", "search=BAGS", "source=STS", "voice_id=nobody")
    }

    assert texts == {
        "voice_id=porter": ["Your bags, please."],
        "model_id=eleven_v3": ["Good evening."],
        "search=BAGS": ["Your bags, please."],
        "source=STS": [],
        "voice_id=nobody": [],
    }


def test_voice_settings_are_changed(http: httpx.Client) -> None:
    """Fields that are not given, or null, keep their values; the next synthesis uses them."""
    default = http.get("/v1/voices/settings/default").json()

    response = http.post("/v1/voices/porter/settings/edit", json={"stability": 0.9, "style": None})

    settings = http.get("/v1/voices/porter/settings").json()
    assert (response.json(), settings) == ({"status": "ok"}, {**default, "stability": 0.9})
    assert http.get("/v1/voices/porter").json()["settings"] == settings
    assert http.get("/v1/voices/concierge/settings").json() == default
    item_id = speak(http, "/v1/text-to-speech/porter").headers["history-item-id"]
    assert http.get(f"/v1/history/{item_id}").json()["settings"] == settings
    assert_no_defects(http)


def test_voice_settings_are_checked(http: httpx.Client) -> None:
    """A value outside its range, and a voice that does not exist."""
    out_of_range = http.post("/v1/voices/porter/settings/edit", json={"speed": 3})
    unknown = [
        http.get("/v1/voices/nobody/settings"),
        http.post("/v1/voices/nobody/settings/edit", json={"stability": 0.5}),
    ]

    assert (out_of_range.status_code, out_of_range.json()["detail"]["status"]) == (
        400,
        "invalid_voice_settings",
    )
    assert [response.json()["detail"]["status"] for response in unknown] == ["voice_not_found"] * 2
    assert [response.status_code for response in unknown] == [404, 404]


@pytest.mark.parametrize(
    ("query", "voices"),
    [
        ("search=port", ["porter"]),
        ("search=neutral", ["concierge", "porter", "manager"]),
        ("voice_ids=porter&voice_ids=manager", ["porter", "manager"]),
        ("voice_ids=nobody", []),
        ("sort=name", ["concierge", "manager", "porter"]),
        ("sort=name&sort_direction=desc", ["porter", "manager", "concierge"]),
        ("category=cloned", []),
        ("category=premade&voice_type=default", ["concierge", "porter", "manager"]),
        ("voice_type=non-default", []),
        ("collection_id=none", []),
    ],
)
def test_voices_are_searched_filtered_and_sorted(http: httpx.Client, query: str, voices: list[str]) -> None:
    """Each parameter of the vendor's document has its effect, and none is reported as ignored."""
    response = http.get(f"/v2/voices?{query}").json()

    assert [voice["voice_id"] for voice in response["voices"]] == voices
    kinds = {violation["kind"] for violation in http.get("/_stub/violations").json()}
    assert kinds <= {"not_in_pacts"}


def add_voice(http: httpx.Client, **fields: str) -> httpx.Response:
    """Clone a voice from samples, as the SDKs do."""
    samples = [("files", (f"{number}.mp3", b"--x\r\n\xff\xfb\r\n", "audio/mpeg")) for number in range(2)]
    return http.post("/v1/voices/add", data=fields, files=samples)


def test_cloned_voice_speaks_until_it_is_deleted(http: httpx.Client) -> None:
    """It has the name, description and labels of the form; its speech stays in the history."""
    labels = '{"language": "de", "accent": "soft"}'
    response = add_voice(http, name="Alexandra Ü", description="quiet", labels=labels)

    voice_id = response.json()["voice_id"]
    voice = http.get(f"/v1/voices/{voice_id}").json()
    spoken = speak(http, f"/v1/text-to-speech/{voice_id}")
    deletion = http.delete(f"/v1/voices/{voice_id}")
    assert (voice["name"], voice["category"], voice["description"]) == ("Alexandra Ü", "cloned", "quiet")
    assert voice["labels"] == {"language": "de", "accent": "soft"}
    assert (spoken.status_code, deletion.json()) == (200, {"status": "ok"})
    assert [
        http.get(f"/v1/voices/{voice_id}").status_code,
        http.delete(f"/v1/voices/{voice_id}").status_code,
    ] == [404, 404]
    assert http.get("/v1/history").json()["history"][0]["voice_id"] == voice_id
    assert_no_defects(http)


@pytest.mark.parametrize(
    ("fields", "where"),
    [({}, "body.name"), ({"name": "x", "labels": "["}, "body.labels"), ({"name": "x", "labels": '{"a": 1}'}, "body.labels")],
)  # fmt: skip
def test_form_of_a_voice_is_validated(http: httpx.Client, fields: dict[str, str], where: str) -> None:
    """The response names the field, as for a JSON body."""
    response = add_voice(http, **fields)

    assert response.status_code == 422
    assert ".".join(response.json()["detail"][0]["loc"]) == where


@pytest.mark.parametrize(
    ("content_type", "content"),
    [
        ("multipart/form-data", b"--x--"),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"--x\r\n\r\nno name\r\n--x--"),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\n\xff\r\n--x--'),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\na\r\n' * 101 + b"--x--"),
        ("multipart/form-data; boundary=x", b"--x" * 10_000 + b"--"),
        ("application/json", b"{}"),
    ],
)  # fmt: skip
def test_malformed_form_is_422(http: httpx.Client, content_type: str, content: bytes) -> None:
    """In the vendor's form, and the next request is answered."""
    response = http.post("/v1/voices/add", content=content, headers={"Content-Type": content_type})

    assert (response.status_code, response.json()["detail"][0]["loc"]) == (422, ["body"])
    assert add_voice(http, name="x").status_code == 200


def test_number_of_voices_is_limited(http: httpx.Client) -> None:
    """The plan includes 30."""
    http.post("/_stub/states", json={"state": "voices", "params": {"count": 30}}).raise_for_status()

    response = add_voice(http, name="x")

    assert (response.status_code, response.json()["detail"]["status"]) == (400, "voice_limit_reached")
