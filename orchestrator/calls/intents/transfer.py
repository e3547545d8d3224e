"""The intent to speak to a human."""

from __future__ import annotations

from orchestrator.calls.call import Call
from orchestrator.calls.events import CallInteraction
from orchestrator.calls.intents.context import IntentContext
from orchestrator.calls.ports import TransferRejectedError
from orchestrator.calls.reply import Reply, declined


async def handle_transfer(context: IntentContext, call: Call, _event: CallInteraction) -> Reply:
    """Transfer the caller to the hotel's staff."""
    if call.room_name is None:
        return declined("nobody", "no_room")
    try:
        await context.telephony.transfer_caller(call.room_name, context.transfer_number)
    except TransferRejectedError as error:
        return declined("nobody", error.reason)
    return Reply("transferring", result={"transferred": True})
