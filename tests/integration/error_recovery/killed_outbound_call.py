"""An outbound call whose process is killed while the telephone rings."""

from __future__ import annotations

from typing import Any

from tests.integration.call_flow.outbound_steps import FINAL, get_call, let_telephone_be, order
from tests.integration.error_recovery.partial_failure_stack import PartialFailureStack
from tests.integration.vendors import StubClients
from tests.integration.waiting import wait_until

WAIT_SECONDS = 3600.0
"""The telephone rings until the process is killed, however slow the machine is."""
SET_DUE = "UPDATE outbound_calls SET due_at = now(), next_attempt_at = now() WHERE call_id = $1"
END_LEASE = "UPDATE outbound_calls SET lease_until = now() WHERE call_id = $1 AND status = 'dialling'"


def place_with_kill(
    stack: PartialFailureStack, vendors: StubClients, number: str, *, guest_waits: bool
) -> dict[str, Any]:
    """Place a call, kill its process after LiveKit has dialled, and return the call when another process has decided.

    Args:
        stack: the service.
        vendors: the stub vendors.
        number: the number that is called.
        guest_waits: whether the guest is still in the room when the lease has expired.
    """
    let_telephone_be(vendors)
    vendors.livekit.inject_fault("hang", "CreateSIPParticipant", times=1, seconds=WAIT_SECONDS)
    call_id = order(stack.another, number)["id"]
    stack.postgresql.execute(SET_DUE, call_id)
    wait_until(lambda: not vendors.livekit.waiting_faults(), "LiveKit dials")
    stack.process.kill()
    if not guest_waits:
        vendors.livekit.set_provider_state("no room")
    stack.postgresql.execute(END_LEASE, call_id)
    stack.process.start()
    wait_until(lambda: get_call(stack.another, call_id)["status"] in FINAL, "the call is over")
    return get_call(stack.another, call_id)
