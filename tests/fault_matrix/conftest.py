"""Stub vendors for the fault matrix."""

from __future__ import annotations

import os

import pytest

from consumer_tests.names import vendor_names
from fault_injection.report import write_page
from provider_verification.stubs.engine.registry import create_stub_app
from tests.fault_matrix.stub_vendor import StubVendor


@pytest.fixture(scope="session")
def stub_vendors() -> dict[str, StubVendor]:
    """Every stub vendor by name."""
    return {vendor: StubVendor(create_stub_app(vendor)) for vendor in vendor_names()}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Write the heat map after the cases of `make fault-matrix` have run."""
    if os.environ.get("FAULT_MATRIX"):
        terminalreporter.write_line(write_page())
