"""Where the recordings are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture
def recordings() -> Path:
    """The folder of all recordings."""
    return Path(os.environ["RECORDINGS"])
