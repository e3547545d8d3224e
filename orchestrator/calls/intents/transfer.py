"""The intent to speak to a human."""

from __future__ import annotations

from orchestrator.calls.intents.context import IntentContext, IntentRequest
from orchestrator.calls.reply import Reply, declined


async def handle_transfer(context: IntentContext, request: IntentRequest) -> Reply:
    """Say that the caller is connected with the hotel's staff; the follow-up of the reply does it."""
    room_name = request.call.room_name
    if room_name is None:
        return declined("nobody", "no_room")
    # delivered again, possibly after the caller has left
    if request.call.transferred_for == request.journal.event_id:
        return Reply("transferring", result={"transferring": True})
    caller = await context.telephony.find_caller(room_name)
    if caller is None:
        # for example a caller from a web browser, who has no phone line to transfer
        return declined("no_phone_line", "nobody_on_the_line")
    return Reply("transferring", result={"transferring": True}, transferred_caller=caller)
