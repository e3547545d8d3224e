"""Ingress at LiveKit's stub, as in the code of LiveKit's server."""

from __future__ import annotations

from typing import Any

import pytest

from tests.stubs.twirp import TwirpClient, error_of

RTMP = {"input_type": "RTMP_INPUT", "name": "camera", "room_name": "call-1", "participant_identity": "lobby"}
PULL = {**RTMP, "input_type": "URL_INPUT", "url": "https://example.org/a.mp4"}
PREFIX = "twirp error unknown: invalid "


async def test_ingress_is_created_updated_listed_and_deleted(livekit: TwirpClient) -> None:
    """An update changes only what is not empty; a deleted one is gone."""
    created = (await livekit.call("Ingress/CreateIngress", RTMP)).json()
    ingress_id = created["ingress_id"]
    updated = await livekit.call(
        "Ingress/UpdateIngress", {"ingress_id": ingress_id, "participant_name": "Lobby"}
    )
    listed = await livekit.call("Ingress/ListIngress", {"room_name": "call-1"})
    elsewhere = await livekit.call("Ingress/ListIngress", {"room_name": "call-2"})
    deleted = await livekit.call("Ingress/DeleteIngress", {"ingress_id": ingress_id})
    again = await livekit.call("Ingress/ListIngress", {"ingress_id": ingress_id})

    assert (
        created.items()
        >= {**RTMP, "reusable": True, "enable_transcoding": True, "bypass_transcoding": False}.items()
    )
    assert created["state"]["status"] == "ENDPOINT_INACTIVE"
    assert created["stream_key"]
    assert updated.json() == {**created, "participant_name": "Lobby"}
    assert listed.json() == {"next_page_token": None, "items": [updated.json()]}
    assert elsewhere.json()["items"] == []
    assert deleted.json() == updated.json()
    assert error_of(again) == (404, "not_found", "twirp error unknown: ingress does not exist")


async def test_whip_is_not_transcoded_by_default(livekit: TwirpClient) -> None:
    """Unlike RTMP, which is always."""
    created = await livekit.call("Ingress/CreateIngress", {**RTMP, "input_type": "WHIP_INPUT"})

    assert (created.json()["enable_transcoding"], created.json()["bypass_transcoding"]) == (False, True)


async def test_pull_ingress_needs_a_worker_and_cannot_be_changed(livekit: TwirpClient) -> None:
    """It starts at once, and has no stream key."""
    without_worker = await livekit.call("Ingress/CreateIngress", PULL)
    await livekit.set_state("an ingress worker")
    created = await livekit.call("Ingress/CreateIngress", PULL)
    updated = await livekit.call(
        "Ingress/UpdateIngress", {"ingress_id": created.json()["ingress_id"], "name": "other"}
    )

    assert error_of(without_worker) == (503, "unavailable", "twirp error unknown: no response from servers")
    assert (created.json()["url"], created.json()["stream_key"]) == (PULL["url"], "")
    text = "twirp error unknown: ingress is not reusable and cannot be modified"
    assert error_of(updated) == (400, "invalid_argument", text)


@pytest.mark.parametrize(
    ("request_body", "problem"),
    [
        ({**RTMP, "participant_identity": ""}, "ingress: no participant identity"),
        ({**PULL, "url": ""}, "ingress: missing URL parameter"),
        ({**PULL, "url": "ftp://a"}, "ingress: invalid url scheme ftp"),
        ({**PULL, "room_name": ""}, "ingress: no room name"),
        ({**PULL, "enabled": False}, "ingress: disabled non reusable ingress"),
        (
            {**RTMP, "enable_transcoding": False},
            "transcoding bypass configuration: bypassing transcoding impossible with selected input type",
        ),
        (
            {**RTMP, "input_type": "WHIP_INPUT", "video": {"preset": "H264_720P_30FPS_3_LAYERS"}},
            "transcoding bypass configuration: video encoding options must be empty if transcoding is disabled",
        ),
        ({**RTMP, "video": {"source": "MICROPHONE"}}, "video parameters: invalid track source"),
        ({**RTMP, "audio": {"source": "CAMERA"}}, "audio parameters: invalid track source"),
        ({**RTMP, "audio": {"options": {"channels": 3}}}, "audio parameters: invalid audio channel count"),
        ({**RTMP, "audio": {"options": {"audio_codec": "AAC"}}}, "audio parameters: audio codec unsupported"),
        (
            {**RTMP, "video": {"options": {"video_codec": "H264_HIGH"}}},
            "video parameters: video codec unsupported",
        ),
        ({**RTMP, "video": {"options": {"frame_rate": -1}}}, "video parameters: invalid framerate"),
        (
            {**RTMP, "video": {"options": {"layers": [{"width": 3, "height": 2}]}}},
            "ingress: layer width must be even",
        ),
        (
            {**RTMP, "video": {"options": {"layers": [{"width": 2}]}}},
            "video parameters: invalid output media dimensions",
        ),
        (
            {**RTMP, "video": {"options": {"layers": [{"width": 2, "height": 2}] * 2}}},
            "video parameters: more than one layer with the same quality level",
        ),
        (
            {
                **RTMP,
                "video": {
                    "options": {
                        "layers": [
                            {"quality": "HIGH", "width": 2, "height": 2},
                            {"quality": "LOW", "width": 2, "height": 4},
                        ]
                    }
                },
            },
            "video parameters: video layers do not have increasing height with increasing quality",
        ),
    ],
)
async def test_invalid_ingress_is_rejected(
    livekit: TwirpClient, request_body: dict[str, Any], problem: str
) -> None:
    """Before a worker is looked for; nothing is created."""
    response = await livekit.call("Ingress/CreateIngress", request_body)
    listed = await livekit.call("Ingress/ListIngress", {})

    assert error_of(response) == (400, "invalid_argument", f"{PREFIX}{problem}")
    assert listed.json()["items"] == []


async def test_invalid_update_changes_nothing(livekit: TwirpClient) -> None:
    """The check comes before the change."""
    created = (await livekit.call("Ingress/CreateIngress", RTMP)).json()
    update = {"ingress_id": created["ingress_id"], "name": "other", "enable_transcoding": False}

    response = await livekit.call("Ingress/UpdateIngress", update)
    listed = await livekit.call("Ingress/ListIngress", {})

    assert response.status_code == 400
    assert listed.json()["items"] == [created]
