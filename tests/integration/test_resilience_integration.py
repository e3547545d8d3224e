"""The service under faults of its vendors, with limits and as several processes."""

from __future__ import annotations

from tests.integration.resilience.backpressure import TestBackpressure
from tests.integration.resilience.circuit_breakers import (
    TestCircuitBreakerRecovery,
    TestCircuitBreakerWithVendorFailures,
    TestServiceIsolation,
)
from tests.integration.resilience.combined import TestCombinedFeaturesUnderLoad
from tests.integration.resilience.deadlines import TestTimeoutHandling
from tests.integration.resilience.flow_matrix import TestFaultMatrix, flow_cells
from tests.integration.resilience.limited_service import held, limited, shared_limited_service
from tests.integration.resilience.rate_limiting import (
    TestInternalServiceBypass,
    TestRateLimitingPerClient,
    TestRateLimitingPerEndpoint,
    TestSlidingWindow,
)
from tests.integration.resilience.short_times import (
    at_hanging_stack,
    at_recovering_stack,
    hanging_stack,
    recovering_stack,
)
from tests.integration.resilience.trusted_proxies import TestTrustedProxies
from tests.integration.resilience.two_processes import TestTwoProcesses, cluster, two_processes
from tests.integration.resilience.webhook_faults import TestWebhookFaults

__all__ = [
    "TestBackpressure",
    "TestCircuitBreakerRecovery",
    "TestCircuitBreakerWithVendorFailures",
    "TestCombinedFeaturesUnderLoad",
    "TestFaultMatrix",
    "TestInternalServiceBypass",
    "TestRateLimitingPerClient",
    "TestRateLimitingPerEndpoint",
    "TestServiceIsolation",
    "TestSlidingWindow",
    "TestTimeoutHandling",
    "TestTrustedProxies",
    "TestTwoProcesses",
    "TestWebhookFaults",
    "at_hanging_stack",
    "at_recovering_stack",
    "cluster",
    "flow_cells",
    "hanging_stack",
    "held",
    "limited",
    "recovering_stack",
    "shared_limited_service",
    "two_processes",
]
"""Classes and fixtures of the suite that are defined in modules beside it, collected under this file's path."""
