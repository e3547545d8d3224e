"""The intents to hear what is to be paid, and to check out."""

from __future__ import annotations

from orchestrator.calls.intents.context import IntentContext, IntentRequest, find_reservation
from orchestrator.calls.intents.refusals import explain_rejection, find_refusal
from orchestrator.calls.journal import step_name
from orchestrator.calls.reply import Reply, declined, needs_input
from orchestrator.pms.errors import PmsRejectedError
from orchestrator.pms.interface import Capability, require_capability
from orchestrator.pms.models import Money


async def handle_balance(context: IntentContext, request: IntentRequest) -> Reply:
    """Tell what the guest has to pay for the own stay."""
    require_capability(context.pms, Capability.BALANCE)
    reservation_id = (await find_reservation(context, request.call)).id
    balance = await context.pms.get_balance(reservation_id)
    result = {"reservation_id": reservation_id, "balance_due": str(balance) if balance else None}
    if balance is None or balance.amount == 0:
        return Reply("balance_settled", result=result)
    if balance.amount < 0:
        credit = Money(amount=-balance.amount, currency=balance.currency)
        return Reply("balance_credit", {"amount": str(credit)}, result=result)
    return Reply("balance_open", {"amount": str(balance)}, result=result)


async def handle_check_out(context: IntentContext, request: IntentRequest) -> Reply:
    """Check the caller out after an explicit confirmation, if nothing is left to pay.

    After an attempt without a response nothing is checked or asked again: the guest may have left already.
    """
    # a guest who has to pay must not leave without having heard of it
    for capability in (Capability.CHECK_OUT, Capability.BALANCE):
        require_capability(context.pms, capability)
    reservation_id = (await find_reservation(context, request.call)).id
    step = step_name("check_out", reservation=reservation_id)
    if request.journal.find_details(step) is None:
        obstacle = await _find_obstacle(context, reservation_id)
        if obstacle:
            return obstacle
        if not request.event.parameters.confirmed:
            return needs_input("confirm_check_out", "confirmed")
    try:
        await _check_out(context, request, step, reservation_id)
    except PmsRejectedError:
        return await explain_rejection(context, reservation_id, Capability.CHECK_OUT)
    return Reply("checked_out", result={"reservation_id": reservation_id})


async def _find_obstacle(context: IntentContext, reservation_id: str) -> Reply | None:
    """Return the reply to a guest who cannot be checked out now, or None."""
    current = await context.pms.get_current_reservation(reservation_id)
    refusal = find_refusal(current, Capability.CHECK_OUT)
    if refusal:
        return refusal
    balance = await context.pms.get_balance(reservation_id)
    if balance is None or balance.amount <= 0:
        return None
    return declined("pay_before_check_out", "balance_open", amount=str(balance))


async def _check_out(context: IntentContext, request: IntentRequest, step: str, reservation_id: str) -> None:
    async def check_out() -> bool:
        await context.pms.check_out(reservation_id)
        return True

    async def is_checked_out() -> bool | None:
        return (await context.pms.get_current_reservation(reservation_id)).status == "checked_out" or None

    await request.journal.run_step(step, {}, check_out, is_checked_out)
