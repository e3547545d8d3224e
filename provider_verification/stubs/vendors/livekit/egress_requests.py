"""Requests of LiveKit's egress service: what its worker checks, and what it writes into the egress from them.

Source: `livekit/egress`, `pkg/config/pipeline.go`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar
from urllib.parse import urlsplit

from google.protobuf.message import Message

M = TypeVar("M", bound=Message)
ROOMLESS_KINDS = {"web"}
OUTPUT_LISTS = ("file_outputs", "stream_outputs", "segment_outputs", "image_outputs")
CREDENTIAL_FIELDS = (
    "access_key", "secret", "session_token", "assume_role_external_id", "credentials", "account_name", "account_key",
    "password",
)  # fmt: skip
"""Fields that the worker replaces by their name in braces before it reports the request."""


def find_invalid_field(kind: str, message: Any) -> str:
    """The first field that the worker rejects, as its error message names it; empty if there is none."""
    problem = _find_invalid_source(kind, message)
    if problem:
        return problem
    if not _has_output(message):
        return "output"
    needs_room = kind not in ROOMLESS_KINDS and not (kind == "egress" and message.HasField("web"))
    return "room_name" if needs_room and not message.room_name else ""


def _find_invalid_source(kind: str, message: Any) -> str:
    if kind == "egress":
        source = message.WhichOneof("source")
        return _find_invalid_page(source, getattr(message, source)) if source else "source"
    if kind == "participant":
        return "" if message.identity else "identity"
    if kind == "track":
        return "" if message.track_id else "track_id"
    if kind == "track_composite":
        has_track = message.audio_track_id or message.video_track_id
        return "" if has_track else "audio_track_id or video_track_id"
    return _find_invalid_page(kind, message)


def _find_invalid_page(kind: str, message: Any) -> str:
    """The invalid field of a source that a browser renders."""
    if kind == "media":
        return ""
    if kind == "web" and not _is_web_url(message.url):
        return "web url"
    if kind != "web" and message.custom_base_url and not _is_web_url(message.custom_base_url):
        return "template base url"
    return "audio_only and video_only" if message.audio_only and message.video_only else ""


def _is_web_url(url: str) -> bool:
    try:
        return urlsplit(url).scheme in {"http", "https"}
    except ValueError:
        return False


def _has_output(message: Any) -> bool:
    if "outputs" in message.DESCRIPTOR.fields_by_name:
        return bool(message.outputs)
    return _single_output(message) is not None or any(True for _ in _listed_outputs(message))


def _single_output(message: Any) -> str | None:
    """The field of the only output, in the older form."""
    is_older = "output" in message.DESCRIPTOR.oneofs_by_name
    return message.WhichOneof("output") if is_older else None


def _listed_outputs(message: Any) -> Iterator[Any]:
    names = message.DESCRIPTOR.fields_by_name
    return (output for name in OUTPUT_LISTS if name in names for output in getattr(message, name))


def output_results(message: Any) -> dict[str, Any]:
    """The streams and files of a request, as `EgressInfo` reports them from the start."""
    outputs = list(_listed_outputs(message))
    if "outputs" in message.DESCRIPTOR.fields_by_name:
        outputs = [getattr(output, output.WhichOneof("config") or "file") for output in message.outputs]
    elif _single_output(message) in {"file", "stream"}:
        outputs.append(getattr(message, str(_single_output(message))))
    return {
        "stream_results": [{"url": url} for output in outputs for url in getattr(output, "urls", ())],
        "file_results": [{"filename": output.filepath} for output in outputs if hasattr(output, "filepath")],
    }


def source_type(kind: str, message: Any) -> str:
    """Whether a browser renders the source, or the SDK reads the tracks."""
    source = message.WhichOneof("source") if kind == "egress" else kind
    is_page = source in {"room_composite", "web", "template"}
    return "EGRESS_SOURCE_TYPE_WEB" if is_page else "EGRESS_SOURCE_TYPE_SDK"


def redact_credentials(message: M) -> M:
    """A copy of a request without the credentials of its storages."""
    redacted = type(message)()
    redacted.CopyFrom(message)
    _redact(redacted)
    return redacted


def _redact(message: Message) -> None:
    for field, value in message.ListFields():
        if field.name in CREDENTIAL_FIELDS and not field.is_repeated:
            setattr(message, field.name, f"{{{field.name}}}")
        elif field.message_type is not None and not field.message_type.GetOptions().map_entry:
            for part in value if field.is_repeated else (value,):
                _redact(part)
