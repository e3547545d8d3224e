"""The service under faults of its vendors, with limits and as several processes."""

from __future__ import annotations

from tests.integration.resilience.backpressure import TestBackpressure
from tests.integration.resilience.combined import TestCombinedFeaturesUnderLoad
from tests.integration.resilience.limited_service import held, limited, shared_limited_service
from tests.integration.resilience.rate_limiting import (
    TestInternalServiceBypass,
    TestRateLimitingPerClient,
    TestRateLimitingPerEndpoint,
    TestSlidingWindow,
)
from tests.integration.resilience.trusted_proxies import TestTrustedProxies

__all__ = [
    "TestBackpressure",
    "TestCombinedFeaturesUnderLoad",
    "TestInternalServiceBypass",
    "TestRateLimitingPerClient",
    "TestRateLimitingPerEndpoint",
    "TestSlidingWindow",
    "TestTrustedProxies",
    "held",
    "limited",
    "shared_limited_service",
]
"""Classes and fixtures of the suite that are defined in modules beside it, collected under this file's path."""
