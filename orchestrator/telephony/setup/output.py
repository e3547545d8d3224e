"""What the commands print: the table of a plan, and what to do about a failure. Passwords are never printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from pydantic import SecretStr

from orchestrator.telephony.setup.apply import IncompleteApplyError
from orchestrator.telephony.setup.plan import Action, Change, Difference, Plan
from orchestrator.vendors.errors import (
    AccessDenied,
    InvalidVendorResponse,
    NotFound,
    RequestRejected,
    VendorError,
    VendorTimeout,
    VendorUnavailable,
)

PAST_TENSE = {Action.CREATE: "created", Action.UPDATE: "updated", Action.DELETE: "deleted"}
ADVICE: dict[type[VendorError], str] = {
    AccessDenied: "LiveKit does not accept LIVEKIT_API_KEY and LIVEKIT_API_SECRET",
    InvalidVendorResponse: "that is not LiveKit's response: LIVEKIT_URL should be the address of a LiveKit server",
    NotFound: "someone has deleted it since the plan; run the command again",
    RequestRejected: "someone may have taken a number or trunk since the plan; run 'plan' again, it names what is in the way",
    VendorTimeout: "LiveKit did not respond in time; run the command again",
    VendorUnavailable: "LIVEKIT_URL should be the address of a running LiveKit server with SIP, which needs Redis",
}

# LiveKit sends all objects at once: the recorded server ignores the limit of a page
TOO_LONG_ADVICE = (
    "LiveKit has more trunks or rules than can be compared with a file (16 MiB of them); "
    "delete unused ones, or use a LiveKit project of its own for this hotel"
)


def plan_table(plan: Plan) -> Iterator[str]:
    """Yield the lines of a table of all objects, with the fields that differ, and a summary."""
    width = max((len(change.name) for change in plan.changes), default=0)
    for change in plan.changes:
        identifier = change.id or ""
        yield f"  {change.action:<9}  {change.kind:<14}  {change.name:<{width}}  {identifier}".rstrip()
        for difference in change.differences:
            yield f"               {_describe_difference(difference)}"
    counts = Counter(change.action for change in plan.changes)
    yield (
        f"{counts[Action.CREATE]} to create, {counts[Action.UPDATE]} to update, {counts[Action.DELETE]} to delete, "
        f"{counts[Action.UNCHANGED]} unchanged"
    )


def conflict_lines(plan: Plan) -> list[str]:
    """Return the conflicts of a plan."""
    return ["This cannot be applied; nothing was changed.", *(f"  {conflict}" for conflict in plan.conflicts)]


def report_line(change: Change) -> str:
    """Return what was done."""
    return f"{PAST_TENSE[change.action]} {change.kind} {change.name}: {change.id}"


def failure_lines(error: VendorError) -> list[str]:
    """Return why LiveKit cannot be read."""
    return [f"{error}: {_advice(error)}"]


def incomplete_lines(failure: IncompleteApplyError, plan: Plan) -> list[str]:
    """Return what failed, what was done before, and how to go on."""
    change = failure.change
    return [
        f"{change.kind} {change.name} was not {PAST_TENSE[change.action]}: {failure.error}: {_advice(failure.error)}",
        f"{failure.made} of {len(plan.pending)} changes were made; the next 'apply' makes the rest.",
    ]


def _advice(error: VendorError) -> str:
    if isinstance(error, InvalidVendorResponse) and error.is_too_long:
        return TOO_LONG_ADVICE
    return next((text for kind, text in ADVICE.items() if isinstance(error, kind)), "run the command again")


def _describe_difference(difference: Difference) -> str:
    if isinstance(difference.new, SecretStr):
        return f"{difference.field}: changed"
    return f"{difference.field}: {_describe(difference.old)} -> {_describe(difference.new)}"


def _describe(value: Any) -> str:
    return (", ".join(value) if isinstance(value, tuple) else str(value or "")) or "(none)"
