"""The journal of an event: which effects that cannot be repeated it began, and how they ended."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from orchestrator.calls.outbound_order import OrderRejectedError
from orchestrator.calls.ports import TransferRejectedError
from orchestrator.pms.errors import (
    CapabilityNotSupportedError,
    InvalidStayRequestError,
    PmsRejectedError,
    ReservationNotFoundError,
)

Details: TypeAlias = dict[str, Any]
"""JSON that is enough to find out whether an effect happened, and to repeat it if not."""
Entries: TypeAlias = dict[str, dict[str, Any]]
"""By step: `details` as soon as it has begun, `outcome` instead as soon as it is known."""

REPLY_STEP = "reply"
"""The step whose outcome is the reply to the guest; it can be repeated."""
WARNINGS_STEP = "warnings"
"""The step whose outcome are the warnings about dependencies, as they are sent to clients."""
REFUSALS = (
    CapabilityNotSupportedError,
    InvalidStayRequestError,
    OrderRejectedError,
    PmsRejectedError,
    ReservationNotFoundError,
    TransferRejectedError,
)
"""After these the effect has not happened; after any other error it may have."""


def step_name(name: str, **identity: Any) -> str:
    """Return the name of a step; two requests of a guest for the same thing have the same name.

    Args:
        name: the kind of effect.
        identity: what makes it the same effect, such as the reservation and the dates.
    """
    text = json.dumps(identity, sort_keys=True, default=str)
    return f"{name}:{hashlib.sha256(text.encode()).hexdigest()[:16]}"


class EventJournal:
    """Runs the steps of one event that have an effect that cannot be repeated.

    Args:
        event_id: the id of the event.
        entries: the steps of an earlier attempt at the same event.
        write: stores all entries before the next step.
        repeated: whether the event was delivered before; what was read before this attempt may be out of date.

    Attributes:
        resumed: whether an earlier attempt has begun such a step.
    """

    def __init__(
        self,
        event_id: str,
        entries: Entries,
        write: Callable[[Entries], Awaitable[None]],
        *,
        repeated: bool = False,
    ) -> None:
        self.event_id = event_id
        self.repeated = repeated
        self.resumed = bool(entries)
        self._entries = dict(entries)
        self._unconfirmed: Mapping[str, Details] = {}
        self._write = write

    @property
    def entries(self) -> Entries:
        """All steps, as they are stored."""
        return dict(self._entries)

    def take_over(self, unconfirmed: Mapping[str, Details]) -> None:
        """Take over the steps of earlier events of the same call whose outcome is unknown."""
        self._unconfirmed = unconfirmed

    def find_details(self, step: str) -> Details | None:
        """Return the details of an earlier attempt at a step, by this event or another one of the call, or None."""
        entry = self._entries.get(step)
        return self._unconfirmed.get(step) if entry is None else entry.get("details", {})

    async def run_step(
        self,
        step: str,
        details: Details,
        perform: Callable[[], Awaitable[Any]],
        reconcile: Callable[[], Awaitable[Any]],
    ) -> Any:
        """Run a step that must not happen twice and return its outcome, or that of an earlier attempt.

        Args:
            step: the step, from `step_name`.
            details: what is recorded before the effect; after an earlier attempt, its details.
            perform: has the effect and returns its outcome, as JSON that is not null.
            reconcile: reads from the vendor whether an earlier attempt had the effect; returns the outcome, or None.

        Raises:
            Exception: the error of `perform` or `reconcile`.
        """
        outcome = self.outcome(step)
        if outcome is not None:
            return outcome
        attempted = self.find_details(step) is not None
        if step not in self._entries:
            await self._put(step, {"details": details})
        outcome = await reconcile() if attempted else None
        if outcome is None:
            outcome = await self._perform(step, perform)
        await self._put(step, {"outcome": outcome})
        return outcome

    async def store(self, step: str, outcome: Any) -> None:
        """Store the outcome of a step that can be repeated, before what makes it impossible to repeat."""
        if self.outcome(step) != outcome:
            await self._put(step, {"outcome": outcome})

    def keep(self, step: str, outcome: Any) -> None:
        """Keep the outcome of a step that can be repeated: it is stored only if the event fails later."""
        self._entries[step] = {"outcome": outcome}

    def outcome(self, step: str) -> Any:
        """Return the outcome of a step, or None if it is not known."""
        return self._entries.get(step, {}).get("outcome")

    def unconfirmed_after(self, unconfirmed: Mapping[str, Details]) -> dict[str, Details]:
        """Return the steps whose outcome is unknown: those from before, without the finished ones, and new ones."""
        pending = {step: details for step, details in unconfirmed.items() if self.outcome(step) is None}
        started = {step: entry["details"] for step, entry in self._entries.items() if "details" in entry}
        return pending | started

    async def _perform(self, step: str, perform: Callable[[], Awaitable[Any]]) -> Any:
        try:
            return await perform()
        # there is nothing to find out later
        except REFUSALS:
            del self._entries[step]
            raise

    async def _put(self, step: str, entry: dict[str, Any]) -> None:
        self._entries[step] = entry
        await self._write(self._entries)
