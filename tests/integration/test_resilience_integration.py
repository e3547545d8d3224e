"""The service under faults of its vendors, with limits and as several processes."""

from __future__ import annotations

from tests.integration.resilience.circuit_breakers import (
    TestCircuitBreakerRecovery,
    TestCircuitBreakerWithVendorFailures,
    TestServiceIsolation,
)
from tests.integration.resilience.deadlines import TestTimeoutHandling
from tests.integration.resilience.flow_matrix import TestFaultMatrix, flow_cells
from tests.integration.resilience.short_times import (
    at_hanging_stack,
    at_recovering_stack,
    hanging_stack,
    recovering_stack,
)
from tests.integration.resilience.two_processes import TestTwoProcesses, cluster, two_processes
from tests.integration.resilience.webhook_faults import TestWebhookFaults

__all__ = [
    "TestCircuitBreakerRecovery",
    "TestCircuitBreakerWithVendorFailures",
    "TestFaultMatrix",
    "TestServiceIsolation",
    "TestTimeoutHandling",
    "TestTwoProcesses",
    "TestWebhookFaults",
    "at_hanging_stack",
    "at_recovering_stack",
    "cluster",
    "flow_cells",
    "hanging_stack",
    "recovering_stack",
    "two_processes",
]
"""Classes and fixtures of the suite that are defined in modules beside it, collected under this file's path."""
