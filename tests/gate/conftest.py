"""A broker that the gate does not start itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Listening, Start


@pytest.fixture
def external_broker(start_broker: Start, wait_for_broker_url: Listening, tmp_path: Path) -> str:
    """The URL of a running broker."""
    return wait_for_broker_url(start_broker(tmp_path / "external.sqlite"))
