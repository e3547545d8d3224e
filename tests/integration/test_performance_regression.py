"""What each endpoint costs: counts that are compared exactly, and times that are only reported."""

from __future__ import annotations

from tests.integration.performance.allocations import TestAllocations, traced
from tests.integration.performance.counts import TestCounts, counted
from tests.integration.performance.endpoint_times import TestEndpointTimes, measured
from tests.integration.performance.first_audio import TestFirstAudio
from tests.integration.performance.mixed_workload import TestMixedWorkload
from tests.integration.performance.own_stacks import idle, loaded, reset_vendors_and_check_pacts
from tests.integration.performance.scalability import TestScalability
from tests.integration.performance.sustained_memory import TestSustainedMemory

__all__ = [
    "TestAllocations",
    "TestCounts",
    "TestEndpointTimes",
    "TestFirstAudio",
    "TestMixedWorkload",
    "TestScalability",
    "TestSustainedMemory",
    "counted",
    "idle",
    "loaded",
    "measured",
    "reset_vendors_and_check_pacts",
    "traced",
]
"""Classes and fixtures of the suite that are defined in modules beside it, collected under this file's path."""
