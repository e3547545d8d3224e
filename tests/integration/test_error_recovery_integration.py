"""Errors and the recovery from them."""

from __future__ import annotations

from tests.integration.error_recovery.database_and_redis import TestDatabaseAndRedisRecovery, durable_stack

__all__ = ["TestDatabaseAndRedisRecovery", "durable_stack"]
"""Classes and fixtures of the suite that are defined in modules beside it, collected under this file's path."""
