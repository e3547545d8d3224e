"""The stay by phone: check-in, check-out, room and bill of a guest, at Apaleo."""

from __future__ import annotations

from tests.integration.call_flow.stay import TestCheckIn, TestCheckOut
from tests.integration.call_flow.stay_calls import call_of
from tests.integration.call_flow.stay_rooms import TestBalance, TestRejectedChanges, TestRoom, TestServices

__all__ = [
    "TestBalance",
    "TestCheckIn",
    "TestCheckOut",
    "TestRejectedChanges",
    "TestRoom",
    "TestServices",
    "call_of",
]
"""Classes and fixtures of the suite that are defined in modules beside it, collected under this file's path."""
