"""Errors and the recovery from them."""

from __future__ import annotations

from tests.integration.error_recovery.alert_stack import alerting, alerting_process
from tests.integration.error_recovery.alerting import TestAlerting
from tests.integration.error_recovery.cascading_failures import TestCascadingFailurePrevention, hanging_stack
from tests.integration.error_recovery.concurrency import TestConcurrentErrors
from tests.integration.error_recovery.correlation import TestCorrelationId
from tests.integration.error_recovery.database_and_redis import TestDatabaseAndRedisRecovery, durable_stack
from tests.integration.error_recovery.degradation import TestGracefulDegradation
from tests.integration.error_recovery.error_formats import TestErrorFormats, document, limited_stack
from tests.integration.error_recovery.memory_pressure import TestMemoryPressure
from tests.integration.error_recovery.partial_failure import TestPartialFailure, killable, partial_failure
from tests.integration.error_recovery.restoration import TestServiceRestoration, TestVendorTimeoutRecovery
from tests.integration.error_recovery.retries import TestRetryWithExponentialBackoff

__all__ = [
    "TestAlerting",
    "TestCascadingFailurePrevention",
    "TestConcurrentErrors",
    "TestCorrelationId",
    "TestDatabaseAndRedisRecovery",
    "TestErrorFormats",
    "TestGracefulDegradation",
    "TestMemoryPressure",
    "TestPartialFailure",
    "TestRetryWithExponentialBackoff",
    "TestServiceRestoration",
    "TestVendorTimeoutRecovery",
    "alerting",
    "alerting_process",
    "document",
    "durable_stack",
    "hanging_stack",
    "killable",
    "limited_stack",
    "partial_failure",
]
"""Classes and fixtures of the suite that are defined in modules beside it, collected under this file's path."""
