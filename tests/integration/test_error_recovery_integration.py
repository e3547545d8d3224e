"""Errors and the recovery from them."""

from __future__ import annotations

from tests.integration.error_recovery.partial_failure import TestPartialFailure, partial_failure

__all__ = [
    "TestPartialFailure",
    "partial_failure",
]
"""Classes and fixtures of the suite that are defined in modules beside it, collected under this file's path."""
