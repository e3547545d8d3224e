"""What the service does with a field of a response."""

from __future__ import annotations

from enum import IntEnum


class Use(IntEnum):
    """What the service does with a field of a response."""

    ASKED = 0
    """Reads it; it is absent or null, or has the value that the model has without it."""
    READ = 1
    """Reads its value."""
    REQUIRED = 2
    """Parses it, and could not parse the response without it."""
