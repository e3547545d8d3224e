"""Fixtures of the replay tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture
def recordings() -> Path:
    """Folder of all recordings, from the variable RECORDINGS."""
    return Path(os.environ["RECORDINGS"])
