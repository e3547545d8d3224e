"""A transfer whose process is killed while the telephone of the staff rings."""

from __future__ import annotations

from typing import Any

from tests.integration.call_events import call_ended, call_interaction, call_started
from tests.integration.error_recovery.partial_failure_stack import PartialFailureStack
from tests.integration.ids import IdFactory
from tests.integration.metrics import count_outcomes
from tests.integration.scenarios import TRANSFERS, add_participant, exported_calls
from tests.integration.vendors import StubClients
from tests.integration.waiting import wait_until

WAIT_SECONDS = 3600.0
"""The telephone rings until the process is killed, however slow the machine is."""


def transfer_with_kill(stack: PartialFailureStack, vendors: StubClients, names: IdFactory) -> dict[str, Any]:
    """Ask for a colleague, kill the process that waits for one, and return the call's record after a restart.

    The caller has left the room meanwhile, because a colleague has picked up.
    """
    call_id, phone = names.call(), names.phone()
    stack.another.send_event(call_started(call_id, phone))
    add_participant(vendors, call_id, "caller", "SIP")
    vendors.livekit.inject_fault("hang", "TransferSIPParticipant", times=1, seconds=WAIT_SECONDS)
    stack.another.send_event(call_interaction(call_id, "transfer_request"))
    wait_until(lambda: not vendors.livekit.waiting_faults(), "the telephone rings")
    stack.process.kill()
    vendors.livekit.set_provider_state("no room")
    stack.process.start()
    # the outcome, whatever it is, is in the record
    wait_until(lambda: count_outcomes(stack.same, TRANSFERS).total() == 1, "the transfer is over")
    stack.another.send_event(call_ended(call_id))
    [record] = exported_calls(stack.another, phone)
    return record
