"""Errors and the recovery from them."""

from __future__ import annotations

from tests.integration.error_recovery.alert_stack import alerting, alerting_process
from tests.integration.error_recovery.alerting import TestAlerting
from tests.integration.error_recovery.error_formats import TestErrorFormats, document, limited_stack

__all__ = [
    "TestAlerting",
    "TestErrorFormats",
    "alerting",
    "alerting_process",
    "document",
    "limited_stack",
]
"""Classes and fixtures of the suite that are defined in modules beside it, collected under this file's path."""
