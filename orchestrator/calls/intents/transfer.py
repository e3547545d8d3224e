"""The intent to speak to a human."""

from __future__ import annotations

from orchestrator.calls.intents.context import IntentContext, IntentRequest
from orchestrator.calls.journal import EventJournal, step_name
from orchestrator.calls.ports import TransferRejectedError
from orchestrator.calls.reply import Reply, declined

PHRASES_BY_REASON = {"busy": "busy", "no_answer": "no_answer", "nobody_on_the_line": "no_phone_line"}
"""What the caller is told; after any other reason, that nobody can take the call."""


async def handle_transfer(context: IntentContext, request: IntentRequest) -> Reply:
    """Transfer the caller to the hotel's staff."""
    return await transfer_to_staff(context, request.call.room_name, request.journal)


async def transfer_to_staff(context: IntentContext, room_name: str | None, journal: EventJournal) -> Reply:
    """Transfer the caller in a room to the hotel's staff, once.

    Raises:
        DependencyUnavailableError: it is not known whether the caller was transferred.
    """
    if room_name is None:
        return _decline("no_room")
    step = step_name("transfer_caller", room=room_name)
    details = journal.find_details(step)
    if details is None:
        caller = await context.telephony.find_caller(room_name)
        if caller is None:
            # for example a caller from a web browser, who has no phone line to transfer
            return _decline("nobody_on_the_line")
        details = {"caller": caller}

    async def transfer() -> bool:
        await context.telephony.transfer_caller(room_name, details["caller"], context.transfer_number)
        return True

    async def has_left() -> bool | None:
        # LiveKit removes a transferred caller from the room
        return await context.telephony.find_caller(room_name) != details["caller"] or None

    try:
        await journal.run_step(step, details, transfer, has_left)
    except TransferRejectedError as error:
        return _decline(error.reason)
    return Reply("transferring", result={"transferred": True})


def _decline(reason: str) -> Reply:
    return declined(PHRASES_BY_REASON.get(reason, "nobody"), reason)
