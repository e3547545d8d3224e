"""The service under faults of its vendors, with limits and as several processes."""

from __future__ import annotations

from tests.integration.resilience.flow_matrix import TestFaultMatrix, flow_cells

__all__ = ["TestFaultMatrix", "flow_cells"]
"""Classes and fixtures of the suite that are defined in modules beside it, collected under this file's path."""
