"""A stack with settings of its own, controlled by one test at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from local_stack.stack import ADMIN, Stack
from tests.integration import pact_coverage
from tests.integration.accounts import login_client
from tests.integration.api import ApiClient
from tests.integration.scenarios import close_circuits
from tests.integration.vendors import StubClients


@contextmanager
def control_stack(
    stack: Stack, control: httpx.Client, config: pytest.Config
) -> Iterator[tuple[ApiClient, StubClients]]:
    """Yield an administrator's client and the reset stubs; requests without an interaction fail the test."""
    vendors = StubClients(stack.stub_urls, control)
    for vendor in vendors.all.values():
        vendor.reset()
    api = login_client(stack.url, *ADMIN)
    yield api, vendors
    close_circuits(api)
    api.close()
    pact_coverage.fail_on_unknown_requests(config, vendors)
