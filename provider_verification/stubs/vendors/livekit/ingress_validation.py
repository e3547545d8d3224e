"""What LiveKit checks in an ingress. Source: `livekit/protocol`, `ingress/validation.go`."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from livekit.protocol.ingress import IngressInfo, IngressInput

from provider_verification.stubs.vendors.livekit.twirp_errors import UNKNOWN_PREFIX, TwirpRejection

VIDEO_SOURCES, AUDIO_SOURCES = {0, 1, 3}, {0, 2, 4}
"""UNKNOWN, CAMERA and SCREEN_SHARE; UNKNOWN, MICROPHONE and SCREEN_SHARE_AUDIO."""
VIDEO_CODECS, AUDIO_CODECS = {0, 1, 4}, {0, 1}
"""DEFAULT_VC, H264_BASELINE and VP8; DEFAULT_AC and OPUS."""
MAX_AUDIO_CHANNELS = 2


def check_ingress(ingress: IngressInfo) -> None:
    """Check an ingress, in the order in which the server checks it.

    Raises:
        TwirpRejection: a field is missing or not allowed.
    """
    if ingress.input_type == IngressInput.URL_INPUT:
        if not ingress.room_name:
            raise _rejection("ingress", "no room name")
        if ingress.HasField("enabled") and not ingress.enabled:
            raise _rejection("ingress", "disabled non reusable ingress")
    if not ingress.participant_identity:
        raise _rejection("ingress", "no participant identity")
    _check_transcoding(ingress)
    if ingress.HasField("video"):
        _check_video(ingress.video)
    if ingress.HasField("audio"):
        _check_audio(ingress.audio)


def _check_transcoding(ingress: IngressInfo) -> None:
    if ingress.input_type != IngressInput.WHIP_INPUT:
        if ingress.HasField("enable_transcoding") and not ingress.enable_transcoding:
            reason = "bypassing transcoding impossible with selected input type"
            raise _rejection("transcoding bypass configuration", reason)
    elif not ingress.enable_transcoding:
        for name in ("video", "audio"):
            if getattr(ingress, name).WhichOneof("encoding_options"):
                reason = f"{name} encoding options must be empty if transcoding is disabled"
                raise _rejection("transcoding bypass configuration", reason)


def _check_video(video: Any) -> None:
    if video.source not in VIDEO_SOURCES:
        raise _rejection("video parameters", "invalid track source")
    if video.WhichOneof("encoding_options") != "options":
        return
    if video.options.frame_rate < 0:
        raise _rejection("video parameters", "invalid framerate")
    if video.options.video_codec not in VIDEO_CODECS:
        raise _rejection("video parameters", "video codec unsupported")
    _check_layers(video.options.layers)


def _check_layers(layers: Any) -> None:
    by_quality: dict[int, Any] = {}
    for layer in layers:
        if not layer.width or not layer.height:
            raise _rejection("video parameters", "invalid output media dimensions")
        for name in ("width", "height"):
            if getattr(layer, name) % 2:
                raise _rejection("ingress", f"layer {name} must be even")
        if layer.quality in by_quality:
            raise _rejection("video parameters", "more than one layer with the same quality level")
        by_quality[layer.quality] = layer
    for lower, higher in pairwise(by_quality[quality] for quality in sorted(by_quality)):
        for name in ("height", "width"):
            if getattr(higher, name) < getattr(lower, name):
                reason = f"video layers do not have increasing {name} with increasing quality"
                raise _rejection("video parameters", reason)


def _check_audio(audio: Any) -> None:
    if audio.source not in AUDIO_SOURCES:
        raise _rejection("audio parameters", "invalid track source")
    if audio.WhichOneof("encoding_options") != "options":
        return
    if audio.options.audio_codec not in AUDIO_CODECS:
        raise _rejection("audio parameters", "audio codec unsupported")
    if audio.options.channels > MAX_AUDIO_CHANNELS:
        raise _rejection("audio parameters", "invalid audio channel count")


def _rejection(subject: str, reason: str) -> TwirpRejection:
    return TwirpRejection(f"{UNKNOWN_PREFIX}invalid {subject}: {reason}")
