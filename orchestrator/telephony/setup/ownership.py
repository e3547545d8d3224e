"""The mark of what this program created: LiveKit's objects have no owner, but a metadata text."""

from __future__ import annotations

MARK_PREFIX = "voicehive-telephony:"


def ownership_mark(hotel: str, name: str) -> str:
    """Return the metadata of an object: which hotel's file it belongs to, and its name there."""
    return f"{MARK_PREFIX}{hotel}/{name}"


def owned_name(hotel: str, metadata: str) -> str | None:
    """Return the name of an object in a hotel's file, or None if the object does not belong to that file."""
    prefix = ownership_mark(hotel, "")
    return metadata.removeprefix(prefix) if metadata.startswith(prefix) else None
