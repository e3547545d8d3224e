"""Services whose circuits recover and whose events end by themselves."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from local_stack.stack import Stack, run_stack
from tests.integration.api import ApiClient
from tests.integration.controlled_stack import control_stack
from tests.integration.deployment import require_local_stack
from tests.integration.settings import LENIENT_SETTINGS
from tests.integration.vendors import StubClients

HANG_SECONDS = 60.0
"""How long a vendor hangs: longer than its deadline of 30 s."""
EVENT_DEADLINE_SECONDS = 4
SHORT_TIMES = {
    **LENIENT_SETTINGS,
    "BREAKER_OPEN_SECONDS": "1",
    "EVENT_DEADLINE": str(EVENT_DEADLINE_SECONDS),
}


@pytest.fixture(scope="module")
def recovering_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The service of a class; starts are shared because each takes seconds."""
    require_local_stack("needs settings of its own")
    with run_stack(tmp_path_factory.mktemp("recovering"), SHORT_TIMES) as stack:
        yield stack


@pytest.fixture(scope="module")
def hanging_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The service of another class, which leaves requests behind that hang for 30 s."""
    require_local_stack("needs settings of its own")
    with run_stack(tmp_path_factory.mktemp("hanging"), SHORT_TIMES) as stack:
        yield stack


@pytest.fixture
def at_recovering_stack(
    recovering_stack: Stack, control: httpx.Client, request: pytest.FixtureRequest
) -> Iterator[tuple[ApiClient, StubClients]]:
    """An administrator at that service, and its reset stubs."""
    with control_stack(recovering_stack, control, request.config) as controlled:
        yield controlled


@pytest.fixture
def at_hanging_stack(
    hanging_stack: Stack, control: httpx.Client, request: pytest.FixtureRequest
) -> Iterator[tuple[ApiClient, StubClients]]:
    """An administrator at that service, and its reset stubs."""
    with control_stack(hanging_stack, control, request.config) as controlled:
        yield controlled
